"""The tests. They use public names only and are not shipped."""
