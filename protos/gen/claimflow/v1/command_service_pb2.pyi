import datetime

from claimflow.v1 import claim_pb2 as _claim_pb2
from claimflow.v1 import common_pb2 as _common_pb2
from claimflow.v1 import document_pb2 as _document_pb2
from claimflow.v1 import options_pb2 as _options_pb2
from claimflow.v1 import remittance_pb2 as _remittance_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.rpc import status_pb2 as _status_pb2
from google.type import date_pb2 as _date_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class NewAttachment(_message.Message):
    __slots__ = ("sha256", "media_type", "size_bytes", "report_type_code", "transmission_code", "control_number", "name")
    SHA256_FIELD_NUMBER: _ClassVar[int]
    MEDIA_TYPE_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    REPORT_TYPE_CODE_FIELD_NUMBER: _ClassVar[int]
    TRANSMISSION_CODE_FIELD_NUMBER: _ClassVar[int]
    CONTROL_NUMBER_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    sha256: str
    media_type: str
    size_bytes: int
    report_type_code: str
    transmission_code: str
    control_number: str
    name: str
    def __init__(self, sha256: _Optional[str] = ..., media_type: _Optional[str] = ..., size_bytes: _Optional[int] = ..., report_type_code: _Optional[str] = ..., transmission_code: _Optional[str] = ..., control_number: _Optional[str] = ..., name: _Optional[str] = ...) -> None: ...

class SubmitClaimRequest(_message.Message):
    __slots__ = ("request_id", "validate_only", "reason", "document")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    validate_only: bool
    reason: _common_pb2.Reason
    document: _document_pb2.ClaimDocument
    def __init__(self, request_id: _Optional[str] = ..., validate_only: _Optional[bool] = ..., reason: _Optional[_Union[_common_pb2.Reason, _Mapping]] = ..., document: _Optional[_Union[_document_pb2.ClaimDocument, _Mapping]] = ...) -> None: ...

class SubmitClaimResponse(_message.Message):
    __slots__ = ("claim", "receipt")
    CLAIM_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    claim: _claim_pb2.Claim
    receipt: _common_pb2.Receipt
    def __init__(self, claim: _Optional[_Union[_claim_pb2.Claim, _Mapping]] = ..., receipt: _Optional[_Union[_common_pb2.Receipt, _Mapping]] = ...) -> None: ...

class VoidClaimRequest(_message.Message):
    __slots__ = ("claim_id", "request_id", "expected_version", "validate_only", "reason")
    CLAIM_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_VERSION_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    claim_id: str
    request_id: str
    expected_version: int
    validate_only: bool
    reason: _common_pb2.Reason
    def __init__(self, claim_id: _Optional[str] = ..., request_id: _Optional[str] = ..., expected_version: _Optional[int] = ..., validate_only: _Optional[bool] = ..., reason: _Optional[_Union[_common_pb2.Reason, _Mapping]] = ...) -> None: ...

class VoidClaimResponse(_message.Message):
    __slots__ = ("claim", "receipt")
    CLAIM_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    claim: _claim_pb2.Claim
    receipt: _common_pb2.Receipt
    def __init__(self, claim: _Optional[_Union[_claim_pb2.Claim, _Mapping]] = ..., receipt: _Optional[_Union[_common_pb2.Receipt, _Mapping]] = ...) -> None: ...

class PendClaimRequest(_message.Message):
    __slots__ = ("claim_id", "request_id", "expected_version", "validate_only", "reason", "pend_code")
    CLAIM_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_VERSION_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    PEND_CODE_FIELD_NUMBER: _ClassVar[int]
    claim_id: str
    request_id: str
    expected_version: int
    validate_only: bool
    reason: _common_pb2.Reason
    pend_code: str
    def __init__(self, claim_id: _Optional[str] = ..., request_id: _Optional[str] = ..., expected_version: _Optional[int] = ..., validate_only: _Optional[bool] = ..., reason: _Optional[_Union[_common_pb2.Reason, _Mapping]] = ..., pend_code: _Optional[str] = ...) -> None: ...

class PendClaimResponse(_message.Message):
    __slots__ = ("claim", "receipt")
    CLAIM_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    claim: _claim_pb2.Claim
    receipt: _common_pb2.Receipt
    def __init__(self, claim: _Optional[_Union[_claim_pb2.Claim, _Mapping]] = ..., receipt: _Optional[_Union[_common_pb2.Receipt, _Mapping]] = ...) -> None: ...

class ResolvePendRequest(_message.Message):
    __slots__ = ("claim_id", "request_id", "expected_version", "validate_only", "reason", "pend_code")
    CLAIM_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_VERSION_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    PEND_CODE_FIELD_NUMBER: _ClassVar[int]
    claim_id: str
    request_id: str
    expected_version: int
    validate_only: bool
    reason: _common_pb2.Reason
    pend_code: str
    def __init__(self, claim_id: _Optional[str] = ..., request_id: _Optional[str] = ..., expected_version: _Optional[int] = ..., validate_only: _Optional[bool] = ..., reason: _Optional[_Union[_common_pb2.Reason, _Mapping]] = ..., pend_code: _Optional[str] = ...) -> None: ...

class ResolvePendResponse(_message.Message):
    __slots__ = ("claim", "receipt")
    CLAIM_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    claim: _claim_pb2.Claim
    receipt: _common_pb2.Receipt
    def __init__(self, claim: _Optional[_Union[_claim_pb2.Claim, _Mapping]] = ..., receipt: _Optional[_Union[_common_pb2.Receipt, _Mapping]] = ...) -> None: ...

