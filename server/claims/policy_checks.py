"""Whether a policy can work: what a policy file must hold before it is stored.

A decoded policy may still strand claims: an amount that nobody may decide, a pend that nobody may
resolve, a price that the rules of balance refuse. Every fault is told by its fields.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

from server.claims import codec
from server.claims.codes import GROUP_CODES
from server.claims.commands import (
    ApproveAdjudication,
    Command,
    FinalizeClaim,
    PlaceHold,
    ResolvePend,
)
from server.claims.document import ClaimType
from server.claims.duplicates import SAME_PROCEDURE, SAME_PROVIDER
from server.claims.intake import EDITS
from server.claims.model import Severity
from server.claims.permissions import PERMISSIONS
from server.claims.policy import Policy
from server.claims.policy_kinds import Fault, misfits

_CENT: Final = Decimal("0.01")
_STATUSES: Final = ("P", "S", "T", "DENIED", "REVERSAL")  # what remittances look up
_POSITIVE: Final = (
    "lease_minutes",
    "information_due_days_max",
    "attachment_bytes_max",
    "professional_lines_max",
    "institutional_lines_max",
    "professional_diagnoses_max",
    "institutional_diagnoses_max",
    "amount_max",
)


class UnworkablePolicy(ValueError):
    """A policy that is none, or that cannot work; `faults` names the fields of each reason."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(map(str, self.faults)))


def workable_policy(body: Any) -> Policy:
    """Return the policy of a JSON body; raise `UnworkablePolicy` with everything that is wrong."""
    if faults := list(misfits(Policy, body, "", given_elsewhere=("version",))):
        raise UnworkablePolicy(faults)
    try:
        policy = codec.decode(Policy, body)
    except ValueError as error:  # of the classes that check themselves, which are the pricing's
        raise UnworkablePolicy([Fault(("pricing",), str(error))]) from None
    if faults := [fault for check in _CHECKS for fault in check(policy)]:
        raise UnworkablePolicy(faults)
    return policy


def _tiers(policy: Policy) -> Iterator[Fault]:
    if not policy.tiers or policy.tiers[0].basis_from != 0:
        yield Fault(("tiers",), "the first tier must begin at 0.00")
        return
    for place, (lower, tier) in enumerate(pairwise(policy.tiers), 1):
        if tier.basis_from <= lower.basis_from:
            yield Fault((f"tiers[{place}].basis_from",), "tiers must ascend")
            return
    ends = [tier.basis_from - _CENT for tier in policy.tiers[1:]]
    for place, tier in enumerate(policy.tiers):
        last = place == len(ends)
        if not tier.approvals:
            to = policy.amount_max if last else ends[place]
            upper = "amount_max" if last else f"tiers[{place + 1}].basis_from"
            if _authority(policy, _may(FinalizeClaim)) < to:
                what = f"nobody may finalize {to}, which needs no approval"
                yield Fault(("limits", upper), what)
            continue
        # Above its highest authority a payer decides nothing: the last tier has no upper end.
        to = tier.basis_from if last else ends[place]
        if _authority(policy, _may(ApproveAdjudication) & set(tier.roles)) < to:
            what = f"nobody of the tier may approve {to}"
            yield Fault(("limits", f"tiers[{place}].roles"), what)


def _authority(policy: Policy, roles: Iterable[str]) -> Decimal:
    """Return the highest limit of some roles; below every amount when none has one."""
    limits = [policy.limits[role] for role in roles if role in policy.limits]
    return max(limits, default=Decimal(-1))


def _may(command: type[Command]) -> frozenset[str]:
    return PERMISSIONS[command].roles


def _pends(policy: Policy) -> Iterator[Fault]:
    if "*" not in policy.edit_pends:
        yield Fault(("edit_pends",), "`*` is needed, for edits without a code of their own")
    opened = {f"edit_pends.{edit}": code for edit, code in policy.edit_pends.items()}
    opened |= {f"pricing.pends.{rule}": code for rule, code in policy.pricing.pends.items()}
    for field, code in opened.items():
        if code not in policy.pend_reasons:
            yield Fault((field, "pend_reasons"), "there is no such pend reason")
    for code, reason in policy.pend_reasons.items():
        if not _may(ResolvePend) & set(reason.resolvers):
            yield Fault((f"pend_reasons.{code}.resolvers",), "nobody of these may resolve a pend")
    for kind, hold in policy.hold_kinds.items():
        if not _may(PlaceHold) & set(hold.roles):
            yield Fault((f"hold_kinds.{kind}.roles",), "nobody of these may place a hold")


