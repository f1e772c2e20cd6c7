import datetime

from claimflow.v1 import claim_pb2 as _claim_pb2
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

class PaymentMethod(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PAYMENT_METHOD_UNSPECIFIED: _ClassVar[PaymentMethod]
    PAYMENT_METHOD_ACH: _ClassVar[PaymentMethod]
    PAYMENT_METHOD_CHECK: _ClassVar[PaymentMethod]
    PAYMENT_METHOD_NON_PAYMENT: _ClassVar[PaymentMethod]
PAYMENT_METHOD_UNSPECIFIED: PaymentMethod
PAYMENT_METHOD_ACH: PaymentMethod
PAYMENT_METHOD_CHECK: PaymentMethod
PAYMENT_METHOD_NON_PAYMENT: PaymentMethod

class RemittedClaim(_message.Message):
    __slots__ = ("claim_id", "claim_number", "patient_control_number", "status_code", "adjudication_number", "charge", "paid", "patient_responsibility", "adjustments", "lines", "reverses", "services")
    CLAIM_ID_FIELD_NUMBER: _ClassVar[int]
    CLAIM_NUMBER_FIELD_NUMBER: _ClassVar[int]
    PATIENT_CONTROL_NUMBER_FIELD_NUMBER: _ClassVar[int]
    STATUS_CODE_FIELD_NUMBER: _ClassVar[int]
    ADJUDICATION_NUMBER_FIELD_NUMBER: _ClassVar[int]
    CHARGE_FIELD_NUMBER: _ClassVar[int]
    PAID_FIELD_NUMBER: _ClassVar[int]
    PATIENT_RESPONSIBILITY_FIELD_NUMBER: _ClassVar[int]
    ADJUSTMENTS_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    REVERSES_FIELD_NUMBER: _ClassVar[int]
    SERVICES_FIELD_NUMBER: _ClassVar[int]
    claim_id: str
    claim_number: str
    patient_control_number: str
    status_code: str
    adjudication_number: int
    charge: str
    paid: str
    patient_responsibility: str
    adjustments: _containers.RepeatedCompositeFieldContainer[_document_pb2.Adjustment]
    lines: _containers.RepeatedCompositeFieldContainer[_claim_pb2.AdjudicationLine]
    reverses: bool
    services: _containers.RepeatedCompositeFieldContainer[RemittedService]
    def __init__(self, claim_id: _Optional[str] = ..., claim_number: _Optional[str] = ..., patient_control_number: _Optional[str] = ..., status_code: _Optional[str] = ..., adjudication_number: _Optional[int] = ..., charge: _Optional[str] = ..., paid: _Optional[str] = ..., patient_responsibility: _Optional[str] = ..., adjustments: _Optional[_Iterable[_Union[_document_pb2.Adjustment, _Mapping]]] = ..., lines: _Optional[_Iterable[_Union[_claim_pb2.AdjudicationLine, _Mapping]]] = ..., reverses: _Optional[bool] = ..., services: _Optional[_Iterable[_Union[RemittedService, _Mapping]]] = ...) -> None: ...

class RemittedService(_message.Message):
    __slots__ = ("line_number", "code_system", "procedure_code", "modifiers", "revenue_code", "ndc", "line_control_number", "service_from_date", "service_through_date")
    LINE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    CODE_SYSTEM_FIELD_NUMBER: _ClassVar[int]
    PROCEDURE_CODE_FIELD_NUMBER: _ClassVar[int]
    MODIFIERS_FIELD_NUMBER: _ClassVar[int]
    REVENUE_CODE_FIELD_NUMBER: _ClassVar[int]
    NDC_FIELD_NUMBER: _ClassVar[int]
    LINE_CONTROL_NUMBER_FIELD_NUMBER: _ClassVar[int]
    SERVICE_FROM_DATE_FIELD_NUMBER: _ClassVar[int]
    SERVICE_THROUGH_DATE_FIELD_NUMBER: _ClassVar[int]
    line_number: int
    code_system: _document_pb2.CodeSystem
    procedure_code: str
    modifiers: _containers.RepeatedScalarFieldContainer[str]
    revenue_code: str
    ndc: str
    line_control_number: str
    service_from_date: _date_pb2.Date
    service_through_date: _date_pb2.Date
    def __init__(self, line_number: _Optional[int] = ..., code_system: _Optional[_Union[_document_pb2.CodeSystem, str]] = ..., procedure_code: _Optional[str] = ..., modifiers: _Optional[_Iterable[str]] = ..., revenue_code: _Optional[str] = ..., ndc: _Optional[str] = ..., line_control_number: _Optional[str] = ..., service_from_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., service_through_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ...) -> None: ...

class ProviderAdjustment(_message.Message):
    __slots__ = ("reason_code", "reference", "amount")
    REASON_CODE_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    reason_code: str
    reference: str
    amount: str
    def __init__(self, reason_code: _Optional[str] = ..., reference: _Optional[str] = ..., amount: _Optional[str] = ...) -> None: ...

class Remittance(_message.Message):
    __slots__ = ("remittance_id", "trace_number", "payee", "payer_id", "currency_code", "payment_date", "method", "amount", "claims", "provider_adjustments", "issued_by", "issue_time", "fail_time", "content_hash", "redacted_fields")
    REMITTANCE_ID_FIELD_NUMBER: _ClassVar[int]
    TRACE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    PAYEE_FIELD_NUMBER: _ClassVar[int]
    PAYER_ID_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_CODE_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_DATE_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    CLAIMS_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_ADJUSTMENTS_FIELD_NUMBER: _ClassVar[int]
    ISSUED_BY_FIELD_NUMBER: _ClassVar[int]
    ISSUE_TIME_FIELD_NUMBER: _ClassVar[int]
    FAIL_TIME_FIELD_NUMBER: _ClassVar[int]
    CONTENT_HASH_FIELD_NUMBER: _ClassVar[int]
    REDACTED_FIELDS_FIELD_NUMBER: _ClassVar[int]
    remittance_id: str
    trace_number: str
    payee: str
    payer_id: str
    currency_code: str
    payment_date: _date_pb2.Date
    method: PaymentMethod
    amount: str
    claims: _containers.RepeatedCompositeFieldContainer[RemittedClaim]
    provider_adjustments: _containers.RepeatedCompositeFieldContainer[ProviderAdjustment]
    issued_by: str
    issue_time: _timestamp_pb2.Timestamp
    fail_time: _timestamp_pb2.Timestamp
    content_hash: str
    redacted_fields: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, remittance_id: _Optional[str] = ..., trace_number: _Optional[str] = ..., payee: _Optional[str] = ..., payer_id: _Optional[str] = ..., currency_code: _Optional[str] = ..., payment_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., method: _Optional[_Union[PaymentMethod, str]] = ..., amount: _Optional[str] = ..., claims: _Optional[_Iterable[_Union[RemittedClaim, _Mapping]]] = ..., provider_adjustments: _Optional[_Iterable[_Union[ProviderAdjustment, _Mapping]]] = ..., issued_by: _Optional[str] = ..., issue_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., fail_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., content_hash: _Optional[str] = ..., redacted_fields: _Optional[_Iterable[str]] = ...) -> None: ...