class RequestInformationRequest(_message.Message):
    __slots__ = ("claim_id", "request_id", "expected_version", "validate_only", "reason", "party", "items", "due_date")
    CLAIM_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_VERSION_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    PARTY_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    DUE_DATE_FIELD_NUMBER: _ClassVar[int]
    claim_id: str
    request_id: str
    expected_version: int
    validate_only: bool
    reason: _common_pb2.Reason
    party: _claim_pb2.InformationParty
    items: _containers.RepeatedCompositeFieldContainer[_claim_pb2.InformationItem]
    due_date: _date_pb2.Date
    def __init__(self, claim_id: _Optional[str] = ..., request_id: _Optional[str] = ..., expected_version: _Optional[int] = ..., validate_only: _Optional[bool] = ..., reason: _Optional[_Union[_common_pb2.Reason, _Mapping]] = ..., party: _Optional[_Union[_claim_pb2.InformationParty, str]] = ..., items: _Optional[_Iterable[_Union[_claim_pb2.InformationItem, _Mapping]]] = ..., due_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ...) -> None: ...

class RequestInformationResponse(_message.Message):
    __slots__ = ("claim", "receipt")
    CLAIM_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    claim: _claim_pb2.Claim
    receipt: _common_pb2.Receipt
    def __init__(self, claim: _Optional[_Union[_claim_pb2.Claim, _Mapping]] = ..., receipt: _Optional[_Union[_common_pb2.Receipt, _Mapping]] = ...) -> None: ...

class ReceiveInformationRequest(_message.Message):
    __slots__ = ("claim_id", "request_id", "expected_version", "validate_only", "reason", "information_request_id", "control_number", "attachments")
    CLAIM_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_VERSION_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    INFORMATION_REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CONTROL_NUMBER_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTS_FIELD_NUMBER: _ClassVar[int]
    claim_id: str
    request_id: str
    expected_version: int
    validate_only: bool
    reason: _common_pb2.Reason
    information_request_id: str
    control_number: str
    attachments: _containers.RepeatedCompositeFieldContainer[NewAttachment]
    def __init__(self, claim_id: _Optional[str] = ..., request_id: _Optional[str] = ..., expected_version: _Optional[int] = ..., validate_only: _Optional[bool] = ..., reason: _Optional[_Union[_common_pb2.Reason, _Mapping]] = ..., information_request_id: _Optional[str] = ..., control_number: _Optional[str] = ..., attachments: _Optional[_Iterable[_Union[NewAttachment, _Mapping]]] = ...) -> None: ...

class ReceiveInformationResponse(_message.Message):
    __slots__ = ("claim", "receipt")
    CLAIM_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    claim: _claim_pb2.Claim
    receipt: _common_pb2.Receipt
    def __init__(self, claim: _Optional[_Union[_claim_pb2.Claim, _Mapping]] = ..., receipt: _Optional[_Union[_common_pb2.Receipt, _Mapping]] = ...) -> None: ...

class ExpireInformationRequestRequest(_message.Message):
    __slots__ = ("claim_id", "request_id", "expected_version", "validate_only", "reason", "information_request_id")
    CLAIM_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_VERSION_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    INFORMATION_REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    claim_id: str
    request_id: str
    expected_version: int
    validate_only: bool
    reason: _common_pb2.Reason
    information_request_id: str
    def __init__(self, claim_id: _Optional[str] = ..., request_id: _Optional[str] = ..., expected_version: _Optional[int] = ..., validate_only: _Optional[bool] = ..., reason: _Optional[_Union[_common_pb2.Reason, _Mapping]] = ..., information_request_id: _Optional[str] = ...) -> None: ...

class ExpireInformationRequestResponse(_message.Message):
    __slots__ = ("claim", "receipt")
    CLAIM_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    claim: _claim_pb2.Claim
    receipt: _common_pb2.Receipt
    def __init__(self, claim: _Optional[_Union[_claim_pb2.Claim, _Mapping]] = ..., receipt: _Optional[_Union[_common_pb2.Receipt, _Mapping]] = ...) -> None: ...

class AdjudicateClaimRequest(_message.Message):
    __slots__ = ("claim_id", "request_id", "expected_version", "validate_only", "reason", "lines", "adjustments", "paid", "patient_responsibility", "mode")
    CLAIM_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_VERSION_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    ADJUSTMENTS_FIELD_NUMBER: _ClassVar[int]
    PAID_FIELD_NUMBER: _ClassVar[int]
    PATIENT_RESPONSIBILITY_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    claim_id: str
    request_id: str
    expected_version: int
    validate_only: bool
    reason: _common_pb2.Reason
    lines: _containers.RepeatedCompositeFieldContainer[_claim_pb2.AdjudicationLine]
    adjustments: _containers.RepeatedCompositeFieldContainer[_document_pb2.Adjustment]
    paid: str
    patient_responsibility: str
    mode: _claim_pb2.AdjudicationMode
    def __init__(self, claim_id: _Optional[str] = ..., request_id: _Optional[str] = ..., expected_version: _Optional[int] = ..., validate_only: _Optional[bool] = ..., reason: _Optional[_Union[_common_pb2.Reason, _Mapping]] = ..., lines: _Optional[_Iterable[_Union[_claim_pb2.AdjudicationLine, _Mapping]]] = ..., adjustments: _Optional[_Iterable[_Union[_document_pb2.Adjustment, _Mapping]]] = ..., paid: _Optional[str] = ..., patient_responsibility: _Optional[str] = ..., mode: _Optional[_Union[_claim_pb2.AdjudicationMode, str]] = ...) -> None: ...

class AdjudicateClaimResponse(_message.Message):
    __slots__ = ("claim", "receipt")
    CLAIM_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    claim: _claim_pb2.Claim
    receipt: _common_pb2.Receipt
    def __init__(self, claim: _Optional[_Union[_claim_pb2.Claim, _Mapping]] = ..., receipt: _Optional[_Union[_common_pb2.Receipt, _Mapping]] = ...) -> None: ...

