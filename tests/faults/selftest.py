"""Does the rig notice? Each planted bug in a short run made for it, and a run without any."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Final

from tests.faults import checks
from tests.faults.history import Recorder
from tests.faults.processes import System, folder, system
from tests.faults.watcher import watcher
from tests.faults.writers import Writer

SEED: Final = 5
_WRITERS: Final = 3
_CONVERGE_S: Final = 20.0
_WORKER: Final = "worker"


@dataclass(frozen=True)
class Scenario:
    """What a bug needs in order to show."""

    # Names of faults and their share of the requests that they fit.
    faults: tuple[str, ...] = ()
    share: float = 0.0
    # The worker is killed while a bulk hangs, again and again.
    kills: bool = False
    slow_refresh: bool = False
    kinds: tuple[str, ...] = ("plain", "further", "further")
    # Longest run; it ends at the first violation.
    seconds: float = 12.0
    # How many claims of each writer get further events.
    hot: int = 8
    # Beginnings of what the rig must say; anything else does not count as caught.
    says: tuple[str, ...] = ()


_LOST: Final = ("progress claims what a search does not see", "missing in the index",
                "another version")  # fmt: skip

CONTROL: Final = Scenario(
    faults=("items_429", "masked_503", "overtaken", "503", "reset_after"),
    share=0.3,
    kills=True,
    slow_refresh=True,
    kinds=("plain", "further", "held", "rolled back", "savepoint"),
)
SCENARIOS: Final = {
    "confirm-before-bulk": Scenario(kills=True, says=_LOST),
    "ignore-item-errors": Scenario(faults=("items_429", "items_503"), share=0.5, says=_LOST),
    "poll-by-sequence": Scenario(kinds=("plain", "held"), says=_LOST),
    "no-external-version": Scenario(
        faults=("overtaken",),
        share=0.5,
        hot=2,
        kinds=("plain", *["further"] * 5),
        says=("a document went backwards", "another version"),
    ),
    "progress-before-refresh": Scenario(slow_refresh=True, says=_LOST[:1]),
}


async def main() -> int:
    """Run all, print what was caught; exit status 0 when every bug was, and nothing without one."""
    started = time.monotonic()
    async with AsyncExitStack() as stack:
        home = await stack.enter_async_context(folder())
        one = await stack.enter_async_context(
            # Parity would mend what a bug breaks: here the rig itself has to notice.
            system(home, CLAIMFLOW_VIEWS="claims", CLAIMFLOW_PARITY_S="0")
        )
        await one.start(())
        await one.keep_pristine()
        found, events = await _run(one, CONTROL, "")
        sound = not found
        print(f"no bug: {events} events, {found[0] if found else 'every promise held'}", flush=True)
        caught = 0
        for name, scenario in SCENARIOS.items():
            found, events = await _run(one, scenario, name)
            telling = [each for each in found if each.startswith(scenario.says)]
            caught += bool(telling)
            verdict = f"caught, {telling[0]}" if telling else f"NOT CAUGHT {found[:1]}"
            print(f"{name}: {events} events, {verdict}", flush=True)
    print(f"caught/planted: {caught}/{len(SCENARIOS)} in {time.monotonic() - started:.0f} s")
    return 0 if sound and caught == len(SCENARIOS) else 1


async def _run(one: System, scenario: Scenario, plant: str) -> tuple[list[str], int]:
    """Run a scenario on fresh data; return the violations and the number of events."""
    await one.fresh(plant)
    await one.start_programs((_WORKER,))
    rng = random.Random(SEED)
    async with AsyncExitStack() as stack:
        recorder = stack.enter_context(Recorder(one.site.home.path / "history.jsonl"))
        eyes = await stack.enter_async_context(watcher(one, recorder))
        writers = [
            Writer(
                f"t{number}", one.database_url, recorder, random.Random(rng.getrandbits(64)),
                kinds=scenario.kinds, hold_s=1.5, pace_s=0.1, follow=eyes.follow, hot=scenario.hot,
            )
            for number in range(_WRITERS)
        ]  # fmt: skip
        stop = asyncio.Event()
        tasks = [asyncio.create_task(each.run(stop)) for each in writers]
        keeping = asyncio.create_task(one.keep())
        stack.push_async_callback(_ended, [*tasks, keeping])
        trouble = _Trouble(one, scenario, rng)
        deadline = time.monotonic() + scenario.seconds
        while time.monotonic() < deadline and not recorder.violations:
            for task in (*tasks, keeping):
                if task.done():
                    task.result()
            await asyncio.sleep(0.05)
        await trouble.over()
        stop.set()
        await asyncio.gather(*tasks)
        if not recorder.violations:
            await checks.converged(one, eyes, recorder, seconds=_CONVERGE_S)
        events = await asyncio.to_thread(checks.check, one, recorder)
        one.check()
        return recorder.violations, events


class _Trouble:
    """Does to the worker's requests what the scenario says."""

    def __init__(self, one: System, scenario: Scenario, rng: random.Random) -> None:
        self._system = one
        self._scenario = scenario
        self._proxy = one.proxies[_WORKER]
        self._killing: asyncio.Task[None] | None = None
        self._kill_next = time.monotonic() + 1.0
        if scenario.faults:
            self._proxy.fail_at_random(scenario.share, rng, *scenario.faults)
        self._otherwise: Callable[[str, str], str | None] = self._proxy.fault
        self._proxy.fault = self._fault

    def _fault(self, method: str, path: str) -> str | None:
        if self._scenario.slow_refresh and path.endswith("_refresh"):
            return "slow_0.3"
        due = self._scenario.kills and time.monotonic() > self._kill_next
        if due and path.endswith("_bulk") and self._killing is None:
            self._killing = asyncio.create_task(self._kill())
            return "hang_2"
        return self._otherwise(method, path)

    async def _kill(self) -> None:
        await self._system.kill(_WORKER)
        await self._system.up(_WORKER)
        self._kill_next = time.monotonic() + 3.0
        self._killing = None

    async def over(self) -> None:
        """Stop it."""
        self._proxy.calm()
        if self._killing is not None:
            await self._killing
        await self._proxy.settled()


async def _ended(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