def _edits(policy: Policy) -> Iterator[Fault]:
    known = set(EDITS)
    for name, severity in policy.severities.items():
        edit, _, kind = name.partition("/")
        if edit not in known or (kind and kind not in set(ClaimType)):
            yield Fault((f"severities.{name}",), "there is no such edit")
        if severity not in set(Severity):
            yield Fault((f"severities.{name}",), f"must be one of {', '.join(Severity)}")
    for name in sorted(policy.edit_pends.keys() - known - {"*"}):
        yield Fault((f"edit_pends.{name}",), "there is no such edit")
    for name, answer in policy.edit_answers.items():
        if len(answer) != 2:
            yield Fault((f"edit_answers.{name}",), "must be a category and a status code")
    if set(policy.duplicates.rules) - {SAME_PROVIDER, SAME_PROCEDURE}:
        yield Fault(("duplicates.rules",), f"may hold {SAME_PROVIDER} and {SAME_PROCEDURE}")


def _pricing(policy: Policy) -> Iterator[Fault]:
    """Find prices that M8, M10, M11 and M12 would refuse: automatic pricing would never end."""
    rules = policy.pricing
    parts = {
        "write_off": (rules.write_off, "contractual", policy.contractual),
        "above_charge": (rules.above_charge, "above_charge", policy.above_charge),
        "deductible": (rules.deductible, "patient_shares", policy.patient_shares),
        "coinsurance": (rules.coinsurance, "patient_shares", policy.patient_shares),
        "copay": (rules.copay, "patient_shares", policy.patient_shares),
        "prior_payer": (rules.prior_payer, "prior_payer", policy.prior_payer),
        "payment_reduction": (
            rules.payment_reduction,
            "payment_reductions",
            policy.payment_reductions,
        ),
    }
    for name, (reason, field, listed) in parts.items():
        if reason.reason_code not in listed:
            yield Fault((f"pricing.{name}", field), f"{reason.reason_code} must stand in {field}")
        if reason.reason_code in policy.remark_required:
            yield Fault((f"pricing.{name}", "remark_required"), "a remark is needed, none is given")
        yield from _group(policy, f"pricing.{name}", reason.group_code, reason.reason_code)
    for rule, denial in rules.denials.items():
        path, code = f"pricing.denials.{rule}", denial.reason_code
        yield from _group(policy, path, denial.group_code, code)
        if code in policy.patient_shares:
            yield Fault((path, "patient_shares"), "a patient's share denies nothing")
        if code in policy.remark_required and not denial.remark_codes:
            yield Fault((path, "remark_required"), "a remark is needed, none is given")
        if code in policy.medical_necessity:
            yield Fault((path, "medical_necessity"), "only a medical reviewer denies with it")


def _group(policy: Policy, path: str, group: str, code: str) -> Iterator[Fault]:
    if group not in policy.reason_groups.get(code, GROUP_CODES):
        yield Fault((path, "reason_groups"), f"{code} may not stand in group {group}")


def _appeals(policy: Policy) -> Iterator[Fault]:
    numbers = [one.level for one in policy.appeals.levels]
    if sorted(numbers) != list(range(1, len(numbers) + 1)):
        yield Fault(("appeals.levels",), "levels must be numbered from 1, each once")
    for number in policy.appeals.escalation_levels:
        if number + 1 not in numbers or number not in numbers:
            yield Fault(("appeals.escalation_levels",), "there is no next level to go on to")


def _rest(policy: Policy) -> Iterator[Fault]:
    if not policy.queues or len(set(policy.queues)) < len(policy.queues):
        yield Fault(("queues",), "at least one queue is needed, each once")
    for status in _STATUSES:
        if status not in policy.payment.claim_statuses:
            yield Fault(("payment.claim_statuses",), f"{status} is needed")
    if policy.interest.day_count <= 0:
        yield Fault(("interest.day_count",), "must be above zero")
    for name in _POSITIVE:
        if not getattr(policy, name) > 0:
            yield Fault((name,), "must be above zero")


_CHECKS: Final[tuple[Callable[[Policy], Iterator[Fault]], ...]] = (
    _tiers,
    _pends,
    _edits,
    _pricing,
    _appeals,
    _rest,
)
