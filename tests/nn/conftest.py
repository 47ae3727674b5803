"""Do not collect the script that records PyTorch's numbers: it is not a test, and imports PyTorch."""

collect_ignore = ["record.py"]
