"""What the rules themselves decide of a claim: command 9, AUTO.

`price` is given everything and fetches nothing; the same question has the same answer. A line is
looked at in this order, and the first rule that speaks against it decides: duplicates (E10), filing
(K5), coverage on its day, code edits (1.10), the plan's benefits and authorizations, and its price.
What no rule can decide is pended, never guessed (`PricingRules.pends`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from server.claims import pricing_rules as rule
from server.claims.accumulators import shares
from server.claims.balances import total
from server.claims.benefits import ANY, Benefits, Coverage, Plan, Unlisted, Used
from server.claims.code_edits import CodeEdits, code_edit_denials
from server.claims.document import ZERO, Adjustment, ClaimDocument, ServiceLine
from server.claims.model import AdjudicationLine, Provenance, Share
from server.claims.policy import Policy
from server.claims.pricing_lines import ZERO_CHARGE, Cost, Line, costs, half_up, price_of
from server.claims.pricing_rules import AdjustmentReason, DenialReason, PricingRules
from server.claims.pricing_secondary import earlier_payers, split, split_after
from server.claims.ranges import in_range
from server.claims.services import Service, services_of

DENIED: Final = "DENIED"  # the pricing method of a line that is denied

_NO_UNITS, _ONE_UNIT = Decimal(0), Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A claim and all that its price depends on."""

    document: ClaimDocument
    receipt_date: date  # stands for the day of a service without one
    policy: Policy
    plan: Plan | None  # its terms on the claim's first day
    coverage: tuple[Coverage, ...] | None = None  # None: no table is loaded, nothing is checked
    benefits: Benefits
    code_edits: CodeEdits | None = None  # None: no tables are loaded
    # By benefit year, what the person has used of the plan without this claim.
    used: Mapping[int, Used] = field(default_factory=lambda: MappingProxyType({}))
    services: tuple[Service, ...] = ()  # of the person's other live claims
    duplicate_lines: frozenset[int] = frozenset()  # exact duplicates (E10)
    late_lines: frozenset[int] = frozenset()  # filed too late (K5)
    documented: bool = False  # documents are linked to the claim
    resolved_pends: frozenset[str] = frozenset()  # a person has looked: not raised again


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """The answer. Without pends its determinations are balanced (M1-M13) and may be recorded.

    With pends they tell what it would come to if nothing changed; there are none of a claim whose
    numbers make no determination (UNUSABLE).
    """

    lines: tuple[AdjudicationLine, ...] = ()  # every service line, by number
    adjustments: tuple[Adjustment, ...] = ()  # of the claim: none, all balances line by line
    paid: Decimal = ZERO
    patient_responsibility: Decimal = ZERO
    shares: tuple[Share, ...] = ()  # what it uses of the plan, by benefit year (M14)
    pends: tuple[tuple[str, str], ...] = ()  # pend code and the rule that asks for it
    provenance: Provenance


def price(question: Question) -> Priced:
    """Return determinations of every line, and the pends that a person must resolve first."""
    document, policy = question.document, question.policy
    pends = _Pends(policy, question.resolved_pends)
    charges = [line.charge or ZERO for line in document.service_lines]
    if max(total(charges), document.total_charge or ZERO) > policy.pricing.charge_max:
        pends.add(rule.CHARGE_MAX)
    earlier = earlier_payers(document, policy.pricing.paid_to_patient, policy.prior_payer)
    if earlier.problem:
        pends.add(earlier.problem)
    if not _usable(document, policy):
        pends.add(rule.UNUSABLE)
        return Priced(pends=pends.raised, provenance=_provenance(question, ()))
    denials, priced = _decide(question, pends)
    cost = dict(zip(priced, costs(list(priced.values()), question.used), strict=True))
    lines = []
    for line in sorted(document.service_lines, key=lambda one: one.line_number):
        number = line.line_number
        effect = None if earlier.effects is None else earlier.effects[number]
        if number in denials:
            lines.append(_denied(line, denials[number], effect, policy.pricing))
        else:
            lines.append(_paid(line, priced[number], cost[number], effect, policy.pricing))
    paid = total(line.paid for line in lines)
    patients = total(one.amount for line in lines for one in _of_patient(line))
    amounts = [paid, patients, *(line.allowed for line in lines)]
    if not all(in_range(amount, policy.amount_max) for amount in amounts):
        pends.add(rule.UNUSABLE)
        return Priced(pends=pends.raised, provenance=_provenance(question, ()))
    return Priced(
        lines=tuple(lines),
        paid=paid,
        patient_responsibility=patients,
        shares=shares(
            lines,
            (),
            services_of(document),
            question.plan,
            question.receipt_date,
            policy.pricing.deductible_codes,
        ),
        pends=pends.raised,
        provenance=_provenance(question, lines),
    )


