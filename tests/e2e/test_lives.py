"""From intake to the last cent: every claim ends PAID or DENIED, and the whole store is proven."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import pytest

from claimflow.client import Client, values
from claimflow.v1.claim_pb2 import Claim
from tests.e2e.conftest import ROOT, System, running

GENERATED = 1_000
# The whole file takes some minutes; CLAIMFLOW_HISTORIES (`make test-long`) asks for all of it.
CARRIER_CLAIMS = 9_538 if "CLAIMFLOW_HISTORIES" in os.environ else 1_000
ROUNDS = 4
RESOLVERS = {"COB_REVIEW": "cob_specialist"}


@pytest.fixture(scope="module")
def office() -> Iterator[System]:
    with running() as system:
        yield system


def told(system: System, *words: str, stdin: bytes | None = None) -> list[dict[str, object]]:
    shown = system.cli("--json", *words, stdin=stdin)
    assert shown.returncode == 0, shown.stderr.decode()[-2000:]
    return [json.loads(line) for line in shown.stdout.splitlines()]


def in_state(client: Client, state: str) -> Iterable[Claim]:
    found: Iterable[Claim] = client.search_claims(
        f'state="{state}"', page_size=500, consistency=values.STRONG
    )
    return list(found)


def resolve_pends(office: System) -> int:
    """Let a person look at what the rules would not decide."""
    resolved = 0
    with office.client("supervisor") as supervisor:
        for claim in in_state(supervisor, "PENDED"):
            for pend in claim.pends:
                if not pend.HasField("resolve_time"):
                    who = RESOLVERS.get(pend.code, "supervisor")
                    with office.client(who) as resolver:
                        resolver.resolve_pend(claim.claim_id, pend_code=pend.code, reason="LOOKED")
                    resolved += 1
    return resolved


def approve(office: System) -> int:
    """Let the approvers look at what is large."""
    approved = 0
    with office.client("supervisor") as supervisor:
        waiting = in_state(supervisor, "PENDING_APPROVAL")
    for claim in waiting:
        current = claim.adjudication
        for who in ("approver", "approver-2")[: current.approvals_needed]:
            with office.client(who) as approver:
                approver.approve_adjudication(
                    claim.claim_id,
                    adjudication_number=current.adjudication_number,
                    adjudication_hash=current.adjudication_hash,
                )
            approved += 1
    return approved


def states(office: System) -> Counter[str]:
    with office.client("supervisor") as client:
        answer = client.aggregate_claims("", group_by=["state"], consistency=values.STRONG)
    return Counter({group.keys[0]: group.claim_count for group in answer.groups})


def test_thousands_of_claims_are_priced_paid_and_proven(
    office: System, shared_data: Path, tmp_path: Path
) -> None:
    made = office.cli("generate", "-n", str(GENERATED), "--seed", "5")
    told(office, "--as", "submitter", "import", "-", stdin=made.stdout)
    carrier = tmp_path / "carrier.csv"
    with (shared_data / "cms-desynpuf" / "carrier.csv").open() as whole:
        carrier.write_text("".join(islice(whole, CARRIER_CLAIMS + 1)))
    told(office, "--as", "submitter", "import", str(carrier))

    for _ in range(ROUNDS):
        told(office, "--as", "examiner", "auto")
        if not resolve_pends(office) + approve(office):
            break
    told(office, "--as", "finance", "remit-all")

    ended = states(office)
    assert set(ended) <= {"PAID", "DENIED"}, ended
    assert ended.total() == GENERATED + CARRIER_CLAIMS
    proven = subprocess.run(
        [sys.executable, "-m", "server.command", "audit"],
        cwd=ROOT,
        env={**os.environ, **office.env},
        capture_output=True,
        text=True,
    )
    print(proven.stdout)
    assert proven.returncode == 0, proven.stdout + proven.stderr
    assert proven.stdout.endswith("every chain, fold, balance, payment and limit holds\n")


def is_whole(claim: Claim) -> bool:
    lines = claim.document.service_lines
    return all(line.procedure.code or line.revenue_code for line in lines)


def test_our_own_remittances_balance_as_835(office: System, tmp_path: Path) -> None:
    with office.client("supervisor") as client:
        claims = in_state(client, "PAID")
    # Sample files have lines that say neither what was done nor where: no 835 can tell those.
    by_remittance = Counter(claim.payment.remittance_id for claim in claims)
    untold = {claim.payment.remittance_id for claim in claims if not is_whole(claim)}
    largest = [one for one, _ in by_remittance.most_common() if one not in untold][:3]
    assert len(largest) == 3
    files = []
    for remittance in largest:
        shown = office.cli("--as", "finance", "remittance", remittance, "--x12")
        assert shown.returncode == 0, shown.stderr.decode()
        files.append(tmp_path / f"{remittance}.835")
        files[-1].write_bytes(shown.stdout)

    checked = office.cli("check-remittance", *map(str, files))

    assert checked.returncode == 0, checked.stdout.decode() + checked.stderr.decode()
    assert checked.stdout.count(b"balanced") >= len(files)
