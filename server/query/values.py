"""Stored values as the contract writes them: names of closed sets, dates, times."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date

from claimflow.v1 import claim_pb2, document_pb2

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _values(enum: Any) -> dict[str, int]:
    prefix = enum.keys()[0].removesuffix("UNSPECIFIED")
    return {name.removeprefix(prefix): number for name, number in enum.items()}


# Unknown names (of a newer worker) become UNSPECIFIED.
STATES = _values(claim_pb2.ClaimState)
DECISIONS = _values(claim_pb2.Decision)
SEVERITIES = _values(claim_pb2.EditSeverity)
PARTIES = _values(claim_pb2.InformationParty)
REQUEST_STATUSES = _values(claim_pb2.InformationRequestStatus)
MODES = _values(claim_pb2.AdjudicationMode)
APPEAL_STATUSES = _values(claim_pb2.AppealStatus)
APPEAL_OUTCOMES = _values(claim_pb2.AppealOutcome)
RELATIONS = _values(claim_pb2.ClaimRelation)
CLAIM_TYPES = _values(document_pb2.ClaimType)
CODE_SYSTEMS = _values(document_pb2.CodeSystem)
QUALIFIERS = _values(document_pb2.DiagnosisQualifier)


def date_of(text: str | None) -> Date | None:
    """Return a date message of ISO text, None of none."""
    if not text:
        return None
    return Date(year=int(text[:4]), month=int(text[5:7]), day=int(text[8:10]))


def time_of(text: str | None) -> Timestamp | None:
    """Return a timestamp message of ISO text, None of none."""
    return timestamp(datetime.fromisoformat(text)) if text else None


def timestamp(moment: datetime) -> Timestamp:
    """Return a timestamp message, exact to the microsecond."""
    since = moment - _EPOCH
    return Timestamp(seconds=since.days * 86400 + since.seconds, nanos=since.microseconds * 1000)
