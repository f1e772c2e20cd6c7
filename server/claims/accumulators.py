"""What a person has used of a plan's limits in a benefit year: rule M14.

A claim uses what its standing determination says. While a new determination is not final, the
larger of it and the last final one is held, so that withdrawing it cannot exceed a limit. Voided
and replaced claims use nothing. The accumulator is the sum of this over all claims of a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from server.claims.benefits import Benefits, Plan, Used
from server.claims.document import ZERO, Adjustment
from server.claims.model import TERMINAL, AdjudicationLine, Claim, Share
from server.claims.refusals import Refusal, require
from server.claims.services import Service

Key = tuple[str, int]  # plan, benefit year


def used_by(claim: Claim | None) -> dict[Key, Used]:
    """Return what a claim uses up."""
    if claim is None or claim.state in TERMINAL:
        return {}
    standing = claim.adjudication
    if standing is None:
        return _by_key(claim.final_shares)
    if standing.final:
        return _by_key(standing.shares)
    return _larger(_by_key(standing.shares), _by_key(claim.final_shares))


def change(before: Claim | None, after: Claim) -> dict[Key, Used]:
    """Return how a step of a claim changes its person's accumulators; without what stays."""
    old, new = used_by(before), used_by(after)
    changes = {key: _less(new.get(key, Used()), old.get(key, Used())) for key in old | new}
    return {key: one for key, one in changes.items() if one != Used()}


def available(used: Mapping[Key, Used], claim: Claim) -> dict[Key, Used]:
    """Return what is used without a claim: what its new determination may build upon."""
    own = used_by(claim)
    return {key: _less(used.get(key, Used()), own.get(key, Used())) for key in used.keys() | own}


def shares(
    lines: Iterable[AdjudicationLine],
    adjustments: Iterable[Adjustment],
    services: Iterable[Service],
    plan: Plan | None,
    receipt_date: date,
    deductible_codes: Iterable[str],
) -> tuple[Share, ...]:
    """Return what determinations use up of a plan, by the benefit year of each line's first day.

    What is denied counts towards no limit, even where the patient owes it. Claim-level adjustments
    count in the year of the claim's first day.
    """
    if plan is None:
        return ()
    days = {one.line_number: one.from_date for one in services if one.from_date is not None}
    first = min(days.values(), default=receipt_date)
    sums: dict[int, Used] = {}
    codes = frozenset(deductible_codes)
    for line in lines:
        if line.denied:
            continue
        year = plan.benefit_year(days.get(line.line_number, first))
        sums[year] = _more(sums.get(year, Used()), _of(line.adjustments, codes))
    year = plan.benefit_year(first)
    sums[year] = _more(sums.get(year, Used()), _of(adjustments, codes))
    return tuple(
        Share(
            plan_id=plan.plan_id,
            benefit_year=year,
            deductible=one.deductible,
            out_of_pocket=one.out_of_pocket,
        )
        for year, one in sorted(sums.items())
        if one != Used()
    )


def require_within_limits(
    used: Mapping[Key, Used],
    before: Claim,
    after: Claim,
    benefits: Benefits,
    days: Iterable[date],
) -> None:
    """Go on when what a claim uses more leaves deductible and out-of-pocket within the plan.

    A benefit year has the terms of the claim's days in it, the more generous ones if they change.
    """
    days = tuple(days)
    for one in after.adjudication.shares if after.adjudication else ():
        sound = 0 <= one.deductible <= one.out_of_pocket
        require(sound, Refusal.AMOUNT_OUT_OF_BOUNDS, {"line_number": "0"})
    for key, more in change(before, after).items():
        terms = _terms(key, benefits, days)
        if not terms:
            continue
        total = _more(used.get(key, Used()), more)
        deductible = max(one.deductible for one in terms)
        require(
            more.deductible <= 0 or total.deductible <= deductible,
            Refusal.DEDUCTIBLE_EXCEEDED,
            {"benefit_year": str(key[1])},
        )
        out_of_pocket = max(one.out_of_pocket_max for one in terms)
        require(
            more.out_of_pocket <= 0 or total.out_of_pocket <= out_of_pocket,
            Refusal.OUT_OF_POCKET_EXCEEDED,
            {"benefit_year": str(key[1])},
        )


def _terms(key: Key, benefits: Benefits, days: Iterable[date]) -> list[Plan]:
    """Return a plan's terms on those days that lie in a benefit year."""
    plan_id, year = key
    found = [(day, benefits.plan(plan_id, day)) for day in days]
    return [plan for day, plan in found if plan is not None and plan.benefit_year(day) == year]


def _of(adjustments: Iterable[Adjustment], deductible_codes: frozenset[str]) -> Used:
    patients = [one for one in adjustments if one.group_code == "PR"]
    return Used(
        deductible=_sum(one.amount for one in patients if one.reason_code in deductible_codes),
        out_of_pocket=_sum(one.amount for one in patients),
    )


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, ZERO)


def _by_key(parts: Iterable[Share]) -> dict[Key, Used]:
    return {
        (one.plan_id, one.benefit_year): Used(
            deductible=one.deductible, out_of_pocket=one.out_of_pocket
        )
        for one in parts
    }


def _more(one: Used, other: Used) -> Used:
    return Used(
        deductible=one.deductible + other.deductible,
        out_of_pocket=one.out_of_pocket + other.out_of_pocket,
    )


def _less(one: Used, other: Used) -> Used:
    return Used(
        deductible=one.deductible - other.deductible,
        out_of_pocket=one.out_of_pocket - other.out_of_pocket,
    )


def _larger(one: dict[Key, Used], other: dict[Key, Used]) -> dict[Key, Used]:
    return {
        key: Used(
            deductible=max(one.get(key, Used()).deductible, other.get(key, Used()).deductible),
            out_of_pocket=max(
                one.get(key, Used()).out_of_pocket, other.get(key, Used()).out_of_pocket
            ),
        )
        for key in one | other
    }
