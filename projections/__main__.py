"""The worker, and what an operator asks of the views: `python -m projections WORD`."""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import psycopg
import uvloop
from elasticsearch import ApiError, TransportError

from projections import words
from projections.build import NotEqual
from projections.feed import FeedLost, FeedTaken, FeedUnavailable
from projections.index import IndexLost
from projections.keeper import keep
from projections.parity import Unproven
from projections.progress import Superseded
from projections.recorder import record_into
from projections.settings import WorkerSettings
from projections.store import PublicationWrong
from projections.triage import NotParked
from server.platform.settings import SettingsError
from server.platform.telemetry import configure

Word = Callable[[WorkerSettings, argparse.Namespace], Awaitable[int]]


async def _run(settings: WorkerSettings, _: argparse.Namespace) -> int:
    return await keep(settings)


async def _record(settings: WorkerSettings, options: argparse.Namespace) -> int:
    return await record_into(settings, options.folder)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m projections", description=__doc__)
    word = parser.add_subparsers(required=True, metavar="WORD")

    def add(name: str, help_: str, run: Word) -> argparse.ArgumentParser:
        added = word.add_parser(name, help=help_, description=help_)
        added.set_defaults(run=run)
        return added

    add("run", "keep the views until told to stop", _run)
    add("status", "print progress, slots, parity as JSON; 1 when a view is not kept", words.status)
    verify = add("verify", "compare views with the store and name what differs", words.verify)
    verify.add_argument("view", nargs="*", help="all views when none is named")
    verify.add_argument("--repair", action="store_true", help="mend what differs")
    rebuild = add("rebuild", "build a view anew, prove it, and let it serve", words.rebuild)
    rebuild.add_argument("view", nargs="*", help="all views when none is named")
    rebuild.add_argument("--keep-old", action="store_true", help="so that `rollback` is possible")
    rollback = add("rollback", "let the generation that was kept serve again", words.rollback)
    rollback.add_argument("view")
    record = add("record", "write the log down into an archive until told to stop", _record)
    record.add_argument("folder", type=Path)
    parked = word.add_parser("quarantine", help="documents that the index does not take")
    asked = parked.add_subparsers(required=True, metavar="list|replay|skip")
    listed = asked.add_parser("list", help="print them; 1 when any waits for a decision")
    listed.set_defaults(run=words.list_parked)
    listed.add_argument("view", nargs="*", help="all views when none is named")
    for name, run, help_ in (
        ("replay", words.replay, "fold and write them once more"),
        ("skip", words.skip, "give up on them until they change"),
    ):
        decided = asked.add_parser(name, help=help_)
        decided.set_defaults(run=run)
        decided.add_argument("view")
        decided.add_argument("document_id", nargs="*" if name == "replay" else "+")
        decided.add_argument("--reason", required=True, help="kept with the decision")
    return parser


def main(arguments: Sequence[str]) -> int:
    """Run a word of the command line and return the exit status."""
    options = _parser().parse_args(arguments)
    try:
        settings = WorkerSettings.from_environ(os.environ)
    except SettingsError as error:
        print(f"settings: {error}", file=sys.stderr)
        return 2
    # What a word says goes to standard output; the log of one that is asked for is for trouble.
    configure(settings.log_level if options.run in (_run, _record) else "WARNING")
    try:
        # What is loaded by now stays, and rows and documents need no collector: looking through
        # tens of thousands of them for rings that are not there took a tenth of a backlog's time.
        gc.freeze()
        gc.set_threshold(20_000, 20, 20)
        code: int = uvloop.run(options.run(settings, options))
        return code
    except words.UnknownView as error:
        print(f"no such view: {error}", file=sys.stderr)
        return 2
    except FeedTaken:
        print("somebody else is at work here", file=sys.stderr)
    except Superseded:
        print("somebody else took over", file=sys.stderr)
    except (FeedLost, FeedUnavailable, PublicationWrong) as error:
        print(f"the feed cannot be followed: {error}", file=sys.stderr)
    except IndexLost as error:
        print(f"an index is gone: {error}", file=sys.stderr)
    except NotParked as error:
        print(f"not in quarantine: {error}", file=sys.stderr)
    except (NotEqual, Unproven) as error:
        print(f"not proven: {error}", file=sys.stderr)
    except (psycopg.Error, OSError, ApiError, TransportError) as error:
        # An engine's own text may hold what a person typed.
        print(f"no answer, or a refusal: {type(error).__name__}", file=sys.stderr)
    except asyncio.CancelledError:
        print("stopped", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
