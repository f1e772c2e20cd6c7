"""What an import has come to so far, and the file that remembers it."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from claimflow.cli._source import Batch
from claimflow.cli._view import state_name
from claimflow.client import failure_of_status
from claimflow.client.values import enum_name
from claimflow.v1.claim_pb2 import EditSeverity
from claimflow.v1.command_service_pb2 import IngestClaimsResponse

_COUNTERS = ("states", "findings", "bad", "refused")


@dataclass
class Tally:
    """Counts of one import or of several."""

    read: int = 0
    states: Counter[str] = field(default_factory=Counter)
    # "E02 WARN" -> findings
    findings: Counter[str] = field(default_factory=Counter)
    bad: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    # (system, batch) of the claims' sources -> claims stored
    origins: Counter[tuple[str, str]] = field(default_factory=Counter)
    token: str = ""

    @property
    def stored(self) -> int:
        """Return the number of claims that are stored now, in whatever state."""
        return self.states.total()

    def add(self, batch: Batch, reply: IngestClaimsResponse | None) -> Iterator[dict[str, Any]]:
        """Count a batch and its answer; yield what went wrong, each with its place."""
        self.read += len(batch.documents) + len(batch.bad)
        for record in batch.bad:
            problem = record.problem or "neither document nor problem"
            self.bad[problem] += 1
            yield {"where": record.where, "position": record.position, "problem": problem}
        if reply is None:
            return
        self.token = reply.consistency_token or self.token
        severities = EditSeverity.DESCRIPTOR
        for outcome in reply.claims:
            position, where = batch.places[outcome.position]
            if outcome.HasField("error"):
                failure = failure_of_status(outcome.error)
                name = failure.reason or failure.code.name
                self.refused[name] += 1
                paths = [violation.field_path for violation in failure.field_violations]
                yield {"where": where, "position": position, "refused": name, "fields": paths}
                continue
            self.states[state_name(outcome.state)] += 1
            origin = batch.documents[outcome.position].source
            self.origins[(origin.system, origin.batch)] += 1
            for finding in outcome.findings:
                severity = enum_name(severities, finding.severity)
                self.findings[f"{finding.edit_id} {severity}"] += 1

    def merge(self, other: Tally) -> None:
        """Add another import's counts."""
        self.read += other.read
        self.token = other.token or self.token
        for name in (*_COUNTERS, "origins"):
            getattr(self, name).update(getattr(other, name))

    def to_json(self) -> dict[str, Any]:
        """Return the counts as plain values."""
        return {
            "read": self.read,
            **{name: dict(getattr(self, name)) for name in _COUNTERS},
            "origins": [[*origin, count] for origin, count in self.origins.items()],
            "token": self.token,
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Tally:
        """Return what `to_json` gave."""
        counters = {name: Counter(plain[name]) for name in _COUNTERS}
        origins = Counter({(system, batch): n for system, batch, n in plain["origins"]})
        return cls(read=plain["read"], token=plain["token"], origins=origins, **counters)


@dataclass(frozen=True)
class Mark:
    """How far the import of one source has come: the last answered batch, and the counts."""

    number: int
    end: int
    tally: Tally


class Marks:
    """The files that let an interrupted import go on where the answers ended."""

    def __init__(self, folder: Path, server: str) -> None:
        self._folder = folder
        self._server = server

    def read(self, identity: str) -> Mark | None:
        """Return how far this import came; None when it is new or what is left is unreadable."""
        if not identity:
            return None
        try:
            plain = json.loads(self._file(identity).read_text())
            return Mark(plain["number"], plain["end"], Tally.from_json(plain["tally"]))
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError):
            return None  # begun again from the start; the servers know the batches by their ids

    def write(self, identity: str, mark: Mark) -> None:
        """Remember how far this import has come."""
        if not identity:
            return
        file = self._file(identity)
        file.parent.mkdir(parents=True, exist_ok=True)
        plain = {"number": mark.number, "end": mark.end, "tally": mark.tally.to_json()}
        draft = file.with_suffix(".new")
        draft.write_text(json.dumps(plain))
        draft.replace(file)

    def forget(self, identity: str) -> None:
        """Remove the mark of an import that is complete."""
        if identity:
            self._file(identity).unlink(missing_ok=True)

    def _file(self, identity: str) -> Path:
        name = hashlib.sha256(f"{self._server}/{identity}".encode()).hexdigest()
        return self._folder / f"{name[:32]}.json"
