"""Logs: one JSON object a line on standard error, with fields and never a person's values."""

from __future__ import annotations

import asyncio
import logging
import sys
import traceback
from typing import Any

import structlog


def configure(level: str = "INFO") -> None:
    """Set logging up for this process."""
    # Libraries' own chatter below a warning may hold what passes through them.
    quiet = max(logging.WARNING, logging.getLevelNamesMapping()[level])
    logging.basicConfig(level=quiet, handlers=[_JsonHandler(sys.stderr)], force=True)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def logger(name: str) -> Any:
    """Return a logger that takes fields."""
    return structlog.get_logger(where=name)


def frames(error: BaseException) -> list[str]:
    """Return where an exception was raised: files, lines, functions; never its text.

    A driver's message may hold what a person typed, and so may the message of our own mistakes.
    """
    return [
        f"{frame.filename}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]


def log_exception(log: Any, event: str, error: BaseException, **fields: Any) -> None:
    """Log an exception by its type and frames."""
    log.error(event, error_type=type(error).__name__, frames=frames(error), **fields)


def log_lost(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log what no task waited for; asyncio itself would print the exception with its text."""
    error = context.get("exception")
    log = logger("asyncio")
    if isinstance(error, BaseException):
        log_exception(log, "lost", error)
    else:
        log.error("lost", what=str(context.get("message", "")))


class _JsonHandler(logging.StreamHandler[Any]):
    """Standard library records as the same JSON lines, exceptions without their text."""

    def emit(self, record: logging.LogRecord) -> None:
        fields: dict[str, Any] = {"where": record.name}
        if record.exc_info and record.exc_info[1] is not None:
            fields["error_type"] = type(record.exc_info[1]).__name__
            fields["frames"] = frames(record.exc_info[1])
        # Libraries may have levels of their own between the known ones.
        level = min(max(record.levelno // 10 * 10, logging.DEBUG), logging.CRITICAL)
        structlog.get_logger().log(level, record.getMessage(), **fields)
