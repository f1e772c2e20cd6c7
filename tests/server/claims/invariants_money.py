"""What must hold of payments, limits and open entries after every command (M5, M14-M20, R1).

Every sum is made anew from what was recorded: determinations, remittances, entries.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from server.claims.benefits import Plan
from server.claims.document import ClaimDocument, ServiceLine
from server.claims.events import (
    AdjudicationRecorded,
    AdjudicationWithdrawn,
    AppealFiled,
    ClaimApproved,
    ClaimDenied,
    ClaimPaid,
    ClaimPartiallyApproved,
    ClaimRemitted,
    ClaimReopened,
    InformationRequested,
    OverpaymentRecouped,
    PaymentFailed,
    PaymentReversed,
)
from server.claims.model import Adjudication, AdjudicationMode, Remitted
from server.claims.payees import Account, Entry, EntryKind, PaymentMethod, RemittedClaim
from server.claims.services import person_key
from tests.server.claims.invariants import TERMINAL_STATES, ZERO, Check, Violation, hold, total
from tests.server.claims.world import Row, Step, World

_PAYMENTS = (ClaimPaid, ClaimRemitted, PaymentReversed, PaymentFailed, OverpaymentRecouped)
_CENT = Decimal("0.01")

Limit = tuple[str, str, int]  # person, plan, benefit year
Use = tuple[Decimal, Decimal]  # deductible, all of the patient's


def half_up(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, ROUND_HALF_UP)


def moved(step: Step) -> bool:
    """Whether money moved, or is going to."""
    decided = step.decided
    return bool(
        decided.remittance
        or decided.failed_remittance_id
        or decided.opened
        or decided.cancelled
        or any(isinstance(row.event, _PAYMENTS) for row in step.rows)
    )


def open_entries(world: World) -> Iterator[Entry]:
    for entry_id, entry in world.entries.items():
        if entry_id not in world.taken and entry_id not in world.cancelled:
            yield entry


def check_m5(world: World, step: Step) -> int:
    remittance = step.decided.remittance
    if remittance is None:
        return 0
    paid = total(one.paid for one in remittance.claims)
    others = [
        one
        for one in remittance.provider_adjustments
        if (one.reason_code, one.reference) != ("FB", remittance.trace_number)
    ]
    balance = paid - total(one.amount for one in others)
    hold(remittance.amount >= 0, "a payment below zero")
    hold(remittance.amount == max(balance, ZERO), "the remittance does not balance")
    every = total(one.amount for one in remittance.provider_adjustments)
    hold(paid - every == remittance.amount, "nor with what is brought forward")
    brought = [one for one in step.decided.opened if one.kind is EntryKind.FORWARD_BALANCE]
    hold([one.amount for one in brought] == ([-balance] if balance < 0 else []), "brought forward")
    paying = remittance.method is not PaymentMethod.NON_PAYMENT
    hold(paying == (remittance.amount > 0), "the method does not fit the amount")
    order = [one.reverses for one in remittance.claims]
    hold(order == sorted(order, reverse=True), "a reversal after a payment")
    for entry_id, taken_by in world.taken.items():
        if taken_by == remittance.remittance_id:
            account = world.entries[entry_id].account
            hold(account == remittance.account, "an amount of another account")
    for one in remittance.claims:
        document = world.claims[one.claim_id].document
        hold(document.currency_code == remittance.currency_code, "another currency")
        payer = document.payer.payer_id if document.payer else ""
        hold(payer == remittance.payer_id, "another payer")
        provider = document.pay_to_provider or document.billing_provider
        hold(provider is not None and provider.npi == remittance.payee, "another payee")
    return 1


def check_m14(world: World, step: Step) -> int:
    changed = {row.claim_id for row in step.rows}
    if not changed:
        return 0
    found = refolded(world)
    stored = {
        (person, *limit): (used.deductible, used.out_of_pocket)
        for person, limits in world.used.items()
        for limit, used in limits.items()
    }
    nothing = (ZERO, ZERO)
    for key in found.keys() | stored.keys():
        hold(found.get(key, nothing) == stored.get(key, nothing), "not the fold of its claims")
    for (_, plan_id, year), (deductible, out_of_pocket) in found.items():
        plan = world.rules.benefits.plan(plan_id, date(year, 12, 31))
        assert plan is not None
        hold(0 <= deductible <= plan.deductible, f"deductible {deductible}")
        hold(0 <= out_of_pocket <= plan.out_of_pocket_max, f"out of pocket {out_of_pocket}")
    return len(found)


def refolded(world: World, without: UUID | None = None) -> dict[Limit, Use]:
    """What all persons have used, from the determinations of their claims."""
    sums: dict[Limit, Use] = {}
    for claim_id, claim in world.claims.items():
        if claim_id == without or claim.state in TERMINAL_STATES:
            continue
        for key, (deductible, all_of_it) in _held(world, claim_id).items():
            was = sums.get(key, (ZERO, ZERO))
            sums[key] = (was[0] + deductible, was[1] + all_of_it)
    return sums


def _held(world: World, claim_id: UUID) -> dict[Limit, Use]:
    """What a claim holds: its last final determination, and of a newer one what is more."""
    newest: Adjudication | None = None
    final: Adjudication | None = None
    is_final = False
    for row in world.rows[claim_id]:
        match row.event:
            case AdjudicationRecorded():
                newest, is_final = row.event.adjudication, False
            case AdjudicationWithdrawn() | ClaimReopened():
                newest = None
            case ClaimApproved() | ClaimPartiallyApproved() | ClaimDenied():
                final, is_final = newest, True
            case _:
                pass
    document = world.claims[claim_id].document
    before = _uses(world, document, final)
    if newest is None or is_final:
        return before
    larger = _uses(world, document, newest)
    for key, was in before.items():
        also = larger.get(key, (ZERO, ZERO))
        larger[key] = (max(was[0], also[0]), max(was[1], also[1]))
    return larger


def _uses(
    world: World, document: ClaimDocument, adjudication: Adjudication | None
) -> dict[Limit, Use]:
    days = {one.line_number: one.service_from_date for one in document.service_lines}
    first = min(day for day in days.values() if day is not None)
    plan = plan_of(world, document, first)
    if adjudication is None or plan is None:
        return {}
    sums: dict[Limit, Use] = {}
    parts = [
        (days[line.line_number] or first, line.adjustments)
        for line in adjudication.lines
        if not line.denied
    ]
    for day, adjustments in [*parts, (first, adjudication.adjustments)]:
        year = day.year - (day.month < plan.benefit_year_begins_month)
        key = (person_of(document), plan.plan_id, year)
        patients = [one for one in adjustments if one.group_code == "PR"]
        was = sums.get(key, (ZERO, ZERO))
        sums[key] = (
            was[0] + total(one.amount for one in patients if one.reason_code == "1"),
            was[1] + total(one.amount for one in patients),
        )
    return sums


def person_of(document: ClaimDocument) -> str:
    """The world's key of a person; whose limits they are is not what is in question."""
    return person_key(document)


