"""Mistakes made on purpose, each of which a test must find: `python -m tests.mutation`."""
