"""What must hold of every determination: M1 to M16, and C1 to C6 of earlier payers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from server.claims.document import Adjustment
from server.claims.events import (
    AdjudicationRecorded,
    ClaimApproved,
    ClaimDenied,
    ClaimPartiallyApproved,
)
from server.claims.model import AdjudicationLine, Decision, State
from server.claims.payees import RemittedClaim
from server.claims.policy import Policy
from tests.server.claims.invariants import FINAL_EVENTS, ZERO, Check, hold, recorded, total
from tests.server.claims.world import Step, World

_AMOUNT_MAX = Decimal("99999999.99")


@dataclass(frozen=True, slots=True)
class Told:
    """Determinations of a claim, as recorded or as a remittance tells them."""

    charge: Decimal
    paid: Decimal
    patient_responsibility: Decimal
    adjustments: tuple[Adjustment, ...]
    lines: tuple[AdjudicationLine, ...]


def _told(step: Step) -> Iterator[Told]:
    """The determinations that a step has recorded or told to a payee."""
    for one in recorded(step):
        charge = total(line.charge for line in one.lines)
        yield Told(charge, one.paid, one.patient_responsibility, one.adjustments, one.lines)
    for each in _remitted(step):
        yield Told(
            each.charge, each.paid, each.patient_responsibility, each.adjustments, each.lines
        )


def _remitted(step: Step) -> tuple[RemittedClaim, ...]:
    return step.decided.remittance.claims if step.decided.remittance else ()


def _payable(step: Step) -> Iterator[AdjudicationLine]:
    return (line for one in recorded(step) for line in one.lines if not line.denied)


def _by_reason(adjustments: Iterable[Adjustment]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for one in adjustments:
        sums[one.reason_code] = sums.get(one.reason_code, ZERO) + one.amount
    return sums


def _of_patient(adjustments: Iterable[Adjustment]) -> Decimal:
    return total(one.amount for one in adjustments if one.group_code == "PR")


def check_m1(world: World, step: Step) -> int:
    amounts: list[Decimal] = []
    for one in _told(step):
        amounts += [one.charge, one.paid, one.patient_responsibility]
        amounts += [each.amount for each in one.adjustments]
        for line in one.lines:
            amounts += [line.charge, line.allowed, line.paid]
            amounts += [each.amount for each in line.adjustments]
    remittance = step.decided.remittance
    if remittance is not None:
        amounts.append(remittance.amount)
        amounts += [each.amount for each in remittance.provider_adjustments]
    amounts += [entry.amount for entry in step.decided.opened]
    for amount in amounts:
        hold(amount.as_tuple().exponent == -2, f"{amount} has not two decimals")
        hold(abs(amount) <= _AMOUNT_MAX, f"{amount} is too wide")
    return len(amounts)


def check_m2(world: World, step: Step) -> int:
    seen = 0
    for row in step.rows:
        if isinstance(row.event, AdjudicationRecorded):
            document = world.claims[row.claim_id].document
            stated = {one.line_number: one.charge for one in document.service_lines}
            decided = {one.line_number: one.charge for one in row.event.adjudication.lines}
            hold(decided == stated, "a determination changes lines or charges")
            hold(total(decided.values()) == document.total_charge, "the lines are not the total")
            seen += 1
    for one in _remitted(step):
        charge = world.claims[one.claim_id].document.total_charge or ZERO
        hold(one.charge == (-charge if one.reverses else charge), "another charge is told")
        seen += 1
    return seen


def check_m3(world: World, step: Step) -> int:
    lines = [line for one in _told(step) for line in one.lines]
    for line in lines:
        adjusted = total(one.amount for one in line.adjustments)
        hold(line.charge - adjusted == line.paid, f"line {line.line_number} does not balance")
    return len(lines)


def check_m4(world: World, step: Step) -> int:
    told = list(_told(step))
    for one in told:
        on_lines = total(each.amount for line in one.lines for each in line.adjustments)
        on_claim = total(each.amount for each in one.adjustments)
        hold(one.charge - (on_lines + on_claim) == one.paid, "the claim does not balance")
        hold(total(line.paid for line in one.lines) - on_claim == one.paid, "nor by its lines")
    return len(told)


def check_m6(world: World, step: Step) -> int:
    told = list(_told(step))
    for one in told:
        patients = total(_of_patient(line.adjustments) for line in one.lines)
        patients += _of_patient(one.adjustments)
        hold(patients == one.patient_responsibility, "not the sum of PR adjustments")
    return len(told)


def check_m7(world: World, step: Step) -> int:
    payable = list(_payable(step))
    for line in payable:
        sums = _by_reason(line.adjustments)
        shares = total(sums.get(code, ZERO) for code in ("1", "2", "3", "253"))
        earlier = sums.get("23", ZERO)
        rest = line.allowed - line.paid - shares
        hold(min(earlier, ZERO) <= rest <= max(earlier, ZERO), "allowed is not explained")
    return len(payable)


def check_m8(world: World, step: Step) -> int:
    payable = list(_payable(step))
    for line in payable:
        sums = _by_reason(line.adjustments)
        written_off, above = sums.get("45", ZERO), sums.get("94", ZERO)
        hold(0 <= written_off <= max(line.charge - line.allowed, ZERO), "CO-45 is out of bounds")
        if set(sums) <= {"1", "2", "3", "253", "45", "94"}:
            hold(written_off + above == line.charge - line.allowed, "CO-45 is not the difference")
        if line.allowed > line.charge:
            hold(any(amount < 0 for amount in sums.values()), "nothing says that it is more")
    return len(payable)


def check_m9(world: World, step: Step) -> int:
    seen = 0
    for one in _told(step):
        for adjustments in (one.adjustments, *(line.adjustments for line in one.lines)):
            pairs = [(each.group_code, each.reason_code) for each in adjustments]
            hold(len(pairs) == len(set(pairs)), "a reason is given twice")
            hold(all(each.amount != 0 for each in adjustments), "an adjustment of nothing")
            seen += len(pairs)
    return seen


def check_m10(world: World, step: Step) -> int:
    denied = [line for one in recorded(step) for line in one.lines if line.denied]
    for line in denied:
        sums = _by_reason(line.adjustments)
        hold(line.paid == 0, "a denied line is paid")
        hold(total(sums.values()) == line.charge, "a denied line keeps something")
        hold(bool(set(sums) - {"1", "2", "3"}), "a denied line has no reason of its own")
    return len(denied)


def check_m11(world: World, step: Step) -> int:
    seen = 0
    for one in recorded(step):
        demanding = set(_policy(world, step).remark_required)
        for line in one.lines:
            seen += 1
            hold(line.paid == line.charge or bool(line.adjustments), "a cut without a reason")
            asked = demanding & {each.reason_code for each in line.adjustments}
            hold(not asked or bool(line.remark_codes), f"{asked} without a remark")
    return seen


def check_m12(world: World, step: Step) -> int:
    groups = {"18": {"OA"}, "1": {"PR"}, "2": {"PR"}, "3": {"PR"}, "23": {"OA"}}
    groups["45"] = {"CO", "PR"}
    seen = 0
    for one in _told(step):
        for adjustments in (one.adjustments, *(line.adjustments for line in one.lines)):
            for each in adjustments:
                allowed = groups.get(each.reason_code, {"CO", "PR", "OA", "PI"})
                hold(each.group_code in allowed, f"{each.group_code}-{each.reason_code}")
                seen += 1
    return seen


def check_m13(world: World, step: Step) -> int:
    lines = [line for one in recorded(step) for line in one.lines]
    for line in lines:
        hold(0 <= line.paid <= line.allowed, "paid is not within nothing and allowed")
        hold(0 <= _of_patient(line.adjustments) <= line.charge, "PR is out of bounds")
    for one in _remitted(step):
        sign = -1 if one.reverses else 1
        hold(all(line.charge * sign >= 0 <= line.paid * sign for line in one.lines), "signs")
    return len(lines)


def check_m16(world: World, step: Step) -> int:
    expected = {"45", "94", "23", "253"}
    decisions = list(recorded(step))
    for one in decisions:
        charged = [line for line in one.lines if line.charge] or list(one.lines)
        every = [*one.adjustments, *(each for line in one.lines for each in line.adjustments)]
        if one.paid == 0 and all(line.denied for line in charged):
            right = Decision.DENIED
        elif not any(line.denied for line in one.lines) and all(
            each.group_code == "PR" or each.reason_code in expected for each in every
        ):
            right = Decision.APPROVED
        else:
            right = Decision.PARTIAL
        hold(one.decision is right, f"{one.decision} where {right} is due")
    said = {
        ClaimApproved: Decision.APPROVED,
        ClaimPartiallyApproved: Decision.PARTIAL,
        ClaimDenied: Decision.DENIED,
    }
    for row in step.rows:
        if isinstance(row.event, FINAL_EVENTS):
            claim = world.claims[row.claim_id]
            assert claim.adjudication is not None
            hold(said[type(row.event)] is claim.adjudication.decision is claim.decision, "final")
            denied = row.to_state is State.DENIED
            hold(denied == (claim.decision is Decision.DENIED), "the state says otherwise")
    return len(decisions)


def check_c1(world: World, step: Step) -> int:
    """C1 to C3 of every earlier payer on the claim."""
    seen = 0
    for claim_id in {row.claim_id for row in step.rows}:
        claim = world.claims[claim_id]
        if claim.state is State.REJECTED:
            continue
        document = claim.document
        for prior in document.prior_payers:
            assert prior.payer is not None
            paid = on_lines = ZERO
            by_line = False
            for line in document.service_lines:
                for one in line.prior_payer_lines:
                    if one.payer_id == prior.payer.payer_id:
                        by_line = True
                        adjusted = total(each.amount for each in one.adjustments)
                        hold((one.paid_amount or ZERO) + adjusted == line.charge, "C3")
                        paid += one.paid_amount or ZERO
                        on_lines += adjusted
            on_claim = total(each.amount for each in prior.adjustments)
            stated = prior.paid_amount or ZERO
            hold(stated + on_claim + on_lines == document.total_charge, "C1")
            hold(not by_line or stated == paid - on_claim, "C2")
            seen += 1
    return seen


def check_c6(world: World, step: Step) -> int:
    """C6: all payers together pay no more than the charge, and what an earlier one paid above."""
    seen = 0
    for row in step.rows:
        document = world.claims[row.claim_id].document
        if not isinstance(row.event, AdjudicationRecorded) or not document.prior_payers:
            continue
        adjusted = [each for one in document.prior_payers for each in one.adjustments]
        for line in document.service_lines:
            adjusted += [each for one in line.prior_payer_lines for each in one.adjustments]
        above = total(-each.amount for each in adjusted if each.amount < 0)
        before = total(one.paid_amount or ZERO for one in document.prior_payers)
        ours = row.event.adjudication.paid
        within = before + ours <= (document.total_charge or ZERO) + above
        hold(within or ours == 0, "the payers together pay too much")
        seen += 1
    return seen


def _policy(world: World, step: Step) -> Policy:
    return world.policy_of(world.claims[step.command.claim_id])


OF_DETERMINATIONS: Mapping[str, Check] = {
    "M1": check_m1,
    "M2": check_m2,
    "M3": check_m3,
    "M4": check_m4,
    "M6": check_m6,
    "M7": check_m7,
    "M8": check_m8,
    "M9": check_m9,
    "M10": check_m10,
    "M11": check_m11,
    "M12": check_m12,
    "M13": check_m13,
    "M16": check_m16,
    "C1": check_c1,
    "C6": check_c6,
}
