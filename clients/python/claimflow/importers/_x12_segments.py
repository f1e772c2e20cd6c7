"""X12 as a stream of segments; nothing more than one segment is held.

The delimiters are what each interchange header declares. Where there is none, or a broken one, the
usual ones stand in and the reader says so. A byte-order mark at the start of the file is dropped;
one before a later segment is a problem of that segment, which is read all the same.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

_CHUNK_BYTES = 1 << 16
# Of one segment, from its identifier to before its terminator.
SEGMENT_BYTES_MAX = 1 << 16
TOO_LONG = f"a segment of more than {SEGMENT_BYTES_MAX} bytes"
MARK_INSIDE = "a byte-order mark that is not at the start of the file"
_ISA_BYTES = 106
_ISA_ELEMENTS = 16
_BLANKS = b" \t\r\n\x00\x1a"
_USUAL_TERMINATOR = b"~"


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment as its elements, the identifier first."""

    # Place in the file, counted from 1.
    number: int
    elements: list[str]
    # The component separator that the interchange declares.
    component: str
    # What is wrong with it, without values.
    problem: str | None = None

    @property
    def id(self) -> str:
        """The segment's identifier."""
        return self.elements[0]

    def get(self, place: int) -> str:
        """Return an element by its X12 number, stripped; empty when it is not there."""
        return self.elements[place].strip() if place < len(self.elements) else ""

    def components(self, place: int) -> list[str]:
        """Return the components of an element, none when it is empty."""
        text = self.get(place)
        return [part.strip() for part in text.split(self.component)] if text else []


@dataclass(frozen=True, slots=True)
class _Delimiters:
    element: bytes = b"*"
    component: str = ":"
    terminator: bytes = _USUAL_TERMINATOR


class _Buffer:
    """The bytes that were read; those before `begin` are used up."""

    def __init__(self, content: BinaryIO) -> None:
        self._content = content
        self._ended = False
        self.data = b""
        self.begin = 0

    def fill(self) -> bool:
        """Read on; False at the end."""
        chunk = b"" if self._ended else self._content.read(_CHUNK_BYTES)
        self._ended = not chunk
        self.data, self.begin = self.data[self.begin :] + chunk, 0
        return bool(chunk)

    def skip_blanks(self) -> bool:
        """Pass over white space, and what else stands between segments; False at the end."""
        while True:
            while self.begin < len(self.data):
                if self.data[self.begin] not in _BLANKS:
                    return True
                self.begin += 1
            if not self.fill():
                return False

    def skip_mark(self) -> bool:
        """Pass over a byte-order mark; False when there is none."""
        while len(self.data) - self.begin < len(BOM_UTF8) and self.fill():
            pass
        marked = self.data.startswith(BOM_UTF8, self.begin)
        self.begin += len(BOM_UTF8) * marked
        return marked


def read_segments(content: BinaryIO) -> Iterator[Segment]:
    """Yield the segments; one of more than `SEGMENT_BYTES_MAX` has no elements but a problem."""
    buffer = _Buffer(content)
    delimiters = _Delimiters()
    number = 0
    buffer.skip_mark()
    while buffer.skip_blanks():
        problem = None
        if buffer.skip_mark():
            problem = MARK_INSIDE
            buffer.skip_blanks()
        while len(buffer.data) - buffer.begin < 2 * _ISA_BYTES and buffer.fill():
            pass  # a header must be seen whole
        number += 1
        if buffer.data.startswith(b"ISA", buffer.begin):
            head = buffer.data[buffer.begin : buffer.begin + 2 * _ISA_BYTES]
            delimiters, broken = _declared(head)
            problem = broken or problem
        elif number == 1:
            separator = buffer.data[buffer.begin + 2 : buffer.begin + 3]
            if separator and not separator.isalnum():
                delimiters = _Delimiters(element=separator)
        yield _segment(buffer, delimiters, number, problem)


def _segment(buffer: _Buffer, delimiters: _Delimiters, number: int, problem: str | None) -> Segment:
    raw = _cut(buffer, delimiters.terminator)
    if raw is None:
        return Segment(number, [""], delimiters.component, TOO_LONG)
    parts = raw.rstrip(_BLANKS).split(delimiters.element)
    return Segment(number, [_text(part) for part in parts], delimiters.component, problem)


def _cut(buffer: _Buffer, terminator: bytes) -> bytes | None:
    """Take the bytes up to the terminator or the end; None when they are too many."""
    searched = 0
    while True:
        begin = buffer.begin
        end = buffer.data.find(terminator, begin + searched, begin + SEGMENT_BYTES_MAX + 1)
        if end >= 0:
            break
        searched = len(buffer.data) - begin
        if searched > SEGMENT_BYTES_MAX:
            _drop(buffer, terminator)
            return None
        if not buffer.fill():
            end = len(buffer.data)
            break
    raw, buffer.begin = buffer.data[buffer.begin : end], end + 1
    return raw


def _drop(buffer: _Buffer, terminator: bytes) -> None:
    while (end := buffer.data.find(terminator, buffer.begin)) < 0:
        buffer.begin = len(buffer.data)
        if not buffer.fill():
            return
    buffer.begin = end + 1


def _text(part: bytes) -> str:
    # The extended character set of X12 is Latin-1; newer senders write UTF-8.
    try:
        return part.decode()
    except UnicodeDecodeError:
        return part.decode("latin-1")


def _declared(data: bytes) -> tuple[_Delimiters, str | None]:
    """Return the delimiters of an interchange header, and what is wrong with it."""
    element = data[3:4]
    if not element or element.isalnum() or element.isspace():
        return _Delimiters(), "ISA does not declare its delimiters"
    parts = data.split(element, _ISA_ELEMENTS)
    if len(parts) <= _ISA_ELEMENTS or len(parts[_ISA_ELEMENTS]) < 2:
        return _Delimiters(element=element), "ISA has not its 16 elements"
    component, terminator = parts[_ISA_ELEMENTS][0:1], parts[_ISA_ELEMENTS][1:2]
    if len({element, component, terminator}) < 3 or terminator.isalnum() or component.isalnum():
        return _Delimiters(element=element), "ISA does not declare its delimiters"
    length = sum(map(len, parts[:_ISA_ELEMENTS])) + _ISA_ELEMENTS + 2
    problem = None
    if length != _ISA_BYTES:
        problem = f"ISA is {length} characters long, {_ISA_BYTES} expected"
    return _Delimiters(element, component.decode("latin-1"), terminator), problem
