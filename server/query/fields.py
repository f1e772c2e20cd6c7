"""The one table of searchable fields: the name a person types, where the index has it, its kind.

Query and view meet in the index paths alone (tests push documents through both). A field may be
used by callers who may see its PHI class, in a filter, an order, a group or a sum alike: a filter
on a hidden field would tell its value.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from claimflow.v1 import claim_pb2, document_pb2, options_pb2
from server.platform.redaction import Sight

PUBLIC = options_pb2.PHI_CLASS_PUBLIC
OPERATIONAL = options_pb2.PHI_CLASS_OPERATIONAL
FINANCIAL = options_pb2.PHI_CLASS_FINANCIAL
CLINICAL = options_pb2.PHI_CLASS_CLINICAL
DIRECT_ID = options_pb2.PHI_CLASS_DIRECT_ID
SENSITIVE = options_pb2.PHI_CLASS_SENSITIVE

# Bare words search names, codes and descriptions of procedures.
TEXT_PATH = "text"
TEXT_CLASS = CLINICAL


class Kind(Enum):
    """How values of a field are written and compared."""

    KEYWORD = auto()
    ENUM = auto()
    HASH = auto()
    AMOUNT = auto()
    QUANTITY = auto()
    INTEGER = auto()
    DATE = auto()
    TIME = auto()
    BOOLEAN = auto()
    SERVICE_DATE = auto()


COMPARABLE = frozenset(
    {Kind.AMOUNT, Kind.QUANTITY, Kind.INTEGER, Kind.DATE, Kind.TIME, Kind.SERVICE_DATE}
)
GROUPABLE = frozenset({Kind.KEYWORD, Kind.ENUM, Kind.INTEGER, Kind.DATE, Kind.TIME, Kind.BOOLEAN})
SORTABLE = frozenset(set(Kind) - {Kind.HASH})


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A searchable field; `nested` lists the nested paths around it, outermost first."""

    name: str
    path: str
    kind: Kind
    phi: int
    nested: tuple[str, ...] = ()
    # Names of a closed set, without the prefix that they have in the contract.
    values: frozenset[str] = frozenset()
    prefix: str = ""
    # Capitals and small letters are the same.
    ignore_case: bool = False
    # The index has capitals only.
    upper: bool = False
    # More than one value a claim or line: no order.
    repeated: bool = False
    # Kind of value that is hashed (`blind`).
    hashed_as: str = ""
    # Its name in the contract, where a role may see this field alone of its class.
    contract: str = ""

    def visible_to(self, sight: Sight) -> bool:
        """Tell whether a caller may see its values, and so use it."""
        return self.phi in sight.classes or self.contract in sight.also

    @property
    def sortable(self) -> bool:
        """Claims can be ordered by it: one value a claim."""
        return self.kind in SORTABLE and not self.nested and not self.repeated

    @property
    def groupable(self) -> bool:
        """Claims or lines can be grouped by it."""
        return self.kind in GROUPABLE

    @property
    def summable(self) -> bool:
        """It is an amount."""
        return self.kind is Kind.AMOUNT


NESTED = {
    "diagnoses": ("diagnoses",),
    "service_lines": ("service_lines",),
    "service_lines.adjustments": ("service_lines", "service_lines.adjustments"),
    "adjustments": ("adjustments",),
    "findings": ("findings",),
    "pends": ("pends",),
    "information_requests": ("information_requests",),
    "prior_payers": ("prior_payers",),
    "adjudication.shares": ("adjudication.shares",),
    "payment.overpayments": ("payment.overpayments",),
    "holds": ("holds",),
    "appeals": ("appeals",),
}

_V1 = "claimflow.v1."

FIELDS: dict[str, Field] = {}


def _add(name: str, kind: Kind, phi: int, **more: Any) -> None:
    group = name.rpartition(".")[0]
    more.setdefault("path", f"{name}_cents" if kind is Kind.AMOUNT else name)
    more.setdefault("nested", NESTED.get(group, ()))
    FIELDS[name] = Field(name=name, kind=kind, phi=phi, **more)