def plan_of(world: World, document: ClaimDocument, day: date) -> Plan | None:
    benefits, coverages = world.rules.benefits, world.rules.coverages
    if coverages is None:
        name = world.rules.policies[0][1].pricing.default_plan_id
        return benefits.plan(name, day)
    assert document.subscriber is not None
    for one in coverages.get(document.subscriber.member_id, ()):
        if one.from_date <= day <= (one.through_date or date.max):
            return benefits.plan(one.plan_id, day)
    return None


def check_m15(world: World, step: Step) -> int:
    seen = 0
    for row in step.rows:
        if not isinstance(row.event, AdjudicationRecorded):
            continue
        adjudication = row.event.adjudication
        document = world.claims[row.claim_id].document
        if adjudication.mode is AdjudicationMode.AUTO and not document.prior_payers:
            seen += _shares_are_due(world, row.claim_id, document, adjudication)
    return seen


def _shares_are_due(
    world: World, claim_id: UUID, document: ClaimDocument, adjudication: Adjudication
) -> int:
    """Deductible as far as it is left, coinsurance of the rest exact in sum, while nothing caps."""
    days = {one.service_from_date for one in document.service_lines}
    day = min(one for one in days if one is not None)
    plan = plan_of(world, document, day)
    if plan is None or len({one.year for one in days if one is not None}) > 1:
        return 0
    year = day.year - (day.month < plan.benefit_year_begins_month)
    key = (person_of(document), plan.plan_id, year)
    used = refolded(world, without=claim_id).get(key, (ZERO, ZERO))
    stated = {one.line_number: one for one in document.service_lines}
    exact = coinsurance = deductible = open_to_it = ZERO
    for line in adjudication.lines:
        if line.denied or not line.charge:
            continue
        found = share_of(world, plan, stated[line.line_number], day)
        sums = {one.reason_code: one.amount for one in line.adjustments}
        first, second, copay = (sums.get(code, ZERO) for code in ("1", "2", "3"))
        exact += (line.allowed - first - copay) * found[0]
        coinsurance += second
        deductible += first
        if found[1]:
            open_to_it += line.allowed - copay
    if used[1] + adjudication.patient_responsibility >= plan.out_of_pocket_max:
        return 0  # the limit may have cut any of it
    hold(coinsurance == half_up(exact), f"coinsurance {coinsurance} of {exact}")
    left = max(plan.deductible - used[0], ZERO)
    hold(deductible == min(left, open_to_it), f"deductible {deductible} of {left}")
    return 1


