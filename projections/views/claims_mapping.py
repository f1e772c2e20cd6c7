"""Where the claims view keeps what: the explicit mapping of its index.

Only types of Elasticsearch's core. An amount is two fields: the exact decimal text, for showing
only, and integer cents, for comparing and adding up.
"""

from __future__ import annotations

from typing import Any, Final

Properties = dict[str, Any]

_SHOWN: Final = {"type": "keyword", "index": False, "doc_values": False}
_DATE: Final = {"type": "date", "format": "strict_date"}
_TIME: Final = {"type": "date", "format": "strict_date_optional_time"}


def _keywords(*names: str) -> Properties:
    return {name: {"type": "keyword"} for name in names}


def _longs(*names: str) -> Properties:
    return {name: {"type": "long"} for name in names}


def _amounts(*names: str) -> Properties:
    shown = {name: _SHOWN for name in names}
    return shown | _longs(*(f"{name}_cents" for name in names))


def _dates(*names: str) -> Properties:
    return dict.fromkeys(names, _DATE)


def _times(*names: str) -> Properties:
    return dict.fromkeys(names, _TIME)


def _nested(properties: Properties) -> Properties:
    return {"type": "nested", "properties": properties}


_ADJUSTMENTS: Final = _nested(_keywords("group_code", "reason_code") | _amounts("amount"))

_SERVICE_LINES: Final = _nested(
    _longs("line_number", "diagnosis_pointers")
    | _keywords(
        "procedure_code", "procedure_system", "modifiers", "procedure_description", "revenue_code",
        "ndc", "units", "unit_basis_code", "place_of_service_code", "rendering_npi", "remark_codes",
        "edit_ids", "pricing_method", "fee_schedule_reference", "adjudicated_procedure_system",
        "adjudicated_procedure_code", "adjudicated_modifiers", "adjudicated_procedure_description",
    )
    | _amounts("charge", "allowed", "paid")
    | _dates("service_from_date", "service_through_date")
    | {
        "units_paid": _SHOWN,
        "units_number": {"type": "double"},
        "denied": {"type": "boolean"},
        "adjustments": _ADJUSTMENTS,
    }
)  # fmt: skip

_ADJUDICATION: Final = {
    "properties": _longs("number", "approvals_needed")
    | _keywords("hash", "decision", "adjudicator", "approvers", "mode")
    | _times("adjudicate_time")
    | {
        "final": {"type": "boolean"},
        "shares": _nested(
            _keywords("plan_id") | _longs("benefit_year") | _amounts("deductible", "out_of_pocket")
        ),
        "provenance": {
            "properties": _keywords("plan_id", "fee_schedule_versions")
            | _longs("policy_version", "plan_version", "code_edits_version")
        },
    }
}

_PAYMENT: Final = {
    "properties": _longs("number")
    | _keywords("remittance_id", "trace_number")
    | _amounts("paid", "interest")
    | _dates("payment_date")
    | {
        "overpayments": _nested(
            _keywords("overpayment_id", "recorded_by")
            | _amounts("amount", "recouped")
            | _times("record_time")
        )
    }
}

_APPEALS: Final = _nested(
    _keywords("appeal_id", "filed_by", "good_cause_code", "status", "outcome", "closed_by")
    | _longs("level", "adjudication_number", "line_numbers")
    | _amounts("amount_in_controversy")
    | _dates("due_date")
    | _times("file_time", "close_time")
    | {"late": {"type": "boolean"}}
)

_PROPERTIES: Final = (
    _keywords(
        "tenant_id", "claim_id", "claim_number", "head_hash", "store_epoch", "state", "decision",
        "type", "frequency_code", "currency_code", "line_of_business", "jurisdiction",
        "claim_filing_indicator", "payer_sequence", "payer_id", "payer_name",
        "patient_control_number_hash", "member_hash", "submitted_by", "billing_npi", "billing_name",
        "billing_taxonomy_code", "rendering_npi", "referring_npi", "attending_npi",
        "operating_npi", "facility_npi", "pay_to_npi", "place_of_service_code",
        "facility_type_code", "drg_code", "patient_status_code", "admission_type_code", "edit_ids",
        "open_pend_codes", "open_hold_kinds", "queue", "assignee", "plan_id", "family_id",
        "next_claim_id",
    )
    | _longs(
        "version", "position", "open_information_requests", "attachment_count", "note_count",
        "policy_version", "open_appeals", "reopening_count",
    )
    | _amounts("total_charge", "allowed", "paid", "patient_responsibility", "open_recovery")
    | _dates(
        "service_from_date", "service_through_date", "statement_from_date",
        "statement_through_date", "admission_date", "discharge_date", "receipt_date",
        "next_due_date", "next_appeal_due_date",
    )
    | _times("receive_time", "update_time", "decide_time", "lease_expire_time", "breach_time")
    | {
        "diagnoses": _nested(
            _longs("position")
            | _keywords("qualifier", "code_system", "code", "present_on_admission_code")
        ),
        "service_lines": _SERVICE_LINES,
        "adjustments": _ADJUSTMENTS,
        "adjudication": _ADJUDICATION,
        "remitted": {"type": "boolean"},
        "payment": _PAYMENT,
        "reversed_payment": _PAYMENT,
        "link": {
            "properties": _keywords(
                "relation", "prior_claim_id", "prior_claim_number", "original_claim_id",
                "original_claim_number",
            )
        },
        "prior_payers": _nested(
            _keywords("payer_id", "payer_name", "payer_sequence", "claim_filing_indicator")
            | _amounts("paid_amount", "remaining_patient_liability")
        ),
        "findings": _nested(
            _keywords("edit_id", "severity", "field_path", "status_category_code", "status_code")
            | {"message": _SHOWN}
        ),
        "pends": _nested(_keywords("code", "opened_by") | _times("open_time", "resolve_time")),
        "holds": _nested(
            _keywords("kind", "placed_by", "released_by") | _times("place_time", "release_time")
        ),
        "appeals": _APPEALS,
        "information_requests": _nested(
            _keywords("information_request_id", "party", "control_number", "status")
            | _dates("due_date")
            | _times("request_time", "close_time")
        ),
        "source": {
            "properties": _keywords("system", "batch", "charge_basis", "record_id")
            | _longs("position")
        },
        "text": {"type": "text", "analyzer": "standard"},
    }
)  # fmt: skip

MAPPING: Final[Properties] = {"dynamic": "strict", "properties": _PROPERTIES}
