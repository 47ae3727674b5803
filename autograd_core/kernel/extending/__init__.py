"""What users add to the engine: operations of their own, and hooks on gradients."""
