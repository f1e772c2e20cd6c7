"""The operator's words that load what claims are priced by: plans, fees, coverage, code edits."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Final

import psycopg

from server.command.codes import BadFile
from server.command.load_ncci import load_mue, load_ptp
from server.command.load_tables import LoadedTable, load_coverage, load_fees, load_plans
from server.command.settings import database_url

DEMO: Final = Path(__file__).parent / "demo"
_DEMO_SINCE: Final = date(2000, 1, 1)  # sample claims go back to 2008

Load = Callable[[argparse.Namespace], LoadedTable]

_WORDS: Final[dict[str, Load]] = {
    "load-fees": lambda to: load_fees(database_url(), to.file, replace=to.replace),
    "load-plans": lambda to: load_plans(database_url(), to.file, replace=to.replace),
    "load-coverage": lambda to: load_coverage(
        database_url(), to.tenant, to.file, replace=to.replace
    ),
    "load-ptp": lambda to: load_ptp(database_url(), to.file, replace=to.replace),
    "load-mue": lambda to: load_mue(
        database_url(), to.file, effective_from=to.effective_from, replace=to.replace
    ),
}


def run(chosen: argparse.Namespace) -> int:
    """Carry out a word; return the exit status."""
    if chosen.word == "load-demo":
        return _demo()
    try:
        loaded = _WORDS[chosen.word](chosen)
    except BadFile as error:
        print(error, file=sys.stderr)
        print(f"{len(error.problems)} bad rows, nothing is loaded", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    print(f"{loaded.rows} rows loaded; reference version {loaded.version}")
    return 0


def _demo() -> int:
    url = database_url()
    with psycopg.connect(url) as connection:
        known = connection.execute(
            "SELECT 1 FROM claimflow.fee_schedule WHERE schedule_id = 'DEMO'"
        ).fetchone()
    if known is not None:
        print("the demo tables are there")
        return 0
    load_fees(url, DEMO / "fees.csv")
    load_plans(url, DEMO / "plans.json")
    load_ptp(url, [DEMO / "ptp.csv"])
    load_mue(url, DEMO / "mue.csv", effective_from=_DEMO_SINCE)
    print("the demo tables are loaded")
    return 0
