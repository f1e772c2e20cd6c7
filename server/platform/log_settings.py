"""What the log of Postgres must be set to for a safe change feed (reliability.md 0.2, P31)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from psycopg import AsyncConnection

_SETTINGS: Final = (
    "wal_level", "fsync", "full_page_writes", "synchronous_commit",
    "max_slot_wal_keep_size", "idle_replication_slot_timeout",
)  # fmt: skip
_READ: Final = "SELECT name, current_setting(name) FROM pg_settings WHERE name = ANY (%s)"
# Settings with which what was acknowledged can be lost, or no feed is possible.
_UNSAFE: Final[Mapping[str, frozenset[str]]] = {
    "wal_level": frozenset({"minimal", "replica"}),
    "fsync": frozenset({"off"}),
    "full_page_writes": frozenset({"off"}),
    "synchronous_commit": frozenset({"off"}),
}


async def read_log_settings(connection: AsyncConnection[Any]) -> dict[str, str]:
    """Return the settings by name, as SHOW tells them; one that the server does not know is not in.

    Any role may ask.
    """
    cursor = await connection.execute(_READ, (list(_SETTINGS),))
    return dict(await cursor.fetchall())


def unsafe(settings: Mapping[str, str]) -> list[str]:
    """Return a sentence for each setting that can lose what was acknowledged, or has no feed."""
    return [
        f"{name} is {settings[name]}: what was acknowledged can be lost"
        if name != "wal_level"
        else f"wal_level is {settings[name]}: there is no change feed below logical"
        for name, bad in _UNSAFE.items()
        if settings.get(name) in bad
    ]


def unbounded(settings: Mapping[str, str]) -> list[str]:
    """Return a sentence for each setting by which a slot costs the disk, or is lost, in silence."""
    found = []
    if settings.get("max_slot_wal_keep_size") == "-1":
        found.append("max_slot_wal_keep_size is -1: a worker that stays away fills the disk")
    if settings.get("idle_replication_slot_timeout", "0") not in ("0", "0ms", "0s"):
        found.append("idle_replication_slot_timeout is not 0: a worker that rests loses its slot")
    return found