class ApproveAdjudicationRequest(_message.Message):
    __slots__ = ("claim_id", "request_id", "expected_version", "validate_only", "reason", "adjudication_number", "adjudication_hash")
    CLAIM_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_VERSION_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    ADJUDICATION_NUMBER_FIELD_NUMBER: _ClassVar[int]
    ADJUDICATION_HASH_FIELD_NUMBER: _ClassVar[int]
    claim_id: str
    request_id: str
    expected_version: int
    validate_only: bool
    reason: _common_pb2.Reason
    adjudication_number: int
    adjudication_hash: str
    def __init__(self, claim_id: _Optional[str] = ..., request_id: _Optional[str] = ..., expected_version: _Optional[int] = ..., validate_only: _Optional[bool] = ..., reason: _Optional[_Union[_common_pb2.Reason, _Mapping]] = ..., adjudication_number: _Optional[int] = ..., adjudication_hash: _Optional[str] = ...) -> None: ...

class ApproveAdjudicationResponse(_message.Message):
    __slots__ = ("claim", "receipt")
    CLAIM_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    claim: _claim_pb2.Claim
    receipt: _common_pb2.Receipt
    def __init__(self, claim: _Optional[_Union[_claim_pb2.Claim, _Mapping]] = ..., receipt: _Optional[_Union[_common_pb2.Receipt, _Mapping]] = ...) -> None: ...

class ReturnForReworkRequest(_message.Message):
    __slots__ = ("claim_id", "request_id", "expected_version", "validate_only", "reason")
    CLAIM_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_VERSION_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    claim_id: str
    request_id: str
    expected_version: int
    validate_only: bool
    reason: _common_pb2.Reason
    def __init__(self, claim_id: _Optional[str] = ..., request_id: _Optional[str] = ..., expected_version: _Optional[int] = ..., validate_only: _Optional[bool] = ..., reason: _Optional[_Union[_common_pb2.Reason, _Mapping]] = ...) -> None: ...

class ReturnForReworkResponse(_message.Message):
    __slots__ = ("claim", "receipt")
    CLAIM_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    claim: _claim_pb2.Claim
    receipt: _common_pb2.Receipt
    def __init__(self, claim: _Optional[_Union[_claim_pb2.Claim, _Mapping]] = ..., receipt: _Optional[_Union[_common_pb2.Receipt, _Mapping]] = ...) -> None: ...

class FinalizeClaimRequest(_message.Message):
    __slots__ = ("claim_id", "request_id", "expected_version", "validate_only", "reason")
    CLAIM_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_VERSION_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    claim_id: str
    request_id: str
    expected_version: int
    validate_only: bool
    reason: _common_pb2.Reason
    def __init__(self, claim_id: _Optional[str] = ..., request_id: _Optional[str] = ..., expected_version: _Optional[int] = ..., validate_only: _Optional[bool] = ..., reason: _Optional[_Union[_common_pb2.Reason, _Mapping]] = ...) -> None: ...

class FinalizeClaimResponse(_message.Message):
    __slots__ = ("claim", "receipt")
    CLAIM_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    claim: _claim_pb2.Claim
    receipt: _common_pb2.Receipt
    def __init__(self, claim: _Optional[_Union[_claim_pb2.Claim, _Mapping]] = ..., receipt: _Optional[_Union[_common_pb2.Receipt, _Mapping]] = ...) -> None: ...

class RemittedClaimState(_message.Message):
    __slots__ = ("claim_id", "state", "version")
    CLAIM_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    claim_id: str
    state: _claim_pb2.ClaimState
    version: int
    def __init__(self, claim_id: _Optional[str] = ..., state: _Optional[_Union[_claim_pb2.ClaimState, str]] = ..., version: _Optional[int] = ...) -> None: ...

class IssueRemittanceRequest(_message.Message):
    __slots__ = ("request_id", "validate_only", "reason", "claim_ids", "payment_date", "trace_number", "method")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    CLAIM_IDS_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_DATE_FIELD_NUMBER: _ClassVar[int]
    TRACE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    validate_only: bool
    reason: _common_pb2.Reason
    claim_ids: _containers.RepeatedScalarFieldContainer[str]
    payment_date: _date_pb2.Date
    trace_number: str
    method: _remittance_pb2.PaymentMethod
    def __init__(self, request_id: _Optional[str] = ..., validate_only: _Optional[bool] = ..., reason: _Optional[_Union[_common_pb2.Reason, _Mapping]] = ..., claim_ids: _Optional[_Iterable[str]] = ..., payment_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., trace_number: _Optional[str] = ..., method: _Optional[_Union[_remittance_pb2.PaymentMethod, str]] = ...) -> None: ...

class IssueRemittanceResponse(_message.Message):
    __slots__ = ("remittance", "claims", "receipt")
    REMITTANCE_FIELD_NUMBER: _ClassVar[int]
    CLAIMS_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    remittance: _remittance_pb2.Remittance
    claims: _containers.RepeatedCompositeFieldContainer[RemittedClaimState]
    receipt: _common_pb2.Receipt
    def __init__(self, remittance: _Optional[_Union[_remittance_pb2.Remittance, _Mapping]] = ..., claims: _Optional[_Iterable[_Union[RemittedClaimState, _Mapping]]] = ..., receipt: _Optional[_Union[_common_pb2.Receipt, _Mapping]] = ...) -> None: ...

class ReportPaymentFailureRequest(_message.Message):
    __slots__ = ("request_id", "validate_only", "reason", "remittance_id", "trace_number")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REMITTANCE_ID_FIELD_NUMBER: _ClassVar[int]
    TRACE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    validate_only: bool
    reason: _common_pb2.Reason
    remittance_id: str
    trace_number: str
    def __init__(self, request_id: _Optional[str] = ..., validate_only: _Optional[bool] = ..., reason: _Optional[_Union[_common_pb2.Reason, _Mapping]] = ..., remittance_id: _Optional[str] = ..., trace_number: _Optional[str] = ...) -> None: ...

