"""The fault rig would notice: each planted bug makes it fail."""

from __future__ import annotations

import pytest

from tests.faults.running import rig


def test_the_rig_notices_every_planted_bug(capfd: pytest.CaptureFixture[str]) -> None:
    done = rig(capfd, "--self-test")
    assert done.returncode == 0, done.stdout
