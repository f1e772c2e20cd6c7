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
    )
    | _amounts("charge", "allowed", "paid")
    | _dates("service_from_date", "service_through_date")
    | {
        "units_number": {"type": "double"},
        "denied": {"type": "boolean"},
        "adjustments": _ADJUSTMENTS,
    }
)  # fmt: skip

_PROPERTIES: Final = (
    _keywords(
        "tenant_id", "claim_id", "claim_number", "head_hash", "store_epoch", "state", "decision",
        "type", "frequency_code", "currency_code", "line_of_business", "jurisdiction",
        "claim_filing_indicator", "payer_sequence", "payer_id", "payer_name",
        "patient_control_number_hash", "member_hash", "submitted_by", "billing_npi", "billing_name",
        "billing_taxonomy_code", "rendering_npi", "referring_npi", "attending_npi",
        "operating_npi", "facility_npi", "place_of_service_code", "facility_type_code", "drg_code",
        "patient_status_code", "admission_type_code", "edit_ids", "open_pend_codes", "queue",
        "assignee",
    )
    | _longs(
        "version", "position", "open_information_requests", "attachment_count", "note_count",
        "policy_version",
    )
    | _amounts("total_charge", "allowed", "paid", "patient_responsibility")
    | _dates(
        "service_from_date", "service_through_date", "statement_from_date",
        "statement_through_date", "admission_date", "discharge_date", "receipt_date",
        "next_due_date",
    )
    | _times("receive_time", "update_time", "decide_time", "lease_expire_time")
    | {
        "diagnoses": _nested(
            _longs("position")
            | _keywords("qualifier", "code_system", "code", "present_on_admission_code")
        ),
        "service_lines": _SERVICE_LINES,
        "adjustments": _ADJUSTMENTS,
        "adjudication": {
            "properties": _longs("number", "approvals_needed")
            | _keywords("hash", "decision", "adjudicator", "approvers")
            | _times("adjudicate_time")
            | {"final": {"type": "boolean"}}
        },
        "findings": _nested(
            _keywords("edit_id", "severity", "field_path", "status_category_code", "status_code")
            | {"message": _SHOWN}
        ),
        "pends": _nested(_keywords("code", "opened_by") | _times("open_time", "resolve_time")),
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
