"""A training step as one compiled program over the batch."""
