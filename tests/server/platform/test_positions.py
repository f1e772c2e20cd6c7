"""Positions and sealed tokens (F63, P9)."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimflow.v1 import errors_pb2
from server.platform.errors import Failure
from server.platform.positions import (
    ConsistencyToken,
    PageTokenCodec,
    Position,
    TokenCodec,
    read_key,
)
from server.platform.settings import SettingsError

OURS, THEIRS = UUID(int=1), UUID(int=2)
TOKEN = ConsistencyToken(UUID(int=7), 0x16B3748, OURS)
CODEC = TokenCodec(bytes(32))
PAGES = PageTokenCodec(bytes(32))
BOUND: dict[str, Any] = {
    "tenant": OURS, "subject": "eve", "method": "/s/Search", "arguments": b"state=PAID",
}  # fmt: skip


@given(st.integers(0, 2**64 - 1))
def test_a_position_has_one_text(lsn: int) -> None:
    assert Position.parse(str(Position(lsn))) == Position(lsn)


def test_a_position_reads_as_postgres_writes_it() -> None:
    assert str(Position(0x16B3748)) == "0/16B3748"


def test_a_token_opens_for_its_tenant() -> None:
    assert CODEC.open(CODEC.seal(TOKEN), OURS) == TOKEN


def test_a_token_is_safe_in_addresses_and_metadata() -> None:
    assert CODEC.seal(TOKEN).replace("-", "").replace("_", "").isalnum()


@given(st.data())
def test_an_edited_token_does_not_open(data: st.DataObject) -> None:
    text = CODEC.seal(TOKEN)
    place = data.draw(st.integers(0, len(text) - 2))
    letter = data.draw(st.sampled_from("ABCxyz019-_").filter(lambda one: one != text[place]))

    assert refusal(CODEC.open, text[:place] + letter + text[place + 1 :], OURS) == "TOKEN_INVALID"


@pytest.mark.parametrize("text", ["", "x", "é", "A" * 54, "====", "a b", "A" * 10_000])
def test_another_text_is_no_token(text: str) -> None:
    assert refusal(CODEC.open, text, OURS) == "TOKEN_INVALID"
    assert refusal(PAGES.open, text, **BOUND) == "PAGE_TOKEN_INVALID"


def test_another_tenants_token_does_not_open() -> None:
    assert refusal(CODEC.open, CODEC.seal(TOKEN), THEIRS) == "TOKEN_INVALID"


def test_another_keys_token_does_not_open() -> None:
    foreign = TokenCodec(b"\x01" * 32).seal(TOKEN)

    assert refusal(CODEC.open, foreign, OURS) == "TOKEN_INVALID"


def test_a_page_token_opens_for_the_same_question() -> None:
    text = PAGES.seal(b"after 7", lifetime_s=60, **BOUND)

    assert PAGES.open(text, **BOUND) == b"after 7"


@pytest.mark.parametrize(
    "other",
    [
        {"tenant": THEIRS},
        {"subject": "bob"},
        {"method": "/s/Other"},
        {"arguments": b"state=DENIED"},
        {"subject": "eve/s/Search", "method": ""},
    ],
)
def test_a_page_token_of_another_question_does_not_open(other: dict[str, Any]) -> None:
    text = PAGES.seal(b"after 7", lifetime_s=60, **BOUND)

    assert refusal(PAGES.open, text, **(BOUND | other)) == "PAGE_TOKEN_INVALID"


def test_an_edited_page_token_does_not_open() -> None:
    text = PAGES.seal(b"after 7", lifetime_s=60, **BOUND)
    edited = text[:20] + ("A" if text[20] != "A" else "B") + text[21:]

    assert refusal(PAGES.open, edited, **BOUND) == "PAGE_TOKEN_INVALID"


def test_a_page_token_tells_nothing_of_what_it_holds() -> None:
    first = PAGES.seal(b"after 7", lifetime_s=60, **BOUND)

    assert first != PAGES.seal(b"after 7", lifetime_s=60, **BOUND)


def test_an_old_page_token_has_expired(monkeypatch: pytest.MonkeyPatch) -> None:
    text = PAGES.seal(b"after 7", lifetime_s=60, **BOUND)
    later = time.time() + 61
    monkeypatch.setattr(time, "time", lambda: later)

    assert refusal(PAGES.open, text, **BOUND) == "PAGE_TOKEN_EXPIRED"


@pytest.mark.parametrize("size", [0, 16, 33])
def test_a_key_of_another_length_is_refused_by_the_files_name(tmp_path: Path, size: int) -> None:
    file = tmp_path / "seal.key"
    file.write_bytes(b"s" * size)

    with pytest.raises(SettingsError, match=r"seal\.key must hold exactly 32 bytes"):
        read_key(file)


def refusal(open_: Any, text: str, *arguments: Any, **more: Any) -> str:
    """Return the reason why a text does not open."""
    with pytest.raises(Failure) as caught:
        open_(text, *arguments, **more)
    return errors_pb2.ErrorReason.Name(caught.value.reason).removeprefix("ERROR_REASON_")
