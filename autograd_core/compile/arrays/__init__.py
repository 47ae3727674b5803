"""Structure in a tape: repeated formulas as array operations and matrix products."""
