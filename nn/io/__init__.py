"""Save and load models; convert them to and from PyTorch."""
