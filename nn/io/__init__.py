"""Models in files, and to and from PyTorch."""
