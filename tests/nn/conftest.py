"""The script that records PyTorch's numbers is no test, and needs PyTorch to be imported."""

collect_ignore = ["record.py"]
