"""The word that brings whole files in: streamed, resumable, nothing dropped silently."""

from __future__ import annotations

import json
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import click
from rich.progress import Progress, TaskID

from claimflow import importers
from claimflow.cli import _output
from claimflow.cli._context import Cli
from claimflow.cli._output import facts, table
from claimflow.cli._searchable import count_by_search, wait_until_searchable
from claimflow.cli._source import Batch, Plan, Source, batches, open_sources
from claimflow.cli._tally import Mark, Marks, Tally
from claimflow.client import ClaimflowError
from claimflow.v1.command_service_pb2 import IngestClaimsRequest, IngestClaimsResponse

# Bad records shown on the terminal; the report has them all.
SHOWN_MAX = 20


@dataclass
class Run:
    """One import under way."""

    cli: Cli
    plan: Plan
    marks: Marks
    resume: bool
    report: TextIO | None
    progress: Progress
    task: TaskID
    whole: Tally = field(default_factory=Tally)
    shown: list[dict[str, Any]] = field(default_factory=list)
    _waiting: deque[Batch] = field(default_factory=deque)
    _tallies: dict[int, Tally] = field(default_factory=dict)  # by the source's identity as object

    def carry_out(self, sources: Sequence[Source], in_flight: int) -> None:
        """Send every batch of every source and count the answers."""
        replies = self.cli.client.ingest_claims(self._requests(sources), in_flight=in_flight)
        for reply in replies:
            self._settle_unsent()
            self._settle(self._waiting.popleft(), reply)
        self._settle_unsent()

    def _requests(self, sources: Sequence[Source]) -> Iterator[IngestClaimsRequest]:
        for source in sources:
            mark = self._mark(source)
            number, end = (mark.number + 1, mark.end) if mark is not None else (0, 0)
            for batch in batches(source, self.plan, number=number, start_after=end):
                self._waiting.append(batch)
                if batch.documents:
                    yield batch.request(self.plan)

    def _mark(self, source: Source) -> Mark | None:
        mark = self.marks.read(source.identity(self.plan)) if self.resume else None
        self._tallies[id(source)] = mark.tally if mark is not None else Tally()
        if mark is not None:
            click.echo(f"{source.name}: going on after record {mark.end}", err=True)
            self.progress.advance(self.task, mark.tally.read)
        return mark

    def _settle_unsent(self) -> None:
        # A source's last batch may have had nothing to send.
        while self._waiting and not self._waiting[0].documents:
            self._settle(self._waiting.popleft(), None)

    def _settle(self, batch: Batch, reply: IngestClaimsResponse | None) -> None:
        tally = self._tallies[id(batch.source)]
        before = tally.read
        for problem in tally.add(batch, reply):
            self._tell({"source": batch.source.name, **problem})
        self.progress.advance(self.task, tally.read - before)
        identity = batch.source.identity(self.plan)
        if batch.last:
            self.whole.merge(tally)
            self.marks.forget(identity)
        else:
            self.marks.write(identity, Mark(batch.number, batch.end, tally))

    def _tell(self, problem: dict[str, Any]) -> None:
        if self.report is not None:
            self.report.write(json.dumps(problem, ensure_ascii=False) + "\n")
        if self.cli.json:
            _output.write_json(problem)
        elif len(self.shown) < SHOWN_MAX:
            self.shown.append(problem)


@dataclass
class Times:
    """Seconds since the import began."""

    acknowledged: float = 0.0
    # None when that was not waited for, or took too long.
    searchable: float | None = None