class ReportPaymentFailureResponse(_message.Message):
    __slots__ = ("remittance", "claims", "receipt")
    REMITTANCE_FIELD_NUMBER: _ClassVar[int]
    CLAIMS_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    remittance: _remittance_pb2.Remittance
    claims: _containers.RepeatedCompositeFieldContainer[RemittedClaimState]
    receipt: _common_pb2.Receipt
    def __init__(self, remittance: _Optional[_Union[_remittance_pb2.Remittance, _Mapping]] = ..., claims: _Optional[_Iterable[_Union[RemittedClaimState, _Mapping]]] = ..., receipt: _Optional[_Union[_common_pb2.Receipt, _Mapping]] = ...) -> None: ...

class ReopenClaimRequest(_message.Message):
    __slots__ = ("claim_id", "request_id", "expected_version", "validate_only", "reason")
    CLAIM_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_VERSION_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    claim_id: str
    request_id: str
    expected_version: int
    validate_only: bool
    reason: _common_pb2.Reason
    def __init__(self, claim_id: _Optional[str] = ..., request_id: _Optional[str] = ..., expected_version: _Optional[int] = ..., validate_only: _Optional[bool] = ..., reason: _Optional[_Union[_common_pb2.Reason, _Mapping]] = ...) -> None: ...

class ReopenClaimResponse(_message.Message):
    __slots__ = ("claim", "receipt")
    CLAIM_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    claim: _claim_pb2.Claim
    receipt: _common_pb2.Receipt
    def __init__(self, claim: _Optional[_Union[_claim_pb2.Claim, _Mapping]] = ..., receipt: _Optional[_Union[_common_pb2.Receipt, _Mapping]] = ...) -> None: ...

class FileAppealRequest(_message.Message):
    __slots__ = ("claim_id", "request_id", "expected_version", "validate_only", "reason", "level", "line_numbers", "good_cause_code")
    CLAIM_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_VERSION_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    LINE_NUMBERS_FIELD_NUMBER: _ClassVar[int]
    GOOD_CAUSE_CODE_FIELD_NUMBER: _ClassVar[int]
    claim_id: str
    request_id: str
    expected_version: int
    validate_only: bool
    reason: _common_pb2.Reason
    level: int
    line_numbers: _containers.RepeatedScalarFieldContainer[int]
    good_cause_code: str
    def __init__(self, claim_id: _Optional[str] = ..., request_id: _Optional[str] = ..., expected_version: _Optional[int] = ..., validate_only: _Optional[bool] = ..., reason: _Optional[_Union[_common_pb2.Reason, _Mapping]] = ..., level: _Optional[int] = ..., line_numbers: _Optional[_Iterable[int]] = ..., good_cause_code: _Optional[str] = ...) -> None: ...

class FileAppealResponse(_message.Message):
    __slots__ = ("claim", "receipt")
    CLAIM_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    claim: _claim_pb2.Claim
    receipt: _common_pb2.Receipt
    def __init__(self, claim: _Optional[_Union[_claim_pb2.Claim, _Mapping]] = ..., receipt: _Optional[_Union[_common_pb2.Receipt, _Mapping]] = ...) -> None: ...

class WithdrawAppealRequest(_message.Message):
    __slots__ = ("claim_id", "request_id", "expected_version", "validate_only", "reason", "appeal_id")
    CLAIM_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_VERSION_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    APPEAL_ID_FIELD_NUMBER: _ClassVar[int]
    claim_id: str
    request_id: str
    expected_version: int
    validate_only: bool
    reason: _common_pb2.Reason
    appeal_id: str
    def __init__(self, claim_id: _Optional[str] = ..., request_id: _Optional[str] = ..., expected_version: _Optional[int] = ..., validate_only: _Optional[bool] = ..., reason: _Optional[_Union[_common_pb2.Reason, _Mapping]] = ..., appeal_id: _Optional[str] = ...) -> None: ...

class WithdrawAppealResponse(_message.Message):
    __slots__ = ("claim", "receipt")
    CLAIM_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    claim: _claim_pb2.Claim
    receipt: _common_pb2.Receipt
    def __init__(self, claim: _Optional[_Union[_claim_pb2.Claim, _Mapping]] = ..., receipt: _Optional[_Union[_common_pb2.Receipt, _Mapping]] = ...) -> None: ...

class DismissAppealRequest(_message.Message):
    __slots__ = ("claim_id", "request_id", "expected_version", "validate_only", "reason", "appeal_id")
    CLAIM_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_VERSION_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    APPEAL_ID_FIELD_NUMBER: _ClassVar[int]
    claim_id: str
    request_id: str
    expected_version: int
    validate_only: bool
    reason: _common_pb2.Reason
    appeal_id: str
    def __init__(self, claim_id: _Optional[str] = ..., request_id: _Optional[str] = ..., expected_version: _Optional[int] = ..., validate_only: _Optional[bool] = ..., reason: _Optional[_Union[_common_pb2.Reason, _Mapping]] = ..., appeal_id: _Optional[str] = ...) -> None: ...

class DismissAppealResponse(_message.Message):
    __slots__ = ("claim", "receipt")
    CLAIM_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    claim: _claim_pb2.Claim
    receipt: _common_pb2.Receipt
    def __init__(self, claim: _Optional[_Union[_claim_pb2.Claim, _Mapping]] = ..., receipt: _Optional[_Union[_common_pb2.Receipt, _Mapping]] = ...) -> None: ...

class DecideAppealRequest(_message.Message):
    __slots__ = ("claim_id", "request_id", "expected_version", "validate_only", "reason", "appeal_id", "outcome")
    CLAIM_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_VERSION_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    APPEAL_ID_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    claim_id: str
    request_id: str
    expected_version: int
    validate_only: bool
    reason: _common_pb2.Reason
    appeal_id: str
    outcome: _claim_pb2.AppealOutcome
    def __init__(self, claim_id: _Optional[str] = ..., request_id: _Optional[str] = ..., expected_version: _Optional[int] = ..., validate_only: _Optional[bool] = ..., reason: _Optional[_Union[_common_pb2.Reason, _Mapping]] = ..., appeal_id: _Optional[str] = ..., outcome: _Optional[_Union[_claim_pb2.AppealOutcome, str]] = ...) -> None: ...

