"""From segments to claims: envelopes checked, hierarchy followed, a claim's segments gathered.

A broken envelope costs no claim: the claims inside are given as they stand, and each thing that is
wrong is given beside them, at its place in the file. Memory holds one claim and its parents.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from claimflow.importers._x12_segments import Segment, read_segments

PARENT_SEGMENTS_MAX = 1_000
CLAIM_SEGMENTS_MAX = 30_000

_IDENTIFIERS = """
AMT BHT CAS CL1 CLM CN1 CR1 CR2 CR3 CR4 CR5 CR6 CRC CTP CUR DMG DN1 DN2 DSB DTP FRM GE GS HCP HI HL
HSD IEA IMM ISA K3 LE LIN LQ LS LX MEA MIA MOA N2 N3 N4 NM1 NTE OI PAT PER PRV PS1 PWK QTY REF SBR
SE ST SV1 SV2 SV3 SV4 SV5 SV6 SV7 SVD TA1 TOO UR
"""
_KNOWN = frozenset(_IDENTIFIERS.split())
_BETWEEN_SETS = frozenset({"TA1"})
_LEVELS = {"20": 0, "22": 1, "23": 2}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with the file at a segment, without values."""

    segment: int
    text: str


@dataclass(slots=True)
class RawClaim:
    """One claim as its segments, with those of its parents."""

    # Of its CLM, counted from 1 in the file.
    segment: int
    # Place in the transaction set, counted from 1.
    ordinal: int
    # ISA13, GS06, ST02 and BHT03, joined by "/".
    batch: str
    # Of the implementation guide: GS08 or ST03.
    version: str
    # Billing provider, subscriber and patient (HL 20, 22, 23).
    parents: tuple[tuple[Segment, ...], ...]
    segments: list[Segment]
    # Beyond the limit, so not gathered whole.
    overflowed: bool = False


@dataclass
class _Envelope:
    """An open ISA, GS or ST."""

    header: Segment
    control: str
    # Of what the trailer counts.
    parts: int = 0


