"""Losses and regularizers, as functions and as objects."""
