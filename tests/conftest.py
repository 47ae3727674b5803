"""Settings of every test."""

import os

from hypothesis import settings

# No deadlines: a busy machine is no fault. Under CI the examples are the same in every run.
settings.register_profile("house", deadline=None, derandomize=bool(os.environ.get("CI")), print_blob=True)
settings.load_profile("house")
