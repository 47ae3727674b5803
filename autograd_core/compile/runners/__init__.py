"""Runners: the ways to execute a tape, each for one form of graph."""
