"""Long runs over many claims: several calls in flight, and what they have come to."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import click
import grpc
from rich.progress import Progress, TaskID

from claimflow.cli import _output
from claimflow.cli._context import EXIT_UNAVAILABLE, Cli, exit_code
from claimflow.cli._output import facts, table
from claimflow.client import STRONG, AsyncClient, ClaimflowError, TransportError, errors
from claimflow.v1.claim_pb2 import Claim

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])

PAGE_SIZE = 500


def bulk_options(function: F) -> F:
    """Add --limit and --in-flight."""
    function = click.option(
        "--in-flight", type=click.IntRange(1, 256), default=16, show_default=True,
        help="Calls under way at a time.",
    )(function)  # fmt: skip
    return click.option(
        "--limit", type=click.IntRange(min=0), default=0, help="Claims at most; 0: all."
    )(function)


def narrowed(filter: str, words: Sequence[str]) -> str:
    """Return a filter narrowed by what the caller wrote."""
    return f"{filter} AND ({' '.join(words)})" if words else filter


@dataclass
class Tally:
    """What a run has come to so far, in claims."""

    states: Counter[str] = field(default_factory=Counter)
    # By reason.
    refused: Counter[str] = field(default_factory=Counter)
    begin: float = field(default_factory=time.perf_counter)

    def refuse(self, failure: ClaimflowError, claims: int = 1) -> None:
        """Count claims that were refused; raise what is not of these claims alone."""
        if _meets_all(failure):
            raise failure
        self.refused[failure.reason] += claims

    def summary(self) -> dict[str, Any]:
        """Return the counts, and how fast they came."""
        seconds = time.perf_counter() - self.begin
        done = self.states.total()
        return {
            "claims": done,
            "seconds": round(seconds, 3),
            "claims_per_second": round(done / max(seconds, 0.001), 1),
            "states": dict(self.states),
            "refused": dict(self.refused),
        }

    def tell(self, cli: Cli, **more: Any) -> None:
        """Print the summary, with more that the run counts."""
        told = self.summary()
        if cli.json:
            _output.write_json({"summary": {**more, **told}})
            return
        console = _output.console()
        pace = f"{told['seconds']:.2f} s ({told['claims_per_second']:,.0f} claims a second)"
        rows = [(name.replace("_", " "), value) for name, value in more.items()]
        console.print(facts([*rows, ("claims", told["claims"]), ("in", pace)]))
        for title, counts in (("By state", self.states), ("Refused", self.refused)):
            if counts:
                console.print(table(title, ("what", "claims#"), counts.most_common()))


def _meets_all(failure: ClaimflowError) -> bool:
    """Tell whether every other call would fail in the same way."""
    return (
        exit_code(failure) == EXIT_UNAVAILABLE
        or failure.code in (grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.RESOURCE_EXHAUSTED)
        or isinstance(failure, (TransportError, errors.PermissionMissing))
    )


@dataclass
class Bar:
    """The progress of a run, on stderr."""

    progress: Progress
    task: TaskID

    def expect(self, total: int) -> None:
        """Tell how many claims there will be."""
        self.progress.update(self.task, total=total)

    def advance(self, claims: int = 1) -> None:
        """Count claims that are done."""
        self.progress.advance(self.task, claims)


def run(
    cli: Cli,
    tally: Tally,
    what: str,
    work: Callable[[AsyncClient, Bar], Awaitable[None]],
    more: Callable[[], dict[str, Any]] = dict,
) -> None:
    """Do the work and tell its tally, also of a part when the servers fail."""

    async def connected(bar: Bar) -> None:
        async with cli.connect_async() as client:
            await work(client, bar)

    with _output.progress(quiet=cli.json) as progress:
        bar = Bar(progress, progress.add_task(what, total=None))
        try:
            asyncio.run(connected(bar))
        except ClaimflowError:
            tally.tell(cli, **more())
            click.echo("not finished; the same command goes on where this one ended", err=True)
            raise
    tally.tell(cli, **more())


async def found(
    client: AsyncClient, filter: str, *, limit: int, bar: Bar, order_by: str = ""
) -> AsyncIterator[Claim]:
    """Yield what a search finds of all that is committed now."""
    pager = client.search_claims(
        filter,
        order_by=order_by,
        page_size=min(limit, PAGE_SIZE) if limit else PAGE_SIZE,
        count_total=True,
        consistency=STRONG,
    )
    left = limit
    async for page in pager.pages():
        if page.total_size:
            bar.expect(min(page.total_size, limit) if limit else page.total_size)
        for claim in page.claims:
            yield claim
            left -= 1
            if left == 0:
                return


async def each(
    items: AsyncIterator[T], work: Callable[[T], Awaitable[None]], in_flight: int
) -> None:
    """Do the work for every item, several at a time.

    After a failure nothing new is begun; what is under way ends, then the failure is raised.
    """
    turn = asyncio.Lock()
    failures: list[ClaimflowError] = []

    async def worker() -> None:
        try:
            while not failures:
                async with turn:
                    item = await anext(items)
                await work(item)
        except StopAsyncIteration:
            return
        except ClaimflowError as failure:
            failures.append(failure)

    await asyncio.gather(*(worker() for _ in range(in_flight)))
    if failures:
        raise failures[0]
