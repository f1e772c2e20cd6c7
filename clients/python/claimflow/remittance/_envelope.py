"""Interchanges, groups and transaction sets: followed, counted, compared with their trailers.

A broken envelope costs no transaction set: what stands inside is given as it is, and each thing
that is wrong is given beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from claimflow.importers._x12_segments import MARK_INSIDE, TOO_LONG, Segment, read_segments
from claimflow.remittance.problems import Malformation, ReadProblem

SET_KIND = "835"
VERSION = "005010X221"
SEGMENTS_MAX = 2_000_000

_NESTING = ("ISA", "GS", "ST")
_TRAILERS = {"IEA": "ISA", "GE": "GS", "SE": "ST"}
_TRAILER_OF = {header: trailer for trailer, header in _TRAILERS.items()}
_CONTROL_PLACES = {"ISA": 13, "GS": 6, "ST": 2}
_COUNT_DIGITS_MAX = 10
# What else is wrong with a segment is wrong with an ISA.
_SEGMENT_PROBLEMS = {
    TOO_LONG: Malformation.TOO_LONG,
    MARK_INSIDE: Malformation.BYTE_ORDER_MARK,
}
_BETWEEN_SETS = frozenset({"TA1"})


@dataclass(frozen=True, slots=True)
class Begin:
    """A transaction set begins."""

    segment: int


@dataclass(frozen=True, slots=True)
class End:
    """It ends, by its trailer or by what cannot stand inside of it."""

    segment: int


Event = Begin | Segment | End | ReadProblem


@dataclass(slots=True)
class _Open:
    header: Segment
    # Of what the trailer counts.
    parts: int = 0

    @property
    def depth(self) -> int:
        return _NESTING.index(self.header.id)

    @property
    def control(self) -> str:
        return self.header.get(_CONTROL_PLACES[self.header.id])

    @property
    def is_wanted_set(self) -> bool:
        return self.header.id == "ST" and self.header.get(1) == SET_KIND


class EnvelopeReader:
    """Reads one file."""

    def __init__(self, *, segments_max: int = SEGMENTS_MAX) -> None:
        self._segments_max = segments_max
        # From the outermost on.
        self._open: list[_Open] = []
        self._outside_told = False

    def read(self, content: BinaryIO) -> Iterator[Event]:
        """Yield the segments inside of each 835, its begin and end, and all problems, in order."""
        number = 0
        for segment in read_segments(content):
            number = segment.number
            if number > self._segments_max:
                yield _problem(
                    Malformation.TOO_LONG, number, f"more than {self._segments_max} segments"
                )
                break
            yield from self._take(segment)
        if number == 0:
            yield _problem(Malformation.EMPTY, 1, "there is nothing to read")
        yield from self._close(0, number)

    def _take(self, segment: Segment) -> Iterator[Event]:
        if segment.problem is not None:
            kind = _SEGMENT_PROBLEMS.get(segment.problem, Malformation.INTERCHANGE_HEADER)
            yield _problem(kind, segment.number, segment.problem)
        if segment.id in _NESTING:
            yield from self._begin(segment)
        elif segment.id in _TRAILERS:
            yield from self._end(segment)
        elif self._open and self._open[-1].header.id == "ST":
            self._open[-1].parts += 1
            if self._open[-1].is_wanted_set and (segment.id or segment.problem is None):
                yield segment
        elif segment.id not in _BETWEEN_SETS and not self._outside_told:
            self._outside_told = True
            yield _problem(
                Malformation.OUTSIDE_SET, segment.number, "segments outside of a transaction set"
            )

    def _begin(self, segment: Segment) -> Iterator[Event]:
        depth = _NESTING.index(segment.id)
        yield from self._close(depth, segment.number)
        self._outside_told = False
        parent = self._open[-1] if self._open else None
        begun = _Open(segment, parts=int(segment.id == "ST"))
        self._open.append(begun)
        if begun.is_wanted_set:
            yield Begin(segment.number)
        elif segment.id == "ST":
            yield _problem(Malformation.FOREIGN_SET, segment.number, "ST is not of an 835")
        if parent is not None and parent.depth == depth - 1:
            parent.parts += 1
        elif depth > 0:
            yield _problem(
                Malformation.ENVELOPE_MISSING,
                segment.number,
                f"{segment.id} without {_NESTING[depth - 1]}",
            )
        group = parent.header if parent is not None and parent.header.id == "GS" else None
        if begun.is_wanted_set and group is not None and not group.get(8).startswith(VERSION):
            yield _problem(
                Malformation.VERSION, segment.number, f"GS08 is not a version of {VERSION}"
            )

    def _end(self, trailer: Segment) -> Iterator[Event]:
        """Compare a trailer with its header: how much it counts, and the control number."""
        header, at = _TRAILERS[trailer.id], trailer.number
        yield from self._close(_NESTING.index(header) + 1, at)
        if not self._open or self._open[-1].header.id != header:
            yield _problem(Malformation.TRAILER_UNEXPECTED, at, f"{trailer.id} without {header}")
            return
        ended = self._open.pop()
        counted = ended.parts + (header == "ST")  # SE counts itself
        told = trailer.get(1)
        if not (told.isascii() and told.isdigit() and len(told) <= _COUNT_DIGITS_MAX):
            yield _problem(Malformation.COUNT, at, f"{trailer.id}01 is not a count")
        elif int(told) != counted:
            text = f"{trailer.id} counts {int(told)}, there are {counted}"
            yield _problem(Malformation.COUNT, at, text)
        if trailer.get(2) != ended.control:
            text = f"{trailer.id}02 is not the control number of {header}"
            yield _problem(Malformation.CONTROL_NUMBER, at, text)
        if ended.is_wanted_set:
            yield End(at)

    def _close(self, depth: int, at: int) -> Iterator[Event]:
        """End what is open at this depth and below, and has no trailer."""
        while self._open and self._open[-1].depth >= depth:
            ended = self._open.pop()
            header = ended.header.id
            text = f"{header} without {_TRAILER_OF[header]}"
            yield _problem(Malformation.TRAILER_MISSING, at, text)
            if ended.is_wanted_set:
                yield End(at)


def _problem(kind: Malformation, segment: int, message: str) -> ReadProblem:
    return ReadProblem(kind=kind, segment=segment, message=message)
