"""What the importers' tests share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path

from claimflow.importers import Record, detect
from claimflow.v1.document_pb2 import ClaimDocument


def records(path: Path) -> list[Record]:
    return list(detect(path).records(path))


def documents(read: Iterable[Record]) -> Iterator[ClaimDocument]:
    for record in read:
        if record.document is not None:
            yield record.document


def problems(read: Iterable[Record]) -> list[str]:
    return [record.problem for record in read if record.problem is not None]


def charged(claims: Iterable[ClaimDocument]) -> Decimal:
    return sum((Decimal(claim.total_charge) for claim in claims), Decimal())


def line_sum(claim: ClaimDocument) -> Decimal:
    return sum((Decimal(line.charge) for line in claim.service_lines), Decimal())