class DecideAppealResponse(_message.Message):
    __slots__ = ("claim", "receipt")
    CLAIM_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    claim: _claim_pb2.Claim
    receipt: _common_pb2.Receipt
    def __init__(self, claim: _Optional[_Union[_claim_pb2.Claim, _Mapping]] = ..., receipt: _Optional[_Union[_common_pb2.Receipt, _Mapping]] = ...) -> None: ...

class CloseClaimRequest(_message.Message):
    __slots__ = ("claim_id", "request_id", "expected_version", "validate_only", "reason")
    CLAIM_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_VERSION_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    claim_id: str
    request_id: str
    expected_version: int
    validate_only: bool
    reason: _common_pb2.Reason
    def __init__(self, claim_id: _Optional[str] = ..., request_id: _Optional[str] = ..., expected_version: _Optional[int] = ..., validate_only: _Optional[bool] = ..., reason: _Optional[_Union[_common_pb2.Reason, _Mapping]] = ...) -> None: ...

class CloseClaimResponse(_message.Message):
    __slots__ = ("claim", "receipt")
    CLAIM_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    claim: _claim_pb2.Claim
    receipt: _common_pb2.Receipt
    def __init__(self, claim: _Optional[_Union[_claim_pb2.Claim, _Mapping]] = ..., receipt: _Optional[_Union[_common_pb2.Receipt, _Mapping]] = ...) -> None: ...

class AssignClaimRequest(_message.Message):
    __slots__ = ("claim_id", "request_id", "expected_version", "validate_only", "reason", "assignee")
    CLAIM_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_VERSION_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    ASSIGNEE_FIELD_NUMBER: _ClassVar[int]
    claim_id: str
    request_id: str
    expected_version: int
    validate_only: bool
    reason: _common_pb2.Reason
    assignee: str
    def __init__(self, claim_id: _Optional[str] = ..., request_id: _Optional[str] = ..., expected_version: _Optional[int] = ..., validate_only: _Optional[bool] = ..., reason: _Optional[_Union[_common_pb2.Reason, _Mapping]] = ..., assignee: _Optional[str] = ...) -> None: ...

class AssignClaimResponse(_message.Message):
    __slots__ = ("claim", "receipt")
    CLAIM_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    claim: _claim_pb2.Claim
    receipt: _common_pb2.Receipt
    def __init__(self, claim: _Optional[_Union[_claim_pb2.Claim, _Mapping]] = ..., receipt: _Optional[_Union[_common_pb2.Receipt, _Mapping]] = ...) -> None: ...

class ReleaseClaimRequest(_message.Message):
    __slots__ = ("claim_id", "request_id", "expected_version", "validate_only", "reason")
    CLAIM_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_VERSION_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    claim_id: str
    request_id: str
    expected_version: int
    validate_only: bool
    reason: _common_pb2.Reason
    def __init__(self, claim_id: _Optional[str] = ..., request_id: _Optional[str] = ..., expected_version: _Optional[int] = ..., validate_only: _Optional[bool] = ..., reason: _Optional[_Union[_common_pb2.Reason, _Mapping]] = ...) -> None: ...

class ReleaseClaimResponse(_message.Message):
    __slots__ = ("claim", "receipt")
    CLAIM_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    claim: _claim_pb2.Claim
    receipt: _common_pb2.Receipt
    def __init__(self, claim: _Optional[_Union[_claim_pb2.Claim, _Mapping]] = ..., receipt: _Optional[_Union[_common_pb2.Receipt, _Mapping]] = ...) -> None: ...

class TransferClaimRequest(_message.Message):
    __slots__ = ("claim_id", "request_id", "expected_version", "validate_only", "reason", "queue")
    CLAIM_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_VERSION_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    QUEUE_FIELD_NUMBER: _ClassVar[int]
    claim_id: str
    request_id: str
    expected_version: int
    validate_only: bool
    reason: _common_pb2.Reason
    queue: str
    def __init__(self, claim_id: _Optional[str] = ..., request_id: _Optional[str] = ..., expected_version: _Optional[int] = ..., validate_only: _Optional[bool] = ..., reason: _Optional[_Union[_common_pb2.Reason, _Mapping]] = ..., queue: _Optional[str] = ...) -> None: ...

class TransferClaimResponse(_message.Message):
    __slots__ = ("claim", "receipt")
    CLAIM_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    claim: _claim_pb2.Claim
    receipt: _common_pb2.Receipt
    def __init__(self, claim: _Optional[_Union[_claim_pb2.Claim, _Mapping]] = ..., receipt: _Optional[_Union[_common_pb2.Receipt, _Mapping]] = ...) -> None: ...

class AddNoteRequest(_message.Message):
    __slots__ = ("claim_id", "request_id", "expected_version", "validate_only", "reason", "kind", "text")
    CLAIM_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_VERSION_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    claim_id: str
    request_id: str
    expected_version: int
    validate_only: bool
    reason: _common_pb2.Reason
    kind: _claim_pb2.NoteKind
    text: str
    def __init__(self, claim_id: _Optional[str] = ..., request_id: _Optional[str] = ..., expected_version: _Optional[int] = ..., validate_only: _Optional[bool] = ..., reason: _Optional[_Union[_common_pb2.Reason, _Mapping]] = ..., kind: _Optional[_Union[_claim_pb2.NoteKind, str]] = ..., text: _Optional[str] = ...) -> None: ...

class AddNoteResponse(_message.Message):
    __slots__ = ("claim", "receipt")
    CLAIM_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    claim: _claim_pb2.Claim
    receipt: _common_pb2.Receipt
    def __init__(self, claim: _Optional[_Union[_claim_pb2.Claim, _Mapping]] = ..., receipt: _Optional[_Union[_common_pb2.Receipt, _Mapping]] = ...) -> None: ...

