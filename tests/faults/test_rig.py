"""The rig's own parts: its plan comes from the seed, its checks tell what is wrong."""

from __future__ import annotations

import random
from itertools import islice
from pathlib import Path
from typing import Any
from unittest.mock import Mock
from uuid import UUID, uuid4

import pytest

from claimflow.client.feeds import Matched
from claimflow.v1.claim_pb2 import Claim
from tests.faults import checks, listener
from tests.faults.chaos import DECK, WEATHER, blows, spells
from tests.faults.history import COMPLETED, FAILED, UNKNOWN, Operation, Recorder, read

CLAIM = "01a21199-c629-7000-ac1c-ae6a39fe839a"
REQUEST = "80cdf3f1-18ef-4602-87c6-61080750f6eb"


def command(
    outcome: str, invoked: float = 0.0, ended: float = 1.0, versions: tuple[int, ...] = (1,)
) -> Operation:
    result = {"claim_id": CLAIM, "events": [[version, "NoteAdded"] for version in versions]}
    fields = {"request_id": REQUEST, "claim_id": CLAIM}
    return Operation(1, "w", "add_note", invoked, fields, outcome, ended, result)


def stored(*versions: int) -> dict[str, list[dict[str, Any]]]:
    return {
        "claim": [
            {
                "claim_id": UUID(CLAIM),
                "version": version,
                "event_type": "NoteAdded",
                "request_id": UUID(REQUEST),
            }
            for version in versions
        ]
    }


def test_a_seed_gives_the_same_plan_and_every_kind_of_it() -> None:
    def plan(seed: int) -> list[object]:
        rng = random.Random(seed)
        return [*islice(blows(rng, 2.5), 2 * len(DECK)), *islice(spells(rng), len(WEATHER))]

    assert plan(3) == plan(3) != plan(4)
    assert sorted(one.what for one in islice(blows(random.Random(3), 2.5), len(DECK))) == sorted(
        DECK
    )
    assert {one.name for one in islice(spells(random.Random(3)), len(WEATHER))} == set(WEATHER)


def test_what_is_recorded_is_read_back_and_what_has_no_end_is_unknown(tmp_path: Path) -> None:
    with Recorder(tmp_path / "history.jsonl") as recorder:
        first = recorder.invoke("w", "add_note", request_id=REQUEST)
        recorder.invoke("w", "add_note", request_id=str(uuid4()))
        recorder.end(first, COMPLETED, claim_id=CLAIM, events=[])

    done, open_ = read(tmp_path / "history.jsonl")

    assert (done.outcome, done.result["claim_id"]) == (COMPLETED, CLAIM)
    assert done.invoked <= done.ended
    assert open_.outcome == UNKNOWN


def test_an_acknowledged_command_must_be_there_once() -> None:
    assert not [*checks._commands(stored(1), [command(COMPLETED)])]
    for events in (stored(), stored(2), stored(1, 2)):
        assert [*checks._commands(events, [command(COMPLETED)])]


def test_a_refused_command_must_not_be_there_and_an_unknown_one_may() -> None:
    assert [*checks._commands(stored(1), [command(FAILED)])]
    for events in (stored(), stored(1)):
        assert not [*checks._commands(events, [command(UNKNOWN)])]


def test_a_command_that_began_later_comes_later() -> None:
    early = command(COMPLETED, 0.0, 1.0, (1,))
    assert not [*checks._order([early, command(COMPLETED, 2.0, 3.0, (2,))])]
    assert not [*checks._order([command(COMPLETED, 0, 4, (2,)), command(COMPLETED, 2, 3, (1,))])], (
        "at the same time any order is right"
    )
    assert [*checks._order([command(COMPLETED, 0, 1, (2,)), command(COMPLETED, 2, 3, (1,))])]


def test_what_was_rolled_back_must_not_be_there_and_what_was_committed_must() -> None:
    def transaction(claims: dict[str, int], ghosts: list[str]) -> Operation:
        return Operation(1, "t", "savepoint", 0, {"claims": claims, "ghosts": ghosts}, COMPLETED)

    assert not [*checks._transactions(stored(1, 2), [transaction({"claim": 2}, ["ghost"])])]
    assert [*checks._transactions(stored(1), [transaction({"claim": 2}, [])])]
    assert [*checks._transactions(stored(1), [transaction({}, ["claim"])])]


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({CLAIM: 2}, None),
        ({CLAIM: 1}, "a watch missed changes"),
        ({}, "a watch missed changes"),
        ({CLAIM: 3}, "a watch told what is not stored"),
        ({CLAIM: 2, "ghost": 1}, "a watch told what is not stored"),
    ],
)
async def test_what_a_watch_told_must_be_what_is_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: dict[str, int], says: str | None
) -> None:
    monkeypatch.setattr(listener, "_SETTLE_S", 0.0)
    with Recorder(tmp_path / "history.jsonl") as recorder:
        one = listener.Listener("a tenant", Mock(), recorder, random.Random(1))
        one.known = told

        await one.settled({CLAIM: 2})

        assert [each.partition(":")[0] for each in recorder.violations] == ([says] if says else [])


def test_a_watch_may_tell_a_claim_again_and_never_an_older_version(tmp_path: Path) -> None:
    def matched(version: int) -> Matched:
        claim = Claim(claim_id=CLAIM, version=version)
        return Matched(claim=claim, in_snapshot=False, resume_token="")

    with Recorder(tmp_path / "history.jsonl") as recorder:
        one = listener.Listener("a tenant", Mock(), recorder, random.Random(1))
        for version in (1, 3, 3):
            one._hear(matched(version))
        assert recorder.violations == []
        one._hear(matched(2))
        assert [each.partition(":")[0] for each in recorder.violations] == [
            "a watch went backwards"
        ]