@click.command("import")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--format", "format_name", help="Default: by content and name; - is jsonl.")
@click.option("--batch-size", type=click.IntRange(1, 500), default=200, show_default=True)
@click.option("--in-flight", type=click.IntRange(1, 64), default=4, show_default=True)
@click.option("--resume/--no-resume", default=True, help="Go on where an earlier run ended.")
@click.option("--line-of-business", default="", help="Set it on every claim.")
@click.option(
    "--report", type=click.Path(dir_okay=False, path_type=Path), help="JSONL of problems."
)
@click.option("--wait/--no-wait", default=True, help="Wait until all is searchable.")
@click.option("--wait-seconds", type=click.FloatRange(min=1), default=300.0, show_default=True)
@click.pass_obj
def import_(
    cli: Cli,
    paths: Sequence[str],
    format_name: str | None,
    batch_size: int,
    in_flight: int,
    resume: bool,
    line_of_business: str,
    report: Path | None,
    wait: bool,
    wait_seconds: float,
) -> None:
    """Import claims from files or folders, - for standard input (JSON lines).

    The same file twice does nothing twice. Every record that cannot be read is reported with its
    position; the exit code is 0 when all that could be read was answered.
    """
    if format_name is not None and format_name not in importers.IMPORTERS:
        known = ", ".join(sorted(importers.IMPORTERS))
        raise click.UsageError(f"--format is one of {known}")
    sources = open_sources(paths, format_name)
    begin = time.perf_counter()
    times = Times()
    server = cli.settings.command_addr or cli.settings.named("CLAIMFLOW_COMMAND_ADDR") or ""
    marks = Marks(cli.settings.state_folder, server)
    with _output.progress(quiet=cli.json) as progress, _report(report, resume) as file:
        task = progress.add_task("importing", total=_total(sources))
        plan = Plan(batch_size, line_of_business)
        run = Run(cli, plan, marks, resume, file, progress, task)
        try:
            run.carry_out(sources, in_flight)
        except ClaimflowError:
            click.echo("not finished; the same command goes on where this one ended", err=True)
            raise
        times.acknowledged = time.perf_counter() - begin
        found = None
        if wait and run.whole.token:
            progress.update(task, description="searchable?")
            if wait_until_searchable(cli.client, run.whole.token, wait_seconds):
                times.searchable = time.perf_counter() - begin
                found = count_by_search(cli.client, run.whole)
    _summarise(cli, run, times, found, waited=wait)


def _total(sources: Sequence[Source]) -> int | None:
    counts = [source.count() for source in sources]
    return None if None in counts else sum(count or 0 for count in counts)


def _report(path: Path | None, resume: bool) -> Any:
    if path is None:
        return nullcontext()
    # What an interrupted run has reported belongs to the same import.
    return path.open("a" if resume else "w", encoding="utf-8")


def _summarise(
    cli: Cli, run: Run, times: Times, found: Counter[str] | None, *, waited: bool
) -> None:
    whole = run.whole
    if cli.json:
        counts = {name: value for name, value in whole.to_json().items() if name != "origins"}
        _output.write_json(
            {
                "summary": {
                    **counts,
                    "stored": whole.stored,
                    "found_by_state": found,
                    "seconds_to_acknowledge": round(times.acknowledged, 3),
                    "seconds_to_searchable": _rounded(times.searchable),
                }
            }
        )
        return
    _tell_problems(run)
    console = _output.console()
    console.print(
        facts(
            [
                ("records read", whole.read),
                ("stored", whole.stored),
                ("bad records", whole.bad.total()),
                ("refused", whole.refused.total()),
                ("acknowledged", _pace(whole.stored, times.acknowledged)),
                ("searchable", _told_searchable(whole, times, waited)),
                ("token", whole.token),
            ]
        )
    )
    states = [
        (state, count, found.get(state, 0) if found is not None else "")
        for state, count in sorted(whole.states.items())
    ]
    elsewhere = found or Counter()
    states += [(state, 0, elsewhere[state]) for state in sorted(set(elsewhere) - set(whole.states))]
    if states:
        console.print(table("By state", ("state", "stored#", "found by search#"), states))
    for title, counts in (
        ("Failed edits", whole.findings), ("Bad records", whole.bad), ("Refused", whole.refused),
    ):  # fmt: skip
        if counts:
            console.print(table(title, ("what", "how many#"), counts.most_common()))


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)


def _pace(claims: int, seconds: float) -> str:
    return f"{seconds:.2f} s ({claims / max(seconds, 0.001):,.0f} claims a second)"


def _told_searchable(whole: Tally, times: Times, waited: bool) -> str:
    if times.searchable is not None:
        return _pace(whole.stored, times.searchable)
    return "not yet; ask with search --after TOKEN" if waited and whole.token else ""


def _tell_problems(run: Run) -> None:
    if not run.shown:
        return
    console = _output.console(error=True)
    rows = [
        (
            problem["source"],
            problem["where"],
            problem.get("problem") or " ".join((problem["refused"], *problem["fields"])),
        )
        for problem in run.shown
    ]
    console.print(table("Problems", ("source", "where", "what"), rows))
    more = run.whole.bad.total() + run.whole.refused.total() - len(run.shown)
    if more > 0:
        told = "the report has them" if run.report is not None else "--report FILE has them all"
        console.print(f"and {more} more; {told}", highlight=False)
