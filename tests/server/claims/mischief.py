"""Commands that the rules have to refuse: by the wrong person, on the wrong claim, not balanced.

Each spoils one thing and leaves the rest as it should be, so that it meets the one rule against it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

from server.claims.commands import (
    AdjudicateClaim,
    ApproveAdjudication,
    Command,
    FileAppeal,
    IssueRemittance,
    RecordOverpayment,
    RecordPriorPayer,
    RecoupOverpayment,
    SubmitClaim,
)
from server.claims.document import Adjustment
from server.claims.model import AdjudicationLine, AdjudicationMode

CENT = Decimal("0.01")
ZERO = Decimal("0.00")

Line = AdjudicationLine


def spoilt(
    r: Random, command: Command, claim_ids: Sequence[UUID], staff: Mapping[str, Sequence[str]]
) -> Command:
    """The command with something wrong about it."""
    priced = isinstance(command, AdjudicateClaim) and command.mode is AdjudicationMode.MANUAL
    if isinstance(command, AdjudicateClaim) and priced and r.random() < 0.7:
        return _out_of_balance(r, command)
    role = r.choice(sorted(staff))
    anybody = [name for names in staff.values() for name in names]
    wrong: list[dict[str, Any]] = [
        {"role": role, "actor": r.choice(staff[role])},
        {"actor": r.choice(anybody)},
        {"actor": r.choice(anybody)},
        {"expected_version": 77},
        {"reason": None},
    ]
    if not isinstance(command, SubmitClaim):
        wrong += [{"claim_id": r.choice(claim_ids)}] * 2
    return replace(command, **r.choice([*wrong, *_of_its_kind(r, command, claim_ids) * 3]))


def _of_its_kind(r: Random, command: Command, claim_ids: Sequence[UUID]) -> list[dict[str, Any]]:
    match command:
        case IssueRemittance():
            more = (*command.claim_ids, r.choice(claim_ids))
            early = command.payment_date - timedelta(days=5)
            return [
                {"claim_ids": more},
                {"claim_ids": (r.choice(claim_ids),)},
                {"trace_number": r.choice(("T9", "T12", "T15"))},
                {"payment_date": early},
            ]
        case RecoupOverpayment() | RecordOverpayment():
            return [{"amount": command.amount + Decimal("90000.00")}, {"amount": -command.amount}]
        case ApproveAdjudication():
            return [
                {"adjudication_hash": "0" * 64},
                {"adjudication_number": command.adjudication_number + 1},
                {"role": "MEDICAL_REVIEWER", "actor": "mia"},
            ]
        case FileAppeal():
            return [{"level": level} for level in (command.level + 1, command.level - 1)]
        case RecordPriorPayer():
            paid = (command.prior_payer.paid_amount or ZERO) + CENT
            return [{"prior_payer": replace(command.prior_payer, paid_amount=paid)}]
        case SubmitClaim():
            total = (command.document.total_charge or ZERO) + CENT
            return [{"document": replace(command.document, total_charge=total)}]
        case _:
            return []


def _out_of_balance(r: Random, command: AdjudicateClaim) -> Command:
    """Determinations that break one rule of M1 to M14; the sums of the claim follow the lines."""
    whole: list[dict[str, Any]] = [
        {"paid": command.paid + CENT},
        {"patient_responsibility": command.patient_responsibility + CENT},
        {"lines": command.lines[1:]},
        {"adjustments": (*command.adjustments, *_adjusted("CO-24", ZERO))},
    ]
    if r.random() < 0.3:
        return replace(command, **r.choice(whole))
    place = r.randrange(len(command.lines))
    line = command.lines[place]
    changed = r.choice(_SPOILERS)(line)
    lines = (*command.lines[:place], changed, *command.lines[place + 1 :])
    every = [*command.adjustments, *(one for each in lines for one in each.adjustments)]
    return replace(
        command,
        lines=lines,
        paid=sum((each.paid for each in lines), ZERO)
        - sum((one.amount for one in command.adjustments), ZERO),
        patient_responsibility=sum((one.amount for one in every if one.group_code == "PR"), ZERO),
    )


def _adjusted(code: str, amount: Decimal) -> tuple[Adjustment, ...]:
    group, reason = code.split("-")
    return (Adjustment(group_code=group, reason_code=reason, amount=amount),)


def _more(line: Line, code: str, amount: Decimal) -> Line:
    return replace(line, adjustments=(*line.adjustments, *_adjusted(code, amount)))


def _paid_a_cent_more(line: Line) -> Line:
    return replace(line, paid=line.paid + CENT, allowed=line.allowed + CENT)


def _allowed_a_cent_more(line: Line) -> Line:
    return replace(line, allowed=line.allowed + CENT)


def _written_off_twice(line: Line) -> Line:
    return _more(_more(line, "CO-45", line.charge), "OA-94", -line.charge)


def _cut_by_nothing(line: Line) -> Line:
    return _more(line, "PI-24", ZERO)


def _said_twice(line: Line) -> Line:
    twice = _more(_more(line, "CO-97", CENT), "CO-97", CENT)
    return replace(twice, allowed=line.allowed - 2 * CENT, paid=line.paid - 2 * CENT)


def _denied_and_paid(line: Line) -> Line:
    return replace(line, denied=True)


def _denied_without_a_reason(line: Line) -> Line:
    share = _adjusted("PR-1", line.charge)
    return replace(line, denied=True, paid=ZERO, allowed=ZERO, adjustments=share)


def _denied_without_a_remark(line: Line) -> Line:
    reason = _adjusted("PR-96", line.charge)
    return _all_denied(line, reason)


def _denied_by_a_layman(line: Line) -> Line:
    return _all_denied(line, _adjusted("CO-50", line.charge))


def _in_the_wrong_group(line: Line) -> Line:
    return _all_denied(line, _adjusted("CO-18", line.charge))


def _all_denied(line: Line, reason: tuple[Adjustment, ...]) -> Line:
    return replace(line, denied=True, paid=ZERO, allowed=ZERO, adjustments=reason, remark_codes=())


def _patient_pays_less_than_nothing(line: Line) -> Line:
    changed = _more(_more(_in_full(line), "CO-97", Decimal("5.00")), "PR-2", Decimal("-2.00"))
    return replace(changed, allowed=line.charge - 5, paid=line.charge - 3)


def _finer_than_a_cent(line: Line) -> Line:
    finer = Decimal("0.005")
    changed = _more(_in_full(line), "CO-97", finer)
    return replace(changed, paid=line.charge - finer, allowed=line.charge - finer)


def _in_full(line: Line) -> Line:
    return replace(line, denied=False, adjustments=(), paid=line.charge, allowed=line.charge)


def _all_to_the_deductible(line: Line) -> Line:
    if not line.charge:
        return line
    share = _adjusted("PR-1", line.charge)
    return replace(line, denied=False, allowed=line.charge, paid=ZERO, adjustments=share)


def _all_to_the_patient(line: Line) -> Line:
    if not line.charge:
        return line
    share = _adjusted("PR-3", line.charge)
    return replace(line, denied=False, allowed=line.charge, paid=ZERO, adjustments=share)


def _charges_more(line: Line) -> Line:
    return replace(_more(line, "CO-97", CENT), charge=line.charge + CENT)


_SPOILERS: tuple[Callable[[Line], Line], ...] = (
    _paid_a_cent_more,
    _allowed_a_cent_more,
    _written_off_twice,
    _cut_by_nothing,
    _said_twice,
    _denied_and_paid,
    _denied_without_a_reason,
    _denied_without_a_remark,
    _denied_by_a_layman,
    _in_the_wrong_group,
    _patient_pays_less_than_nothing,
    _finer_than_a_cent,
    _all_to_the_deductible,
    _all_to_the_patient,
    _charges_more,
)
