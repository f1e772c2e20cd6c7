"""The log written down by one program, followed by another, with nothing between lost."""

from __future__ import annotations

import signal
from pathlib import Path

from tests.projections import scribe
from tests.projections.conftest import Place, eventually, process, worker


async def test_what_is_recorded_can_be_followed_also_after_the_recorder_is_killed(
    place: Place, tmp_path: Path
) -> None:
    told = scribe.many(12, seed=21)
    folder = tmp_path / "archive"
    place.write(*(one.rows[:1] for one in told))
    slot = "SELECT confirmed_flush_lsn - '0/0' FROM pg_replication_slots WHERE slot_name = %s"
    name = f"{place.settings.slot}_archive"
    async with process(place, word=f"record {folder}") as recorder:
        await eventually(lambda: (place.sql(slot, name) or 0) > 0)
        await eventually(lambda: any(folder.glob("*")))
        async with worker(place, feed=f"archive:{folder}", parity_s=0):
            place.write(*(one.rows[1:2] for one in told))
            await eventually(lambda: len(place.documents()) == len(told))
            await recorder.end(signal.SIGKILL)
            place.write(*(one.rows[2:] for one in told if one.rows[2:]))
            await recorder.start()
            newest = {one.id: one.version for one in told}
            await eventually(lambda: versions(place) == newest)
            place.is_the_fold_of(told)


def versions(place: Place) -> dict[str, int]:
    return {name: one["version"] for name, one in place.documents().items()}
