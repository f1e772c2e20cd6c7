import datetime

from claimflow.v1 import document_pb2 as _document_pb2
from claimflow.v1 import options_pb2 as _options_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.type import date_pb2 as _date_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ClaimState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CLAIM_STATE_UNSPECIFIED: _ClassVar[ClaimState]
    CLAIM_STATE_RECEIVED: _ClassVar[ClaimState]
    CLAIM_STATE_REJECTED: _ClassVar[ClaimState]
    CLAIM_STATE_ACCEPTED: _ClassVar[ClaimState]
    CLAIM_STATE_PENDED: _ClassVar[ClaimState]
    CLAIM_STATE_INFO_REQUESTED: _ClassVar[ClaimState]
    CLAIM_STATE_ADJUDICATED: _ClassVar[ClaimState]
    CLAIM_STATE_PENDING_APPROVAL: _ClassVar[ClaimState]
    CLAIM_STATE_APPROVED: _ClassVar[ClaimState]
    CLAIM_STATE_DENIED: _ClassVar[ClaimState]
    CLAIM_STATE_PAID: _ClassVar[ClaimState]
    CLAIM_STATE_CLOSED: _ClassVar[ClaimState]
    CLAIM_STATE_VOIDED: _ClassVar[ClaimState]
    CLAIM_STATE_REPLACED: _ClassVar[ClaimState]

