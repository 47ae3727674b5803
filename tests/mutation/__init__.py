"""Deliberate bugs, each of which a test must find: `python -m tests.mutation`."""
