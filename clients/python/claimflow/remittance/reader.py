"""The reader of X12 835 (005010X221A1): text in, remittances and problems out.

It reads what a posting and a balance need. It does not judge whether a file has all that the
implementation guide asks for, and passes over segments of which the values keep nothing;
docs/clients.md lists them.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from typing import BinaryIO

from claimflow.remittance._envelope import SEGMENTS_MAX, Begin, End, EnvelopeReader
from claimflow.remittance._transaction import Transaction
from claimflow.remittance.problems import Malformation, ReadProblem, Severity
from claimflow.remittance.values import Remittance


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file holds, and what is wrong with its text."""

    remittances: tuple[Remittance, ...]
    problems: tuple[ReadProblem, ...]

    @property
    def is_whole(self) -> bool:
        """Whether there is a remittance, and all amounts that were sent were read."""
        broken = any(problem.severity is Severity.ERROR for problem in self.problems)
        return bool(self.remittances) and not broken


def read(content: BinaryIO | bytes | str, *, segments_max: int = SEGMENTS_MAX) -> Reading:
    """Read every 835 of a file: one or several transaction sets, groups and interchanges.

    It never fails on content. An amount that cannot be read becomes zero, and its problem is of
    severity ERROR.
    """
    remittances: list[Remittance] = []
    problems: list[ReadProblem] = []
    transaction: Transaction | None = None

    def report(kind: Malformation, segment: int, message: str) -> None:
        tell(ReadProblem(kind=kind, segment=segment, message=message))

    def tell(problem: ReadProblem) -> None:
        index = len(remittances) if transaction is not None else None
        problems.append(replace(problem, transaction=index))

    for event in EnvelopeReader(segments_max=segments_max).read(_opened(content)):
        match event:
            case ReadProblem():
                tell(event)
            case Begin():
                transaction = Transaction(report)
            case End() if transaction is not None:
                remittance = transaction.end(event.segment)
                transaction = None
                remittances.append(remittance)
            case End():
                raise AssertionError("an end follows its begin")
            case _ if transaction is not None:
                transaction.take(event)
    return Reading(tuple(remittances), tuple(problems))


def _opened(content: BinaryIO | bytes | str) -> BinaryIO:
    if isinstance(content, str):
        content = content.encode()
    return io.BytesIO(content) if isinstance(content, bytes) else content
