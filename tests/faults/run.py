"""A run: load, chaos and watchers for so many minutes, then quiet, then the checks."""

from __future__ import annotations

import asyncio
import random
import subprocess
import time
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.faults import checks
from tests.faults.chaos import Chaos
from tests.faults.clients import Worker, people
from tests.faults.history import Recorder
from tests.faults.listener import Listener, listeners
from tests.faults.processes import System, folder, system
from tests.faults.watcher import watcher
from tests.faults.writers import Writer

WORKERS_PER_TENANT: Final = 2
WRITERS: Final = 3
_PACE_S: Final = 0.12
# Load goes on so long after the faults have stopped.
_AFTERWARDS_S: Final = 2.0


@dataclass
class Report:
    """What a run did and found."""

    seed: int
    seconds: float = 0.0
    kills: Counter[str] = field(default_factory=Counter)
    others: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    commands: Counter[str] = field(default_factory=Counter)
    attempts: Counter[str] = field(default_factory=Counter)
    transactions: Counter[str] = field(default_factory=Counter)
    reads: Counter[str] = field(default_factory=Counter)
    ended_alone: Counter[str] = field(default_factory=Counter)
    events: int = 0
    documents: int = 0
    samples: int = 0
    followed: int = 0
    heard: Counter[str] = field(default_factory=Counter)
    deaf: Counter[str] = field(default_factory=Counter)
    slots_compared: int = 0
    rebuilds: int = 0
    parity_checks: int = 0
    converged_s: float = 0.0
    parity: str = "not asked"
    violations: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether every promise held, and enough happened to say so."""
        return not self.violations and not self.unseen

    @property
    def unseen(self) -> list[str]:
        """Return what has to happen in a run that proves anything, and did not."""
        needed = {
            "a kill": self.kills.total(),
            "a fault": self.faults.total(),
            "an event": self.events,
            "a sample of documents": self.samples,
            "a sample of slots": self.slots_compared,
            "a commit that was followed": self.followed,
            "a fresh read with a token": self.reads["fresh"],
            "a change told by a watch": self.heard["Matched"],
            "a watch taken up again": self.heard["resumed"],
        }
        return [what for what, count in needed.items() if not count]

    def lines(self) -> list[str]:
        """Return the report for people."""

        def told(counts: Counter[str]) -> str:
            return ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "none"

        found = [
            f"seed {self.seed}, {self.seconds:.0f} s:"
            f" {self.kills.total()} kills, {self.events} events, {self.faults.total()} faults",
            f"  kills       {told(self.kills)}",
            f"  besides     {told(self.others)}",
            f"  faults      {told(self.faults)}",
            f"  commands    {told(self.commands)}",
            f"  attempts    {told(self.attempts)}",
            f"  writers     {told(self.transactions)}",
            f"  token reads {told(self.reads)}",
            f"  watched     {self.samples} samples of {self.documents} documents at the end,"
            f" {self.slots_compared} of slots, {self.followed} commits followed,"
            f" {self.rebuilds} rebuilds",
            f"  watches     {told(self.heard)}; streams lost: {told(self.deaf)}",
            f"  parity      {self.parity_checks} comparisons by the worker itself",
            f"  ended alone {told(self.ended_alone)}",
            f"  caught up   {self.converged_s:.2f} s after the end; verify: {self.parity}",
        ]
        found += [f"  BROKEN      {one}" for one in self.violations[:20]]
        if len(self.violations) > 20:
            found.append(f"  BROKEN      and {len(self.violations) - 20} more")
        found += [f"  NOT SEEN    {one}" for one in self.unseen]
        verdict = (
            "every promise held" if self.passed else "BROKEN" if self.violations else "no proof"
        )
        found.append(f"verdict: {verdict}")
        return found


async def run(seed: int, minutes: float, *, plant: str = "", keep: Path | None = None) -> Report:
    """Run once; `keep` gets history and logs."""
    report = Report(seed)
    async with AsyncExitStack() as stack:
        home = keep if keep else await stack.enter_async_context(folder())
        home.mkdir(parents=True, exist_ok=True)
        one = await stack.enter_async_context(system(home, plant=plant))
        await one.start()
        recorder = stack.enter_context(Recorder(home / "history.jsonl"))
        await _act(one, recorder, random.Random(seed), minutes * 60, report)
        report.violations = recorder.violations
    return report


async def _act(
    system: System, recorder: Recorder, rng: random.Random, seconds: float, report: Report
) -> None:
    started = time.monotonic()
    async with AsyncExitStack() as stack:
        eyes = await stack.enter_async_context(watcher(system, recorder))
        workers = [
            Worker(f"w{number}-{each.tenant[-1]}", each, recorder, _part(rng), _PACE_S)
            for each in await stack.enter_async_context(people(system))
            for number in range(WORKERS_PER_TENANT)
        ]
        writers = [
            Writer(f"t{number}", system.database_url, recorder, _part(rng), follow=eyes.follow)
            for number in range(WRITERS)
        ]
        ears = await stack.enter_async_context(listeners(system, recorder, _part(rng)))
        chaos = Chaos(system, recorder, _part(rng))
        stack.push_async_callback(chaos.close)
        stop = asyncio.Event()
        load = [asyncio.create_task(each.run(stop)) for each in workers]
        load += [asyncio.create_task(each.run(stop)) for each in writers]
        faults = asyncio.create_task(chaos.run())
        keeping = asyncio.create_task(system.keep())
        assert eyes.task is not None, "it watches"
        watching = [eyes.task, *(asyncio.create_task(each.run()) for each in ears)]
        tasks = [*load, faults, keeping, *watching]
        stack.push_async_callback(_ended, tasks)

        await _until(started + seconds, recorder, tasks)
        await _ended([faults])
        await chaos.calm()
        await _until(time.monotonic() + _AFTERWARDS_S, recorder, [*load, keeping, *watching])
        stop.set()
        await asyncio.gather(*load)
        report.converged_s = await checks.converged(system, eyes, recorder)
        await eyes.settled()
        await _all_heard(system, ears)
        report.seconds = time.monotonic() - started
        await _conclude(system, recorder, report)
        report.kills, report.others, report.faults = chaos.kills, chaos.others, chaos.faults
        for each in workers:
            report.commands += each.commands
            report.attempts += each.attempts
            report.reads += each.reads
        for writer in writers:
            report.transactions += writer.transactions
        report.ended_alone = system.ended_alone
        report.documents, report.samples = eyes.documents, eyes.samples
        report.followed, report.slots_compared = eyes.followed, eyes.slots_compared
        report.rebuilds, report.parity_checks = eyes.rebuilds, eyes.parity_checks
        for ear in ears:
            report.heard += ear.heard
            report.deaf += ear.failures
        if eyes.rebuilds > chaos.rebuilds_asked:
            # Nothing here takes slot or index away: whoever builds anew has lost his place.
            recorder.violation("the view was built anew without a cause", times=eyes.rebuilds)


async def _all_heard(system: System, ears: list[Listener]) -> None:
    versions = await asyncio.to_thread(checks.versions, system.database_url)
    for ear in ears:
        await ear.settled(versions[ear.tenant])


async def _conclude(system: System, recorder: Recorder, report: Report) -> None:
    report.events = await asyncio.to_thread(checks.check, system, recorder)
    try:
        report.parity = await asyncio.to_thread(checks.verify, system)
    except subprocess.CalledProcessError as error:
        report.parity = f"exit status {error.returncode}"
        recorder.violation("verify does not find all equal", status=error.returncode)


async def _until(moment: float, recorder: Recorder, tasks: list[asyncio.Task[None]]) -> None:
    """Wait until a moment, a violation, or the end of a task, which raises what ended it."""
    while time.monotonic() < moment and not recorder.violations:
        for task in tasks:
            if task.done():
                task.result()
        await asyncio.sleep(0.1)


async def _ended(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _part(rng: random.Random) -> random.Random:
    return random.Random(rng.getrandbits(64))
