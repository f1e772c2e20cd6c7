"""After the faults: from the recorded history and Postgres, what must be so is so."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

import psycopg
from elasticsearch import Elasticsearch
from elasticsearch.helpers import scan
from psycopg import AsyncConnection
from psycopg.rows import dict_row

from server.claims import records
from server.claims.chain import event_hash, genesis_hash
from server.claims.codec import canonical
from server.embedded.settings import ROOT
from tests.e2e.fold import folded_documents
from tests.faults.history import COMPLETED, FAILED, Operation, Recorder, read
from tests.faults.processes import System
from tests.faults.watcher import VIEW, Watcher
from tests.faults.writers import log_end

CONVERGE_S: Final = 180.0
# What only the feed knows of a document; a fold from the table does not.
_OF_THE_FEED: Final = frozenset({"position", "store_epoch", "slice", "digest"})


async def converged(
    system: System, watcher: Watcher, recorder: Recorder, *, seconds: float = CONVERGE_S
) -> float:
    """Wait until everything committed is searchable; return the seconds that took."""
    started = time.monotonic()
    async with await AsyncConnection.connect(system.database_url) as connection:
        head = await log_end(connection)
    while True:
        system.check()
        if all(
            progress and progress["lsn_number"] >= head and progress["phase"] == "FOLLOWING"
            for progress in (await watcher.progress()).values()
        ):
            return time.monotonic() - started
        if time.monotonic() - started > seconds:
            recorder.violation("the index does not catch up", seconds=seconds)
            return time.monotonic() - started
        await asyncio.sleep(0.05)


def check(system: System, recorder: Recorder) -> int:
    """Compare history, event table and index; return the number of events."""
    recorder.flush()
    events = _events(system.database_url)
    for problem in _problems(system, events, read(recorder.path)):
        recorder.violation(problem)
    return sum(map(len, events.values()))


Rows = dict[str, list[dict[str, Any]]]  # by document id, in version order


def _events(database_url: str) -> Rows:
    found: Rows = defaultdict(list)
    with psycopg.connect(database_url, row_factory=dict_row) as connection:
        for row in connection.execute(
            "SELECT * FROM claimflow.claim_event ORDER BY tenant_id, claim_id, version"
        ):
            found[f"{row['tenant_id']}/{row['claim_id']}"].append(row)
    return found


def versions(database_url: str) -> dict[str, dict[str, int]]:
    """Return each claim's newest version, by tenant."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for name, rows in _events(database_url).items():
        tenant, _, claim_id = name.partition("/")
        found[tenant][claim_id] = len(rows)
    return found


def _problems(system: System, events: Rows, operations: list[Operation]) -> Iterator[str]:
    yield from _broken_chains(events)
    commands = [one for one in operations if "request_id" in one.fields]
    yield from _commands(events, commands)
    yield from _order(commands)
    yield from _transactions(events, [one for one in operations if "ghosts" in one.fields])
    yield from _documents(system, events)


def _broken_chains(events: Rows) -> Iterator[str]:
    for name, rows in events.items():
        before = genesis_hash(rows[0]["tenant_id"], rows[0]["claim_id"])
        for version, row in enumerate(rows, 1):
            if row["version"] != version or row["prev_hash"] != before:
                yield f"history has a hole: {name} at {version}"
                break
            before = row["hash"]
            if before != event_hash(records.link(row)):
                yield f"history does not verify: {name} at {version}"
                break


def _commands(events: Rows, commands: list[Operation]) -> Iterator[str]:
    """Every acknowledged command is there once, every refused one not at all (P1, P2)."""
    by_request: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for rows in events.values():
        for row in rows:
            by_request[str(row["request_id"])].append(row)
    for one in commands:
        stored = by_request.get(one.fields["request_id"], [])
        if one.outcome == FAILED and stored:
            yield f"a refused command took effect: {one.kind} {one.fields['request_id']}"
        if one.outcome != COMPLETED:
            continue
        # What a command does to another claim is no part of its receipt.
        told = [tuple(pair) for pair in one.result["events"]]
        found = [
            (row["version"], row["event_type"])
            for row in stored
            if str(row["claim_id"]) == one.result["claim_id"]
        ]
        if found != told:
            yield (
                f"an acknowledged command is not there once: {one.kind}"
                f" {one.fields['request_id']} told {told}, stored {found}"
            )
    for request_id, rows in by_request.items():
        versions = [(row["claim_id"], row["version"]) for row in rows]
        if len(versions) != len(set(versions)):
            yield f"an event is stored twice: {request_id}"


def _order(commands: list[Operation]) -> Iterator[str]:
    """A command that began after another had ended comes after it (P3)."""
    by_claim: dict[str, list[tuple[float, float, int, int]]] = defaultdict(list)
    for one in commands:
        if one.outcome == COMPLETED and one.result["events"]:
            versions = [version for version, _ in one.result["events"]]
            by_claim[one.result["claim_id"]].append(
                (one.invoked, one.ended, min(versions), max(versions))
            )
    for claim_id, done in by_claim.items():
        ended = sorted(done, key=lambda one: one[1])
        reached = at = 0
        for invoked, _, lowest, _ in sorted(done):
            while at < len(ended) and ended[at][1] < invoked:
                reached = max(reached, ended[at][3])
                at += 1
            if lowest <= reached:
                yield f"commands are out of order: {claim_id} at {lowest} after {reached}"


def _transactions(events: Rows, transactions: list[Operation]) -> Iterator[str]:
    """What was committed is there, what was rolled back is not."""
    for one in transactions:
        for ghost in one.fields["ghosts"]:
            if ghost in events:
                yield f"rolled back, and there: {ghost}"
        if one.outcome == COMPLETED:
            for name, version in one.fields["claims"].items():
                if len(events.get(name, ())) < version:
                    yield f"committed, and not there: {name} at {version}"


def _documents(system: System, events: Rows) -> Iterator[str]:
    """Every document is the fold of its events, none is missing or too many (P8)."""
    expected = folded_documents(system.database_url, system.index_key)
    with psycopg.connect(system.database_url) as connection:
        row = connection.execute("SELECT epoch::text FROM claimflow.store").fetchone()
        assert row is not None, "a migrated store has an epoch"
        epoch = row[0]
    with Elasticsearch(system.elasticsearch_url, request_timeout=30) as client:
        found = {
            hit["_id"]: hit["_source"]
            for hit in scan(client, index=VIEW, query={"query": {"match_all": {}}}, size=2000)
        }
    for name in sorted(expected.keys() - found.keys()):
        yield f"missing in the index: {name}"
    for name in sorted(found.keys() - expected.keys()):
        yield f"too many in the index: {name}"
    for name in expected.keys() & found.keys():
        document = found[name]
        if document["version"] != len(events[name]):
            yield (
                f"another version: {name} is {document['version']} in the index,"
                f" {len(events[name])} in the table"
            )
        elif _comparable(document) != _comparable(expected[name]):
            yield f"not the fold of its events: {name}"
        if document["store_epoch"] != epoch:
            yield f"of another store: {name}"


def _comparable(document: dict[str, Any]) -> bytes:
    return canonical({k: v for k, v in document.items() if k not in _OF_THE_FEED})


def verify(system: System) -> str:
    """Run the operator's own proof; return what it said, raise when it fails.

    Raises `subprocess.CalledProcessError` with its output when it does not find all equal.
    """
    done = subprocess.run(
        [sys.executable, "-m", "projections", "verify"],
        cwd=ROOT,
        env=system.environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return "; ".join(done.stdout.strip().splitlines())