class _Pends:
    """Pend codes with the first rule that asked for each."""

    def __init__(self, policy: Policy, resolved: frozenset[str]) -> None:
        self._policy = policy
        self._resolved = resolved
        self._raised: dict[str, str] = {}

    def add(self, asking: str) -> None:
        """Note a rule, unless a person has resolved its pend and it does not reattach."""
        code = self._policy.pricing.pends[asking]
        reason = self._policy.pend_reasons.get(code)
        settled = code in self._resolved and not (reason and reason.reattach)
        # What cannot be recorded at all is not settled by looking at it.
        if asking == rule.UNUSABLE or not settled:
            self._raised.setdefault(code, asking)

    @property
    def raised(self) -> tuple[tuple[str, str], ...]:
        """Code and rule, sorted by code."""
        return tuple(sorted(self._raised.items()))


def _usable(document: ClaimDocument, policy: Policy) -> bool:
    """Tell whether determinations can be made of a claim's own numbers (M1, M2, E13)."""
    lines = document.service_lines
    charges = [line.charge or ZERO for line in lines]
    return (
        bool(lines)
        and len({line.line_number for line in lines}) == len(lines)
        and all(charge >= 0 and in_range(charge, policy.amount_max) for charge in charges)
        and all(line.units is None or line.units > 0 for line in lines)
    )


def _decide(
    question: Question, pends: _Pends
) -> tuple[Mapping[int, tuple[str, ...]], Mapping[int, Line]]:
    """Return the edit ids of denied lines and the prices of all others, by line number."""
    services = sorted(services_of(question.document), key=lambda one: one.line_number)
    days = _days(services, question.receipt_date)
    denials: dict[int, tuple[str, ...]] = {}
    for service in services:
        number = service.line_number
        if number in question.duplicate_lines:
            denials[number] = (rule.DUPLICATE,)
        elif number in question.late_lines:
            denials[number] = (rule.LATE,)
        elif outside := _not_covered_on(days[number], question, pends):
            denials[number] = (outside,)
    if question.code_edits is not None:
        own = [replace(one, denied=one.line_number in denials) for one in services]
        denials |= code_edit_denials(
            own,
            question.services,
            question.code_edits,
            question.policy.pricing.ptp_modifiers,
            question.documented,
        )
    priced = {}
    for service in services:
        number = service.line_number
        if number not in denials:
            found = _price(service, days[number], question, pends)
            if isinstance(found, Line):
                priced[number] = found
            else:
                denials[number] = (found,)
    return denials, priced


def _days(services: Sequence[Service], receipt_date: date) -> Mapping[int, date]:
    """Return the day of each line: its first, else the claim's first, else that of receipt."""
    dated = [one.from_date for one in services if one.from_date is not None]
    first = min(dated, default=receipt_date)
    return {one.line_number: one.from_date or first for one in services}


def _not_covered_on(day: date, question: Question, pends: _Pends) -> str:
    """Return the rule that denies every service of a day, "" when there is cover."""
    plan, spans = question.plan, question.coverage
    if spans is not None:
        if not spans:
            return rule.NO_COVERAGE
        here = [span for span in spans if span.covers(day)]
        if not here:
            return _outside(spans, day)
        if plan is not None and plan.plan_id not in {span.plan_id for span in here}:
            pends.add(rule.PLAN_CHANGES)
            return _outside([span for span in spans if span.plan_id == plan.plan_id], day)
    if plan is None or question.benefits.plan(plan.plan_id, day) is None:
        pends.add(rule.NO_PLAN)
        return rule.NO_COVERAGE
    return ""


def _outside(spans: Iterable[Coverage], day: date) -> str:
    """Return on which side of its coverage a day lies; between two spans it lies after the one."""
    ended = any(span.through_date is not None and span.through_date < day for span in spans)
    return rule.COVERAGE_AFTER if ended else rule.COVERAGE_BEFORE


