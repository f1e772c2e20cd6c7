"""The segments of X12: byte-order marks, last letters, the limit, and pieces of any size."""

from __future__ import annotations

import io
import tracemalloc
from codecs import BOM_UTF8
from pathlib import Path

import pytest

from claimflow.importers import IMPORTERS, detect
from claimflow.importers import _x12_segments as x12
from claimflow.importers._x12_segments import Segment, read_segments
from tests.clients.importers.test_x12_reader import ISA, an_837, read

LIMIT = x12.SEGMENT_BYTES_MAX


class Pieces(io.BytesIO):
    """Gives no more than some bytes at a time."""

    def __init__(self, content: bytes, size: int) -> None:
        super().__init__(content)
        self._size = size

    def read(self, size: int | None = -1, /) -> bytes:
        wanted = self._size if size is None or size < 0 else min(size, self._size)
        return super().read(wanted)


def segments(content: bytes, size: int = 1 << 20) -> list[Segment]:
    return list(read_segments(Pieces(content, size)))


# In UTF-8 or Latin-1, each ends in a byte of the byte-order mark, or is the mark.
LETTERS = {
    "utf-8": ("û", "»", "\u00ff", "\ufeff"),
    "latin-1": ("ï", "»", "¿"),
}


@pytest.mark.parametrize("encoding", LETTERS)
def test_the_last_letter_of_a_segment_survives(encoding: str) -> None:
    for letter in LETTERS[encoding]:
        note, after = segments(f"NTE*ADD*x{letter}~NTE*ADD*y~".encode(encoding))
        assert (note.get(2), note.problem) == ("x" + letter, None)
        assert (after.id, after.problem) == ("NTE", None)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1 << 20])
def test_a_byte_order_mark_may_begin_the_file(size: int) -> None:
    with_mark = segments(BOM_UTF8 + an_837().encode(), size)
    assert with_mark == segments(an_837().encode())
    assert (with_mark[0].id, with_mark[0].problem) == ("ISA", None)


def test_a_file_that_begins_with_a_mark_is_known_and_read(tmp_path: Path) -> None:
    path = tmp_path / "claims"
    path.write_bytes(BOM_UTF8 + an_837().encode())
    assert detect(path) is IMPORTERS["x12-837"]
    assert read(path.read_bytes()) == read(an_837())


@pytest.mark.parametrize("size", [1, 4, 1 << 20])
@pytest.mark.parametrize("before", ["ISA*00*", "HL*2*"])
def test_a_mark_inside_of_the_file_is_told_and_its_segment_read(size: int, before: str) -> None:
    content = an_837().encode() * 2
    place = content.rindex(before.encode())
    whole = segments(content)
    marked = segments(content[:place] + BOM_UTF8 + b"\r\n" + content[place:], size)
    assert [segment.elements for segment in marked] == [segment.elements for segment in whole]
    assert [each.problem for each in marked if each.problem] == [x12.MARK_INSIDE]
    assert [each.id for each in marked if each.problem] == [before.partition("*")[0]]


def test_joined_files_with_marks_lose_no_claim() -> None:
    marked = BOM_UTF8 + an_837().encode()
    found = [(record.where, record.problem) for record in read(marked * 2)]
    assert found == [
        ("standard input segment 16", None),
        ("standard input segment 24", x12.MARK_INSIDE),
        ("standard input segment 39", None),
    ]


@pytest.mark.parametrize("size", [1, 997, 65_535, 65_536, 65_537, 1 << 20])
@pytest.mark.parametrize("end", [b"~", b""])
def test_a_segment_may_have_as_many_bytes_as_the_limit_and_no_more(size: int, end: bytes) -> None:
    head, after = b"~\r\nNTE*ADD*", b"NTE*ADD*after~" if end else b""
    header = ISA.encode().rstrip(b"~")
    fits = head + b"x" * (LIMIT - 8) + end
    too_long = head + b"x" * (LIMIT - 7) + end
    isa, note, *rest = segments(header + fits + after, size)
    assert (isa.id, note.id, len(note.get(2)), note.problem) == ("ISA", "NTE", LIMIT - 8, None)
    assert [segment.get(2) for segment in rest] == (["after"] if end else [])
    isa, note, *rest = segments(header + too_long + after, size)
    assert (isa.id, note.elements, note.problem) == ("ISA", [""], x12.TOO_LONG)
    assert [segment.get(2) for segment in rest] == (["after"] if end else [])


@pytest.mark.parametrize("over", [1, 4_464, 10 * LIMIT])
@pytest.mark.parametrize("offset", [0, 1, 60_000, LIMIT - 1, LIMIT])
def test_where_a_long_segment_stands_does_not_matter(offset: int, over: int) -> None:
    content = b"NTE*ADD*" + b"y" * offset + b"~"
    content += b"NTE*ADD*" + b"x" * (LIMIT - 8 + over) + b"~NTE*ADD*z~"
    first, long, last = segments(content)
    assert (long.problem, last.get(2)) == (x12.TOO_LONG, "z")
    assert first.problem is (None if offset <= LIMIT - 8 else x12.TOO_LONG)


class Endless(io.BytesIO):
    """Far more bytes than may be held, made as they are asked for."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self._left = size

    def read(self, size: int | None = -1, /) -> bytes:
        assert size is not None and size > 0, "never the whole file"
        given = min(size, self._left)
        self._left -= given
        return b"x" * given


def test_a_file_without_any_terminator_is_never_held() -> None:
    tracemalloc.start()
    (only,) = read_segments(Endless(64 << 20))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert only.problem == x12.TOO_LONG
    assert peak < 8 * LIMIT
