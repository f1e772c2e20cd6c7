"""The operator's words that load files: codes, plans, fees, coverage, code edits, policies."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Final

import psycopg

from server.claims.policy_checks import UnworkablePolicy
from server.command.codes import load_codes
from server.command.files import BadFile, told
from server.command.load_ncci import load_mue, load_ptp
from server.command.load_tables import LoadedTable, load_coverage, load_fees, load_plans
from server.command.operators import load_policy
from server.command.settings import database_url

DEMO: Final = Path(__file__).parent / "demo"
_DEMO_SINCE: Final = date(2000, 1, 1)  # sample claims go back to 2008

# The last of the tables is loaded last: with it, all of them are there.
_DEMO_IS_THERE: Final = """
    SELECT 1 FROM claimflow.fee_schedule, claimflow.code_edit_table
     WHERE schedule_id = 'DEMO' AND code_edit_table.name = 'MUE'"""


def run(chosen: argparse.Namespace) -> int:
    """Carry out a word; return the exit status. What is wrong with a file is told by its lines."""
    files = chosen.file if isinstance(chosen.file, list) else [chosen.file]
    file = files[0] if len(files) == 1 else None  # of several, each problem names its own
    try:
        print(_WORDS[chosen.word](chosen))
    except BadFile as error:
        problems = error.problems
    except UnworkablePolicy as error:
        problems = [str(one) for one in error.faults]
    except OSError as error:
        problems = [str(error.strerror)]
        file = Path(error.filename) if error.filename else file
    else:
        return 0
    print("\n".join(told(problems, file)), file=sys.stderr)
    print("nothing is loaded", file=sys.stderr)
    return 1


def _codes(to: argparse.Namespace) -> str:
    loaded = load_codes(
        database_url(), to.system, to.file, valid_from=to.valid_from, replace=to.replace
    )
    return (
        f"{loaded.system}: {loaded.codes_loaded} codes loaded of {loaded.rows_read} rows,"
        f" {loaded.not_billable} not billable; reference version {loaded.version}"
    )


def _policy(to: argparse.Namespace) -> str:
    version = load_policy(
        database_url(),
        to.policy_set,
        to.file,
        effective_from=to.effective_from,
        line_of_business=to.line_of_business,
        jurisdiction=to.jurisdiction,
        reason=to.reason,
        recorded_by=to.by,
    )
    return "stored already" if version is None else f"stored as version {version}"


def _fees(to: argparse.Namespace) -> str:
    return _table(load_fees(database_url(), to.file, replace=to.replace))


def _plans(to: argparse.Namespace) -> str:
    return _table(load_plans(database_url(), to.file, replace=to.replace))


def _coverage(to: argparse.Namespace) -> str:
    return _table(load_coverage(database_url(), to.tenant, to.file, replace=to.replace))


def _ptp(to: argparse.Namespace) -> str:
    return _table(load_ptp(database_url(), to.file, replace=to.replace))


def _mue(to: argparse.Namespace) -> str:
    loaded = load_mue(database_url(), to.file, effective_from=to.effective_from, replace=to.replace)
    return _table(loaded)


def _table(loaded: LoadedTable) -> str:
    return f"{loaded.rows} rows loaded; reference version {loaded.version}"


_WORDS: Final[dict[str, Callable[[argparse.Namespace], str]]] = {
    "load-codes": _codes,
    "load-policy": _policy,
    "load-fees": _fees,
    "load-plans": _plans,
    "load-coverage": _coverage,
    "load-ptp": _ptp,
    "load-mue": _mue,
}


def load_demo() -> int:
    """Load the shipped tables unless they are there; return the exit status."""
    url = database_url()
    with psycopg.connect(url) as connection:
        known = connection.execute(_DEMO_IS_THERE).fetchone()
    if known is not None:
        print("the demo tables are there")
        return 0
    load_fees(url, DEMO / "fees.csv")
    load_plans(url, DEMO / "plans.json")
    load_ptp(url, [DEMO / "ptp.csv"])
    load_mue(url, DEMO / "mue.csv", effective_from=_DEMO_SINCE)
    print("the demo tables are loaded")
    return 0