def _price(service: Service, day: date, question: Question, pends: _Pends) -> Line | str:
    """Return a line with its price, or the rule that denies it."""
    assert question.plan is not None, "a line without a plan is denied before"
    terms = question.benefits.plan(question.plan.plan_id, day)
    assert terms is not None, "likewise without terms on its day"
    # What hospitals bill without a procedure, such as a room, has the fee of its revenue code.
    code = service.procedure_code or service.revenue_code
    fee = question.benefits.fee(terms.fee_schedule_id, code, service.modifiers, day)
    share = terms.cost_share(fee.category if fee else ANY)
    if not share.covered:
        return rule.NOT_COVERED
    if share.authorization_required and not question.document.prior_authorization_number:
        return rule.AUTHORIZATION
    charge = service.charge or ZERO
    found = price_of(terms, fee, charge, service.units or _ONE_UNIT)
    if found is None:
        if terms.unlisted is Unlisted.PEND:
            pends.add(rule.NO_FEE)
        return rule.NO_FEE
    return Line(
        charge=charge,
        price=found,
        plan=terms,
        cost_share=share,
        benefit_year=question.plan.benefit_year(day),
    )


def _paid(
    line: ServiceLine, priced: Line, cost: Cost, effect: Decimal | None, rules: PricingRules
) -> AdjudicationLine:
    """Return the determination of a line that has a price (M3, M7, M8, C5)."""
    allowed, charge = priced.price.allowed, priced.charge
    if effect is None:
        parts = split(charge, allowed, cost)
    else:
        # After an earlier payer nothing is paid above the charge (C6).
        allowed = min(allowed, charge)
        parts = split_after(charge, allowed, cost, effect)
    reduction = half_up(parts.payable * rules.payment_reduction_rate)
    adjustments = _adjustments(
        (rules.write_off if parts.write_off > 0 else rules.above_charge, parts.write_off),
        (rules.prior_payer, parts.earlier),
        (rules.deductible, parts.cost.deductible),
        (rules.coinsurance, parts.cost.coinsurance),
        (rules.copay, parts.cost.copay),
        (rules.payment_reduction, reduction),
    )
    return AdjudicationLine(
        line_number=line.line_number,
        charge=charge,
        allowed=allowed,
        paid=parts.payable - reduction,
        units_paid=line.units,
        adjustments=adjustments,
        edit_ids=(priced.price.method,),
        pricing_method=priced.price.method,
        fee_schedule_reference=priced.price.reference,
    )


def _denied(
    line: ServiceLine, edit_ids: tuple[str, ...], effect: Decimal | None, rules: PricingRules
) -> AdjudicationLine:
    """Return the determination of a line that is denied: it keeps its charge (M10).

    An earlier payer's effect stays with it, so that an account does not end below zero (X2); but a
    duplicate tells nothing of its own. A charge of nothing cannot be denied, only told (M9).
    """
    charge = line.charge or ZERO
    reason = rules.denial(edit_ids[0])
    earlier = ZERO if effect is None or rule.DUPLICATE in edit_ids else effect
    return AdjudicationLine(
        line_number=line.line_number,
        charge=charge,
        units_paid=_NO_UNITS,
        adjustments=_adjustments((rules.prior_payer, earlier), (reason, charge - earlier)),
        remark_codes=reason.remark_codes,
        denied=charge > 0,
        edit_ids=edit_ids,
        pricing_method=DENIED if charge > 0 else ZERO_CHARGE,
    )


def _adjustments(
    *amounts: tuple[AdjustmentReason | DenialReason, Decimal],
) -> tuple[Adjustment, ...]:
    """Return adjustments in this order: one for each group and reason, none of nothing (M9)."""
    sums: dict[tuple[str, str], Decimal] = {}
    for reason, amount in amounts:
        key = (reason.group_code, reason.reason_code)
        sums[key] = sums.get(key, ZERO) + amount
    return tuple(
        Adjustment(group_code=group, reason_code=code, amount=amount)
        for (group, code), amount in sums.items()
        if amount
    )


def _of_patient(line: AdjudicationLine) -> Iterable[Adjustment]:
    return (one for one in line.adjustments if one.group_code == "PR")


def _provenance(question: Question, lines: Iterable[AdjudicationLine]) -> Provenance:
    plan, edits = question.plan, question.code_edits
    return Provenance(
        policy_version=question.policy.version,
        plan_id=plan.plan_id if plan else "",
        plan_version=plan.version if plan else 0,
        fee_schedule_versions=tuple(sorted({line.fee_schedule_reference for line in lines} - {""})),
        code_edits_version=edits.version if edits else 0,
    )
