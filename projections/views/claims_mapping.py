"""Where the claims view keeps what: the explicit mapping of its index."""

from __future__ import annotations

from typing import Final

from projections.views.fields import (
    SHOWN,
    Properties,
    amounts,
    dates,
    keywords,
    longs,
    nested,
    times,
)

_ADJUSTMENTS: Final = nested(keywords("group_code", "reason_code") | amounts("amount"))

_SERVICE_LINES: Final = nested(
    longs("line_number", "diagnosis_pointers")
    | keywords(
        "procedure_code", "procedure_system", "modifiers", "procedure_description", "revenue_code",
        "ndc", "units", "unit_basis_code", "place_of_service_code", "rendering_npi", "remark_codes",
        "edit_ids", "pricing_method", "fee_schedule_reference", "adjudicated_procedure_system",
        "adjudicated_procedure_code", "adjudicated_modifiers", "adjudicated_procedure_description",
    )
    | amounts("charge", "allowed", "paid")
    | dates("service_from_date", "service_through_date")
    | {
        "units_paid": SHOWN,
        "units_number": {"type": "double"},
        "denied": {"type": "boolean"},
        "adjustments": _ADJUSTMENTS,
    }
)  # fmt: skip

_ADJUDICATION: Final = {
    "properties": longs("number", "approvals_needed")
    | keywords("hash", "decision", "adjudicator", "approvers", "mode")
    | times("adjudicate_time")
    | {
        "final": {"type": "boolean"},
        "shares": nested(
            keywords("plan_id") | longs("benefit_year") | amounts("deductible", "out_of_pocket")
        ),
        "provenance": {
            "properties": keywords("plan_id", "fee_schedule_versions")
            | longs("policy_version", "plan_version", "code_edits_version")
        },
    }
}

_PAYMENT: Final = {
    "properties": longs("number")
    | keywords("remittance_id", "trace_number")
    | amounts("paid", "interest")
    | dates("payment_date")
    | {
        "overpayments": nested(
            keywords("overpayment_id", "recorded_by")
            | amounts("amount", "recouped")
            | times("record_time")
        )
    }
}

APPEALS: Final = nested(
    keywords("appeal_id", "filed_by", "good_cause_code", "status", "outcome", "closed_by")
    | longs("level", "adjudication_number", "line_numbers")
    | amounts("amount_in_controversy")
    | dates("due_date")
    | times("file_time", "close_time")
    | {"late": {"type": "boolean"}}
)

_PROPERTIES: Final = (
    keywords(
        "claim_id", "claim_number", "head_hash", "state", "decision",
        "type", "frequency_code", "currency_code", "line_of_business", "jurisdiction",
        "claim_filing_indicator", "payer_sequence", "payer_id", "payer_name",
        "patient_control_number_hash", "member_hash", "submitted_by", "billing_npi", "billing_name",
        "billing_taxonomy_code", "rendering_npi", "referring_npi", "attending_npi",
        "operating_npi", "facility_npi", "pay_to_npi", "place_of_service_code",
        "facility_type_code", "drg_code", "patient_status_code", "admission_type_code", "edit_ids",
        "open_pend_codes", "open_hold_kinds", "queue", "assignee", "plan_id", "family_id",
        "next_claim_id",
    )
    | longs(
        "open_information_requests", "attachment_count", "note_count",
        "policy_version", "open_appeals", "reopening_count",
    )
    | amounts("total_charge", "allowed", "paid", "patient_responsibility", "open_recovery")
    | dates(
        "service_from_date", "service_through_date", "statement_from_date",
        "statement_through_date", "admission_date", "discharge_date", "receipt_date",
        "next_due_date", "next_appeal_due_date",
    )
    | times("receive_time", "update_time", "decide_time", "lease_expire_time", "breach_time")
    | {
        "diagnoses": nested(
            longs("position")
            | keywords("qualifier", "code_system", "code", "present_on_admission_code")
        ),
        "service_lines": _SERVICE_LINES,
        "adjustments": _ADJUSTMENTS,
        "adjudication": _ADJUDICATION,
        "remitted": {"type": "boolean"},
        "payment": _PAYMENT,
        "reversed_payment": _PAYMENT,
        "link": {
            "properties": keywords(
                "relation", "prior_claim_id", "prior_claim_number", "original_claim_id",
                "original_claim_number",
            )
        },
        "prior_payers": nested(
            keywords("payer_id", "payer_name", "payer_sequence", "claim_filing_indicator")
            | amounts("paid_amount", "remaining_patient_liability")
        ),
        "findings": nested(
            keywords("edit_id", "severity", "field_path", "status_category_code", "status_code")
            | {"message": SHOWN}
        ),
        "pends": nested(keywords("code", "opened_by") | times("open_time", "resolve_time")),
        "holds": nested(
            keywords("kind", "placed_by", "released_by") | times("place_time", "release_time")
        ),
        "appeals": APPEALS,
        "information_requests": nested(
            keywords("information_request_id", "party", "control_number", "status")
            | dates("due_date")
            | times("request_time", "close_time")
        ),
        "source": {
            "properties": keywords("system", "batch", "charge_basis", "record_id")
            | longs("position")
        },
        "text": {"type": "text", "analyzer": "standard"},
    }
)  # fmt: skip

MAPPING: Final[Properties] = {"dynamic": "strict", "properties": _PROPERTIES}
