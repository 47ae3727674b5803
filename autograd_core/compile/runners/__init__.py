"""What runs a tape, each runner for one form of graph."""
