"""Running the rig as a user does, with its figures shown."""

from __future__ import annotations

import subprocess
import sys
from typing import Final

import pytest

from server.embedded.settings import ROOT

_TIMEOUT_S: Final = 900


def rig(capfd: pytest.CaptureFixture[str], *words: str) -> subprocess.CompletedProcess[str]:
    """Run the rig with words of its command line, and print what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults", *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_TIMEOUT_S,
    )
    with capfd.disabled():
        print(f"\n{done.stdout}", end="")
    return done
