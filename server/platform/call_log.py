"""The request log: a line for each call, with ids and words, never a value of a request."""

from __future__ import annotations

import asyncio
import time
import uuid
from types import TracebackType
from typing import Self

import grpc

from claimflow.v1 import errors_pb2, options_pb2
from server.platform import telemetry
from server.platform.auth import Principal
from server.platform.errors import Failure, code_of, name_of

log = telemetry.logger(__name__)


class CallLog:
    """What the log will say of one call; the line is written once the reply is on its way."""

    def __init__(self, method: str) -> None:
        self.method = method
        self.correlation_id = str(uuid.uuid4())
        self.principal: Principal | None = None
        self.role: int | None = None
        self.code = grpc.StatusCode.OK
        self.reason = ""
        self._began = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if isinstance(error, asyncio.CancelledError):
            self.code = grpc.StatusCode.CANCELLED  # the caller left, or its deadline passed
        duration_ms = round((time.monotonic() - self._began) * 1e3, 1)
        asyncio.get_running_loop().call_soon(self._write, duration_ms)

    def failed(self, error: Exception) -> Failure:
        """Return what an error is to the caller; log an unexpected one with its cause."""
        failure = error
        if not isinstance(failure, Failure):
            failure = Failure(errors_pb2.ERROR_REASON_UNEXPECTED)
        if failure.reason == errors_pb2.ERROR_REASON_UNEXPECTED:
            cause = error if failure is not error else error.__cause__ or error
            telemetry.log_exception(
                log, "unexpected", cause, method=self.method, correlation_id=self.correlation_id
            )
            failure.metadata["correlation_id"] = self.correlation_id
        self.code = code_of(failure.reason)
        self.reason = name_of(failure.reason)
        return failure

    def _write(self, duration_ms: float) -> None:
        caller = self.principal
        log.info(
            "call",
            method=self.method,
            code=self.code.name,
            reason=self.reason,
            duration_ms=duration_ms,
            tenant=str(caller.tenant) if caller else "",
            role=role_name(self.role) if self.role else "",
            correlation_id=self.correlation_id,
        )


def role_name(role: int) -> str:
    """Return a role's name as tokens have it."""
    return options_pb2.Role.Name(role).removeprefix("ROLE_")
