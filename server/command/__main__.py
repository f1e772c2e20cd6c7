"""The write process and its operator's words: `python -m server.command [word]`."""

from __future__ import annotations

import argparse
import os
import sys
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

# Nothing here may import grpc: the server forks its processes before that (processes.py).
from server.command.settings import TimerSettings, command_settings, database_url
from server.platform import processes
from server.platform.settings import SettingsError


def parser() -> argparse.ArgumentParser:
    """Return the words and what they take."""
    words = argparse.ArgumentParser(prog="python -m server.command", description=__doc__)
    commands = words.add_subparsers(dest="word", metavar="word")
    commands.add_parser("serve", help="serve CommandService (the default)")
    commands.add_parser("migrate", help="bring the database to the present schema")
    codes = commands.add_parser("load-codes", help="load a code table from a CSV file")
    codes.add_argument("system", help="such as ICD_10_CM, POS, RARC or CARC")
    codes.add_argument("file", type=Path)
    codes.add_argument("--valid-from", type=date.fromisoformat, help="for rows without a first day")
    codes.add_argument("--replace", action="store_true", help="the file is the whole table")
    _add_benefit_words(commands)
    tenant = commands.add_parser("set-policy", help="give a tenant a policy set")
    tenant.add_argument("tenant", type=UUID)
    tenant.add_argument("policy_set")
    tenant.add_argument("--name", default="")
    tenant.add_argument("--if-new", action="store_true", help="leave a tenant that has one alone")
    policy = commands.add_parser("load-policy", help="store a policy file")
    policy.add_argument("policy_set")
    policy.add_argument("file", type=Path)
    policy.add_argument("--effective-from", type=date.fromisoformat, required=True)
    policy.add_argument("--line-of-business", default="*")
    policy.add_argument("--jurisdiction", default="*")
    policy.add_argument("--reason", required=True, help="why; kept with the policy for ever")
    policy.add_argument("--by", default="", help="who; the database's user when not given")
    commands.add_parser("timers", help="keep the system's own clocks")
    recover = commands.add_parser(
        "recover", help="begin a new epoch: an older copy of the database was put in its place"
    )
    recover.add_argument("--reason", required=True, help="why; kept with the epoch for ever")
    commands.add_parser("audit", help="prove every chain, fold, balance, payment and limit")
    purge = commands.add_parser("purge-receipts", help="forget old replies")
    purge.add_argument("--older-than-days", type=int, default=30)
    return words


def _add_benefit_words(commands: Any) -> None:
    """Add the words that load what claims are priced by."""
    for word, what in (
        ("load-fees", "fee schedules from a CSV file"),
        ("load-plans", "terms of plans from a JSON file"),
        ("load-coverage", "which members are in which plans, from a CSV file"),
        ("load-ptp", "procedure-to-procedure edits, in NCCI's published columns"),
        ("load-mue", "medically unlikely edits, in NCCI's published columns"),
    ):
        table = commands.add_parser(word, help=f"load {what}")
        if word == "load-coverage":
            table.add_argument("tenant", type=UUID)
        table.add_argument("file", type=Path, nargs="+" if word == "load-ptp" else None)
        if word == "load-mue":
            table.add_argument("--effective-from", type=date.fromisoformat, required=True)
        table.add_argument("--replace", action="store_true", help="there is nothing else after")
    commands.add_parser("load-demo", help="load the shipped plans, fees and edits, once")


def main(arguments: list[str] | None = None) -> int:
    chosen = parser().parse_args(arguments)
    try:
        match chosen.word:
            case None | "serve":
                return _serve()
            case "timers":
                return _timers()
            case "migrate":
                return _migrate()
            case _:
                return _operate(chosen)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2


def _operate(chosen: argparse.Namespace) -> int:
    """Carry out a word on a database that is there and has the present schema."""
    import psycopg

    from server.command import loads

    try:
        match chosen.word:
            case "set-policy":
                return _set_policy(chosen)
            case "audit":
                return _audit()
            case "recover":
                return _recover(chosen.reason)
            case "purge-receipts":
                return _purge(chosen)
            case "load-demo":
                return loads.load_demo()
            case _:
                return loads.run(chosen)
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
        print("the database has no schema yet, or an old one: migrate it first", file=sys.stderr)
    except psycopg.Error as error:
        # A message of Postgres may show a row, and a row a person.
        what = f"{type(error).__name__} {error.sqlstate or ''}".strip()
        print(f"the database cannot be used: {what}", file=sys.stderr)
    return 1


def _serve() -> int:
    settings = command_settings()

    def serve() -> int:
        from server.command import serving

        return serving.serve(settings)

    return processes.run(settings.processes, serve)


def _migrate() -> int:
    from server.command.migrate import migrate

    migrate(database_url())
    print("the database has the present schema")
    return 0


def _set_policy(chosen: argparse.Namespace) -> int:
    from server.command.operators import set_policy

    try:
        changed = set_policy(
            database_url(), chosen.tenant, chosen.policy_set, chosen.name, if_new=chosen.if_new
        )
    except LookupError as error:
        print(error, file=sys.stderr)
        return 1
    if changed:
        print(f"{chosen.tenant} has the policy set {chosen.policy_set}")
    else:
        print(f"{chosen.tenant} keeps its policy set")
    return 0


def _timers() -> int:
    from server.command.timers import run

    return run(TimerSettings.from_environ(os.environ))


def _audit() -> int:
    from server.command.audit import audit, lines_of

    report = audit(database_url())
    print("\n".join(lines_of(report)))
    return 0 if report.sound else 1


def _recover(reason: str) -> int:
    from server.command.recover import recover

    try:
        done = recover(database_url(), reason)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"epoch {done.after} begins at {done.position}; it is the store's {done.epochs}.")
    print(f"Tokens and documents of {done.before} count no more; the worker builds its views anew.")
    return 0


def _purge(chosen: argparse.Namespace) -> int:
    from server.command.operators import purge_receipts

    print(f"{purge_receipts(database_url(), chosen.older_than_days)} receipts purged")
    return 0


if __name__ == "__main__":
    sys.exit(main())