class RedactNoteRequest(_message.Message):
    __slots__ = ("claim_id", "request_id", "expected_version", "validate_only", "reason", "note_id")
    CLAIM_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_VERSION_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    NOTE_ID_FIELD_NUMBER: _ClassVar[int]
    claim_id: str
    request_id: str
    expected_version: int
    validate_only: bool
    reason: _common_pb2.Reason
    note_id: str
    def __init__(self, claim_id: _Optional[str] = ..., request_id: _Optional[str] = ..., expected_version: _Optional[int] = ..., validate_only: _Optional[bool] = ..., reason: _Optional[_Union[_common_pb2.Reason, _Mapping]] = ..., note_id: _Optional[str] = ...) -> None: ...

class RedactNoteResponse(_message.Message):
    __slots__ = ("claim", "receipt")
    CLAIM_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    claim: _claim_pb2.Claim
    receipt: _common_pb2.Receipt
    def __init__(self, claim: _Optional[_Union[_claim_pb2.Claim, _Mapping]] = ..., receipt: _Optional[_Union[_common_pb2.Receipt, _Mapping]] = ...) -> None: ...

class AddAttachmentRequest(_message.Message):
    __slots__ = ("claim_id", "request_id", "expected_version", "validate_only", "reason", "attachment")
    CLAIM_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_VERSION_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENT_FIELD_NUMBER: _ClassVar[int]
    claim_id: str
    request_id: str
    expected_version: int
    validate_only: bool
    reason: _common_pb2.Reason
    attachment: NewAttachment
    def __init__(self, claim_id: _Optional[str] = ..., request_id: _Optional[str] = ..., expected_version: _Optional[int] = ..., validate_only: _Optional[bool] = ..., reason: _Optional[_Union[_common_pb2.Reason, _Mapping]] = ..., attachment: _Optional[_Union[NewAttachment, _Mapping]] = ...) -> None: ...

class AddAttachmentResponse(_message.Message):
    __slots__ = ("claim", "receipt")
    CLAIM_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    claim: _claim_pb2.Claim
    receipt: _common_pb2.Receipt
    def __init__(self, claim: _Optional[_Union[_claim_pb2.Claim, _Mapping]] = ..., receipt: _Optional[_Union[_common_pb2.Receipt, _Mapping]] = ...) -> None: ...

class PlaceHoldRequest(_message.Message):
    __slots__ = ("claim_id", "request_id", "expected_version", "validate_only", "reason", "kind")
    CLAIM_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_VERSION_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    claim_id: str
    request_id: str
    expected_version: int
    validate_only: bool
    reason: _common_pb2.Reason
    kind: str
    def __init__(self, claim_id: _Optional[str] = ..., request_id: _Optional[str] = ..., expected_version: _Optional[int] = ..., validate_only: _Optional[bool] = ..., reason: _Optional[_Union[_common_pb2.Reason, _Mapping]] = ..., kind: _Optional[str] = ...) -> None: ...

class PlaceHoldResponse(_message.Message):
    __slots__ = ("claim", "receipt")
    CLAIM_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    claim: _claim_pb2.Claim
    receipt: _common_pb2.Receipt
    def __init__(self, claim: _Optional[_Union[_claim_pb2.Claim, _Mapping]] = ..., receipt: _Optional[_Union[_common_pb2.Receipt, _Mapping]] = ...) -> None: ...

class ReleaseHoldRequest(_message.Message):
    __slots__ = ("claim_id", "request_id", "expected_version", "validate_only", "reason", "kind")
    CLAIM_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_VERSION_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    claim_id: str
    request_id: str
    expected_version: int
    validate_only: bool
    reason: _common_pb2.Reason
    kind: str
    def __init__(self, claim_id: _Optional[str] = ..., request_id: _Optional[str] = ..., expected_version: _Optional[int] = ..., validate_only: _Optional[bool] = ..., reason: _Optional[_Union[_common_pb2.Reason, _Mapping]] = ..., kind: _Optional[str] = ...) -> None: ...

class ReleaseHoldResponse(_message.Message):
    __slots__ = ("claim", "receipt")
    CLAIM_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    claim: _claim_pb2.Claim
    receipt: _common_pb2.Receipt
    def __init__(self, claim: _Optional[_Union[_claim_pb2.Claim, _Mapping]] = ..., receipt: _Optional[_Union[_common_pb2.Receipt, _Mapping]] = ...) -> None: ...

class PriorPayerDecision(_message.Message):
    __slots__ = ("line_number", "decision")
    LINE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    line_number: int
    decision: _document_pb2.PriorPayerLine
    def __init__(self, line_number: _Optional[int] = ..., decision: _Optional[_Union[_document_pb2.PriorPayerLine, _Mapping]] = ...) -> None: ...

class RecordPriorPayerRequest(_message.Message):
    __slots__ = ("claim_id", "request_id", "expected_version", "validate_only", "reason", "prior_payer", "lines")
    CLAIM_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_VERSION_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    PRIOR_PAYER_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    claim_id: str
    request_id: str
    expected_version: int
    validate_only: bool
    reason: _common_pb2.Reason
    prior_payer: _document_pb2.PriorPayer
    lines: _containers.RepeatedCompositeFieldContainer[PriorPayerDecision]
    def __init__(self, claim_id: _Optional[str] = ..., request_id: _Optional[str] = ..., expected_version: _Optional[int] = ..., validate_only: _Optional[bool] = ..., reason: _Optional[_Union[_common_pb2.Reason, _Mapping]] = ..., prior_payer: _Optional[_Union[_document_pb2.PriorPayer, _Mapping]] = ..., lines: _Optional[_Iterable[_Union[PriorPayerDecision, _Mapping]]] = ...) -> None: ...

