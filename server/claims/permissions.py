"""Who may give which command: the separation of duties of domain.md 1.3.

The edge asks the same of a credential before anything is loaded; here it holds without an edge.
Which role decides on this very claim (pend resolvers, tiers, limits) stands with the topic.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from server.claims.commands import (
    AddAttachment,
    AddNote,
    AdjudicateClaim,
    ApproveAdjudication,
    Asked,
    AssignClaim,
    CloseClaim,
    Command,
    DecideAppeal,
    DismissAppeal,
    ExpireInformationRequest,
    FileAppeal,
    FinalizeClaim,
    IssueRemittance,
    PendClaim,
    PlaceHold,
    ReceiveInformation,
    RecordBreach,
    RecordOverpayment,
    RecordPriorPayer,
    RecoupOverpayment,
    RedactNote,
    ReleaseClaim,
    ReleaseHold,
    ReopenClaim,
    ReportPaymentFailure,
    RequestInformation,
    ResolvePend,
    ReturnForRework,
    SubmitClaim,
    TakeNextClaim,
    TransferClaim,
    VoidClaim,
    WithdrawAppeal,
)
from server.claims.refusals import Refusal, require

STAFF = frozenset(
    {
        "INTAKE",
        "EXAMINER",
        "MEDICAL_REVIEWER",
        "SUPERVISOR",
        "APPROVER",
        "FINANCE",
        "APPEALS_ANALYST",
        "COB_SPECIALIST",
        "SIU",
    }
)


@dataclass(frozen=True, slots=True)
class Permission:
    """A permission of the contract, and the roles that hold it."""

    name: str
    roles: frozenset[str]


def _permission(name: str, *roles: str) -> Permission:
    return Permission(name, frozenset(roles))


_ASSIGN = _permission("CLAIM_ASSIGN", "EXAMINER", "SUPERVISOR")
_HOLD = _permission("CLAIM_HOLD", "SIU", "COB_SPECIALIST", "FINANCE")
_RECOVER = _permission("OVERPAYMENT_RECOVER", "FINANCE")
_NOTE = Permission("NOTE_WRITE", STAFF)

PERMISSIONS: Mapping[type[Command], Permission] = MappingProxyType(
    {
        SubmitClaim: _permission("CLAIM_SUBMIT", "SUBMITTER"),
        VoidClaim: _permission("CLAIM_VOID", "SUPERVISOR", "SUBMITTER"),
        PendClaim: _permission("CLAIM_PEND", "EXAMINER", "MEDICAL_REVIEWER", "SIU", "SYSTEM"),
        ResolvePend: _permission(
            "PEND_RESOLVE",
            "EXAMINER",
            "MEDICAL_REVIEWER",
            "SUPERVISOR",
            "SIU",
            "COB_SPECIALIST",
            "SYSTEM",
        ),
        RequestInformation: _permission(
            "INFORMATION_REQUEST", "EXAMINER", "MEDICAL_REVIEWER", "APPEALS_ANALYST"
        ),
        ReceiveInformation: _permission("INFORMATION_RECEIVE", "SUBMITTER", "INTAKE"),
        ExpireInformationRequest: _permission("INFORMATION_EXPIRE", "SYSTEM"),
        AdjudicateClaim: _permission("CLAIM_ADJUDICATE", "EXAMINER", "MEDICAL_REVIEWER", "SYSTEM"),
        ApproveAdjudication: _permission(
            "ADJUDICATION_APPROVE", "APPROVER", "SUPERVISOR", "MEDICAL_REVIEWER"
        ),
        ReturnForRework: _permission("ADJUDICATION_RETURN", "APPROVER", "SUPERVISOR"),
        FinalizeClaim: _permission("CLAIM_FINALIZE", "EXAMINER", "SYSTEM"),
        IssueRemittance: _permission("REMITTANCE_ISSUE", "FINANCE", "SYSTEM"),
        ReportPaymentFailure: _permission("PAYMENT_FAILURE_REPORT", "FINANCE"),
        # An appeals analyst reopens by deciding an appeal.
        ReopenClaim: _permission("CLAIM_REOPEN", "SUPERVISOR"),
        FileAppeal: _permission("APPEAL_FILE", "SUBMITTER", "MEMBER"),
        WithdrawAppeal: _permission("APPEAL_FILE", "SUBMITTER", "MEMBER"),
        DismissAppeal: _permission("APPEAL_DISMISS", "APPEALS_ANALYST"),
        DecideAppeal: _permission("APPEAL_DECIDE", "APPEALS_ANALYST", "MEDICAL_REVIEWER"),
        CloseClaim: _permission("CLAIM_CLOSE", "EXAMINER", "SYSTEM"),
        AssignClaim: _ASSIGN,
        TakeNextClaim: _ASSIGN,
        ReleaseClaim: _ASSIGN,
        TransferClaim: _ASSIGN,
        AddNote: _NOTE,
        RedactNote: _NOTE,
        AddAttachment: Permission("ATTACHMENT_ADD", STAFF | {"SUBMITTER"}),
        PlaceHold: _HOLD,
        ReleaseHold: _HOLD,
        RecordPriorPayer: _permission("PRIOR_PAYER_RECORD", "COB_SPECIALIST"),
        RecordOverpayment: _RECOVER,
        RecoupOverpayment: _RECOVER,
        RecordBreach: _permission("BREACH_RECORD", "SYSTEM"),
    }
)


def require_permission(kind: type[Command], asked: Asked) -> None:
    """Go on when the role may give commands of this kind."""
    permission = PERMISSIONS[kind]
    require(
        asked.role in permission.roles,
        Refusal.PERMISSION_MISSING,
        {"permission": permission.name},
    )
