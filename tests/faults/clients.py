"""People of two tenants who submit and work claims, and ask to see what they wrote.

Every command is sent again under its request id until its outcome is known or patience ends.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import grpc
from google.protobuf.message import Message

from claimflow.cli import demo
from claimflow.client import AsyncClient, ClaimflowError, RetryPolicy, connect_async
from claimflow.client.values import at_least_as_fresh
from claimflow.v1.claim_pb2 import Claim, ClaimState
from claimflow.v1.document_pb2 import ClaimDocument
from tests.faults.history import COMPLETED, FAILED, UNKNOWN, Recorder
from tests.faults.processes import TENANTS, System

ROLES: Final = ("SUBMITTER", "EXAMINER", "SUPERVISOR")
_ATTEMPTS: Final = 12
_TIMEOUT_S: Final = 6.0
_PAUSE_S: Final = (0.1, 1.0)

# An answer of the server's own that says: not done, and never will be under this request id.
_REFUSALS: Final = frozenset(
    {
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.NOT_FOUND,
        grpc.StatusCode.ALREADY_EXISTS,
        grpc.StatusCode.PERMISSION_DENIED,
        grpc.StatusCode.FAILED_PRECONDITION,
        grpc.StatusCode.ABORTED,
    }
)
# A read with a token may fail so, and in no other way.
_MAY_LAG: Final = frozenset(
    {
        "PROJECTION_LAGGING", "INDEX_UNAVAILABLE", "DATABASE_UNAVAILABLE", "SHUTTING_DOWN",
        "DEADLINE_PASSED",
    }
)  # fmt: skip
_TRANSPORT: Final = frozenset({grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED})

Call = Callable[[str], Awaitable[Any]]


class People:
    """The clients of one tenant."""

    def __init__(self, tenant: str, clients: dict[str, AsyncClient]) -> None:
        self.tenant = tenant
        self.submitter = clients["SUBMITTER"]
        self.examiner = clients["EXAMINER"]
        self.supervisor = clients["SUPERVISOR"]
        # The last reply about each claim, whoever asked.
        self.claims: dict[str, Claim] = {}


@asynccontextmanager
async def people(system: System) -> AsyncIterator[list[People]]:
    """The people of both tenants."""
    environment = system.environment
    async with AsyncExitStack() as stack:
        found = []
        for tenant in TENANTS:
            clients = {
                role: await stack.enter_async_context(
                    connect_async(
                        command_addr=environment["CLAIMFLOW_COMMAND_ADDR"],
                        query_addr=environment["CLAIMFLOW_QUERY_ADDR"],
                        token=system.site.mint.mint(role, tenant=tenant),
                        timeout=_TIMEOUT_S,
                        # Each attempt is to be seen here.
                        retry=RetryPolicy(attempts_max=1),
                    )
                )
                for role in ROLES
            }
            found.append(People(tenant, clients))
        yield found


class Worker:
    """One who works at the claims of a tenant, one command after the other."""

    def __init__(
        self, name: str, people: People, recorder: Recorder, rng: random.Random, pace_s: float
    ) -> None:
        self._name = name
        self._people = people
        self._recorder = recorder
        self._rng = rng
        self._pace_s = pace_s
        self._own: list[str] = []
        self._number = 0
        # How commands ended, how their attempts failed, how reads with a token ended.
        self.commands: Counter[str] = Counter()
        self.attempts: Counter[str] = Counter()
        self.reads: Counter[str] = Counter()

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop; the command in hand is brought to an end."""
        while not stop.is_set():
            await self._step()
            await asyncio.sleep(self._rng.uniform(0.2, 1.8) * self._pace_s)

    async def _step(self) -> None:
        if not self._own or self._rng.random() < 0.25:
            reply = await self._submit()
        else:
            # Now and then a claim that somebody else works at too.
            shared = self._rng.random() < 0.15
            known = list(self._people.claims) if shared else self._own
            reply = await self._work(self._people.claims[self._rng.choice(known)])
        if reply is None:
            return
        self._people.claims[reply.claim.claim_id] = reply.claim
        if self._rng.random() < 0.35:
            await self._read_own_write(reply)

    async def _submit(self) -> Any:
        self._number += 1
        document = _document(f"{self._name}-{self._number}")
        reply = await self._carry_out(
            "submit_claim", "", lambda id_: self._people.submitter.submit_claim(
                document, request_id=id_
            ),
        )  # fmt: skip
        if reply is not None:
            self._own.append(reply.claim.claim_id)
        return reply

    async def _work(self, claim: Claim) -> Any:
        kind, call = self._choice(claim)
        return await self._carry_out(kind, claim.claim_id, call)

    def _choice(self, claim: Claim) -> tuple[str, Call]:
        """Return what to do next with a claim."""
        examiner, id_ = self._people.examiner, claim.claim_id
        state = ClaimState.Name(claim.state).removeprefix("CLAIM_STATE_")
        choices: list[tuple[str, Call]] = [
            ("add_note", lambda r: examiner.add_note(id_, text="Called.", request_id=r))
        ]
        if state == "ACCEPTED":
            choices += [
                ("pend_claim", lambda r: examiner.pend_claim(
                    id_, pend_code="DOCUMENTS_MISSING", reason="REPORT_MISSING", request_id=r)),
                ("assign_claim", lambda r: examiner.assign_claim(id_, request_id=r)),
                ("adjudicate_claim", lambda r: examiner.adjudicate_claim(
                    id_, lines=[_LINE], paid="200.00", patient_responsibility="0.00",
                    request_id=r)),
                ("void_claim", lambda r: self._people.supervisor.void_claim(
                    id_, reason="WITHDRAWN", request_id=r)),
            ]  # fmt: skip
        elif state == "PENDED":
            choices += [
                ("resolve_pend", lambda r: examiner.resolve_pend(
                    id_, pend_code="DOCUMENTS_MISSING", reason="REPORT_CAME", request_id=r)),
            ] * 3  # fmt: skip
        elif state == "ADJUDICATED":
            choices += [("finalize_claim", lambda r: examiner.finalize_claim(id_, request_id=r))]
        return self._rng.choice(choices)

    async def _carry_out(self, kind: str, claim_id: str, call: Call) -> Any:
        """Send a command until its outcome is known; return the reply of one that was done."""
        request_id = str(UUID(int=self._rng.getrandbits(128), version=4))
        recorder = self._recorder
        op = recorder.invoke(self._name, kind, request_id=request_id, claim_id=claim_id)
        doubtful = False
        for _ in range(_ATTEMPTS):
            try:
                reply = await call(request_id)
            except ClaimflowError as error:
                if error.code in _REFUSALS:
                    # After an attempt without an answer, that one may have done it.
                    outcome = UNKNOWN if doubtful else FAILED
                    recorder.end(op, outcome, reason=error.reason or error.code.name)
                    self.commands[outcome] += 1
                    return None
                doubtful = True
                self.attempts[error.reason or error.code.name] += 1
                await asyncio.sleep(self._rng.uniform(*_PAUSE_S))
            else:
                recorder.end(
                    op, COMPLETED,
                    claim_id=reply.claim.claim_id,
                    events=[[one.version, one.event_type] for one in reply.receipt.events],
                )  # fmt: skip
                self.commands[COMPLETED] += 1
                if self._rng.random() < 0.1:
                    await self._again(call, request_id, reply)
                return reply
        recorder.end(op, UNKNOWN, reason="patience ended")
        self.commands[UNKNOWN] += 1
        return None

    async def _again(self, call: Call, request_id: str, reply: Message) -> None:
        """Send a command that was done once more: the same bytes come back (P2)."""
        try:
            second = await call(request_id)
        except ClaimflowError as error:
            if error.code in _REFUSALS:
                self._recorder.violation(
                    "a command that was done is refused under its request id",
                    request_id=request_id, reason=error.reason,
                )  # fmt: skip
            return
        self.commands["replies asked for again"] += 1
        if second.SerializeToString(deterministic=True) != reply.SerializeToString(
            deterministic=True
        ):
            self._recorder.violation("a reply came back different", request_id=request_id)

    async def _read_own_write(self, reply: Any) -> None:
        """Search with the token of a reply: the write is seen, or the answer says that it lags."""
        claim, version = reply.claim, reply.receipt.events[-1].version
        wanted = at_least_as_fresh(
            reply.receipt.consistency_token, max_wait=timedelta(seconds=self._rng.choice((0.5, 4)))
        )
        by_id = self._rng.random() < 0.3
        client = self._people.examiner
        try:
            if by_id:
                got = await client.get_claim(claim.claim_id, consistency=wanted)
                versions = [got.claim.version]
            else:
                # The number alone finds it; the version says how fresh the answer is.
                pager = client.search_claims(
                    f'claim_number="{claim.claim_number}"', consistency=wanted
                )
                versions = [one.version async for one in pager]
        except ClaimflowError as error:
            told = error.reason or error.code.name
            if error.reason not in _MAY_LAG and error.code not in _TRANSPORT:
                self._recorder.violation("a read with a token failed", reason=told)
            self.reads[told] += 1
            return
        if len(versions) != 1 or versions[0] < version:
            self.reads["stale"] += 1
            self._recorder.violation(
                "a read with a token is stale",
                claim_id=claim.claim_id, by_id=by_id, wrote=version, saw=versions,
            )  # fmt: skip
        else:
            self.reads["fresh"] += 1


_LINE: Final = {"line_number": 1, "charge": "200.00", "allowed": "200.00", "paid": "200.00"}


def _document(number: str) -> ClaimDocument:
    """Return an office visit of a member of its own."""
    made = demo.document(number, datetime.now(UTC).date())
    del made.service_lines[1:]
    made.service_lines[0].procedure.code = "99213"
    made.service_lines[0].charge = "200.00"
    made.total_charge = "200.00"
    return made