class RecordPriorPayerResponse(_message.Message):
    __slots__ = ("claim", "receipt")
    CLAIM_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    claim: _claim_pb2.Claim
    receipt: _common_pb2.Receipt
    def __init__(self, claim: _Optional[_Union[_claim_pb2.Claim, _Mapping]] = ..., receipt: _Optional[_Union[_common_pb2.Receipt, _Mapping]] = ...) -> None: ...

class RecordOverpaymentRequest(_message.Message):
    __slots__ = ("claim_id", "request_id", "expected_version", "validate_only", "reason", "amount")
    CLAIM_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_VERSION_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    claim_id: str
    request_id: str
    expected_version: int
    validate_only: bool
    reason: _common_pb2.Reason
    amount: str
    def __init__(self, claim_id: _Optional[str] = ..., request_id: _Optional[str] = ..., expected_version: _Optional[int] = ..., validate_only: _Optional[bool] = ..., reason: _Optional[_Union[_common_pb2.Reason, _Mapping]] = ..., amount: _Optional[str] = ...) -> None: ...

class RecordOverpaymentResponse(_message.Message):
    __slots__ = ("claim", "receipt")
    CLAIM_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    claim: _claim_pb2.Claim
    receipt: _common_pb2.Receipt
    def __init__(self, claim: _Optional[_Union[_claim_pb2.Claim, _Mapping]] = ..., receipt: _Optional[_Union[_common_pb2.Receipt, _Mapping]] = ...) -> None: ...

class RecoupOverpaymentRequest(_message.Message):
    __slots__ = ("claim_id", "request_id", "expected_version", "validate_only", "reason", "overpayment_id", "amount")
    CLAIM_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_VERSION_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    OVERPAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    claim_id: str
    request_id: str
    expected_version: int
    validate_only: bool
    reason: _common_pb2.Reason
    overpayment_id: str
    amount: str
    def __init__(self, claim_id: _Optional[str] = ..., request_id: _Optional[str] = ..., expected_version: _Optional[int] = ..., validate_only: _Optional[bool] = ..., reason: _Optional[_Union[_common_pb2.Reason, _Mapping]] = ..., overpayment_id: _Optional[str] = ..., amount: _Optional[str] = ...) -> None: ...

class RecoupOverpaymentResponse(_message.Message):
    __slots__ = ("claim", "receipt")
    CLAIM_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    claim: _claim_pb2.Claim
    receipt: _common_pb2.Receipt
    def __init__(self, claim: _Optional[_Union[_claim_pb2.Claim, _Mapping]] = ..., receipt: _Optional[_Union[_common_pb2.Receipt, _Mapping]] = ...) -> None: ...

class TakeNextClaimRequest(_message.Message):
    __slots__ = ("request_id", "validate_only", "reason", "queue")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    QUEUE_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    validate_only: bool
    reason: _common_pb2.Reason
    queue: str
    def __init__(self, request_id: _Optional[str] = ..., validate_only: _Optional[bool] = ..., reason: _Optional[_Union[_common_pb2.Reason, _Mapping]] = ..., queue: _Optional[str] = ...) -> None: ...

class TakeNextClaimResponse(_message.Message):
    __slots__ = ("claim", "receipt")
    CLAIM_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    claim: _claim_pb2.Claim
    receipt: _common_pb2.Receipt
    def __init__(self, claim: _Optional[_Union[_claim_pb2.Claim, _Mapping]] = ..., receipt: _Optional[_Union[_common_pb2.Receipt, _Mapping]] = ...) -> None: ...

class IngestClaimsRequest(_message.Message):
    __slots__ = ("batch_id", "documents")
    BATCH_ID_FIELD_NUMBER: _ClassVar[int]
    DOCUMENTS_FIELD_NUMBER: _ClassVar[int]
    batch_id: str
    documents: _containers.RepeatedCompositeFieldContainer[_document_pb2.ClaimDocument]
    def __init__(self, batch_id: _Optional[str] = ..., documents: _Optional[_Iterable[_Union[_document_pb2.ClaimDocument, _Mapping]]] = ...) -> None: ...

class IngestedClaim(_message.Message):
    __slots__ = ("position", "claim_id", "claim_number", "state", "version", "findings", "error")
    POSITION_FIELD_NUMBER: _ClassVar[int]
    CLAIM_ID_FIELD_NUMBER: _ClassVar[int]
    CLAIM_NUMBER_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    FINDINGS_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    position: int
    claim_id: str
    claim_number: str
    state: _claim_pb2.ClaimState
    version: int
    findings: _containers.RepeatedCompositeFieldContainer[_claim_pb2.Finding]
    error: _status_pb2.Status
    def __init__(self, position: _Optional[int] = ..., claim_id: _Optional[str] = ..., claim_number: _Optional[str] = ..., state: _Optional[_Union[_claim_pb2.ClaimState, str]] = ..., version: _Optional[int] = ..., findings: _Optional[_Iterable[_Union[_claim_pb2.Finding, _Mapping]]] = ..., error: _Optional[_Union[_status_pb2.Status, _Mapping]] = ...) -> None: ...

class IngestClaimsResponse(_message.Message):
    __slots__ = ("batch_id", "claims", "consistency_token", "durability")
    BATCH_ID_FIELD_NUMBER: _ClassVar[int]
    CLAIMS_FIELD_NUMBER: _ClassVar[int]
    CONSISTENCY_TOKEN_FIELD_NUMBER: _ClassVar[int]
    DURABILITY_FIELD_NUMBER: _ClassVar[int]
    batch_id: str
    claims: _containers.RepeatedCompositeFieldContainer[IngestedClaim]
    consistency_token: str
    durability: _common_pb2.Durability
    def __init__(self, batch_id: _Optional[str] = ..., claims: _Optional[_Iterable[_Union[IngestedClaim, _Mapping]]] = ..., consistency_token: _Optional[str] = ..., durability: _Optional[_Union[_common_pb2.Durability, str]] = ...) -> None: ...