def share_of(world: World, plan: Plan, line: ServiceLine, day: date) -> tuple[Decimal, bool]:
    """Coinsurance rate of a line, and whether the deductible applies to it."""
    procedure = line.procedure
    assert procedure is not None
    fee = world.rules.benefits.fee(plan.fee_schedule_id, procedure.code, procedure.modifiers, day)
    shares = plan.cost_shares
    found = shares.get(fee.category if fee else "*") or shares["*"]
    return found.coinsurance_rate, found.deductible_applies


def check_m17(world: World, step: Step) -> int:
    told: dict[tuple[UUID, int], RemittedClaim] = {}
    for remittance in world.remittances.values():
        for one in remittance.claims:
            if not one.reverses:
                told[one.claim_id, one.adjudication_number] = one
    reversals = [
        one
        for one in (step.decided.remittance.claims if step.decided.remittance else ())
        if one.reverses
    ]
    reversals += [one.reversal for one in step.decided.opened if one.reversal is not None]
    for one in reversals:
        original = told.get((one.claim_id, one.adjudication_number))
        if original is None:
            raise Violation("a reversal of what was never told")
        hold(_figures(one) == [-amount for amount in _figures(original)], "not the opposite")
        hold(_detail(one) == _detail(original), "at another level of detail")
        hold(one.status_code == "22", "a reversal is CLP02 = 22")
    return len(reversals)


def _figures(one: RemittedClaim) -> list[Decimal]:
    """Every amount of a claim on a remittance."""
    amounts = [one.charge, one.paid, one.patient_responsibility]
    amounts += [each.amount for each in one.adjustments]
    for line in one.lines:
        amounts += [line.charge, line.allowed, line.paid, line.units_paid or ZERO]
        amounts += [each.amount for each in line.adjustments]
    return amounts


def _detail(one: RemittedClaim) -> list[tuple[object, ...]]:
    """What its amounts belong to."""
    detail: list[tuple[object, ...]] = [
        (each.group_code, each.reason_code) for each in one.adjustments
    ]
    for line in one.lines:
        detail.append((line.line_number, line.denied, line.remark_codes, line.units_paid is None))
        detail += [(each.group_code, each.reason_code) for each in line.adjustments]
    return detail


def check_m18(world: World, step: Step) -> int:
    """Remittances, and reversals on their way, sum to what the live member was paid."""
    if not moved(step):
        return 0
    sums: defaultdict[UUID, Decimal] = defaultdict(lambda: ZERO)
    family = {claim_id: one.family_id for claim_id, one in world.claims.items()}
    for remittance in world.standing_remittances():
        for one in remittance.claims:
            sums[family[one.claim_id]] += one.paid
    for entry in open_entries(world):
        if entry.reversal is not None:
            sums[family[entry.reversal.claim_id]] += entry.reversal.paid
    for claim in world.claims.values():
        gone = claim.state in TERMINAL_STATES
        hold(not (gone and claim.remitted), "what is gone still stands as paid")
        if claim.remitted is not None:
            sums[claim.family_id] -= claim.remitted.paid
    for name, amount in sums.items():
        hold(amount == 0, f"family {name.int} is {amount} off")
    return len(sums)


def check_m19(world: World, step: Step) -> int:
    if not moved(step):
        return 0
    times: Counter[tuple[UUID, int, bool]] = Counter()
    for remittance in world.standing_remittances():
        for one in remittance.claims:
            times[one.claim_id, one.adjudication_number, one.reverses] += 1
    hold(max(times.values(), default=0) <= 1, "a determination is paid or taken back twice")
    for claim in world.claims.values():
        if claim.remitted is not None and claim.remitted.remittance_id in world.failed:
            hold(claim.remitted.paid == 0, "what failed still stands as paid")
    return len(times)


def check_m20(world: World, step: Step) -> int:
    if not moved(step):
        return 0
    sums: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
    for remittance in world.standing_remittances():
        for one in remittance.provider_adjustments:
            if one.reason_code == "L6":
                sums[one.reference] += one.amount
    for entry in open_entries(world):
        if entry.kind is EntryKind.INTEREST:
            sums[entry.reference] += entry.amount
    seen = 0
    for claim in world.claims.values():
        remitted = claim.remitted
        sums[claim.claim_number] += remitted.interest if remitted else ZERO
        seen += bool(remitted and remitted.interest)
    for number, amount in sums.items():
        hold(amount == 0, f"the interest of {number} is {amount} off")
    for row in step.rows:
        if isinstance(row.event, ClaimPaid | ClaimRemitted):
            _interest_is_due(world, row, row.event.remitted)
    return seen


