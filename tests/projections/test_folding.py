"""Rows of the log by version: repeats drop, gaps are filled from the event table (F49)."""

from __future__ import annotations

import asyncio
import gc
import random
import tracemalloc

import orjson
import pytest

from projections import folding, store
from projections.folding import AT_A_TIME, Folder
from projections.history import Folds, Histories
from projections.settings import WorkerSettings
from projections.views.subject import CLAIMS, EventRow
from server.platform.settings import SettingsError
from tests.projections import scribe
from tests.projections.conftest import Place, process, worker
from tests.server.claims.cast import note


def logged(row: scribe.Row) -> EventRow:
    """A row as the worker has it from the log."""
    return CLAIMS.of_log("claimflow.claim_event", row)


@pytest.mark.parametrize("cache_bytes", [0, 1 << 20], ids=["no cache", "cache"])
@pytest.mark.parametrize("seed", range(3))
async def test_shuffled_and_repeated_rows_come_to_the_fold(
    place: Place, seed: int, cache_bytes: int
) -> None:
    told = scribe.many(8, seed=seed)
    for one in told:
        one.carry_out(note())
    place.write(*(one.rows for one in told))
    rows = [(number, logged(row)) for one in told for number, row in enumerate(one.rows)]
    rows += random.Random(seed).sample(rows, len(rows) // 2)
    random.Random(seed).shuffle(rows)
    folder = Folder(place.view, scribe.TENANTS[0], Folds(cache_bytes))
    newest: dict[str, tuple[int, bytes]] = {}
    connection = await store.connect(place.database)
    async with connection:
        histories = Histories(connection, CLAIMS)
        for start in range(0, len(rows), 7):
            folded = await folder.fold(rows[start : start + 7], histories)
            assert not folded.unfoldable
            for write in folded.writes:
                newest[write.id] = max(
                    newest.get(write.id, (0, b"")), (write.version, write.source)
                )
    for each in told:
        version, source = newest[each.id]
        assert version == each.version
        assert scribe.same(orjson.loads(source)) == scribe.same(scribe.fold(place.view, each.rows))


async def test_a_claim_whose_history_has_a_hole_parks_alone(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("projections.history._WAIT_S", (0.001,))
    holed, whole = scribe.Told(), scribe.Told()
    holed.submitted()
    whole.submitted()
    place.write(whole.rows)
    folder = Folder(place.view, scribe.TENANTS[0], Folds(0))
    connection = await store.connect(place.database)
    async with connection:
        rows = [(1, logged(holed.rows[1])), (1, logged(whole.rows[1]))]
        folded = await folder.fold(rows, Histories(connection, CLAIMS))
    assert [one.id for one in folded.writes] == [whole.id]
    assert [(one.document_id, one.kind) for one in folded.unfoldable] == [
        (holed.id, "history_missing")
    ]


async def test_a_document_takes_no_more_memory_than_its_bytes(place: Place) -> None:
    told = scribe.many(64)
    folder = Folder(place.view, scribe.TENANTS[0], Folds(1 << 20))
    connection = await store.connect(place.database)
    async with connection:
        rows = [(1, logged(row)) for one in told for row in one.rows]
        await folder.fold(rows, Histories(connection, CLAIMS))  # what is loaded once is loaded
        folder = Folder(place.view, scribe.TENANTS[0], Folds(1 << 20))
        tracemalloc.start()
        try:
            folded = await folder.fold(rows, Histories(connection, CLAIMS))
            gc.collect()
            everything = tracemalloc.take_snapshot()
        finally:
            tracemalloc.stop()
    # Whatever else lives in this process allocates too.
    ours = everything.filter_traces([tracemalloc.Filter(True, folding.__file__)])
    taken = sum(one.size for one in ours.statistics("filename"))
    assert taken > 0
    # A kilobyte each for its id, its place in the cache and what else is around it.
    assert taken < sum(len(one.source) + 1024 for one in folded.writes)


async def test_others_have_their_turns_while_a_large_batch_is_folded(place: Place) -> None:
    told = scribe.many(200)
    folder = Folder(place.view, scribe.TENANTS[0], Folds(0))
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    connection = await store.connect(place.database)
    async with connection:
        rows = [(1, logged(row)) for one in told for row in one.rows]
        taking_turns = asyncio.create_task(other())
        await folder.fold(rows, Histories(connection, CLAIMS))
        taking_turns.cancel()
    assert turns >= len(told) // AT_A_TIME


def test_folds_are_kept_up_to_a_size_and_the_oldest_go_first() -> None:
    folds = Folds(bytes_max=20)
    keys = [(scribe.TENANTS[0], scribe.Told().claim_id) for _ in range(3)]
    folds.keep(keys[0], 1, b'{"a":1}')
    folds.keep(keys[1], 1, b'{"b":2}')
    assert folds.document(keys[0]) == {"a": 1}
    folds.keep(keys[2], 1, b'{"c":3}')
    assert [folds.version(key) for key in keys] == [1, None, 1]


async def test_status_tells_whether_somebody_follows(place: Place) -> None:
    async with worker(place):
        await place.caught_up()
        async with process(place, word="status") as following:
            assert following.child is not None
            assert await following.child.wait() == 0
    async with process(place, word="status") as nobody:
        assert nobody.child is not None
        assert await nobody.child.wait() == 1


def test_settings_that_cannot_work_are_all_named() -> None:
    with pytest.raises(SettingsError) as refused:
        WorkerSettings.from_environ({"CLAIMFLOW_SLOT": "No Slot", "CLAIMFLOW_HEARTBEAT_S": "90"})
    for name in ("DATABASE_URL", "INDEX_KEY_FILE", "CLAIMFLOW_SLOT", "CLAIMFLOW_LEASE_S"):
        assert name in str(refused.value)
