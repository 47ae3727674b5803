"""Train and evaluate models on tables of examples."""
