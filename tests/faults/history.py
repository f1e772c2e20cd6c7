"""What was done and what came of it, line by line in a file; the checks read the file."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson

COMPLETED = "completed"
FAILED = "failed"
UNKNOWN = "unknown"


class Recorder:
    """Appends lines: `{"t": seconds since the start, "what": ..., ...}`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("wb")
        self._started = time.monotonic()
        self._operations = 0
        # What must never be; the run ends at the first.
        self.violations: list[str] = []

    @property
    def now(self) -> float:
        """Seconds since the start."""
        return round(time.monotonic() - self._started, 4)

    def note(self, what: str, **fields: Any) -> None:
        """Append a line."""
        self._file.write(orjson.dumps({"t": self.now, "what": what, **fields}) + b"\n")

    def invoke(self, actor: str, kind: str, **fields: Any) -> int:
        """Say that something is about to be tried; return its number."""
        self._operations += 1
        self.note("invoke", op=self._operations, actor=actor, kind=kind, **fields)
        return self._operations

    def end(self, op: int, outcome: str, **fields: Any) -> None:
        """Say what came of it."""
        self.note(outcome, op=op, **fields)

    def violation(self, what: str, **fields: Any) -> None:
        """Say that a promise was broken."""
        told = ", ".join(f"{name} {value}" for name, value in fields.items())
        self.violations.append(f"{what}: {told}" if told else what)
        self.note("violation", says=what, **fields)

    def close(self) -> None:
        """Write everything out."""
        self._file.close()

    def flush(self) -> None:
        """Write out what is buffered."""
        self._file.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


@dataclass
class Operation:
    """Something that was tried, as the file tells it."""

    number: int
    actor: str
    kind: str
    invoked: float
    fields: dict[str, Any]
    outcome: str = UNKNOWN
    ended: float = float("inf")
    result: dict[str, Any] = field(default_factory=dict)


def read(path: Path) -> list[Operation]:
    """Return every operation; one without an end is unknown."""
    found: dict[int, Operation] = {}
    for line in _lines(path):
        if line["what"] == "invoke":
            fields = {
                k: v for k, v in line.items() if k not in ("t", "what", "op", "actor", "kind")
            }
            found[line["op"]] = Operation(
                line["op"], line["actor"], line["kind"], line["t"], fields
            )
        elif line["what"] in (COMPLETED, FAILED, UNKNOWN):
            one = found[line["op"]]
            one.outcome, one.ended = line["what"], line["t"]
            one.result = {k: v for k, v in line.items() if k not in ("t", "what", "op")}
    return list(found.values())


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open("rb") as file:
        for line in file:
            yield orjson.loads(line)
