"""From a failed gRPC call to the exception of its reason."""

from __future__ import annotations

from typing import Any

import grpc
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2

from claimflow.client import errors
from claimflow.client._failure import ClaimflowError, FieldViolation, TransportError

DOMAIN = "claimflow"
_DETAILS_KEY = "grpc-status-details-bin"


def failure_of(error: grpc.RpcError) -> ClaimflowError:
    """Return what the call's status says; a status without our details is a `TransportError`."""
    call: Any = error  # every RpcError of a call is a Call too, which the class does not say
    code: grpc.StatusCode = call.code()
    details: str = call.details() or "the call failed"
    for key, value in call.trailing_metadata() or ():
        if key == _DETAILS_KEY:
            return _from_details(value, code, details)
    return TransportError(details, code=code)


def failure_of_status(status: status_pb2.Status) -> ClaimflowError:
    """Return the exception for a status inside a reply, such as one refused claim of a batch."""
    codes = {code.value[0]: code for code in grpc.StatusCode}
    return _from_status(status, codes.get(status.code, grpc.StatusCode.UNKNOWN))


def _from_details(value: bytes, code: grpc.StatusCode, details: str) -> ClaimflowError:
    status = status_pb2.Status()
    try:
        status.ParseFromString(value)
    except DecodeError:
        return TransportError(details, code=code)
    return _from_status(status, code)


def _from_status(status: status_pb2.Status, code: grpc.StatusCode) -> ClaimflowError:
    info = error_details_pb2.ErrorInfo()
    bad_request = error_details_pb2.BadRequest()
    retry = error_details_pb2.RetryInfo()
    delay = None
    for detail in status.details:
        detail.Unpack(info)
        detail.Unpack(bad_request)
        if detail.Unpack(retry):
            delay = retry.retry_delay.ToTimedelta()
    if info.domain != DOMAIN or not info.reason:
        return TransportError(status.message, code=code, retry_after=delay)
    return errors.ClaimflowError.by_reason.get(info.reason, ClaimflowError)(
        status.message,
        reason=info.reason,
        code=code,
        metadata=info.metadata,
        field_violations=[
            FieldViolation(violation.field, violation.description)
            for violation in bad_request.field_violations
        ],
        retry_after=delay,
    )
