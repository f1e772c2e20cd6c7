"""Quarantine by word: looked at, tried again, given up, and who decided why is kept (P27)."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

import psycopg
import pytest
from psycopg.rows import tuple_row

from projections import words
from projections.triage import NotParked
from server.claims.events import ClaimQueued
from tests.projections import scribe
from tests.projections.conftest import Place, eventually, worker

IMMENSE = "q" * 40_000  # longer than any keyword of Lucene may be


async def parked(place: Place) -> scribe.Told:
    """A claim whose last version no index takes."""
    told = scribe.Told()
    told.submitted()
    async with worker(place):
        place.write([*told.rows, told.record(ClaimQueued(queue=IMMENSE))])
        await place.caught_up()
        await eventually(lambda: (place.progress() or {}).get("quarantined") == 1)
    return told


def decisions(place: Place) -> list[Any]:
    with psycopg.connect(place.database, row_factory=tuple_row) as connection:
        return connection.execute(
            "SELECT view, tenant_id || '/' || id, version, action, reason"
            " FROM claimflow.quarantine_decision ORDER BY sequence"
        ).fetchall()


def asked(*ids: str, reason: str = "looked at it") -> Namespace:
    return Namespace(view="claims", document_id=list(ids), reason=reason)


async def listed(place: Place) -> int:
    return await words.list_parked(place.settings, Namespace(view=["claims"]))


def said(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What words have said, without the log."""
    return [one for one in capsys.readouterr().out.splitlines() if one.startswith("claims")]


async def test_what_still_does_not_fit_stays_and_can_be_given_up(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    told = await parked(place)
    assert await listed(place) == 1
    (line,) = said(capsys)
    assert line.startswith(f"claims {told.id} v{told.version} ") and line.endswith(" waiting")

    assert await words.replay(place.settings, asked(told.id, reason="once more")) == 1
    assert said(capsys) == ["claims: 0 written, 1 in quarantine"]

    assert await words.skip(place.settings, asked(told.id, reason="not worth it")) == 0
    assert said(capsys) == ["claims: 1 given up until they change"]
    assert await listed(place) == 0
    assert [one.rpartition(" ")[2] for one in said(capsys)] == ["skipped"]
    assert decisions(place) == [
        ("claims", told.id, told.version, "REPLAY", "once more"),
        ("claims", told.id, told.version, "SKIP", "not worth it"),
    ]


async def test_what_fits_again_goes_in_and_a_worker_that_runs_notices(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("projections.worker._CHECK_S", 0.1)
    told = scribe.many(3, seed=31)
    place.write(*(one.rows for one in told))
    async with worker(place):
        progress = await place.caught_up()
        tenant, _, claim = told[0].id.partition("/")
        entry = {
            "tenant_id": tenant, "id": claim, "version": told[0].version, "position": 1,
            "kind": "once_refused", "since": "2026-03-01T00:00:00+00:00", "skipped": False,
        }  # fmt: skip
        index = f"{progress['index']}-quarantine"
        place.client.index(index=index, id=told[0].id, document=entry, refresh=True)
        await eventually(lambda: (place.progress() or {}).get("quarantined") == 1)

        assert await words.replay(place.settings, asked()) == 0
        await eventually(lambda: (place.progress() or {}).get("quarantined") == 0)
        place.is_the_fold_of(told)


async def test_what_is_not_parked_is_not_decided(place: Place) -> None:
    told = await parked(place)
    other = f"{scribe.TENANTS[0]}/{scribe.TENANTS[1]}"
    for word in (words.replay, words.skip):
        with pytest.raises(NotParked):
            await word(place.settings, asked(told.id, other))
    assert decisions(place) == []