def _enum(name: str, phi: int, enum: Any) -> None:
    keys: list[str] = enum.keys()
    prefix = keys[0].removesuffix("UNSPECIFIED")
    values = frozenset(key.removeprefix(prefix) for key in keys[1:])
    _add(name, Kind.ENUM, phi, values=values, prefix=prefix)


def _keywords(phi: int, *names: str, **more: Any) -> None:
    for name in names:
        _add(name, Kind.KEYWORD, phi, **more)


def _each(kind: Kind, phi: int, *names: str) -> None:
    for name in names:
        _add(name, kind, phi)


def _claim() -> None:
    _keywords(PUBLIC, "claim_id", "family_id", "next_claim_id")
    _add("claim_number", Kind.KEYWORD, FINANCIAL, upper=True, contract=f"{_V1}Claim.claim_number")
    _enum("state", OPERATIONAL, claim_pb2.ClaimState)
    _enum("decision", FINANCIAL, claim_pb2.Decision)
    _enum("type", OPERATIONAL, document_pb2.ClaimType)
    _each(Kind.INTEGER, PUBLIC, "version")
    _each(Kind.INTEGER, OPERATIONAL, "policy_version")
    _keywords(
        OPERATIONAL, "frequency_code", "currency_code", "line_of_business", "jurisdiction",
        "claim_filing_indicator", "payer_sequence", "payer_id", "submitted_by",
    )  # fmt: skip
    _keywords(OPERATIONAL, "payer_name", "billing_name", ignore_case=True)
    _keywords(
        OPERATIONAL, "billing_npi", "billing_taxonomy_code", "rendering_npi", "referring_npi",
        "attending_npi", "operating_npi", "facility_npi", "pay_to_npi",
    )  # fmt: skip
    _add(
        "patient_control_number",
        Kind.HASH,
        FINANCIAL,
        path="patient_control_number_hash",
        hashed_as="patient_control_number",
        contract=f"{_V1}ClaimDocument.patient_control_number",
    )
    _add(
        "member_id",
        Kind.HASH,
        DIRECT_ID,
        path="member_hash",
        hashed_as="member",
        contract=f"{_V1}Person.member_id",
    )
    _keywords(
        CLINICAL, "place_of_service_code", "facility_type_code", "drg_code",
        "patient_status_code", "admission_type_code",
    )  # fmt: skip
    _add("total_charge", Kind.AMOUNT, FINANCIAL, contract=f"{_V1}ClaimDocument.total_charge")
    _each(Kind.AMOUNT, FINANCIAL, "allowed", "paid", "patient_responsibility")


def _dates() -> None:
    _add("service_date", Kind.SERVICE_DATE, CLINICAL, path="service_from_date")
    _each(
        Kind.DATE, CLINICAL, "service_from_date", "service_through_date", "statement_from_date",
        "statement_through_date", "admission_date", "discharge_date",
    )  # fmt: skip
    _each(Kind.DATE, OPERATIONAL, "receipt_date", "next_due_date", "next_appeal_due_date")
    _each(
        Kind.TIME, OPERATIONAL, "receive_time", "update_time", "decide_time", "breach_time",
        "lease_expire_time",
    )  # fmt: skip


