import datetime

from claimflow.v1 import claim_pb2 as _claim_pb2
from claimflow.v1 import common_pb2 as _common_pb2
from claimflow.v1 import options_pb2 as _options_pb2
from claimflow.v1 import remittance_pb2 as _remittance_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ClaimView(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CLAIM_VIEW_UNSPECIFIED: _ClassVar[ClaimView]
    CLAIM_VIEW_BASIC: _ClassVar[ClaimView]
    CLAIM_VIEW_FULL: _ClassVar[ClaimView]

class WatchEvent(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    WATCH_EVENT_UNSPECIFIED: _ClassVar[WatchEvent]
    WATCH_EVENT_SNAPSHOT: _ClassVar[WatchEvent]
    WATCH_EVENT_CAUGHT_UP: _ClassVar[WatchEvent]
    WATCH_EVENT_CHANGES: _ClassVar[WatchEvent]
    WATCH_EVENT_HEARTBEAT: _ClassVar[WatchEvent]

class CalendarInterval(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CALENDAR_INTERVAL_UNSPECIFIED: _ClassVar[CalendarInterval]
    CALENDAR_INTERVAL_DAY: _ClassVar[CalendarInterval]
    CALENDAR_INTERVAL_WEEK: _ClassVar[CalendarInterval]
    CALENDAR_INTERVAL_MONTH: _ClassVar[CalendarInterval]
    CALENDAR_INTERVAL_QUARTER: _ClassVar[CalendarInterval]
    CALENDAR_INTERVAL_YEAR: _ClassVar[CalendarInterval]
CLAIM_VIEW_UNSPECIFIED: ClaimView
CLAIM_VIEW_BASIC: ClaimView
CLAIM_VIEW_FULL: ClaimView
WATCH_EVENT_UNSPECIFIED: WatchEvent
WATCH_EVENT_SNAPSHOT: WatchEvent
WATCH_EVENT_CAUGHT_UP: WatchEvent
WATCH_EVENT_CHANGES: WatchEvent
WATCH_EVENT_HEARTBEAT: WatchEvent
CALENDAR_INTERVAL_UNSPECIFIED: CalendarInterval
CALENDAR_INTERVAL_DAY: CalendarInterval
CALENDAR_INTERVAL_WEEK: CalendarInterval
CALENDAR_INTERVAL_MONTH: CalendarInterval
CALENDAR_INTERVAL_QUARTER: CalendarInterval
CALENDAR_INTERVAL_YEAR: CalendarInterval

class GetClaimRequest(_message.Message):
    __slots__ = ("claim_id", "claim_number", "version", "time", "view", "consistency")
    CLAIM_ID_FIELD_NUMBER: _ClassVar[int]
    CLAIM_NUMBER_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    VIEW_FIELD_NUMBER: _ClassVar[int]
    CONSISTENCY_FIELD_NUMBER: _ClassVar[int]
    claim_id: str
    claim_number: str
    version: int
    time: _timestamp_pb2.Timestamp
    view: ClaimView
    consistency: _common_pb2.Consistency
    def __init__(self, claim_id: _Optional[str] = ..., claim_number: _Optional[str] = ..., version: _Optional[int] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., view: _Optional[_Union[ClaimView, str]] = ..., consistency: _Optional[_Union[_common_pb2.Consistency, _Mapping]] = ...) -> None: ...

class GetClaimResponse(_message.Message):
    __slots__ = ("claim", "freshness")
    CLAIM_FIELD_NUMBER: _ClassVar[int]
    FRESHNESS_FIELD_NUMBER: _ClassVar[int]
    claim: _claim_pb2.Claim
    freshness: _common_pb2.Freshness
    def __init__(self, claim: _Optional[_Union[_claim_pb2.Claim, _Mapping]] = ..., freshness: _Optional[_Union[_common_pb2.Freshness, _Mapping]] = ...) -> None: ...

class BatchGetClaimsRequest(_message.Message):
    __slots__ = ("claim_ids", "view", "consistency")
    CLAIM_IDS_FIELD_NUMBER: _ClassVar[int]
    VIEW_FIELD_NUMBER: _ClassVar[int]
    CONSISTENCY_FIELD_NUMBER: _ClassVar[int]
    claim_ids: _containers.RepeatedScalarFieldContainer[str]
    view: ClaimView
    consistency: _common_pb2.Consistency
    def __init__(self, claim_ids: _Optional[_Iterable[str]] = ..., view: _Optional[_Union[ClaimView, str]] = ..., consistency: _Optional[_Union[_common_pb2.Consistency, _Mapping]] = ...) -> None: ...

class BatchGetClaimsResponse(_message.Message):
    __slots__ = ("claims", "missing_claim_ids", "freshness")
    CLAIMS_FIELD_NUMBER: _ClassVar[int]
    MISSING_CLAIM_IDS_FIELD_NUMBER: _ClassVar[int]
    FRESHNESS_FIELD_NUMBER: _ClassVar[int]
    claims: _containers.RepeatedCompositeFieldContainer[_claim_pb2.Claim]
    missing_claim_ids: _containers.RepeatedScalarFieldContainer[str]
    freshness: _common_pb2.Freshness
    def __init__(self, claims: _Optional[_Iterable[_Union[_claim_pb2.Claim, _Mapping]]] = ..., missing_claim_ids: _Optional[_Iterable[str]] = ..., freshness: _Optional[_Union[_common_pb2.Freshness, _Mapping]] = ...) -> None: ...

class SearchClaimsRequest(_message.Message):
    __slots__ = ("filter", "order_by", "page_size", "page_token", "consistency", "count_total")
    FILTER_FIELD_NUMBER: _ClassVar[int]
    ORDER_BY_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    CONSISTENCY_FIELD_NUMBER: _ClassVar[int]
    COUNT_TOTAL_FIELD_NUMBER: _ClassVar[int]
    filter: str
    order_by: str
    page_size: int
    page_token: str
    consistency: _common_pb2.Consistency
    count_total: bool
    def __init__(self, filter: _Optional[str] = ..., order_by: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., consistency: _Optional[_Union[_common_pb2.Consistency, _Mapping]] = ..., count_total: _Optional[bool] = ...) -> None: ...

class SearchClaimsResponse(_message.Message):
    __slots__ = ("claims", "next_page_token", "normalized_filter", "total_size", "freshness")
    CLAIMS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    NORMALIZED_FILTER_FIELD_NUMBER: _ClassVar[int]
    TOTAL_SIZE_FIELD_NUMBER: _ClassVar[int]
    FRESHNESS_FIELD_NUMBER: _ClassVar[int]
    claims: _containers.RepeatedCompositeFieldContainer[_claim_pb2.Claim]
    next_page_token: str
    normalized_filter: str
    total_size: int
    freshness: _common_pb2.Freshness
    def __init__(self, claims: _Optional[_Iterable[_Union[_claim_pb2.Claim, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., normalized_filter: _Optional[str] = ..., total_size: _Optional[int] = ..., freshness: _Optional[_Union[_common_pb2.Freshness, _Mapping]] = ...) -> None: ...

class WatchClaimsRequest(_message.Message):
    __slots__ = ("filter", "skip_snapshot", "resume_token", "page_size", "consistency")
    FILTER_FIELD_NUMBER: _ClassVar[int]
    SKIP_SNAPSHOT_FIELD_NUMBER: _ClassVar[int]
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    CONSISTENCY_FIELD_NUMBER: _ClassVar[int]
    filter: str
    skip_snapshot: bool
    resume_token: str
    page_size: int
    consistency: _common_pb2.Consistency
    def __init__(self, filter: _Optional[str] = ..., skip_snapshot: _Optional[bool] = ..., resume_token: _Optional[str] = ..., page_size: _Optional[int] = ..., consistency: _Optional[_Union[_common_pb2.Consistency, _Mapping]] = ...) -> None: ...

class RemovedClaim(_message.Message):
    __slots__ = ("claim_id", "version")
    CLAIM_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    claim_id: str
    version: int
    def __init__(self, claim_id: _Optional[str] = ..., version: _Optional[int] = ...) -> None: ...

class WatchClaimsResponse(_message.Message):
    __slots__ = ("event", "claims", "removed", "resume_token", "freshness", "normalized_filter")
    EVENT_FIELD_NUMBER: _ClassVar[int]
    CLAIMS_FIELD_NUMBER: _ClassVar[int]
    REMOVED_FIELD_NUMBER: _ClassVar[int]
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    FRESHNESS_FIELD_NUMBER: _ClassVar[int]
    NORMALIZED_FILTER_FIELD_NUMBER: _ClassVar[int]
    event: WatchEvent
    claims: _containers.RepeatedCompositeFieldContainer[_claim_pb2.Claim]
    removed: _containers.RepeatedCompositeFieldContainer[RemovedClaim]
    resume_token: str
    freshness: _common_pb2.Freshness
    normalized_filter: str
    def __init__(self, event: _Optional[_Union[WatchEvent, str]] = ..., claims: _Optional[_Iterable[_Union[_claim_pb2.Claim, _Mapping]]] = ..., removed: _Optional[_Iterable[_Union[RemovedClaim, _Mapping]]] = ..., resume_token: _Optional[str] = ..., freshness: _Optional[_Union[_common_pb2.Freshness, _Mapping]] = ..., normalized_filter: _Optional[str] = ...) -> None: ...

class ExportClaimsRequest(_message.Message):
    __slots__ = ("filter", "batch_size", "resume_token", "consistency")
    FILTER_FIELD_NUMBER: _ClassVar[int]
    BATCH_SIZE_FIELD_NUMBER: _ClassVar[int]
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    CONSISTENCY_FIELD_NUMBER: _ClassVar[int]
    filter: str
    batch_size: int
    resume_token: str
    consistency: _common_pb2.Consistency
    def __init__(self, filter: _Optional[str] = ..., batch_size: _Optional[int] = ..., resume_token: _Optional[str] = ..., consistency: _Optional[_Union[_common_pb2.Consistency, _Mapping]] = ...) -> None: ...

class ExportSummary(_message.Message):
    __slots__ = ("claim_count", "position", "one_point_in_time")
    CLAIM_COUNT_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    ONE_POINT_IN_TIME_FIELD_NUMBER: _ClassVar[int]
    claim_count: int
    position: str
    one_point_in_time: bool
    def __init__(self, claim_count: _Optional[int] = ..., position: _Optional[str] = ..., one_point_in_time: _Optional[bool] = ...) -> None: ...

class ExportClaimsResponse(_message.Message):
    __slots__ = ("claims", "resume_token", "summary", "freshness", "normalized_filter")
    CLAIMS_FIELD_NUMBER: _ClassVar[int]
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    FRESHNESS_FIELD_NUMBER: _ClassVar[int]
    NORMALIZED_FILTER_FIELD_NUMBER: _ClassVar[int]
    claims: _containers.RepeatedCompositeFieldContainer[_claim_pb2.Claim]
    resume_token: str
    summary: ExportSummary
    freshness: _common_pb2.Freshness
    normalized_filter: str
    def __init__(self, claims: _Optional[_Iterable[_Union[_claim_pb2.Claim, _Mapping]]] = ..., resume_token: _Optional[str] = ..., summary: _Optional[_Union[ExportSummary, _Mapping]] = ..., freshness: _Optional[_Union[_common_pb2.Freshness, _Mapping]] = ..., normalized_filter: _Optional[str] = ...) -> None: ...

class GroupBy(_message.Message):
    __slots__ = ("field", "interval", "limit")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    INTERVAL_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    field: str
    interval: CalendarInterval
    limit: int
    def __init__(self, field: _Optional[str] = ..., interval: _Optional[_Union[CalendarInterval, str]] = ..., limit: _Optional[int] = ...) -> None: ...

class AggregateClaimsRequest(_message.Message):
    __slots__ = ("filter", "group_by", "sums", "consistency")
    FILTER_FIELD_NUMBER: _ClassVar[int]
    GROUP_BY_FIELD_NUMBER: _ClassVar[int]
    SUMS_FIELD_NUMBER: _ClassVar[int]
    CONSISTENCY_FIELD_NUMBER: _ClassVar[int]
    filter: str
    group_by: _containers.RepeatedCompositeFieldContainer[GroupBy]
    sums: _containers.RepeatedScalarFieldContainer[str]
    consistency: _common_pb2.Consistency
    def __init__(self, filter: _Optional[str] = ..., group_by: _Optional[_Iterable[_Union[GroupBy, _Mapping]]] = ..., sums: _Optional[_Iterable[str]] = ..., consistency: _Optional[_Union[_common_pb2.Consistency, _Mapping]] = ...) -> None: ...

class Sum(_message.Message):
    __slots__ = ("field", "amount")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    field: str
    amount: str
    def __init__(self, field: _Optional[str] = ..., amount: _Optional[str] = ...) -> None: ...

class AggregateGroup(_message.Message):
    __slots__ = ("keys", "claim_count", "line_count", "sums")
    KEYS_FIELD_NUMBER: _ClassVar[int]
    CLAIM_COUNT_FIELD_NUMBER: _ClassVar[int]
    LINE_COUNT_FIELD_NUMBER: _ClassVar[int]
    SUMS_FIELD_NUMBER: _ClassVar[int]
    keys: _containers.RepeatedScalarFieldContainer[str]
    claim_count: int
    line_count: int
    sums: _containers.RepeatedCompositeFieldContainer[Sum]
    def __init__(self, keys: _Optional[_Iterable[str]] = ..., claim_count: _Optional[int] = ..., line_count: _Optional[int] = ..., sums: _Optional[_Iterable[_Union[Sum, _Mapping]]] = ...) -> None: ...

class AggregateClaimsResponse(_message.Message):
    __slots__ = ("groups", "claim_count", "incomplete", "normalized_filter", "freshness")
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    CLAIM_COUNT_FIELD_NUMBER: _ClassVar[int]
    INCOMPLETE_FIELD_NUMBER: _ClassVar[int]
    NORMALIZED_FILTER_FIELD_NUMBER: _ClassVar[int]
    FRESHNESS_FIELD_NUMBER: _ClassVar[int]
    groups: _containers.RepeatedCompositeFieldContainer[AggregateGroup]
    claim_count: int
    incomplete: bool
    normalized_filter: str
    freshness: _common_pb2.Freshness
    def __init__(self, groups: _Optional[_Iterable[_Union[AggregateGroup, _Mapping]]] = ..., claim_count: _Optional[int] = ..., incomplete: _Optional[bool] = ..., normalized_filter: _Optional[str] = ..., freshness: _Optional[_Union[_common_pb2.Freshness, _Mapping]] = ...) -> None: ...

class GetClaimHistoryRequest(_message.Message):
    __slots__ = ("claim_id", "page_size", "page_token", "consistency")
    CLAIM_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    CONSISTENCY_FIELD_NUMBER: _ClassVar[int]
    claim_id: str
    page_size: int
    page_token: str
    consistency: _common_pb2.Consistency
    def __init__(self, claim_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., consistency: _Optional[_Union[_common_pb2.Consistency, _Mapping]] = ...) -> None: ...

class FieldChange(_message.Message):
    __slots__ = ("field_path", "before", "after")
    FIELD_PATH_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    field_path: str
    before: str
    after: str
    def __init__(self, field_path: _Optional[str] = ..., before: _Optional[str] = ..., after: _Optional[str] = ...) -> None: ...

class ClaimEvent(_message.Message):
    __slots__ = ("version", "event_id", "event_type", "from_state", "to_state", "actor", "role", "request_id", "reason", "record_time", "policy_version", "schema_number", "previous_hash", "hash", "changes")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    EVENT_TYPE_FIELD_NUMBER: _ClassVar[int]
    FROM_STATE_FIELD_NUMBER: _ClassVar[int]
    TO_STATE_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    RECORD_TIME_FIELD_NUMBER: _ClassVar[int]
    POLICY_VERSION_FIELD_NUMBER: _ClassVar[int]
    SCHEMA_NUMBER_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_HASH_FIELD_NUMBER: _ClassVar[int]
    HASH_FIELD_NUMBER: _ClassVar[int]
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    version: int
    event_id: str
    event_type: str
    from_state: _claim_pb2.ClaimState
    to_state: _claim_pb2.ClaimState
    actor: str
    role: _options_pb2.Role
    request_id: str
    reason: _common_pb2.Reason
    record_time: _timestamp_pb2.Timestamp
    policy_version: int
    schema_number: int
    previous_hash: str
    hash: str
    changes: _containers.RepeatedCompositeFieldContainer[FieldChange]
    def __init__(self, version: _Optional[int] = ..., event_id: _Optional[str] = ..., event_type: _Optional[str] = ..., from_state: _Optional[_Union[_claim_pb2.ClaimState, str]] = ..., to_state: _Optional[_Union[_claim_pb2.ClaimState, str]] = ..., actor: _Optional[str] = ..., role: _Optional[_Union[_options_pb2.Role, str]] = ..., request_id: _Optional[str] = ..., reason: _Optional[_Union[_common_pb2.Reason, _Mapping]] = ..., record_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., policy_version: _Optional[int] = ..., schema_number: _Optional[int] = ..., previous_hash: _Optional[str] = ..., hash: _Optional[str] = ..., changes: _Optional[_Iterable[_Union[FieldChange, _Mapping]]] = ...) -> None: ...

class GetClaimHistoryResponse(_message.Message):
    __slots__ = ("events", "next_page_token", "freshness")
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    FRESHNESS_FIELD_NUMBER: _ClassVar[int]
    events: _containers.RepeatedCompositeFieldContainer[ClaimEvent]
    next_page_token: str
    freshness: _common_pb2.Freshness
    def __init__(self, events: _Optional[_Iterable[_Union[ClaimEvent, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., freshness: _Optional[_Union[_common_pb2.Freshness, _Mapping]] = ...) -> None: ...

class VerifyClaimHistoryRequest(_message.Message):
    __slots__ = ("claim_id", "consistency")
    CLAIM_ID_FIELD_NUMBER: _ClassVar[int]
    CONSISTENCY_FIELD_NUMBER: _ClassVar[int]
    claim_id: str
    consistency: _common_pb2.Consistency
    def __init__(self, claim_id: _Optional[str] = ..., consistency: _Optional[_Union[_common_pb2.Consistency, _Mapping]] = ...) -> None: ...

class HistoryProblem(_message.Message):
    __slots__ = ("version", "problem")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    PROBLEM_FIELD_NUMBER: _ClassVar[int]
    version: int
    problem: str
    def __init__(self, version: _Optional[int] = ..., problem: _Optional[str] = ...) -> None: ...

class VerifyClaimHistoryResponse(_message.Message):
    __slots__ = ("valid", "event_count", "head_hash", "problems", "freshness")
    VALID_FIELD_NUMBER: _ClassVar[int]
    EVENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    HEAD_HASH_FIELD_NUMBER: _ClassVar[int]
    PROBLEMS_FIELD_NUMBER: _ClassVar[int]
    FRESHNESS_FIELD_NUMBER: _ClassVar[int]
    valid: bool
    event_count: int
    head_hash: str
    problems: _containers.RepeatedCompositeFieldContainer[HistoryProblem]
    freshness: _common_pb2.Freshness
    def __init__(self, valid: _Optional[bool] = ..., event_count: _Optional[int] = ..., head_hash: _Optional[str] = ..., problems: _Optional[_Iterable[_Union[HistoryProblem, _Mapping]]] = ..., freshness: _Optional[_Union[_common_pb2.Freshness, _Mapping]] = ...) -> None: ...

class GetRemittanceRequest(_message.Message):
    __slots__ = ("remittance_id", "trace_number")
    REMITTANCE_ID_FIELD_NUMBER: _ClassVar[int]
    TRACE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    remittance_id: str
    trace_number: str
    def __init__(self, remittance_id: _Optional[str] = ..., trace_number: _Optional[str] = ...) -> None: ...

class GetRemittanceResponse(_message.Message):
    __slots__ = ("remittance", "freshness")
    REMITTANCE_FIELD_NUMBER: _ClassVar[int]
    FRESHNESS_FIELD_NUMBER: _ClassVar[int]
    remittance: _remittance_pb2.Remittance
    freshness: _common_pb2.Freshness
    def __init__(self, remittance: _Optional[_Union[_remittance_pb2.Remittance, _Mapping]] = ..., freshness: _Optional[_Union[_common_pb2.Freshness, _Mapping]] = ...) -> None: ...

class GetMemberAccumulatorsRequest(_message.Message):
    __slots__ = ("member_id",)
    MEMBER_ID_FIELD_NUMBER: _ClassVar[int]
    member_id: str
    def __init__(self, member_id: _Optional[str] = ...) -> None: ...

class Accumulator(_message.Message):
    __slots__ = ("plan_id", "benefit_year", "deductible_used", "out_of_pocket_used")
    PLAN_ID_FIELD_NUMBER: _ClassVar[int]
    BENEFIT_YEAR_FIELD_NUMBER: _ClassVar[int]
    DEDUCTIBLE_USED_FIELD_NUMBER: _ClassVar[int]
    OUT_OF_POCKET_USED_FIELD_NUMBER: _ClassVar[int]
    plan_id: str
    benefit_year: int
    deductible_used: str
    out_of_pocket_used: str
    def __init__(self, plan_id: _Optional[str] = ..., benefit_year: _Optional[int] = ..., deductible_used: _Optional[str] = ..., out_of_pocket_used: _Optional[str] = ...) -> None: ...

class GetMemberAccumulatorsResponse(_message.Message):
    __slots__ = ("accumulators", "freshness", "redacted_fields")
    ACCUMULATORS_FIELD_NUMBER: _ClassVar[int]
    FRESHNESS_FIELD_NUMBER: _ClassVar[int]
    REDACTED_FIELDS_FIELD_NUMBER: _ClassVar[int]
    accumulators: _containers.RepeatedCompositeFieldContainer[Accumulator]
    freshness: _common_pb2.Freshness
    redacted_fields: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, accumulators: _Optional[_Iterable[_Union[Accumulator, _Mapping]]] = ..., freshness: _Optional[_Union[_common_pb2.Freshness, _Mapping]] = ..., redacted_fields: _Optional[_Iterable[str]] = ...) -> None: ...

class GetProjectionStatusRequest(_message.Message):
    __slots__ = ("consistency",)
    CONSISTENCY_FIELD_NUMBER: _ClassVar[int]
    consistency: _common_pb2.Consistency
    def __init__(self, consistency: _Optional[_Union[_common_pb2.Consistency, _Mapping]] = ...) -> None: ...

class ProjectionStatus(_message.Message):
    __slots__ = ("view", "index", "position", "head_position", "lag_bytes", "lag", "as_of_time", "document_count", "quarantined", "phase", "store_epoch", "lag_events", "parity", "builds", "retained_bytes", "slot_state", "oldest_transaction_age", "oldest_transaction_by")
    VIEW_FIELD_NUMBER: _ClassVar[int]
    INDEX_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    HEAD_POSITION_FIELD_NUMBER: _ClassVar[int]
    LAG_BYTES_FIELD_NUMBER: _ClassVar[int]
    LAG_FIELD_NUMBER: _ClassVar[int]
    AS_OF_TIME_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    QUARANTINED_FIELD_NUMBER: _ClassVar[int]
    PHASE_FIELD_NUMBER: _ClassVar[int]
    STORE_EPOCH_FIELD_NUMBER: _ClassVar[int]
    LAG_EVENTS_FIELD_NUMBER: _ClassVar[int]
    PARITY_FIELD_NUMBER: _ClassVar[int]
    BUILDS_FIELD_NUMBER: _ClassVar[int]
    RETAINED_BYTES_FIELD_NUMBER: _ClassVar[int]
    SLOT_STATE_FIELD_NUMBER: _ClassVar[int]
    OLDEST_TRANSACTION_AGE_FIELD_NUMBER: _ClassVar[int]
    OLDEST_TRANSACTION_BY_FIELD_NUMBER: _ClassVar[int]
    view: str
    index: str
    position: str
    head_position: str
    lag_bytes: int
    lag: _duration_pb2.Duration
    as_of_time: _timestamp_pb2.Timestamp
    document_count: int
    quarantined: int
    phase: str
    store_epoch: str
    lag_events: int
    parity: Parity
    builds: _containers.RepeatedCompositeFieldContainer[Build]
    retained_bytes: int
    slot_state: str
    oldest_transaction_age: _duration_pb2.Duration
    oldest_transaction_by: str
    def __init__(self, view: _Optional[str] = ..., index: _Optional[str] = ..., position: _Optional[str] = ..., head_position: _Optional[str] = ..., lag_bytes: _Optional[int] = ..., lag: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., as_of_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., document_count: _Optional[int] = ..., quarantined: _Optional[int] = ..., phase: _Optional[str] = ..., store_epoch: _Optional[str] = ..., lag_events: _Optional[int] = ..., parity: _Optional[_Union[Parity, _Mapping]] = ..., builds: _Optional[_Iterable[_Union[Build, _Mapping]]] = ..., retained_bytes: _Optional[int] = ..., slot_state: _Optional[str] = ..., oldest_transaction_age: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., oldest_transaction_by: _Optional[str] = ...) -> None: ...

class Parity(_message.Message):
    __slots__ = ("position", "check_time", "slices", "documents", "differing", "repaired")
    POSITION_FIELD_NUMBER: _ClassVar[int]
    CHECK_TIME_FIELD_NUMBER: _ClassVar[int]
    SLICES_FIELD_NUMBER: _ClassVar[int]
    DOCUMENTS_FIELD_NUMBER: _ClassVar[int]
    DIFFERING_FIELD_NUMBER: _ClassVar[int]
    REPAIRED_FIELD_NUMBER: _ClassVar[int]
    position: str
    check_time: _timestamp_pb2.Timestamp
    slices: int
    documents: int
    differing: int
    repaired: int
    def __init__(self, position: _Optional[str] = ..., check_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., slices: _Optional[int] = ..., documents: _Optional[int] = ..., differing: _Optional[int] = ..., repaired: _Optional[int] = ...) -> None: ...

class Build(_message.Message):
    __slots__ = ("index", "phase", "slices_done", "slices", "documents", "start_time")
    INDEX_FIELD_NUMBER: _ClassVar[int]
    PHASE_FIELD_NUMBER: _ClassVar[int]
    SLICES_DONE_FIELD_NUMBER: _ClassVar[int]
    SLICES_FIELD_NUMBER: _ClassVar[int]
    DOCUMENTS_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    index: str
    phase: str
    slices_done: int
    slices: int
    documents: int
    start_time: _timestamp_pb2.Timestamp
    def __init__(self, index: _Optional[str] = ..., phase: _Optional[str] = ..., slices_done: _Optional[int] = ..., slices: _Optional[int] = ..., documents: _Optional[int] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class GetProjectionStatusResponse(_message.Message):
    __slots__ = ("projections", "freshness")
    PROJECTIONS_FIELD_NUMBER: _ClassVar[int]
    FRESHNESS_FIELD_NUMBER: _ClassVar[int]
    projections: _containers.RepeatedCompositeFieldContainer[ProjectionStatus]
    freshness: _common_pb2.Freshness
    def __init__(self, projections: _Optional[_Iterable[_Union[ProjectionStatus, _Mapping]]] = ..., freshness: _Optional[_Union[_common_pb2.Freshness, _Mapping]] = ...) -> None: ...