@dataclass
class X12Reader:
    """Reads one file."""

    _interchange: _Envelope | None = None
    _group: _Envelope | None = None
    _set: _Envelope | None = None
    # A transaction set of another kind is passed over.
    _foreign: bool = False
    _reference: str = ""
    _claims: int = 0
    _claim: RawClaim | None = None
    _parents: list[list[Segment]] = field(default_factory=lambda: [[], [], []])
    # -1 before the first HL of a set.
    _level: int = -1
    _outside_told: bool = False

    def read(self, content: BinaryIO) -> Iterator[RawClaim | Problem]:
        """Yield claims and problems in the order of the file."""
        number = 0
        for segment in read_segments(content):
            number = segment.number
            if number == 1 and segment.id != "ISA":
                yield Problem(1, "no ISA: the interchange has no envelope")
            yield from self._take(segment)
        if number == 0:
            yield Problem(1, "no ISA: there is nothing to read")
        yield from self._close_interchange(number)

    def _take(self, segment: Segment) -> Iterator[RawClaim | Problem]:
        if segment.problem is not None:
            yield Problem(segment.number, segment.problem)
            if not segment.id:
                return
        match segment.id:
            case "ISA":
                yield from self._close_interchange(segment.number)
                self._interchange = _Envelope(segment, segment.get(13))
            case "GS":
                yield from self._close_group(segment.number)
                self._group = _Envelope(segment, segment.get(6))
                if self._interchange is not None:
                    self._interchange.parts += 1
            case "ST":
                yield from self._open_set(segment)
            case "SE":
                yield from self._end(segment, self._set, "ST", segment.number)
                self._set = None
            case "GE":
                yield from self._close_set(segment.number)
                yield from self._end(segment, self._group, "GS", segment.number)
                self._group = None
            case "IEA":
                yield from self._close_group(segment.number)
                yield from self._end(segment, self._interchange, "ISA", segment.number)
                self._interchange = None
            case _ if self._set is not None:
                self._set.parts += 1
                if not self._foreign:
                    yield from self._inside(segment)
            case _ if segment.id not in _BETWEEN_SETS and not self._outside_told:
                self._outside_told = True
                yield Problem(segment.number, "segments outside of a transaction set")

    def _open_set(self, segment: Segment) -> Iterator[RawClaim | Problem]:
        yield from self._close_set(segment.number)
        self._set = _Envelope(segment, segment.get(2), parts=1)
        self._foreign = segment.get(1) != "837"
        self._parents, self._level = [[], [], []], -1
        self._reference, self._claims, self._outside_told = "", 0, False
        if self._group is not None:
            self._group.parts += 1
        if self._foreign:
            yield Problem(segment.number, "the transaction set is not an 837")

    def _inside(self, segment: Segment) -> Iterator[RawClaim | Problem]:
        if segment.id not in _KNOWN:
            yield Problem(segment.number, "unknown segment identifier")
            return
        match segment.id:
            case "BHT":
                self._reference = segment.get(3)
            case "HL":
                yield from self._flush()
                yield from self._enter_level(segment)
            case "CLM":
                yield from self._flush()
                self._begin_claim(segment)
            case _ if self._claim is not None:
                if len(self._claim.segments) < CLAIM_SEGMENTS_MAX:
                    self._claim.segments.append(segment)
                else:
                    self._claim.overflowed = True
            case "LX":
                yield Problem(segment.number, "a service line outside of a claim")
            case _ if self._level >= 0:
                parent = self._parents[self._level]
                parent.append(segment)
                if len(parent) > PARENT_SEGMENTS_MAX:
                    parent.clear()
                    yield Problem(segment.number, f"more than {PARENT_SEGMENTS_MAX} in a level")

    def _enter_level(self, segment: Segment) -> Iterator[Problem]:
        level = _LEVELS.get(segment.get(3))
        if level is None:
            yield Problem(segment.number, "HL is of no level that an 837 has")
            return
        self._level = level
        for below in range(level, len(self._parents)):
            self._parents[below] = []

    def _begin_claim(self, segment: Segment) -> None:
        assert self._set is not None, "claims are gathered inside of a set"
        self._claims += 1
        controls = [part.control if part else "" for part in (self._interchange, self._group)]
        version = self._group.header.get(8) if self._group else ""
        self._claim = RawClaim(
            segment=segment.number,
            ordinal=self._claims,
            batch="/".join((*controls, self._set.control, self._reference)),
            version=version or self._set.header.get(3),
            parents=tuple(tuple(parent) for parent in self._parents),
            segments=[segment],
        )

    def _flush(self) -> Iterator[RawClaim]:
        if self._claim is not None:
            claim, self._claim = self._claim, None
            yield claim

    def _end(
        self, trailer: Segment, envelope: _Envelope | None, header: str, at: int
    ) -> Iterator[RawClaim | Problem]:
        """Compare a trailer with its header: how much it counts, and the control number."""
        yield from self._flush()
        if envelope is None:
            yield Problem(at, f"{trailer.id} without {header}")
            return
        counted = envelope.parts + (header == "ST")  # SE counts itself
        told = trailer.get(1)
        if not (told.isascii() and told.isdigit() and len(told) < 11):
            yield Problem(at, f"{trailer.id}01 is not a count")
        elif int(told) != counted:
            yield Problem(at, f"{trailer.id} counts {int(told)}, there are {counted}")
        if trailer.get(2) != envelope.control:
            yield Problem(at, f"{trailer.id}02 is not the control number of {header}")

    def _close_set(self, at: int) -> Iterator[RawClaim | Problem]:
        yield from self._flush()
        if self._set is not None:
            yield Problem(at, "no SE: the transaction set has no end")
            self._set = None

    def _close_group(self, at: int) -> Iterator[RawClaim | Problem]:
        yield from self._close_set(at)
        if self._group is not None:
            yield Problem(at, "no GE: the group has no end")
            self._group = None

    def _close_interchange(self, at: int) -> Iterator[RawClaim | Problem]:
        yield from self._close_group(at)
        if self._interchange is not None:
            yield Problem(at, "no IEA: the interchange has no end")
            self._interchange = None
        self._outside_told = False
