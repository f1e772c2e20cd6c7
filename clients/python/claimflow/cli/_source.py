"""What is imported: files, folders and standard input, each with an identity of its own."""

from __future__ import annotations

import hashlib
import sys
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import click

from claimflow import importers
from claimflow.importers import Importer, Record
from claimflow.v1.command_service_pb2 import IngestClaimsRequest
from claimflow.v1.document_pb2 import ClaimDocument

STANDARD_INPUT = "-"
# A batch may have 2 MiB; the rest is for what surrounds the documents.
BATCH_BYTES_MAX = 2 * 1024 * 1024 - 64 * 1024
# One such claim would end the whole stream.
TOO_LARGE = "the claim is larger than a batch may be"

_BATCHES = uuid.UUID("5b0f6f2e-8d0e-5d39-9f4e-2f6a0c1b7d11")


@dataclass(frozen=True)
class Plan:
    """How records become batches; the same source under the same plan gives the same batches."""

    batch_size: int
    line_of_business: str


@dataclass(frozen=True)
class Source:
    """Something to import, and the format it is read as."""

    name: str
    importer: Importer
    path: Path | None
    # Of the content; empty for standard input, which cannot be read twice.
    sha256: str

    def identity(self, plan: Plan) -> str:
        """Return what makes two imports the same one; empty when that cannot be known."""
        if not self.sha256:
            return ""
        return "/".join(
            (self.sha256, self.importer.name, str(plan.batch_size), plan.line_of_business)
        )

    def count(self) -> int | None:
        """Return the number of records where that is cheap to know."""
        return self.importer.count(self.path) if self.path is not None else None

    def records(self, start_after: int) -> Iterator[Record]:
        """Yield the records after a position."""
        content: Path | BinaryIO = self.path if self.path is not None else sys.stdin.buffer
        return self.importer.records(content, start_after=start_after)


@dataclass
class Batch:
    """Documents to send, and the bad records met on the way."""

    source: Source
    number: int
    documents: list[ClaimDocument] = field(default_factory=list)
    # Where each document stands in its source.
    places: list[tuple[int, str]] = field(default_factory=list)
    bad: list[Record] = field(default_factory=list)
    # Position of the last record, good or bad.
    end: int = 0
    last: bool = False

    def request(self, plan: Plan) -> IngestClaimsRequest:
        """Return the message; its id is the same whenever the same content is imported again."""
        request = IngestClaimsRequest(documents=self.documents)
        content = self.source.identity(plan)
        if not content:
            content = hashlib.sha256(request.SerializeToString(deterministic=True)).hexdigest()
        request.batch_id = str(uuid.uuid5(_BATCHES, f"{content}/{self.number}"))
        return request


def batches(
    source: Source, plan: Plan, *, number: int = 0, start_after: int = 0
) -> Iterator[Batch]:
    """Yield the source's batches from a number on; the last one says so and may be empty."""
    batch = Batch(source, number, end=start_after)
    size_bytes = 0
    for record in source.records(start_after):
        body = record.document
        body_bytes = _size_bytes(body, plan)
        if body is not None and body_bytes > BATCH_BYTES_MAX:
            batch.bad.append(Record(record.position, record.where, problem=TOO_LARGE))
        elif body is not None:
            full = len(batch.documents) >= plan.batch_size
            if full or (batch.documents and size_bytes + body_bytes > BATCH_BYTES_MAX):
                yield batch
                batch = Batch(source, batch.number + 1)
                size_bytes = 0
            size_bytes += body_bytes
            batch.documents.append(body)
            batch.places.append((record.position, record.where))
        else:
            batch.bad.append(record)
        batch.end = record.position
    batch.last = True
    yield batch


def _size_bytes(body: ClaimDocument | None, plan: Plan) -> int:
    if body is None:
        return 0
    if plan.line_of_business:
        body.line_of_business = plan.line_of_business
    return body.ByteSize() + 8  # and what frames it in a batch


def open_sources(paths: Sequence[str], format_name: str | None) -> list[Source]:
    """Return what the arguments name; a folder is one source or holds several.

    A file of no known format is a usage error when it was named, and left out, with a line on
    stderr, when it only lies in a folder that was named.
    """
    if STANDARD_INPUT in paths and len(paths) > 1:
        raise click.UsageError("standard input goes alone")
    sources: list[Source] = []
    for path in paths:
        if path == STANDARD_INPUT:
            importer = importers.IMPORTERS[format_name or "jsonl"]
            sources.append(Source("standard input", importer, None, ""))
        else:
            sources += _open(Path(path), format_name)
    if not sources:
        raise click.UsageError("nothing to import")
    return sources


def _open(path: Path, format_name: str | None) -> list[Source]:
    if not path.exists():
        raise click.UsageError(f"no such file or folder: {path}")
    if format_name is not None and path.is_file():
        return [_source(path, importers.IMPORTERS[format_name])]
    try:
        importer = importers.detect(path)
    except importers.UnknownFormat:
        if path.is_file():
            raise click.UsageError(f"unknown format: {path}; name it with --format") from None
        return _inside(path, format_name)
    if format_name is not None and importer.name != format_name:
        return _inside(path, format_name)
    return [_source(path, importer)]


def _inside(folder: Path, format_name: str | None) -> list[Source]:
    sources = []
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            sources += _open(path, format_name)
            continue
        try:
            importer = importers.detect(path)
        except importers.UnknownFormat:
            importer = None
        if importer is None or format_name not in (None, importer.name):
            click.echo(f"left out, not of a known format: {path.name}", err=True)
        else:
            sources.append(_source(path, importer))
    return sources


def _source(path: Path, importer: Importer) -> Source:
    return Source(path.name, importer, path, _sha256(path))


def _sha256(path: Path) -> str:
    if path.is_file():
        with path.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    digest = hashlib.sha256()
    for name, inner in sorted(_files(path)):
        digest.update(f"{name}\0{_sha256(inner)}\n".encode())
    return digest.hexdigest()


def _files(folder: Path) -> Iterable[tuple[str, Path]]:
    for path in folder.rglob("*"):
        if path.is_file():
            yield path.relative_to(folder).as_posix(), path
