"""Lay out graphs and write pictures to files."""
