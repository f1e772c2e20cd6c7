"""The drill: back up, work on, restore to a moment in between, start, and prove what came back.

All of it happens to an installation of its own, with the real parts, in a folder that is removed.
Commands are given one after the other, so what was acknowledged before the moment is exact.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import psycopg

from claimflow import importers
from claimflow.client import ClaimflowError, Client, at_least_as_fresh, connect, errors
from server.embedded.backup import backup
from server.embedded.elasticsearch import get
from server.embedded.process import wait_until
from server.embedded.restore import Restored, Target, restore
from server.embedded.saving import postgres_of
from server.embedded.settings import ROOT, Settings
from server.embedded.supervisor import Embedded
from server.embedded.tokens import DEMO_ROLES, DEMO_SUBJECT

# Without the timers: nothing then happens that nobody was told of.
PARTS: Final = ("postgres", "elasticsearch", "command", "query", "worker")
CLAIMS_MAX: Final = 3000  # all documents come in one answer
_SERVING_SECONDS_MAX: Final = 180.0
_HEADS: Final = """
    SELECT c.claim_id::text, c.version, encode(c.head_hash, 'hex'), max(e.version)
      FROM claimflow.claim AS c JOIN claimflow.claim_event AS e USING (tenant_id, claim_id)
     GROUP BY c.tenant_id, c.claim_id"""


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A command that was answered OK."""

    claim_id: str
    version: int
    token: str


@dataclass(slots=True)
class Verdict:
    """What was proved, printed as it is found."""

    failed: int = 0
    say: Callable[[str], None] = lambda text: print(text, flush=True)

    def prove(self, holds: bool, what: str) -> None:
        """Note one proof."""
        self.failed += not holds
        self.say(f"  {'proved' if holds else 'FAILED'}  {what}")


class Drill:
    """One run, and what was seen before the restore."""

    def __init__(self, claims: int, verdict: Verdict | None = None) -> None:
        self.verdict = verdict or Verdict()
        self.acknowledged: list[Acknowledged] = []
        self.before_point = 0
        self.moment: datetime | None = None
        self.epoch = ""
        self._claims = claims
        # What the three parts take, and one more.
        self._documents = importers.generate(3 * claims + 1, seed=20)

    def live(self, system: Embedded, archive: Path) -> None:
        """Work, back up, work, remember the moment, and work on."""
        with _client(system) as client:
            self._work(client)
            backup(system.site.postgres, archive)
            self._work(client)
            self.before_point = len(self.acknowledged)
            (self.moment,) = _row(system, "SELECT clock_timestamp()")
            self._work(client)
            (self.epoch,) = _row(system, "SELECT epoch::text FROM claimflow.store")
            # The index is to know what the database will have forgotten.
            _searched(client, self.acknowledged[-1].token)
        self.verdict.say(
            f"{len(self.acknowledged)} commands acknowledged, {self.before_point} of them before"
            f" {self.moment:%Y-%m-%dT%H:%M:%S.%fZ}"
        )

    def prove(self, system: Embedded, done: Restored, began: float) -> None:
        """See what came back."""
        self._prove_log(system)
        self._prove_epoch(system, done)
        with _client(system) as client:
            fresh = _first_answer(client, next(self._documents))
            rto = time.monotonic() - began
            self.verdict.prove(fresh is not None, "a new command is taken, and found by a search")
            self._prove_tokens_refused(client)
        self._prove_documents(system)
        self._prove_views(system)
        self._prove_audit(system)
        self.verdict.say(f"RTO {rto:.1f} s, of which the restore took {done.seconds:.1f} s")

    def _work(self, client: Client) -> None:
        for number in range(self._claims):
            reply = client.submit_claim(next(self._documents))
            self._note(reply.claim.claim_id, reply.receipt)
            if number % 3 == 0:
                noted = client.add_note(reply.claim.claim_id, text="drill")
                self._note(reply.claim.claim_id, noted.receipt)

    def _note(self, claim_id: str, receipt: Any) -> None:
        self.acknowledged.append(Acknowledged(claim_id, receipt.version, receipt.consistency_token))

    def _prove_log(self, system: Embedded) -> None:
        held = {row[0]: row[3] for row in _rows(system, _HEADS)}
        there = [held.get(one.claim_id, 0) >= one.version for one in self.acknowledged]
        kept = sum(there)
        expected: dict[str, int] = {}
        for one in self.acknowledged[:kept]:
            expected[one.claim_id] = max(expected.get(one.claim_id, 0), one.version)
        prefix = there == [True] * kept + [False] * (len(there) - kept) and held == expected
        self.verdict.prove(
            prefix, f"the log is a prefix of what was acknowledged: {kept} of {len(there)} commands"
        )
        lost = sum(not one for one in there[: self.before_point])
        self.verdict.prove(
            lost == 0, f"of {self.before_point} before the moment {lost} are missing"
        )
        missing = len(there) - kept
        after = len(there) - self.before_point
        self.verdict.prove(missing - lost == after, f"{missing - lost} after it are, as was asked")
        self.verdict.say(f"RPO {'0.0 s' if lost == 0 else 'not reached'} to the moment asked for")

    def _prove_epoch(self, system: Embedded, done: Restored) -> None:
        epoch, timeline, reason = _row(
            system,
            "SELECT s.epoch::text, s.timeline, e.reason FROM claimflow.store AS s"
            " JOIN claimflow.store_epoch AS e USING (epoch)",
        )
        self.verdict.prove(
            epoch != self.epoch and timeline == done.timeline and reason == "TIMELINE_CHANGED",
            f"a new epoch has begun by itself, on timeline {timeline}",
        )

    def _prove_tokens_refused(self, client: Client) -> None:
        asked = (self.acknowledged[0], self.acknowledged[self.before_point], self.acknowledged[-1])
        refused = 0
        for one in asked:
            try:
                _searched(client, one.token)
            except errors.TokenEpochMismatch:
                refused += 1
        self.verdict.prove(refused == len(asked), f"{refused} of {len(asked)} old tokens refused")

    def _prove_documents(self, system: Embedded) -> None:
        """Compare every document that a search sees with its claim."""
        path = "/claims/_search?size=10000&_source=claim_id,version,head_hash,store_epoch"
        status, body = get(system.environment["ELASTICSEARCH_URL"], path, 30.0)
        hits = json.loads(body)["hits"]["hits"] if status == 200 else []
        (epoch,) = _row(system, "SELECT epoch::text FROM claimflow.store")
        heads = {row[0]: (row[1], row[2], epoch) for row in _rows(system, _HEADS)}
        found = {
            hit["_source"]["claim_id"]: tuple(
                hit["_source"][name] for name in ("version", "head_hash", "store_epoch")
            )
            for hit in hits
        }
        ahead = sum(one not in heads or found[one][0] > heads[one][0] for one in found)
        self.verdict.prove(ahead == 0, f"of {len(found)} documents {ahead} are ahead of the store")
        self.verdict.prove(
            found == heads and bool(heads),
            f"each of {len(heads)} claims is indexed at its version, head hash and epoch",
        )

    def _prove_views(self, system: Embedded) -> None:
        ran = _word(system, "projections", "verify")
        self.verdict.prove(ran.returncode == 0, "verify: the views are equal to the events")
        self.verdict.say(ran.stdout.rstrip())

    def _prove_audit(self, system: Embedded) -> None:
        ran = _word(system, "server.command", "audit")
        self.verdict.prove(ran.returncode == 0, "audit: every chain, fold and balance holds")
        if ran.returncode != 0:
            self.verdict.say(ran.stdout + ran.stderr)


