"""The fault rig in its short form."""

from __future__ import annotations

import pytest

from tests.faults.running import rig

# The plan of this seed has a kill of every process, a pause, and both stores going down.
SEED = "3"


def test_every_promise_holds_under_two_minutes_of_faults(
    capfd: pytest.CaptureFixture[str],
) -> None:
    done = rig(capfd, "--minutes", "2", "--seed", SEED)
    assert done.returncode == 0, done.stdout
