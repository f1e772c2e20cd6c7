"""From bytes to a message, or to a failure that names the field and never its value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import DecodeError, Message

from claimflow.v1 import errors_pb2
from server.platform.errors import Failure, FieldViolation

_M = TypeVar("_M", bound=Message)


def decode(kind: type[_M], body: bytes, limit_bytes: int) -> _M:
    """Return the message of a body; MESSAGE_TOO_LARGE or VALIDATION_FAILED otherwise.

    The parser refuses bad UTF-8 and more than 100 levels.
    """
    if len(body) > limit_bytes:
        limit = {"limit_bytes": str(limit_bytes)}
        raise Failure(errors_pb2.ERROR_REASON_MESSAGE_TOO_LARGE, limit)
    try:
        message = kind.FromString(body)
    except (DecodeError, UnicodeDecodeError):
        raise invalid("", "the message cannot be decoded") from None
    # Postgres takes no NUL in text; a body without the byte needs no look at its fields.
    if b"\x00" in body and (path := _nul_path(message, "")):
        raise invalid(path, "holds a NUL character")
    return message


def invalid(path: str, description: str) -> Failure:
    """Return VALIDATION_FAILED for one field; the empty path is the whole request."""
    violation = FieldViolation(path, description)
    return Failure(errors_pb2.ERROR_REASON_VALIDATION_FAILED, violations=(violation,))


def _nul_path(message: Message, path: str) -> str:
    for field, value in message.ListFields():
        many: Sequence[Any] = value if field.is_repeated else (value,)
        for place, one in enumerate(many):
            here = f"{path}{field.name}" + (f"[{place}]" if field.is_repeated else "")
            if field.type == FieldDescriptor.TYPE_MESSAGE:
                if inner := _nul_path(one, f"{here}."):
                    return inner
            elif isinstance(one, str) and "\x00" in one:
                return here
    return ""
