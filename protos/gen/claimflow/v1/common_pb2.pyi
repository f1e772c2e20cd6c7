import datetime

from claimflow.v1 import options_pb2 as _options_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Durability(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DURABILITY_UNSPECIFIED: _ClassVar[Durability]
    DURABILITY_LOCAL_FSYNC: _ClassVar[Durability]
    DURABILITY_REPLICATED: _ClassVar[Durability]

class AnswerSource(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ANSWER_SOURCE_UNSPECIFIED: _ClassVar[AnswerSource]
    ANSWER_SOURCE_INDEX: _ClassVar[AnswerSource]
    ANSWER_SOURCE_DATABASE: _ClassVar[AnswerSource]
DURABILITY_UNSPECIFIED: Durability
DURABILITY_LOCAL_FSYNC: Durability
DURABILITY_REPLICATED: Durability
ANSWER_SOURCE_UNSPECIFIED: AnswerSource
ANSWER_SOURCE_INDEX: AnswerSource
ANSWER_SOURCE_DATABASE: AnswerSource

class Reason(_message.Message):
    __slots__ = ("code", "text")
    CODE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    code: str
    text: str
    def __init__(self, code: _Optional[str] = ..., text: _Optional[str] = ...) -> None: ...

class EventReference(_message.Message):
    __slots__ = ("version", "event_type", "event_id")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    EVENT_TYPE_FIELD_NUMBER: _ClassVar[int]
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    version: int
    event_type: str
    event_id: str
    def __init__(self, version: _Optional[int] = ..., event_type: _Optional[str] = ..., event_id: _Optional[str] = ...) -> None: ...

class Receipt(_message.Message):
    __slots__ = ("request_id", "events", "version", "commit_time", "consistency_token", "durability")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    COMMIT_TIME_FIELD_NUMBER: _ClassVar[int]
    CONSISTENCY_TOKEN_FIELD_NUMBER: _ClassVar[int]
    DURABILITY_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    events: _containers.RepeatedCompositeFieldContainer[EventReference]
    version: int
    commit_time: _timestamp_pb2.Timestamp
    consistency_token: str
    durability: Durability
    def __init__(self, request_id: _Optional[str] = ..., events: _Optional[_Iterable[_Union[EventReference, _Mapping]]] = ..., version: _Optional[int] = ..., commit_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., consistency_token: _Optional[str] = ..., durability: _Optional[_Union[Durability, str]] = ...) -> None: ...

class Consistency(_message.Message):
    __slots__ = ("minimize_latency", "at_least_as_fresh", "strong")
    class MinimizeLatency(_message.Message):
        __slots__ = ()
        def __init__(self) -> None: ...
    class AtLeastAsFresh(_message.Message):
        __slots__ = ("token", "max_wait")
        TOKEN_FIELD_NUMBER: _ClassVar[int]
        MAX_WAIT_FIELD_NUMBER: _ClassVar[int]
        token: str
        max_wait: _duration_pb2.Duration
        def __init__(self, token: _Optional[str] = ..., max_wait: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...
    class Strong(_message.Message):
        __slots__ = ()
        def __init__(self) -> None: ...
    MINIMIZE_LATENCY_FIELD_NUMBER: _ClassVar[int]
    AT_LEAST_AS_FRESH_FIELD_NUMBER: _ClassVar[int]
    STRONG_FIELD_NUMBER: _ClassVar[int]
    minimize_latency: Consistency.MinimizeLatency
    at_least_as_fresh: Consistency.AtLeastAsFresh
    strong: Consistency.Strong
    def __init__(self, minimize_latency: _Optional[_Union[Consistency.MinimizeLatency, _Mapping]] = ..., at_least_as_fresh: _Optional[_Union[Consistency.AtLeastAsFresh, _Mapping]] = ..., strong: _Optional[_Union[Consistency.Strong, _Mapping]] = ...) -> None: ...

class Freshness(_message.Message):
    __slots__ = ("consistency_token", "as_of_time", "lag", "source", "quarantined")
    CONSISTENCY_TOKEN_FIELD_NUMBER: _ClassVar[int]
    AS_OF_TIME_FIELD_NUMBER: _ClassVar[int]
    LAG_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    QUARANTINED_FIELD_NUMBER: _ClassVar[int]
    consistency_token: str
    as_of_time: _timestamp_pb2.Timestamp
    lag: _duration_pb2.Duration
    source: AnswerSource
    quarantined: int
    def __init__(self, consistency_token: _Optional[str] = ..., as_of_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., lag: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., source: _Optional[_Union[AnswerSource, str]] = ..., quarantined: _Optional[int] = ...) -> None: ...
