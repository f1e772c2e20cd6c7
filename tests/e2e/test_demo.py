"""The demo is the first thing a newcomer sees: it must hold."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime

from claimflow.cli import demo
from tests.e2e.conftest import System


def test_a_claim_goes_from_submission_to_found(system: System) -> None:
    said: list[str] = []
    with ExitStack() as stack:
        people = {who: stack.enter_context(system.client(who)) for who in demo.PEOPLE}
        number = demo.play(people, said.append, datetime.now(UTC).date())
    assert number
    assert any("ACCEPTED" in line for line in said)
    assert any("CLAIM_NOT_BALANCED" in line for line in said)
    assert "APPROVED" in said[-3]
    assert said[-1].endswith("valid")


def test_make_demo_prints_every_step(system: System) -> None:
    shown = system.cli("demo")
    assert shown.returncode == 0, shown.stderr.decode()
    assert b"APPROVED" in shown.stdout
