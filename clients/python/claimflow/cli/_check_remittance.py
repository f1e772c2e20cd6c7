"""The word that checks remittances (X12 835): on this machine, without a server."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

import click

from claimflow.cli import _output
from claimflow.cli._context import Cli
from claimflow.remittance import (
    Place,
    Problem,
    ReadProblem,
    Remittance,
    Severity,
    check_all,
    is_balanced,
    read,
    sums,
)

# More than so many payments and provider adjustments are told as two sums.
TERMS_MAX = 8


class Verdict(Enum):
    """What a check found; the value is the exit code."""

    BALANCED = 0
    NOT_BALANCED = 1
    UNREADABLE = 2

    @property
    def text(self) -> str:
        """Return it as a person says it."""
        return self.name.lower().replace("_", " ")


@dataclass(frozen=True)
class Checked:
    """One transaction of a file and what is wrong with it; or what is wrong around them."""

    source: str
    # Counted from 1; None for the file itself.
    transaction: int | None
    remittance: Remittance | None
    read_problems: Sequence[ReadProblem]
    problems: Sequence[Problem]
    # None when nothing depends on it.
    verdict: Verdict | None


@click.command("check-remittance")
@click.argument(
    "files",
    nargs=-1,
    required=True,
    metavar="FILE...",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option("--json", "as_json", is_flag=True, help="Write JSON, a transaction a line.")
@click.pass_context
def check_remittance(context: click.Context, files: Sequence[Path], as_json: bool) -> None:
    """Check that remittances (X12 835) balance at line, claim and transaction.

    Nothing leaves this machine, and no server is asked. What takes no part in the balance, such as
    the amounts of MIA and MOA, is passed over.

    Exit codes: 0 all are balanced, 1 one is not, 2 one cannot be read.
    """
    cli: Cli = context.obj
    worst = Verdict.BALANCED.value
    for path in files:
        for checked in _check(path):
            if as_json or cli.json:
                _output.write_json(_document(checked))
            else:
                for line in _lines(checked):
                    click.echo(line)
            if checked.verdict is not None:
                worst = max(worst, checked.verdict.value)
    context.exit(worst)


def _check(path: Path) -> Iterator[Checked]:
    with path.open("rb") as content:
        reading = read(content)
    told: dict[int | None, list[ReadProblem]] = defaultdict(list)
    for problem in reading.problems:
        told[problem.transaction].append(problem)
    every = check_all(reading.remittances)
    for index, (remittance, problems) in enumerate(zip(reading.remittances, every, strict=True)):
        verdict = Verdict.BALANCED if is_balanced(problems) else Verdict.NOT_BALANCED
        if _lost(told[index]):
            verdict = Verdict.UNREADABLE
        yield Checked(path.name, index + 1, remittance, told[index], problems, verdict)
    if told[None] or not reading.remittances:
        unreadable = _lost(told[None]) or not reading.remittances
        around = Verdict.UNREADABLE if unreadable else None
        yield Checked(path.name, None, None, told[None], [], around)


def _lost(problems: Sequence[ReadProblem]) -> bool:
    """Tell whether amounts may be missing, so that no sum would prove anything."""
    return any(problem.severity is Severity.ERROR for problem in problems)


def _lines(checked: Checked) -> Iterator[str]:
    """Yield what a person reads."""
    name, remittance = checked.source, checked.remittance
    if checked.transaction is not None:
        name += f" transaction {checked.transaction}"
    yield f"{name}: {checked.verdict.text if checked.verdict is not None else 'around them'}" + (
        f": {_payment(remittance)}" if remittance is not None else ""
    )
    if remittance is not None:
        yield from _levels(remittance)
    for found in checked.read_problems:
        yield f"  {found.severity} {found.kind} at segment {found.segment}: {found.message}"
    for problem in checked.problems:
        yield f"  {problem.severity} {problem.rule}{_where(problem.place)}: {problem.message}" + (
            _figures(problem)
        )


def _payment(remittance: Remittance) -> str:
    """Return the equation of M5."""
    added = sums(remittance)
    paid = [claim.paid for claim in remittance.claims]
    adjusted = [adjustment.amount for adjustment in remittance.provider_adjustments]
    if len(paid) + len(adjusted) > TERMS_MAX:
        paid = [added.claim_paid]
        adjusted = [added.provider_adjusted] if adjusted else []
    terms = " + ".join(map(_term, paid)) or "0.00"
    terms += "".join(f" - {_term(amount)}" for amount in adjusted)
    return f"{terms} = {_result(added.due, added.amount)}"


def _levels(remittance: Remittance) -> Iterator[str]:
    added = sums(remittance)
    if any(claim.lines for claim in remittance.claims):
        yield f"  lines:  {_level(added.line_charge, added.line_adjusted, added.line_paid)}"
    else:
        yield "  lines:  none"
    yield f"  claims: {_level(added.claim_charge, added.claim_adjusted, added.claim_paid)}"


def _level(charge: Decimal, adjusted: Decimal, paid: Decimal) -> str:
    """Return the equation of M3 or M4, summed up."""
    due = charge - adjusted
    return f"{charge:.2f} charged - {_term(adjusted)} adjusted = {_result(due, paid)} paid"


def _term(amount: Decimal) -> str:
    return f"({amount:.2f})" if amount < 0 else f"{amount:.2f}"


def _result(due: Decimal, stated: Decimal) -> str:
    return f"{due:.2f}" if due == stated else f"{due:.2f}, not {stated:.2f}"


def _where(place: Place) -> str:
    """Return a place as people count, from 1."""
    claim = "" if place.claim is None else f" claim {place.claim + 1}"
    return claim if place.line is None else f"{claim} line {place.line + 1}"


def _figures(problem: Problem) -> str:
    if problem.actual is None:
        return ""
    if problem.expected is None:
        return f" ({problem.actual:.2f})"
    return f" ({problem.expected:.2f} expected, {problem.actual:.2f} there)"


def _document(checked: Checked) -> dict[str, Any]:
    """Return what a program reads; indices count from 0."""
    remittance = checked.remittance
    return {
        "source": checked.source,
        "transaction": checked.transaction,
        "verdict": checked.verdict.name if checked.verdict is not None else None,
        "trace_number": remittance.trace_number if remittance is not None else None,
        "claims": len(remittance.claims) if remittance is not None else None,
        "sums": asdict(sums(remittance)) if remittance is not None else None,
        "problems": [
            {
                "rule": problem.rule,
                "severity": problem.severity,
                "claim_index": problem.place.claim,
                "line_index": problem.place.line,
                "message": problem.message,
                "expected": problem.expected,
                "actual": problem.actual,
            }
            for problem in checked.problems
        ],
        "read_problems": [
            {
                "kind": problem.kind,
                "severity": problem.severity,
                "segment": problem.segment,
                "message": problem.message,
            }
            for problem in checked.read_problems
        ],
    }
