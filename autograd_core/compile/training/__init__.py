"""Programs for training: the gradient summed over a batch, and descent in the same arrays."""
