"""Settings for all tests."""

import os

from hypothesis import HealthCheck, settings

# No deadlines: a busy machine is not a failure. Under CI the examples are the same in every run.
settings.register_profile(
    "house",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=bool(os.environ.get("CI")),
    print_blob=True,
)
settings.load_profile("house")
# Linear algebra in one thread: in processes that share the cores, several threads wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Tests that run in parallel are given a width, which the command would fit its tables into.
os.environ.pop("COLUMNS", None)
# The command speaks the shell's language.
os.environ["LANGUAGE"] = "en"
