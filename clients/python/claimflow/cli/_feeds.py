"""Words that go on: watch and export, as JSON lines, taken up again from a file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from claimflow.cli import _output
from claimflow.cli._context import Cli
from claimflow.cli._read import freshness_options, query_options
from claimflow.client.feeds import CaughtUp, Heartbeat, Matched, Removed, Restarted, WatchItem
from claimflow.client.values import to_python

_FILE = click.Path(dir_okay=False, path_type=Path)


class ResumeFile:
    """A file that holds the resume token of what has been written out."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self.token = ""
        if path is not None and path.exists():
            self.token = path.read_text().strip()

    def keep(self, token: str) -> None:
        """Store a token, so that a crash leaves either the one before or this one."""
        if self._path is None or token in ("", self.token):
            return
        beside = self._path.with_name(self._path.name + ".new")
        beside.write_text(token + "\n")
        os.replace(beside, self._path)
        self.token = token

    def remove(self) -> None:
        """Forget the token of what is finished."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)


@click.command()
@click.argument("filter_words", metavar="[FILTER]...", nargs=-1)
@click.option("--changes-only", is_flag=True, help="Leave out what matches already.")
@click.option("--resume-file", type=_FILE, help="Go on from this file's token, and keep it there.")
@click.option("--until-caught-up", is_flag=True, help="End when everything until now is told.")
@click.option("--heartbeats", is_flag=True, help="Also write that nothing has changed.")
@freshness_options
@click.pass_obj
def watch(
    cli: Cli,
    filter_words: Sequence[str],
    changes_only: bool,
    resume_file: Path | None,
    until_caught_up: bool,
    heartbeats: bool,
    after: str | None,
    strong: bool,
) -> None:
    """Write claims that match, then every change, as JSON lines.

    It goes on by itself over restarts of the servers. With --changes-only and --after, the changes
    since that token are written.
    """
    place = ResumeFile(resume_file)
    items = cli.client.watch_claims(
        " ".join(filter_words),
        skip_snapshot=changes_only,
        page_size=500,
        resume_token=place.token,
        **query_options(after, strong),
    )
    for item in items:
        if heartbeats or not isinstance(item, Heartbeat):
            _output.write_json(_written(item))
        place.keep(item.resume_token)
        if until_caught_up and isinstance(item, CaughtUp):
            return


def _written(item: WatchItem) -> dict[str, Any]:
    match item:
        case Matched():
            event = "SNAPSHOT" if item.in_snapshot else "CHANGED"
            return {"event": event, "claim": to_python(item.claim)}
        case Removed():
            return {"event": "REMOVED", "claim_id": item.claim_id, "version": item.version}
        case CaughtUp() | Heartbeat():
            event = "CAUGHT_UP" if isinstance(item, CaughtUp) else "HEARTBEAT"
            return {"event": event, "freshness": to_python(item.freshness)}
        case Restarted():
            return {"event": "RESTARTED", "reason": item.cause.reason}


@click.command()
@click.argument("filter_words", metavar="[FILTER]...", nargs=-1)
@click.option("--batch-size", type=click.IntRange(1, 500), default=500, show_default=True)
@click.option("--resume-file", type=_FILE, help="Go on from this file's token, and keep it there.")
@freshness_options
@click.pass_obj
def export(
    cli: Cli,
    filter_words: Sequence[str],
    batch_size: int,
    resume_file: Path | None,
    after: str | None,
    strong: bool,
) -> None:
    """Write all claims that match, by claim id, as JSON lines; at the end their number.

    The claims are of one point in time unless the export was interrupted for more than two
    minutes; the last line, on standard error, says whether. The file is removed at the end.
    """
    place = ResumeFile(resume_file)
    batches = cli.client.export_claims(
        " ".join(filter_words),
        batch_size=batch_size,
        resume_token=place.token,
        **query_options(after, strong),
    ).batches()
    for batch in batches:
        for claim in batch.claims:
            _output.write_json(claim)
        place.keep(batch.resume_token)
        if batch.HasField("summary"):
            _output.write_json(batch.summary, error=True)
    place.remove()


WORDS: tuple[click.Command, ...] = (watch, export)
