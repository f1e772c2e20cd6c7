"""How hard Hypothesis tries while thousands of mutants wait for it (`make mutants`)."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile(
    "mutants",
    max_examples=15,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
