"""Logs are JSON lines, and no exception's text is in them (P13)."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from typing import Any

from server.platform import telemetry

CANARY = "Canary-4711"


def lines(written: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


def fail() -> None:
    raise ValueError(CANARY)


def test_an_exception_is_logged_by_type_and_place(written: io.StringIO) -> None:
    try:
        fail()
    except ValueError as error:
        telemetry.log_exception(telemetry.logger("x"), "broken", error, correlation_id="7")

    (line,) = lines(written)
    assert (line["event"], line["error_type"], line["correlation_id"]) == (
        "broken", "ValueError", "7",
    )  # fmt: skip
    assert line["frames"][-1].endswith(" fail")
    assert CANARY not in written.getvalue()


def test_a_librarys_exception_loses_its_text_too(written: io.StringIO) -> None:
    try:
        fail()
    except ValueError:
        logging.getLogger("some.library").exception("it broke")

    (line,) = lines(written)
    assert (line["event"], line["error_type"]) == ("it broke", "ValueError")
    assert CANARY not in written.getvalue()


def test_a_librarys_chatter_is_left_out(written: io.StringIO) -> None:
    logging.getLogger("some.library").info("sending %s", CANARY)

    assert lines(written) == []


async def test_what_no_task_waits_for_is_logged_without_its_text(written: io.StringIO) -> None:
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(telemetry.log_lost)
    try:
        loop.call_exception_handler(
            {"message": "Task exception was never retrieved", "exception": ValueError(CANARY)}
        )
        loop.call_exception_handler({"message": "Unclosed connection"})
    finally:
        loop.set_exception_handler(None)

    first, second = lines(written)
    assert first["error_type"] == "ValueError"
    assert second["what"] == "Unclosed connection"
    assert CANARY not in written.getvalue()