class GetCommandOutcomeRequest(_message.Message):
    __slots__ = ("request_id",)
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    def __init__(self, request_id: _Optional[str] = ...) -> None: ...

class GetCommandOutcomeResponse(_message.Message):
    __slots__ = ("receipt", "claim_id", "method", "commit_time")
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    CLAIM_ID_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    COMMIT_TIME_FIELD_NUMBER: _ClassVar[int]
    receipt: _common_pb2.Receipt
    claim_id: str
    method: str
    commit_time: _timestamp_pb2.Timestamp
    def __init__(self, receipt: _Optional[_Union[_common_pb2.Receipt, _Mapping]] = ..., claim_id: _Optional[str] = ..., method: _Optional[str] = ..., commit_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ListAllowedActionsRequest(_message.Message):
    __slots__ = ("claim_id",)
    CLAIM_ID_FIELD_NUMBER: _ClassVar[int]
    claim_id: str
    def __init__(self, claim_id: _Optional[str] = ...) -> None: ...

class AllowedAction(_message.Message):
    __slots__ = ("command", "allowed", "blocked_by")
    COMMAND_FIELD_NUMBER: _ClassVar[int]
    ALLOWED_FIELD_NUMBER: _ClassVar[int]
    BLOCKED_BY_FIELD_NUMBER: _ClassVar[int]
    command: str
    allowed: bool
    blocked_by: str
    def __init__(self, command: _Optional[str] = ..., allowed: _Optional[bool] = ..., blocked_by: _Optional[str] = ...) -> None: ...

class ListAllowedActionsResponse(_message.Message):
    __slots__ = ("actions", "version")
    ACTIONS_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    actions: _containers.RepeatedCompositeFieldContainer[AllowedAction]
    version: int
    def __init__(self, actions: _Optional[_Iterable[_Union[AllowedAction, _Mapping]]] = ..., version: _Optional[int] = ...) -> None: ...

class ListEditsRequest(_message.Message):
    __slots__ = ("line_of_business", "jurisdiction")
    LINE_OF_BUSINESS_FIELD_NUMBER: _ClassVar[int]
    JURISDICTION_FIELD_NUMBER: _ClassVar[int]
    line_of_business: str
    jurisdiction: str
    def __init__(self, line_of_business: _Optional[str] = ..., jurisdiction: _Optional[str] = ...) -> None: ...

class Edit(_message.Message):
    __slots__ = ("edit_id", "description", "severity", "status_category_code", "status_code", "type_severities")
    EDIT_ID_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    SEVERITY_FIELD_NUMBER: _ClassVar[int]
    STATUS_CATEGORY_CODE_FIELD_NUMBER: _ClassVar[int]
    STATUS_CODE_FIELD_NUMBER: _ClassVar[int]
    TYPE_SEVERITIES_FIELD_NUMBER: _ClassVar[int]
    edit_id: str
    description: str
    severity: _claim_pb2.EditSeverity
    status_category_code: str
    status_code: str
    type_severities: _containers.RepeatedCompositeFieldContainer[TypeSeverity]
    def __init__(self, edit_id: _Optional[str] = ..., description: _Optional[str] = ..., severity: _Optional[_Union[_claim_pb2.EditSeverity, str]] = ..., status_category_code: _Optional[str] = ..., status_code: _Optional[str] = ..., type_severities: _Optional[_Iterable[_Union[TypeSeverity, _Mapping]]] = ...) -> None: ...

class TypeSeverity(_message.Message):
    __slots__ = ("type", "severity")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    SEVERITY_FIELD_NUMBER: _ClassVar[int]
    type: _document_pb2.ClaimType
    severity: _claim_pb2.EditSeverity
    def __init__(self, type: _Optional[_Union[_document_pb2.ClaimType, str]] = ..., severity: _Optional[_Union[_claim_pb2.EditSeverity, str]] = ...) -> None: ...

class ListEditsResponse(_message.Message):
    __slots__ = ("edits", "policy_version")
    EDITS_FIELD_NUMBER: _ClassVar[int]
    POLICY_VERSION_FIELD_NUMBER: _ClassVar[int]
    edits: _containers.RepeatedCompositeFieldContainer[Edit]
    policy_version: int
    def __init__(self, edits: _Optional[_Iterable[_Union[Edit, _Mapping]]] = ..., policy_version: _Optional[int] = ...) -> None: ...

class ListPendReasonsRequest(_message.Message):
    __slots__ = ("line_of_business", "jurisdiction")
    LINE_OF_BUSINESS_FIELD_NUMBER: _ClassVar[int]
    JURISDICTION_FIELD_NUMBER: _ClassVar[int]
    line_of_business: str
    jurisdiction: str
    def __init__(self, line_of_business: _Optional[str] = ..., jurisdiction: _Optional[str] = ...) -> None: ...

class PendReason(_message.Message):
    __slots__ = ("pend_code", "description", "resolvers", "reattach")
    PEND_CODE_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    RESOLVERS_FIELD_NUMBER: _ClassVar[int]
    REATTACH_FIELD_NUMBER: _ClassVar[int]
    pend_code: str
    description: str
    resolvers: _containers.RepeatedScalarFieldContainer[_options_pb2.Role]
    reattach: bool
    def __init__(self, pend_code: _Optional[str] = ..., description: _Optional[str] = ..., resolvers: _Optional[_Iterable[_Union[_options_pb2.Role, str]]] = ..., reattach: _Optional[bool] = ...) -> None: ...

class ListPendReasonsResponse(_message.Message):
    __slots__ = ("reasons", "policy_version")
    REASONS_FIELD_NUMBER: _ClassVar[int]
    POLICY_VERSION_FIELD_NUMBER: _ClassVar[int]
    reasons: _containers.RepeatedCompositeFieldContainer[PendReason]
    policy_version: int
    def __init__(self, reasons: _Optional[_Iterable[_Union[PendReason, _Mapping]]] = ..., policy_version: _Optional[int] = ...) -> None: ...
