"""Training and evaluation on tables of examples."""
