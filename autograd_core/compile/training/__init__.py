"""Training programs: the gradient summed over a batch, and the optimizer's update, in the same arrays."""
