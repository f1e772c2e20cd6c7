from google.protobuf import descriptor_pb2 as _descriptor_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class PhiClass(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PHI_CLASS_UNSPECIFIED: _ClassVar[PhiClass]
    PHI_CLASS_PUBLIC: _ClassVar[PhiClass]
    PHI_CLASS_OPERATIONAL: _ClassVar[PhiClass]
    PHI_CLASS_FINANCIAL: _ClassVar[PhiClass]
    PHI_CLASS_CLINICAL: _ClassVar[PhiClass]
    PHI_CLASS_DIRECT_ID: _ClassVar[PhiClass]
    PHI_CLASS_SENSITIVE: _ClassVar[PhiClass]

class Idempotency(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    IDEMPOTENCY_UNSPECIFIED: _ClassVar[Idempotency]
    IDEMPOTENCY_SAFE: _ClassVar[Idempotency]
    IDEMPOTENCY_BY_REQUEST_ID: _ClassVar[Idempotency]

class AuditClass(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    AUDIT_CLASS_UNSPECIFIED: _ClassVar[AuditClass]
    AUDIT_CLASS_NONE: _ClassVar[AuditClass]
    AUDIT_CLASS_EVENT: _ClassVar[AuditClass]
    AUDIT_CLASS_DISCLOSURE: _ClassVar[AuditClass]

class Role(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ROLE_UNSPECIFIED: _ClassVar[Role]
    ROLE_SUBMITTER: _ClassVar[Role]
    ROLE_INTAKE: _ClassVar[Role]
    ROLE_EXAMINER: _ClassVar[Role]
    ROLE_MEDICAL_REVIEWER: _ClassVar[Role]
    ROLE_SUPERVISOR: _ClassVar[Role]
    ROLE_APPROVER: _ClassVar[Role]
    ROLE_FINANCE: _ClassVar[Role]
    ROLE_APPEALS_ANALYST: _ClassVar[Role]
    ROLE_COB_SPECIALIST: _ClassVar[Role]
    ROLE_SIU: _ClassVar[Role]
    ROLE_MEMBER: _ClassVar[Role]
    ROLE_PROVIDER_READER: _ClassVar[Role]
    ROLE_AUDITOR: _ClassVar[Role]
    ROLE_PRIVACY_OFFICER: _ClassVar[Role]
    ROLE_ADMIN: _ClassVar[Role]
    ROLE_INDEXER: _ClassVar[Role]
    ROLE_ANALYST: _ClassVar[Role]
    ROLE_SYSTEM: _ClassVar[Role]

class Permission(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PERMISSION_UNSPECIFIED: _ClassVar[Permission]
    PERMISSION_CLAIM_SUBMIT: _ClassVar[Permission]
    PERMISSION_CLAIM_PEND: _ClassVar[Permission]
    PERMISSION_PEND_RESOLVE: _ClassVar[Permission]
    PERMISSION_INFORMATION_REQUEST: _ClassVar[Permission]
    PERMISSION_INFORMATION_RECEIVE: _ClassVar[Permission]
    PERMISSION_INFORMATION_EXPIRE: _ClassVar[Permission]
    PERMISSION_CLAIM_ADJUDICATE: _ClassVar[Permission]
    PERMISSION_ADJUDICATION_APPROVE: _ClassVar[Permission]
    PERMISSION_ADJUDICATION_RETURN: _ClassVar[Permission]
    PERMISSION_CLAIM_FINALIZE: _ClassVar[Permission]
    PERMISSION_CLAIM_CLOSE: _ClassVar[Permission]
    PERMISSION_CLAIM_ASSIGN: _ClassVar[Permission]
    PERMISSION_NOTE_WRITE: _ClassVar[Permission]
    PERMISSION_ATTACHMENT_ADD: _ClassVar[Permission]
    PERMISSION_CLAIM_VOID: _ClassVar[Permission]
    PERMISSION_REMITTANCE_ISSUE: _ClassVar[Permission]
    PERMISSION_PAYMENT_FAILURE_REPORT: _ClassVar[Permission]
    PERMISSION_CLAIM_REOPEN: _ClassVar[Permission]
    PERMISSION_APPEAL_FILE: _ClassVar[Permission]
    PERMISSION_APPEAL_DISMISS: _ClassVar[Permission]
    PERMISSION_APPEAL_DECIDE: _ClassVar[Permission]
    PERMISSION_CLAIM_HOLD: _ClassVar[Permission]
    PERMISSION_PRIOR_PAYER_RECORD: _ClassVar[Permission]
    PERMISSION_OVERPAYMENT_RECOVER: _ClassVar[Permission]
    PERMISSION_BREACH_RECORD: _ClassVar[Permission]
    PERMISSION_REMITTANCE_READ: _ClassVar[Permission]
    PERMISSION_ACCUMULATOR_READ: _ClassVar[Permission]
    PERMISSION_CLAIM_READ: _ClassVar[Permission]
    PERMISSION_CLAIM_AGGREGATE: _ClassVar[Permission]
    PERMISSION_HISTORY_READ: _ClassVar[Permission]
    PERMISSION_HISTORY_VERIFY: _ClassVar[Permission]
    PERMISSION_STATUS_READ: _ClassVar[Permission]

class RetryClass(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RETRY_CLASS_UNSPECIFIED: _ClassVar[RetryClass]
    RETRY_CLASS_FINAL: _ClassVar[RetryClass]
    RETRY_CLASS_FIX_REQUEST: _ClassVar[RetryClass]
    RETRY_CLASS_RETRY_SAME: _ClassVar[RetryClass]
    RETRY_CLASS_READ_AGAIN: _ClassVar[RetryClass]
PHI_CLASS_UNSPECIFIED: PhiClass
PHI_CLASS_PUBLIC: PhiClass
PHI_CLASS_OPERATIONAL: PhiClass
PHI_CLASS_FINANCIAL: PhiClass
PHI_CLASS_CLINICAL: PhiClass
PHI_CLASS_DIRECT_ID: PhiClass
PHI_CLASS_SENSITIVE: PhiClass
IDEMPOTENCY_UNSPECIFIED: Idempotency
IDEMPOTENCY_SAFE: Idempotency
IDEMPOTENCY_BY_REQUEST_ID: Idempotency
AUDIT_CLASS_UNSPECIFIED: AuditClass
AUDIT_CLASS_NONE: AuditClass
AUDIT_CLASS_EVENT: AuditClass
AUDIT_CLASS_DISCLOSURE: AuditClass
ROLE_UNSPECIFIED: Role
ROLE_SUBMITTER: Role
ROLE_INTAKE: Role
ROLE_EXAMINER: Role
ROLE_MEDICAL_REVIEWER: Role
ROLE_SUPERVISOR: Role
ROLE_APPROVER: Role
ROLE_FINANCE: Role
ROLE_APPEALS_ANALYST: Role
ROLE_COB_SPECIALIST: Role
ROLE_SIU: Role
ROLE_MEMBER: Role
ROLE_PROVIDER_READER: Role
ROLE_AUDITOR: Role
ROLE_PRIVACY_OFFICER: Role
ROLE_ADMIN: Role
ROLE_INDEXER: Role
ROLE_ANALYST: Role
ROLE_SYSTEM: Role
PERMISSION_UNSPECIFIED: Permission
PERMISSION_CLAIM_SUBMIT: Permission
PERMISSION_CLAIM_PEND: Permission
PERMISSION_PEND_RESOLVE: Permission
PERMISSION_INFORMATION_REQUEST: Permission
PERMISSION_INFORMATION_RECEIVE: Permission
PERMISSION_INFORMATION_EXPIRE: Permission
PERMISSION_CLAIM_ADJUDICATE: Permission
PERMISSION_ADJUDICATION_APPROVE: Permission
PERMISSION_ADJUDICATION_RETURN: Permission
PERMISSION_CLAIM_FINALIZE: Permission
PERMISSION_CLAIM_CLOSE: Permission
PERMISSION_CLAIM_ASSIGN: Permission
PERMISSION_NOTE_WRITE: Permission
PERMISSION_ATTACHMENT_ADD: Permission
PERMISSION_CLAIM_VOID: Permission
PERMISSION_REMITTANCE_ISSUE: Permission
PERMISSION_PAYMENT_FAILURE_REPORT: Permission
PERMISSION_CLAIM_REOPEN: Permission
PERMISSION_APPEAL_FILE: Permission
PERMISSION_APPEAL_DISMISS: Permission
PERMISSION_APPEAL_DECIDE: Permission
PERMISSION_CLAIM_HOLD: Permission
PERMISSION_PRIOR_PAYER_RECORD: Permission
PERMISSION_OVERPAYMENT_RECOVER: Permission
PERMISSION_BREACH_RECORD: Permission
PERMISSION_REMITTANCE_READ: Permission
PERMISSION_ACCUMULATOR_READ: Permission
PERMISSION_CLAIM_READ: Permission
PERMISSION_CLAIM_AGGREGATE: Permission
PERMISSION_HISTORY_READ: Permission
PERMISSION_HISTORY_VERIFY: Permission
PERMISSION_STATUS_READ: Permission
RETRY_CLASS_UNSPECIFIED: RetryClass
RETRY_CLASS_FINAL: RetryClass
RETRY_CLASS_FIX_REQUEST: RetryClass
RETRY_CLASS_RETRY_SAME: RetryClass
RETRY_CLASS_READ_AGAIN: RetryClass
METHOD_FIELD_NUMBER: _ClassVar[int]
method: _descriptor.FieldDescriptor
PHI_FIELD_NUMBER: _ClassVar[int]
phi: _descriptor.FieldDescriptor
REASON_FIELD_NUMBER: _ClassVar[int]
reason: _descriptor.FieldDescriptor
GRANTED_FIELD_NUMBER: _ClassVar[int]
granted: _descriptor.FieldDescriptor

class MethodPolicy(_message.Message):
    __slots__ = ("permission", "idempotency", "audit")
    PERMISSION_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_FIELD_NUMBER: _ClassVar[int]
    AUDIT_FIELD_NUMBER: _ClassVar[int]
    permission: Permission
    idempotency: Idempotency
    audit: AuditClass
    def __init__(self, permission: _Optional[_Union[Permission, str]] = ..., idempotency: _Optional[_Union[Idempotency, str]] = ..., audit: _Optional[_Union[AuditClass, str]] = ...) -> None: ...

class PermissionPolicy(_message.Message):
    __slots__ = ("roles",)
    ROLES_FIELD_NUMBER: _ClassVar[int]
    roles: _containers.RepeatedScalarFieldContainer[Role]
    def __init__(self, roles: _Optional[_Iterable[_Union[Role, str]]] = ...) -> None: ...

class ReasonPolicy(_message.Message):
    __slots__ = ("grpc_code", "retry", "metadata", "message")
    GRPC_CODE_FIELD_NUMBER: _ClassVar[int]
    RETRY_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    grpc_code: int
    retry: RetryClass
    metadata: _containers.RepeatedScalarFieldContainer[str]
    message: str
    def __init__(self, grpc_code: _Optional[int] = ..., retry: _Optional[_Union[RetryClass, str]] = ..., metadata: _Optional[_Iterable[str]] = ..., message: _Optional[str] = ...) -> None: ...