def _interest_is_due(world: World, paid: Row, remitted: Remitted) -> None:
    """K2: simple interest; of a correction at the rate and days of what it corrects."""
    rows = world.rows[paid.claim_id][: paid.version - 1]
    claim = world.claims[paid.claim_id]
    rules = world.policy_of(claim).interest
    standing: list[Remitted] = []
    corrects: Remitted | None = None
    for row in rows:
        match row.event:
            case ClaimPaid() | ClaimRemitted():
                standing.append(row.event.remitted)
            case PaymentReversed():
                corrects = standing.pop()
            case PaymentFailed():
                standing.pop()
                if row.event.undoes_reversal and corrects is not None:
                    standing.append(corrects)
                    corrects = None
            case _:
                pass
    developed = any(isinstance(row.event, InformationRequested | AppealFiled) for row in rows)
    late = (remitted.payment_date - (claim.receipt_date + timedelta(days=rules.free_days))).days
    days, rate = max(late, 0), ZERO
    if corrects is not None and corrects.first_paid_on is not None:
        days, rate = corrects.interest_days, corrects.interest_rate
    elif developed:
        days = 0
    elif days:
        begun = [one for one in rules.rates if one.effective_from <= remitted.payment_date]
        rate = max(begun, key=lambda one: one.effective_from).rate
    paid_before = corrects.first_paid_on if corrects is not None else None
    first = paid_before or (remitted.payment_date if remitted.paid else None)
    hold(remitted.first_paid_on == first, "the day of the first payment")
    hold(remitted.interest_days == days and remitted.interest_rate == rate, "days or rate")
    due = half_up(remitted.paid * rate * days / rules.day_count)
    hold(remitted.interest == due, f"interest {remitted.interest} where {due} is due")


def check_r1(world: World, step: Step) -> int:
    if not moved(step):
        return 0
    sums: defaultdict[tuple[str, str], Decimal] = defaultdict(lambda: ZERO)
    takings: Counter[UUID] = Counter()
    for remittance in world.remittances.values():
        stands = remittance.remittance_id not in world.failed
        for one in remittance.provider_adjustments:
            if one.reason_code in {"WO", "FB"} and stands:
                sums[one.reason_code, one.reference] += one.amount
            if one.entry_id is not None and world.taken.get(one.entry_id) == (
                remittance.remittance_id
            ):
                hold(one.amount == world.entries[one.entry_id].amount, "not taken whole")
                takings[one.entry_id] += 1
        reversed_ = {
            (one.claim_id, one.adjudication_number) for one in remittance.claims if one.reverses
        }
        for entry_id, by in world.taken.items():
            told = world.entries[entry_id].reversal
            if by == remittance.remittance_id and told is not None:
                key = (told.claim_id, told.adjudication_number)
                hold(key in reversed_, "a reversal was taken and not told")
                takings[entry_id] += 1
    for entry_id in world.entries:
        hold(takings[entry_id] == (entry_id in world.taken), f"taken {takings[entry_id]} times")
        hold(not (entry_id in world.taken and entry_id in world.cancelled), "ended twice")
    codes = {EntryKind.OVERPAYMENT: "WO", EntryKind.FORWARD_BALANCE: "FB"}
    for entry in open_entries(world):
        if entry.kind in codes:
            sums[codes[entry.kind], entry.reference] += entry.amount
    for claim in world.claims.values():
        overpayments = claim.remitted.overpayments if claim.remitted else ()
        for overpaid in overpayments:
            sums["WO", str(overpaid.overpayment_id)] -= overpaid.recouped
            hold(0 <= overpaid.recouped <= overpaid.amount, "more is recouped than was overpaid")
        whole = total(one.amount for one in overpayments)
        hold(not whole or whole <= (claim.remitted.paid if claim.remitted else ZERO), "nor paid")
    for (code, _), amount in sums.items():
        hold(amount == 0, f"{code} is {amount} off")
    return len(sums)


def settled(world: World) -> Mapping[Account, Decimal]:
    """Nothing is open any more: who got what comes out exactly. Returns what was paid."""
    hold(not list(open_entries(world)), "an entry is still open")
    due: defaultdict[Account, Decimal] = defaultdict(lambda: ZERO)
    accounts = {one.claim_id: r.account for r in world.remittances.values() for one in r.claims}
    for claim in world.claims.values():
        if claim.remitted is not None:
            recouped = total(one.recouped for one in claim.remitted.overpayments)
            due[accounts[claim.claim_id]] += (
                claim.remitted.paid + claim.remitted.interest - recouped
            )
    for remittance in world.standing_remittances():
        due[remittance.account] -= remittance.amount
    for account, amount in due.items():
        hold(amount == 0, f"{account} is owed {amount}")
    return due


OF_MONEY: Mapping[str, Check] = {
    "M5": check_m5,
    "M14": check_m14,
    "M15": check_m15,
    "M17": check_m17,
    "M18": check_m18,
    "M19": check_m19,
    "M20": check_m20,
    "R1": check_r1,
}
