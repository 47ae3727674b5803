"""Find structure in a tape: repeated formulas become array operations and matrix products."""