def _lines() -> None:
    _each(Kind.INTEGER, CLINICAL, "diagnoses.position")
    _enum("diagnoses.qualifier", CLINICAL, document_pb2.DiagnosisQualifier)
    _enum("diagnoses.code_system", CLINICAL, document_pb2.CodeSystem)
    _keywords(CLINICAL, "diagnoses.code", "diagnoses.present_on_admission_code")
    _each(Kind.INTEGER, PUBLIC, "service_lines.line_number")
    _enum("service_lines.procedure_system", CLINICAL, document_pb2.CodeSystem)
    _keywords(
        CLINICAL, "service_lines.procedure_code", "service_lines.revenue_code",
        "service_lines.ndc", "service_lines.unit_basis_code",
        "service_lines.place_of_service_code",
    )  # fmt: skip
    _keywords(CLINICAL, "service_lines.modifiers", repeated=True)
    _keywords(OPERATIONAL, "service_lines.rendering_npi")
    _add("service_lines.units", Kind.QUANTITY, CLINICAL, path="service_lines.units_number")
    _add("service_lines.diagnosis_pointers", Kind.INTEGER, CLINICAL, repeated=True)
    _each(
        Kind.DATE,
        CLINICAL,
        "service_lines.service_from_date",
        "service_lines.service_through_date",
    )
    _each(
        Kind.AMOUNT, FINANCIAL, "service_lines.allowed",
        "service_lines.paid", "service_lines.adjustments.amount", "adjustments.amount",
    )  # fmt: skip
    _add("service_lines.charge", Kind.AMOUNT, FINANCIAL, contract=f"{_V1}ServiceLine.charge")
    _add("service_lines.denied", Kind.BOOLEAN, FINANCIAL)
    _keywords(FINANCIAL, "service_lines.remark_codes", repeated=True)
    _keywords(CLINICAL, "service_lines.adjudicated_procedure_code")
    _keywords(OPERATIONAL, "service_lines.edit_ids", repeated=True)
    _keywords(OPERATIONAL, "service_lines.pricing_method", "service_lines.fee_schedule_reference")
    for group in ("service_lines.adjustments", "adjustments"):
        _keywords(FINANCIAL, f"{group}.group_code", f"{group}.reason_code")
    _add(
        "remark_codes",
        Kind.KEYWORD,
        FINANCIAL,
        path="service_lines.remark_codes",
        nested=("service_lines",),
        repeated=True,
    )


def _work() -> None:
    _each(Kind.INTEGER, OPERATIONAL, "adjudication.number", "adjudication.approvals_needed")
    _keywords(OPERATIONAL, "adjudication.adjudicator")
    _keywords(OPERATIONAL, "adjudication.approvers", repeated=True)
    _each(Kind.TIME, OPERATIONAL, "adjudication.adjudicate_time")
    _each(Kind.BOOLEAN, OPERATIONAL, "adjudication.final")
    _keywords(OPERATIONAL, "edit_ids", "open_pend_codes", "open_hold_kinds", repeated=True)
    _enum("findings.severity", OPERATIONAL, claim_pb2.EditSeverity)
    _keywords(
        OPERATIONAL, "findings.edit_id", "findings.field_path",
        "findings.status_category_code", "findings.status_code",
    )  # fmt: skip
    _keywords(OPERATIONAL, "pends.code", "pends.opened_by")
    _each(Kind.TIME, OPERATIONAL, "pends.open_time", "pends.resolve_time")
    for name, enum in (
        ("party", claim_pb2.InformationParty),
        ("status", claim_pb2.InformationRequestStatus),
    ):
        _enum(f"information_requests.{name}", OPERATIONAL, enum)
    _keywords(
        OPERATIONAL,
        "information_requests.information_request_id",
        "information_requests.control_number",
    )
    _each(Kind.DATE, OPERATIONAL, "information_requests.due_date")
    _each(
        Kind.TIME,
        OPERATIONAL,
        "information_requests.request_time",
        "information_requests.close_time",
    )
    _keywords(OPERATIONAL, "holds.kind", "holds.placed_by", "holds.released_by")
    _each(Kind.TIME, OPERATIONAL, "holds.place_time", "holds.release_time")
    _each(
        Kind.INTEGER, OPERATIONAL, "open_information_requests", "open_appeals", "reopening_count",
        "attachment_count", "note_count",
    )  # fmt: skip
    _keywords(OPERATIONAL, "queue", "assignee")
    _keywords(OPERATIONAL, "source.system", "source.batch", "source.charge_basis")
    _each(Kind.INTEGER, OPERATIONAL, "source.position")
    _keywords(FINANCIAL, "source.record_id")


