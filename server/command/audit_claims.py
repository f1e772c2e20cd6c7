"""What must hold along one claim's history: M1-M4, M6, M9-M11, M14, W4-W7, W13."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from server.claims.adjudication import adjudication_hash
from server.claims.approvals import standing
from server.claims.document import ZERO, Adjustment
from server.claims.events import (
    AdjudicationRecorded,
    AppealDecided,
    ApprovalGranted,
    ClaimApproved,
    ClaimDenied,
    ClaimPartiallyApproved,
    NoteAdded,
    NoteRedacted,
    Recorded,
)
from server.claims.model import TERMINAL, Adjudication, Claim, State

Tell = Callable[[str, object, str], None]

_DECISIONS = (ClaimApproved, ClaimPartiallyApproved, ClaimDenied)
_NOTES = (NoteAdded, NoteRedacted)


@dataclass(frozen=True, slots=True)
class Authority:
    """Who may decide how much, as a stored policy says it (W5)."""

    tiers: Sequence[tuple[Decimal, int, frozenset[str]]]  # from this basis up: approvals, roles
    limits: Mapping[str, Decimal]

    @classmethod
    def of(cls, body: Any) -> Authority:
        """Return what the body of a policy says; raise one of `UNREADABLE` when it is none."""
        return cls(
            sorted(
                (Decimal(one["basis_from"]), one["approvals"], frozenset(one["roles"]))
                for one in body["tiers"]
            ),
            {role: Decimal(limit) for role, limit in body["limits"].items()},
        )

    def tier(self, basis: Decimal) -> tuple[int, frozenset[str]]:
        """Return how many approvals a basis needs, and of which roles."""
        found = [(approvals, roles) for begins, approvals, roles in self.tiers if begins <= basis]
        return found[-1]

    def reaches(self, role: str, basis: Decimal) -> bool:
        """Say whether a role may decide an amount; what moves no money needs no limit."""
        return not basis or basis <= self.limits.get(role, ZERO)


# What reading or working out a value that nobody should have written comes to.
UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError)


class History:
    """Follows one claim, event by event; `policies` are those of the store, by version."""

    def __init__(self, policies: Mapping[int, Authority]) -> None:
        self._policies = policies
        self._final_paid = ZERO  # by the last final determination
        self._state: State | None = None
        self._decided: set[str] = set()
        self._appeals_decided: set[str] = set()

    def step(self, claim: Claim, recorded: Recorded, tell: Tell) -> None:
        """Check what an event has made of the claim."""
        event, name = recorded.event, claim.claim_id
        if self._state in TERMINAL and not isinstance(event, _NOTES):
            tell("W6", name, f"version {recorded.version} after the end")
        self._state = claim.state
        if not recorded.actor or not recorded.role:
            tell("W4", name, f"version {recorded.version} has no actor")
        if recorded.role in {"ADMIN", "AUDITOR"}:
            tell("W4", name, f"version {recorded.version} by a role that changes no claim")
        self._check_open_work(claim, tell)
        match event:
            case AdjudicationRecorded():
                check_balances(claim, event.adjudication, tell)
                self._check_tier(event.adjudication, recorded, name, tell)
                self._took_part(event.adjudication.by, claim, tell)
            case ApprovalGranted():
                self._check_authority(claim, recorded, tell)
                self._took_part(event.approver, claim, tell)
            case AppealDecided():
                if event.by in self._decided | self._appeals_decided:
                    tell("W13", name, "an appeal was decided by somebody who took part")
                self._appeals_decided.add(event.by)
            case ClaimApproved() | ClaimPartiallyApproved() | ClaimDenied():
                check_approvals(claim, tell)
                if not standing(claim).approvals_needed:
                    self._check_authority(claim, recorded, tell)
                self._final_paid = standing(claim).paid
            case _:
                pass

    def _basis(self, paid: Decimal) -> Decimal:
        return max(abs(paid), abs(paid - self._final_paid))

    def _policy(self, recorded: Recorded, name: object, tell: Tell) -> Authority | None:
        policy = self._policies.get(recorded.policy_version)
        if policy is None:
            tell("W5", name, f"version {recorded.version} was decided under no known policy")
        return policy

    def _check_tier(
        self, adjudication: Adjudication, recorded: Recorded, name: object, tell: Tell
    ) -> None:
        """Check that a determination asks for the approvals that its amount needs (W5)."""
        if adjudication_hash(adjudication) != adjudication.hash:
            tell("W5", name, f"n={adjudication.number} is not what its hash names")
        policy = self._policy(recorded, name, tell)
        if policy is None:
            return
        needed, _ = policy.tier(self._basis(adjudication.paid))
        if adjudication.approvals_needed != needed:
            tell("W5", name, f"n={adjudication.number} asks for other approvals than it needs")

    def _check_authority(self, claim: Claim, recorded: Recorded, tell: Tell) -> None:
        """Check that who approves or finalizes has the role and the limit for it (W5)."""
        policy = self._policy(recorded, claim.claim_id, tell)
        if policy is None:
            return
        basis = self._basis(standing(claim).paid)
        _, roles = policy.tier(basis)
        event = recorded.event
        if isinstance(event, ApprovalGranted) and (
            recorded.role not in roles or recorded.actor != event.approver
        ):
            tell("W5", claim.claim_id, f"version {recorded.version} by who may not approve")
        if not policy.reaches(recorded.role, basis):
            tell("W5", claim.claim_id, f"version {recorded.version} is above its actor's limit")

    def _took_part(self, actor: str, claim: Claim, tell: Tell) -> None:
        if actor in self._appeals_decided:
            tell("W13", claim.claim_id, "a decision by somebody who decided an appeal")
        self._decided.add(actor)

    def _check_open_work(self, claim: Claim, tell: Tell) -> None:
        asked, pended = bool(claim.open_information_requests), bool(claim.open_pends)
        expected = {
            State.INFO_REQUESTED: asked,
            State.PENDED: pended and not asked,
            State.ACCEPTED: not pended and not asked,
            State.ADJUDICATED: not pended and not asked,
            State.PENDING_APPROVAL: not pended and not asked,
        }
        if not expected.get(claim.state, True):
            tell("W7", claim.claim_id, f"version {claim.version} hides open work")


def check_balances(claim: Claim, adjudication: Adjudication, tell: Tell) -> None:
    """Check the sums of one determination, from its lines up (M1-M4, M6, M9-M11)."""
    name = f"{claim.claim_id} n={adjudication.number}"
    charges = {one.line_number: one.charge or ZERO for one in claim.document.service_lines}
    decided = {one.line_number: one.charge for one in adjudication.lines}
    if charges != decided or len(decided) != len(adjudication.lines):
        tell("M2", name, "lines and charges are not those of the claim")
    for line in adjudication.lines:
        adjusted = _sum(line.adjustments)
        if line.charge - adjusted != line.paid:
            tell("M3", name, f"line {line.line_number} does not balance")
        if line.denied and (line.paid or not line.adjustments):
            tell("M10", name, f"line {line.line_number} is denied without its reason")
        if line.paid != line.charge and not line.adjustments:
            tell("M11", name, f"line {line.line_number} says no reason")
        reasons = [(one.group_code, one.reason_code) for one in line.adjustments]
        if len(set(reasons)) < len(reasons) or any(not one.amount for one in line.adjustments):
            tell("M9", name, f"line {line.line_number} adjusts nothing or twice")
        amounts = [line.charge, line.paid, line.allowed, *(a.amount for a in line.adjustments)]
        if any(amount != amount.quantize(Decimal("0.01")) for amount in amounts):
            tell("M1", name, f"line {line.line_number} has parts of a cent")
    paid = sum((line.paid for line in adjudication.lines), ZERO)
    if paid - _sum(adjudication.adjustments) != adjudication.paid:
        tell("M4", name, "the claim does not balance")
    every = [one for line in adjudication.lines for one in line.adjustments]
    patients = [one for one in (*every, *adjudication.adjustments) if one.group_code == "PR"]
    if _sum(patients) != adjudication.patient_responsibility:
        tell("M6", name, "patient responsibility is not the sum of PR")
    counted = [one for line in adjudication.lines if not line.denied for one in line.adjustments]
    owed = _sum([o for o in (*counted, *adjudication.adjustments) if o.group_code == "PR"])
    shares = sum((one.out_of_pocket for one in adjudication.shares), ZERO)
    if adjudication.shares and shares != owed:
        tell("M14", name, "what counts towards the limits is not what the patient owes")


def check_approvals(claim: Claim, tell: Tell) -> None:
    """Check that a final decision has the approvals that it needs, by others (W5)."""
    current = standing(claim)
    approvers = [one.approver for one in current.approvals]
    enough = len(set(approvers)) >= current.approvals_needed
    if not enough or len(set(approvers)) < len(approvers) or current.by in approvers:
        tell("W5", claim.claim_id, f"n={current.number} is final without its approvals")


def _sum(adjustments: Sequence[Adjustment]) -> Decimal:
    return sum((one.amount for one in adjustments), ZERO)
