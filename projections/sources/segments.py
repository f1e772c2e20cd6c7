"""The files of an archive: segments of lines, named by the position they begin behind."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from projections.feed import Advance, FeedLost, FeedTaken, Identity, Position
from projections.sources.lines import Header, Item, Line, decode, encode


@dataclass(frozen=True, slots=True)
class End:
    """Where the whole lines of a segment end."""

    header: Header
    offset: int
    # Of the next line.
    number: int
    # How far complete transactions reach, and whether parts of another one follow.
    position: Position
    in_parts: bool


def segments(folder: Path) -> list[Path]:
    """Return the segments of an archive, oldest first."""
    return sorted(folder.glob("*.jsonl"))


def base_of(segment: Path) -> Position:
    """Return the position that a segment begins behind."""
    return int(segment.stem)


def header_of(segment: Path) -> Header:
    """Return what a segment begins with."""
    with segment.open("rb") as file:
        line = decode(file.readline())
    if line is None or not isinstance(line.content, Header):
        raise FeedLost(f"segment {segment.name} has no header")
    return line.content


def create(folder: Path, header: Header, number: int) -> Path:
    """Make a segment, durably and at once: whoever sees it sees its header."""
    segment = folder / f"{header.base:020}.jsonl"
    growing = segment.with_suffix(".new")
    growing.unlink(missing_ok=True)  # a crash may have left it
    descriptor = os.open(growing, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with open(descriptor, "wb") as file:
        file.write(encode(Line(number, header)))
        file.flush()
        os.fsync(file.fileno())
    growing.rename(segment)
    sync_folder(folder)
    return segment


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def end_of(segment: Path) -> End:
    """Return where the whole lines end; `FeedLost` if one that is not whole has others behind."""
    header = header_of(segment)
    offset, number, position, in_parts = 0, -1, header.base, False
    torn = False
    with segment.open("rb") as file:
        for data in file:
            line = decode(data)
            if line is None:
                torn = True
                continue
            if torn or number not in (-1, line.number):
                raise FeedLost(f"segment {segment.name} is damaged in its middle")
            offset, number = offset + len(data), line.number + 1
            if not isinstance(line.content, Header):
                in_parts = is_part(line.content)
                position = position if in_parts else line.content.position
    return End(header, offset, number, position, in_parts)


def is_part(item: Item) -> bool:
    """Whether more of the same transaction follows."""
    return not isinstance(item, Advance) and not item.complete


def same(identity: Identity, header: Header) -> None:
    """Go on if an archive is of this log."""
    if header.identity != identity:
        raise FeedLost("the archive is of another store, system or timeline")


def hold(path: Path) -> int:
    """Take a lock and return its descriptor, to be closed; `FeedTaken` when somebody has it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise FeedTaken(path.name) from None
    return descriptor


def lines_of(data: bytes) -> Iterator[bytes]:
    """Yield the lines that end within data."""
    at = 0
    while (end := data.find(b"\n", at) + 1) > 0:
        yield data[at:end]
        at = end