class Decision(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DECISION_UNSPECIFIED: _ClassVar[Decision]
    DECISION_APPROVED: _ClassVar[Decision]
    DECISION_PARTIAL: _ClassVar[Decision]
    DECISION_DENIED: _ClassVar[Decision]

class EditSeverity(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EDIT_SEVERITY_UNSPECIFIED: _ClassVar[EditSeverity]
    EDIT_SEVERITY_OFF: _ClassVar[EditSeverity]
    EDIT_SEVERITY_WARN: _ClassVar[EditSeverity]
    EDIT_SEVERITY_PEND: _ClassVar[EditSeverity]
    EDIT_SEVERITY_REJECT: _ClassVar[EditSeverity]
    EDIT_SEVERITY_DENY: _ClassVar[EditSeverity]

class AdjudicationMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ADJUDICATION_MODE_UNSPECIFIED: _ClassVar[AdjudicationMode]
    ADJUDICATION_MODE_MANUAL: _ClassVar[AdjudicationMode]
    ADJUDICATION_MODE_AUTO: _ClassVar[AdjudicationMode]

class InformationParty(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    INFORMATION_PARTY_UNSPECIFIED: _ClassVar[InformationParty]
    INFORMATION_PARTY_PROVIDER: _ClassVar[InformationParty]
    INFORMATION_PARTY_MEMBER: _ClassVar[InformationParty]
    INFORMATION_PARTY_OTHER: _ClassVar[InformationParty]

class InformationRequestStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    INFORMATION_REQUEST_STATUS_UNSPECIFIED: _ClassVar[InformationRequestStatus]
    INFORMATION_REQUEST_STATUS_OPEN: _ClassVar[InformationRequestStatus]
    INFORMATION_REQUEST_STATUS_RECEIVED: _ClassVar[InformationRequestStatus]
    INFORMATION_REQUEST_STATUS_EXPIRED: _ClassVar[InformationRequestStatus]

class NoteKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    NOTE_KIND_UNSPECIFIED: _ClassVar[NoteKind]
    NOTE_KIND_INTERNAL: _ClassVar[NoteKind]
    NOTE_KIND_PROVIDER_VISIBLE: _ClassVar[NoteKind]
    NOTE_KIND_MEMBER_VISIBLE: _ClassVar[NoteKind]
    NOTE_KIND_CLINICAL: _ClassVar[NoteKind]

class AppealStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    APPEAL_STATUS_UNSPECIFIED: _ClassVar[AppealStatus]
    APPEAL_STATUS_OPEN: _ClassVar[AppealStatus]
    APPEAL_STATUS_WITHDRAWN: _ClassVar[AppealStatus]
    APPEAL_STATUS_DISMISSED: _ClassVar[AppealStatus]
    APPEAL_STATUS_ESCALATED: _ClassVar[AppealStatus]
    APPEAL_STATUS_DECIDED: _ClassVar[AppealStatus]

class AppealOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    APPEAL_OUTCOME_UNSPECIFIED: _ClassVar[AppealOutcome]
    APPEAL_OUTCOME_UPHELD: _ClassVar[AppealOutcome]
    APPEAL_OUTCOME_PARTLY_OVERTURNED: _ClassVar[AppealOutcome]
    APPEAL_OUTCOME_OVERTURNED: _ClassVar[AppealOutcome]

class ClaimRelation(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CLAIM_RELATION_UNSPECIFIED: _ClassVar[ClaimRelation]
    CLAIM_RELATION_REPLACES: _ClassVar[ClaimRelation]
    CLAIM_RELATION_VOIDS: _ClassVar[ClaimRelation]
CLAIM_STATE_UNSPECIFIED: ClaimState
CLAIM_STATE_RECEIVED: ClaimState
CLAIM_STATE_REJECTED: ClaimState
CLAIM_STATE_ACCEPTED: ClaimState
CLAIM_STATE_PENDED: ClaimState
CLAIM_STATE_INFO_REQUESTED: ClaimState
CLAIM_STATE_ADJUDICATED: ClaimState
CLAIM_STATE_PENDING_APPROVAL: ClaimState
CLAIM_STATE_APPROVED: ClaimState
CLAIM_STATE_DENIED: ClaimState
CLAIM_STATE_PAID: ClaimState
CLAIM_STATE_CLOSED: ClaimState
CLAIM_STATE_VOIDED: ClaimState
CLAIM_STATE_REPLACED: ClaimState
DECISION_UNSPECIFIED: Decision
DECISION_APPROVED: Decision
DECISION_PARTIAL: Decision
DECISION_DENIED: Decision
EDIT_SEVERITY_UNSPECIFIED: EditSeverity
EDIT_SEVERITY_OFF: EditSeverity
EDIT_SEVERITY_WARN: EditSeverity
EDIT_SEVERITY_PEND: EditSeverity
EDIT_SEVERITY_REJECT: EditSeverity
EDIT_SEVERITY_DENY: EditSeverity
ADJUDICATION_MODE_UNSPECIFIED: AdjudicationMode
ADJUDICATION_MODE_MANUAL: AdjudicationMode
ADJUDICATION_MODE_AUTO: AdjudicationMode
INFORMATION_PARTY_UNSPECIFIED: InformationParty
INFORMATION_PARTY_PROVIDER: InformationParty
INFORMATION_PARTY_MEMBER: InformationParty
INFORMATION_PARTY_OTHER: InformationParty
INFORMATION_REQUEST_STATUS_UNSPECIFIED: InformationRequestStatus
INFORMATION_REQUEST_STATUS_OPEN: InformationRequestStatus
INFORMATION_REQUEST_STATUS_RECEIVED: InformationRequestStatus
INFORMATION_REQUEST_STATUS_EXPIRED: InformationRequestStatus
NOTE_KIND_UNSPECIFIED: NoteKind
NOTE_KIND_INTERNAL: NoteKind
NOTE_KIND_PROVIDER_VISIBLE: NoteKind
NOTE_KIND_MEMBER_VISIBLE: NoteKind
NOTE_KIND_CLINICAL: NoteKind
APPEAL_STATUS_UNSPECIFIED: AppealStatus
APPEAL_STATUS_OPEN: AppealStatus
APPEAL_STATUS_WITHDRAWN: AppealStatus
APPEAL_STATUS_DISMISSED: AppealStatus
APPEAL_STATUS_ESCALATED: AppealStatus
APPEAL_STATUS_DECIDED: AppealStatus
APPEAL_OUTCOME_UNSPECIFIED: AppealOutcome
APPEAL_OUTCOME_UPHELD: AppealOutcome
APPEAL_OUTCOME_PARTLY_OVERTURNED: AppealOutcome
APPEAL_OUTCOME_OVERTURNED: AppealOutcome
CLAIM_RELATION_UNSPECIFIED: ClaimRelation
CLAIM_RELATION_REPLACES: ClaimRelation
CLAIM_RELATION_VOIDS: ClaimRelation

class Finding(_message.Message):
    __slots__ = ("edit_id", "severity", "field_path", "message", "status_category_code", "status_code")
    EDIT_ID_FIELD_NUMBER: _ClassVar[int]
    SEVERITY_FIELD_NUMBER: _ClassVar[int]
    FIELD_PATH_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    STATUS_CATEGORY_CODE_FIELD_NUMBER: _ClassVar[int]
    STATUS_CODE_FIELD_NUMBER: _ClassVar[int]
    edit_id: str
    severity: EditSeverity
    field_path: str
    message: str
    status_category_code: str
    status_code: str
    def __init__(self, edit_id: _Optional[str] = ..., severity: _Optional[_Union[EditSeverity, str]] = ..., field_path: _Optional[str] = ..., message: _Optional[str] = ..., status_category_code: _Optional[str] = ..., status_code: _Optional[str] = ...) -> None: ...

class AdjudicationLine(_message.Message):
    __slots__ = ("line_number", "charge", "allowed", "paid", "units_paid", "adjustments", "remark_codes", "denied", "adjudicated_procedure", "edit_ids", "pricing_method", "fee_schedule_reference")
    LINE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    CHARGE_FIELD_NUMBER: _ClassVar[int]
    ALLOWED_FIELD_NUMBER: _ClassVar[int]
    PAID_FIELD_NUMBER: _ClassVar[int]
    UNITS_PAID_FIELD_NUMBER: _ClassVar[int]
    ADJUSTMENTS_FIELD_NUMBER: _ClassVar[int]
    REMARK_CODES_FIELD_NUMBER: _ClassVar[int]
    DENIED_FIELD_NUMBER: _ClassVar[int]
    ADJUDICATED_PROCEDURE_FIELD_NUMBER: _ClassVar[int]
    EDIT_IDS_FIELD_NUMBER: _ClassVar[int]
    PRICING_METHOD_FIELD_NUMBER: _ClassVar[int]
    FEE_SCHEDULE_REFERENCE_FIELD_NUMBER: _ClassVar[int]
    line_number: int
    charge: str
    allowed: str
    paid: str
    units_paid: str
    adjustments: _containers.RepeatedCompositeFieldContainer[_document_pb2.Adjustment]
    remark_codes: _containers.RepeatedScalarFieldContainer[str]
    denied: bool
    adjudicated_procedure: _document_pb2.Procedure
    edit_ids: _containers.RepeatedScalarFieldContainer[str]
    pricing_method: str
    fee_schedule_reference: str
    def __init__(self, line_number: _Optional[int] = ..., charge: _Optional[str] = ..., allowed: _Optional[str] = ..., paid: _Optional[str] = ..., units_paid: _Optional[str] = ..., adjustments: _Optional[_Iterable[_Union[_document_pb2.Adjustment, _Mapping]]] = ..., remark_codes: _Optional[_Iterable[str]] = ..., denied: _Optional[bool] = ..., adjudicated_procedure: _Optional[_Union[_document_pb2.Procedure, _Mapping]] = ..., edit_ids: _Optional[_Iterable[str]] = ..., pricing_method: _Optional[str] = ..., fee_schedule_reference: _Optional[str] = ...) -> None: ...

class Share(_message.Message):
    __slots__ = ("plan_id", "benefit_year", "deductible", "out_of_pocket")
    PLAN_ID_FIELD_NUMBER: _ClassVar[int]
    BENEFIT_YEAR_FIELD_NUMBER: _ClassVar[int]
    DEDUCTIBLE_FIELD_NUMBER: _ClassVar[int]
    OUT_OF_POCKET_FIELD_NUMBER: _ClassVar[int]
    plan_id: str
    benefit_year: int
    deductible: str
    out_of_pocket: str
    def __init__(self, plan_id: _Optional[str] = ..., benefit_year: _Optional[int] = ..., deductible: _Optional[str] = ..., out_of_pocket: _Optional[str] = ...) -> None: ...

class Provenance(_message.Message):
    __slots__ = ("policy_version", "plan_id", "plan_version", "fee_schedule_versions", "code_edits_version")
    POLICY_VERSION_FIELD_NUMBER: _ClassVar[int]
    PLAN_ID_FIELD_NUMBER: _ClassVar[int]
    PLAN_VERSION_FIELD_NUMBER: _ClassVar[int]
    FEE_SCHEDULE_VERSIONS_FIELD_NUMBER: _ClassVar[int]
    CODE_EDITS_VERSION_FIELD_NUMBER: _ClassVar[int]
    policy_version: int
    plan_id: str
    plan_version: int
    fee_schedule_versions: _containers.RepeatedScalarFieldContainer[str]
    code_edits_version: int
    def __init__(self, policy_version: _Optional[int] = ..., plan_id: _Optional[str] = ..., plan_version: _Optional[int] = ..., fee_schedule_versions: _Optional[_Iterable[str]] = ..., code_edits_version: _Optional[int] = ...) -> None: ...

class Approval(_message.Message):
    __slots__ = ("approver", "role", "approve_time")
    APPROVER_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    APPROVE_TIME_FIELD_NUMBER: _ClassVar[int]
    approver: str
    role: _options_pb2.Role
    approve_time: _timestamp_pb2.Timestamp
    def __init__(self, approver: _Optional[str] = ..., role: _Optional[_Union[_options_pb2.Role, str]] = ..., approve_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Adjudication(_message.Message):
    __slots__ = ("adjudication_number", "adjudication_hash", "lines", "adjustments", "paid", "allowed", "patient_responsibility", "decision", "adjudicator", "adjudicate_time", "approvals_needed", "approvals", "final", "mode", "shares", "provenance")
    ADJUDICATION_NUMBER_FIELD_NUMBER: _ClassVar[int]
    ADJUDICATION_HASH_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    ADJUSTMENTS_FIELD_NUMBER: _ClassVar[int]
    PAID_FIELD_NUMBER: _ClassVar[int]
    ALLOWED_FIELD_NUMBER: _ClassVar[int]
    PATIENT_RESPONSIBILITY_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    ADJUDICATOR_FIELD_NUMBER: _ClassVar[int]
    ADJUDICATE_TIME_FIELD_NUMBER: _ClassVar[int]
    APPROVALS_NEEDED_FIELD_NUMBER: _ClassVar[int]
    APPROVALS_FIELD_NUMBER: _ClassVar[int]
    FINAL_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    SHARES_FIELD_NUMBER: _ClassVar[int]
    PROVENANCE_FIELD_NUMBER: _ClassVar[int]
    adjudication_number: int
    adjudication_hash: str
    lines: _containers.RepeatedCompositeFieldContainer[AdjudicationLine]
    adjustments: _containers.RepeatedCompositeFieldContainer[_document_pb2.Adjustment]
    paid: str
    allowed: str
    patient_responsibility: str
    decision: Decision
    adjudicator: str
    adjudicate_time: _timestamp_pb2.Timestamp
    approvals_needed: int
    approvals: _containers.RepeatedCompositeFieldContainer[Approval]
    final: bool
    mode: AdjudicationMode
    shares: _containers.RepeatedCompositeFieldContainer[Share]
    provenance: Provenance
    def __init__(self, adjudication_number: _Optional[int] = ..., adjudication_hash: _Optional[str] = ..., lines: _Optional[_Iterable[_Union[AdjudicationLine, _Mapping]]] = ..., adjustments: _Optional[_Iterable[_Union[_document_pb2.Adjustment, _Mapping]]] = ..., paid: _Optional[str] = ..., allowed: _Optional[str] = ..., patient_responsibility: _Optional[str] = ..., decision: _Optional[_Union[Decision, str]] = ..., adjudicator: _Optional[str] = ..., adjudicate_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., approvals_needed: _Optional[int] = ..., approvals: _Optional[_Iterable[_Union[Approval, _Mapping]]] = ..., final: _Optional[bool] = ..., mode: _Optional[_Union[AdjudicationMode, str]] = ..., shares: _Optional[_Iterable[_Union[Share, _Mapping]]] = ..., provenance: _Optional[_Union[Provenance, _Mapping]] = ...) -> None: ...

class Pend(_message.Message):
    __slots__ = ("code", "opened_by", "open_time", "resolve_time", "resolved_by")
    CODE_FIELD_NUMBER: _ClassVar[int]
    OPENED_BY_FIELD_NUMBER: _ClassVar[int]
    OPEN_TIME_FIELD_NUMBER: _ClassVar[int]
    RESOLVE_TIME_FIELD_NUMBER: _ClassVar[int]
    RESOLVED_BY_FIELD_NUMBER: _ClassVar[int]
    code: str
    opened_by: str
    open_time: _timestamp_pb2.Timestamp
    resolve_time: _timestamp_pb2.Timestamp
    resolved_by: str
    def __init__(self, code: _Optional[str] = ..., opened_by: _Optional[str] = ..., open_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., resolve_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., resolved_by: _Optional[str] = ...) -> None: ...

class InformationItem(_message.Message):
    __slots__ = ("report_type_code", "line_number", "text")
    REPORT_TYPE_CODE_FIELD_NUMBER: _ClassVar[int]
    LINE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    report_type_code: str
    line_number: int
    text: str
    def __init__(self, report_type_code: _Optional[str] = ..., line_number: _Optional[int] = ..., text: _Optional[str] = ...) -> None: ...

class InformationRequest(_message.Message):
    __slots__ = ("information_request_id", "party", "items", "control_number", "due_date", "status", "request_time", "close_time")
    INFORMATION_REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    PARTY_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    CONTROL_NUMBER_FIELD_NUMBER: _ClassVar[int]
    DUE_DATE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_TIME_FIELD_NUMBER: _ClassVar[int]
    CLOSE_TIME_FIELD_NUMBER: _ClassVar[int]
    information_request_id: str
    party: InformationParty
    items: _containers.RepeatedCompositeFieldContainer[InformationItem]
    control_number: str
    due_date: _date_pb2.Date
    status: InformationRequestStatus
    request_time: _timestamp_pb2.Timestamp
    close_time: _timestamp_pb2.Timestamp
    def __init__(self, information_request_id: _Optional[str] = ..., party: _Optional[_Union[InformationParty, str]] = ..., items: _Optional[_Iterable[_Union[InformationItem, _Mapping]]] = ..., control_number: _Optional[str] = ..., due_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., status: _Optional[_Union[InformationRequestStatus, str]] = ..., request_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., close_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Attachment(_message.Message):
    __slots__ = ("attachment_id", "sha256", "media_type", "size_bytes", "report_type_code", "transmission_code", "control_number", "name", "link_time")
    ATTACHMENT_ID_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    MEDIA_TYPE_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    REPORT_TYPE_CODE_FIELD_NUMBER: _ClassVar[int]
    TRANSMISSION_CODE_FIELD_NUMBER: _ClassVar[int]
    CONTROL_NUMBER_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    LINK_TIME_FIELD_NUMBER: _ClassVar[int]
    attachment_id: str
    sha256: str
    media_type: str
    size_bytes: int
    report_type_code: str
    transmission_code: str
    control_number: str
    name: str
    link_time: _timestamp_pb2.Timestamp
    def __init__(self, attachment_id: _Optional[str] = ..., sha256: _Optional[str] = ..., media_type: _Optional[str] = ..., size_bytes: _Optional[int] = ..., report_type_code: _Optional[str] = ..., transmission_code: _Optional[str] = ..., control_number: _Optional[str] = ..., name: _Optional[str] = ..., link_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Note(_message.Message):
    __slots__ = ("note_id", "kind", "text", "text_hash", "author", "create_time", "redacted")
    NOTE_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    TEXT_HASH_FIELD_NUMBER: _ClassVar[int]
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    REDACTED_FIELD_NUMBER: _ClassVar[int]
    note_id: str
    kind: NoteKind
    text: str
    text_hash: str
    author: str
    create_time: _timestamp_pb2.Timestamp
    redacted: bool
    def __init__(self, note_id: _Optional[str] = ..., kind: _Optional[_Union[NoteKind, str]] = ..., text: _Optional[str] = ..., text_hash: _Optional[str] = ..., author: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., redacted: _Optional[bool] = ...) -> None: ...

class Assignment(_message.Message):
    __slots__ = ("queue", "assignee", "lease_expire_time")
    QUEUE_FIELD_NUMBER: _ClassVar[int]
    ASSIGNEE_FIELD_NUMBER: _ClassVar[int]
    LEASE_EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    queue: str
    assignee: str
    lease_expire_time: _timestamp_pb2.Timestamp
    def __init__(self, queue: _Optional[str] = ..., assignee: _Optional[str] = ..., lease_expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Hold(_message.Message):
    __slots__ = ("kind", "placed_by", "place_time", "released_by", "release_time")
    KIND_FIELD_NUMBER: _ClassVar[int]
    PLACED_BY_FIELD_NUMBER: _ClassVar[int]
    PLACE_TIME_FIELD_NUMBER: _ClassVar[int]
    RELEASED_BY_FIELD_NUMBER: _ClassVar[int]
    RELEASE_TIME_FIELD_NUMBER: _ClassVar[int]
    kind: str
    placed_by: str
    place_time: _timestamp_pb2.Timestamp
    released_by: str
    release_time: _timestamp_pb2.Timestamp
    def __init__(self, kind: _Optional[str] = ..., placed_by: _Optional[str] = ..., place_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., released_by: _Optional[str] = ..., release_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Appeal(_message.Message):
    __slots__ = ("appeal_id", "level", "adjudication_number", "line_numbers", "amount_in_controversy", "filed_by", "file_time", "due_date", "good_cause_code", "status", "outcome", "closed_by", "close_time", "late")
    APPEAL_ID_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    ADJUDICATION_NUMBER_FIELD_NUMBER: _ClassVar[int]
    LINE_NUMBERS_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_IN_CONTROVERSY_FIELD_NUMBER: _ClassVar[int]
    FILED_BY_FIELD_NUMBER: _ClassVar[int]
    FILE_TIME_FIELD_NUMBER: _ClassVar[int]
    DUE_DATE_FIELD_NUMBER: _ClassVar[int]
    GOOD_CAUSE_CODE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    CLOSED_BY_FIELD_NUMBER: _ClassVar[int]
    CLOSE_TIME_FIELD_NUMBER: _ClassVar[int]
    LATE_FIELD_NUMBER: _ClassVar[int]
    appeal_id: str
    level: int
    adjudication_number: int
    line_numbers: _containers.RepeatedScalarFieldContainer[int]
    amount_in_controversy: str
    filed_by: str
    file_time: _timestamp_pb2.Timestamp
    due_date: _date_pb2.Date
    good_cause_code: str
    status: AppealStatus
    outcome: AppealOutcome
    closed_by: str
    close_time: _timestamp_pb2.Timestamp
    late: bool
    def __init__(self, appeal_id: _Optional[str] = ..., level: _Optional[int] = ..., adjudication_number: _Optional[int] = ..., line_numbers: _Optional[_Iterable[int]] = ..., amount_in_controversy: _Optional[str] = ..., filed_by: _Optional[str] = ..., file_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., due_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., good_cause_code: _Optional[str] = ..., status: _Optional[_Union[AppealStatus, str]] = ..., outcome: _Optional[_Union[AppealOutcome, str]] = ..., closed_by: _Optional[str] = ..., close_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., late: _Optional[bool] = ...) -> None: ...

class Overpayment(_message.Message):
    __slots__ = ("overpayment_id", "amount", "recouped", "recorded_by", "record_time")
    OVERPAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    RECOUPED_FIELD_NUMBER: _ClassVar[int]
    RECORDED_BY_FIELD_NUMBER: _ClassVar[int]
    RECORD_TIME_FIELD_NUMBER: _ClassVar[int]
    overpayment_id: str
    amount: str
    recouped: str
    recorded_by: str
    record_time: _timestamp_pb2.Timestamp
    def __init__(self, overpayment_id: _Optional[str] = ..., amount: _Optional[str] = ..., recouped: _Optional[str] = ..., recorded_by: _Optional[str] = ..., record_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Payment(_message.Message):
    __slots__ = ("adjudication_number", "remittance_id", "trace_number", "payment_date", "paid", "interest", "overpayments")
    ADJUDICATION_NUMBER_FIELD_NUMBER: _ClassVar[int]
    REMITTANCE_ID_FIELD_NUMBER: _ClassVar[int]
    TRACE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_DATE_FIELD_NUMBER: _ClassVar[int]
    PAID_FIELD_NUMBER: _ClassVar[int]
    INTEREST_FIELD_NUMBER: _ClassVar[int]
    OVERPAYMENTS_FIELD_NUMBER: _ClassVar[int]
    adjudication_number: int
    remittance_id: str
    trace_number: str
    payment_date: _date_pb2.Date
    paid: str
    interest: str
    overpayments: _containers.RepeatedCompositeFieldContainer[Overpayment]
    def __init__(self, adjudication_number: _Optional[int] = ..., remittance_id: _Optional[str] = ..., trace_number: _Optional[str] = ..., payment_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., paid: _Optional[str] = ..., interest: _Optional[str] = ..., overpayments: _Optional[_Iterable[_Union[Overpayment, _Mapping]]] = ...) -> None: ...

class Link(_message.Message):
    __slots__ = ("relation", "prior_claim_id", "prior_claim_number", "original_claim_id", "original_claim_number")
    RELATION_FIELD_NUMBER: _ClassVar[int]
    PRIOR_CLAIM_ID_FIELD_NUMBER: _ClassVar[int]
    PRIOR_CLAIM_NUMBER_FIELD_NUMBER: _ClassVar[int]
    ORIGINAL_CLAIM_ID_FIELD_NUMBER: _ClassVar[int]
    ORIGINAL_CLAIM_NUMBER_FIELD_NUMBER: _ClassVar[int]
    relation: ClaimRelation
    prior_claim_id: str
    prior_claim_number: str
    original_claim_id: str
    original_claim_number: str
    def __init__(self, relation: _Optional[_Union[ClaimRelation, str]] = ..., prior_claim_id: _Optional[str] = ..., prior_claim_number: _Optional[str] = ..., original_claim_id: _Optional[str] = ..., original_claim_number: _Optional[str] = ...) -> None: ...

class Claim(_message.Message):
    __slots__ = ("claim_id", "claim_number", "state", "version", "head_hash", "document", "findings", "adjudication", "decision", "pends", "information_requests", "attachments", "notes", "assignment", "receive_time", "receipt_date", "update_time", "submitted_by", "policy_version", "redacted_fields", "decide_time", "link", "next_claim_id", "payment", "holds", "appeals", "breach_time")
    CLAIM_ID_FIELD_NUMBER: _ClassVar[int]
    CLAIM_NUMBER_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    HEAD_HASH_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    FINDINGS_FIELD_NUMBER: _ClassVar[int]
    ADJUDICATION_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    PENDS_FIELD_NUMBER: _ClassVar[int]
    INFORMATION_REQUESTS_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTS_FIELD_NUMBER: _ClassVar[int]
    NOTES_FIELD_NUMBER: _ClassVar[int]
    ASSIGNMENT_FIELD_NUMBER: _ClassVar[int]
    RECEIVE_TIME_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_DATE_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    SUBMITTED_BY_FIELD_NUMBER: _ClassVar[int]
    POLICY_VERSION_FIELD_NUMBER: _ClassVar[int]
    REDACTED_FIELDS_FIELD_NUMBER: _ClassVar[int]
    DECIDE_TIME_FIELD_NUMBER: _ClassVar[int]
    LINK_FIELD_NUMBER: _ClassVar[int]
    NEXT_CLAIM_ID_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_FIELD_NUMBER: _ClassVar[int]
    HOLDS_FIELD_NUMBER: _ClassVar[int]
    APPEALS_FIELD_NUMBER: _ClassVar[int]
    BREACH_TIME_FIELD_NUMBER: _ClassVar[int]
    claim_id: str
    claim_number: str
    state: ClaimState
    version: int
    head_hash: str
    document: _document_pb2.ClaimDocument
    findings: _containers.RepeatedCompositeFieldContainer[Finding]
    adjudication: Adjudication
    decision: Decision
    pends: _containers.RepeatedCompositeFieldContainer[Pend]
    information_requests: _containers.RepeatedCompositeFieldContainer[InformationRequest]
    attachments: _containers.RepeatedCompositeFieldContainer[Attachment]
    notes: _containers.RepeatedCompositeFieldContainer[Note]
    assignment: Assignment
    receive_time: _timestamp_pb2.Timestamp
    receipt_date: _date_pb2.Date
    update_time: _timestamp_pb2.Timestamp
    submitted_by: str
    policy_version: int
    redacted_fields: _containers.RepeatedScalarFieldContainer[str]
    decide_time: _timestamp_pb2.Timestamp
    link: Link
    next_claim_id: str
    payment: Payment
    holds: _containers.RepeatedCompositeFieldContainer[Hold]
    appeals: _containers.RepeatedCompositeFieldContainer[Appeal]
    breach_time: _timestamp_pb2.Timestamp
    def __init__(self, claim_id: _Optional[str] = ..., claim_number: _Optional[str] = ..., state: _Optional[_Union[ClaimState, str]] = ..., version: _Optional[int] = ..., head_hash: _Optional[str] = ..., document: _Optional[_Union[_document_pb2.ClaimDocument, _Mapping]] = ..., findings: _Optional[_Iterable[_Union[Finding, _Mapping]]] = ..., adjudication: _Optional[_Union[Adjudication, _Mapping]] = ..., decision: _Optional[_Union[Decision, str]] = ..., pends: _Optional[_Iterable[_Union[Pend, _Mapping]]] = ..., information_requests: _Optional[_Iterable[_Union[InformationRequest, _Mapping]]] = ..., attachments: _Optional[_Iterable[_Union[Attachment, _Mapping]]] = ..., notes: _Optional[_Iterable[_Union[Note, _Mapping]]] = ..., assignment: _Optional[_Union[Assignment, _Mapping]] = ..., receive_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., receipt_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., submitted_by: _Optional[str] = ..., policy_version: _Optional[int] = ..., redacted_fields: _Optional[_Iterable[str]] = ..., decide_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., link: _Optional[_Union[Link, _Mapping]] = ..., next_claim_id: _Optional[str] = ..., payment: _Optional[_Union[Payment, _Mapping]] = ..., holds: _Optional[_Iterable[_Union[Hold, _Mapping]]] = ..., appeals: _Optional[_Iterable[_Union[Appeal, _Mapping]]] = ..., breach_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
