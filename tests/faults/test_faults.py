"""The fault rig in its short form, and that it would notice."""

from __future__ import annotations

import subprocess
import sys

import pytest

from server.embedded.settings import ROOT

# The plan of this seed has a kill of every process, a pause, and both stores going down.
SEED = "3"


@pytest.mark.parametrize(
    ("words", "timeout_s"),
    [
        pytest.param(("--minutes", "2", "--seed", SEED), 900, id="two minutes of faults"),
        pytest.param(("--self-test",), 900, id="planted bugs"),
    ],
)
def test_every_promise_holds_under_faults_and_a_broken_one_is_noticed(
    words: tuple[str, ...], timeout_s: int, capfd: pytest.CaptureFixture[str]
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults", *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=timeout_s,
    )
    with capfd.disabled():
        print(f"\n{done.stdout}", end="")
    assert done.returncode == 0, done.stdout
