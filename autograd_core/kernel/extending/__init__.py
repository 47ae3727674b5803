"""User extensions: operations and hooks on gradients."""