def drill(settings: Settings, *, claims: int, keep: bool = False) -> int:
    """Run a drill beside whatever runs; return 0 when everything was proved."""
    if not 1 <= claims <= CLAIMS_MAX:
        print(f"--claims takes 1 to {CLAIMS_MAX}", file=sys.stderr)
        return 2
    folder = Path(tempfile.mkdtemp(prefix="claimflow-drill-"))
    home = replace(
        settings, home=folder / "home", command_port=0, query_port=0, elasticsearch_port=0
    )
    run = Drill(claims)
    try:
        print(f"drill in {folder}", flush=True)
        with Embedded(home.home, home, parts=PARTS) as system:
            run.live(system, folder / "backup")
        print("stopped; restoring", flush=True)
        began = time.monotonic()
        done = restore(postgres_of(home), folder / "backup", Target(moment=run.moment))
        with Embedded(home.home, home, parts=PARTS) as system:
            run.prove(system, done, began)
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)
    failed = run.verdict.failed
    print("the drill has proved the restore" if not failed else f"{failed} proofs FAILED")
    return 1 if failed else 0


def _client(system: Embedded) -> Client:
    return connect(
        command_addr=system.environment["CLAIMFLOW_COMMAND_ADDR"],
        query_addr=system.environment["CLAIMFLOW_QUERY_ADDR"],
        token=system.site.mint.mint(DEMO_ROLES, subject=DEMO_SUBJECT),
    )


def _searched(client: Client, token: str) -> None:
    next(iter(client.search_claims(page_size=1, consistency=at_least_as_fresh(token))))


def _first_answer(client: Client, document: Any) -> str | None:
    """Submit a claim and return its token once a search has seen it; None when none does."""
    token = client.submit_claim(document).receipt.consistency_token

    def seen() -> bool:
        try:
            _searched(client, token)
        except ClaimflowError:  # the views are being built
            return False
        return True

    return token if wait_until(seen, _SERVING_SECONDS_MAX, 0.2) else None


def _word(system: Embedded, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *words],
        cwd=ROOT,
        env={**os.environ, **system.environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


def _rows(system: Embedded, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(system.site.postgres.url) as connection:
        return connection.execute(query.encode()).fetchall()


def _row(system: Embedded, query: str) -> tuple[Any, ...]:
    (row,) = _rows(system, query)
    return row