def _decided_by() -> None:
    _enum("adjudication.mode", OPERATIONAL, claim_pb2.AdjudicationMode)
    _keywords(OPERATIONAL, "plan_id")
    _each(
        Kind.INTEGER, OPERATIONAL, "adjudication.provenance.policy_version",
        "adjudication.provenance.plan_version", "adjudication.provenance.code_edits_version",
    )  # fmt: skip
    _keywords(OPERATIONAL, "adjudication.provenance.fee_schedule_versions", repeated=True)
    _keywords(OPERATIONAL, "adjudication.shares.plan_id")
    _each(Kind.INTEGER, FINANCIAL, "adjudication.shares.benefit_year")
    _each(
        Kind.AMOUNT, FINANCIAL, "adjudication.shares.deductible",
        "adjudication.shares.out_of_pocket",
    )  # fmt: skip


def _money() -> None:
    _each(Kind.BOOLEAN, OPERATIONAL, "remitted")
    for payment in ("payment", "reversed_payment"):
        _each(Kind.INTEGER, PUBLIC, f"{payment}.number")
        _keywords(PUBLIC, f"{payment}.remittance_id")
        _keywords(FINANCIAL, f"{payment}.trace_number")
        _each(Kind.DATE, FINANCIAL, f"{payment}.payment_date")
        _each(Kind.AMOUNT, FINANCIAL, f"{payment}.paid", f"{payment}.interest")
    overpaid = "payment.overpayments"
    _keywords(PUBLIC, f"{overpaid}.overpayment_id")
    _keywords(OPERATIONAL, f"{overpaid}.recorded_by")
    _each(Kind.TIME, OPERATIONAL, f"{overpaid}.record_time")
    _each(Kind.AMOUNT, FINANCIAL, f"{overpaid}.amount", f"{overpaid}.recouped", "open_recovery")
    _keywords(
        OPERATIONAL, "prior_payers.payer_id", "prior_payers.payer_sequence",
        "prior_payers.claim_filing_indicator",
    )  # fmt: skip
    _keywords(OPERATIONAL, "prior_payers.payer_name", ignore_case=True)
    _each(
        Kind.AMOUNT, FINANCIAL, "prior_payers.paid_amount",
        "prior_payers.remaining_patient_liability",
    )  # fmt: skip


def _family() -> None:
    _enum("link.relation", OPERATIONAL, claim_pb2.ClaimRelation)
    _keywords(PUBLIC, "link.prior_claim_id", "link.original_claim_id")
    _keywords(FINANCIAL, "link.prior_claim_number", "link.original_claim_number", upper=True)


def _appeals() -> None:
    _keywords(PUBLIC, "appeals.appeal_id")
    _each(Kind.INTEGER, OPERATIONAL, "appeals.level")
    _each(Kind.INTEGER, PUBLIC, "appeals.adjudication_number")
    _add("appeals.line_numbers", Kind.INTEGER, PUBLIC, repeated=True)
    _each(Kind.AMOUNT, FINANCIAL, "appeals.amount_in_controversy")
    _keywords(OPERATIONAL, "appeals.filed_by", "appeals.good_cause_code", "appeals.closed_by")
    _each(Kind.TIME, OPERATIONAL, "appeals.file_time", "appeals.close_time")
    _each(Kind.DATE, OPERATIONAL, "appeals.due_date")
    _enum("appeals.status", OPERATIONAL, claim_pb2.AppealStatus)
    _enum("appeals.outcome", OPERATIONAL, claim_pb2.AppealOutcome)
    _each(Kind.BOOLEAN, OPERATIONAL, "appeals.late")


_claim()
_dates()
_lines()
_work()
_decided_by()
_money()
_family()
_appeals()
