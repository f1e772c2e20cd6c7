"""Every command in every state that a small claim can come to, breadth first.

One claim of one line that charges 2.00, with approvals from 1.00 on, and at most one claim that
takes its place; two people in a role where one of them may be barred. Two worlds are the same when
they differ in ids, amounts of the same size, or in who of two equal people did what. What stands
beside the way from receipt to payment (notes, documents, leases, holds, ...) is gone to one at a
time.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from server.claims.benefits import CostShare, Fee, Plan
from server.claims.commands import (
    AddAttachment,
    AddNote,
    AdjudicateClaim,
    ApproveAdjudication,
    AssignClaim,
    CloseClaim,
    Command,
    DecideAppeal,
    DismissAppeal,
    ExpireInformationRequest,
    FileAppeal,
    FinalizeClaim,
    IssueRemittance,
    NewAttachment,
    PendClaim,
    PlaceHold,
    Reason,
    ReceiveInformation,
    RecordBreach,
    RecordOverpayment,
    RecordPriorPayer,
    RecoupOverpayment,
    RedactNote,
    ReleaseClaim,
    ReleaseHold,
    ReopenClaim,
    ReportPaymentFailure,
    RequestInformation,
    ResolvePend,
    ReturnForRework,
    SubmitClaim,
    TakeNextClaim,
    TransferClaim,
    VoidClaim,
    WithdrawAppeal,
)
from server.claims.document import ClaimDocument, Payer, PriorPayer
from server.claims.model import (
    TERMINAL,
    AdjudicationLine,
    AdjudicationMode,
    AppealOutcome,
    Claim,
    Decision,
    InformationItem,
    InformationParty,
    NoteKind,
    State,
)
from server.claims.payees import account_of
from server.claims.policy import Tier
from server.claims.refusals import Refusal
from server.claims.workflow import ALLOWED, OF_MANY
from tests.server.claims.cast import NOW, STRICT, professional
from tests.server.claims.invariants import Check, Violation
from tests.server.claims.players import Turn, unpaid
from tests.server.claims.scenery import adjustments
from tests.server.claims.settling import settle
from tests.server.claims.world import NOBODY, Rules, World

CHARGE = Decimal("2.00")
ZERO = Decimal("0.00")
# Days after the beginning that the clock is set to: the payment floor has passed; a request is
# overdue, and with it the decision; an appeal is overdue, its deadline and the reopening are past.
CLOCK = (0, 15, 70, 450)


_PLAN = Plan(
    plan_id="PLAN",
    version=1,
    effective_from=date(2000, 1, 1),
    fee_schedule_id="FEES",
    deductible=Decimal("0.40"),
    out_of_pocket_max=Decimal("50.00"),
    cost_shares={"*": CostShare(coinsurance_rate=Decimal("0.50"))},
)
_FEE = Fee(amount=Decimal("1.50"), schedule_id="FEES", version=1)


@dataclass(frozen=True)
class OnePlan:
    """A plan that allows 1.50 of every service, half of it after a deductible of 0.40."""

    def plan(self, plan_id: str, on: date) -> Plan | None:
        return _PLAN

    def fee(
        self, schedule_id: str, procedure_code: str, modifiers: tuple[str, ...], on: date
    ) -> Fee | None:
        return _FEE


def small_rules() -> Rules:
    policy = STRICT.policy
    eyes = ("APPROVER", "SUPERVISOR")
    tiers = (
        Tier(basis_from=ZERO, approvals=0, roles=()),
        Tier(basis_from=Decimal("1.00"), approvals=1, roles=eyes),
        Tier(basis_from=Decimal("2.00"), approvals=2, roles=eyes),
    )
    pricing = replace(policy.pricing, default_plan_id="PLAN")
    rules = replace(policy.appeals, levels=policy.appeals.levels[:2])
    small = replace(policy, tiers=tiers, pricing=pricing, appeals=rules)
    return Rules(policies=((date.min, small),), benefits=OnePlan())


@dataclass(frozen=True)
class Limits:
    """How far an exploration goes."""

    depth: int
    adjudications: int = 2
    remittances: int = 3
    requests: int = 1
    appeals: int = 2
    overpayments: int = 1
    claims: int = 2
    sides: int = 1  # of what stands beside the way, at a time


@dataclass(slots=True)
class Explored:
    """What an exploration found."""

    limits: Limits
    depth: int = 0
    asked: int = 0
    accepted: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)  # worlds by their claim's state
    moves: set[tuple[str, State | None, State]] = field(default_factory=set)
    # World -> worlds, by any command.
    ways: dict[Any, set[Any]] = field(default_factory=dict, repr=False)
    without_void: dict[Any, set[Any]] = field(default_factory=dict, repr=False)
    ended: set[Any] = field(default_factory=set, repr=False)  # terminal, or closed and told
    frontier: dict[Any, World] = field(default_factory=dict, repr=False)  # not gone on from
    # World -> the one before, and the command; none where time has passed.
    came_by: dict[Any, tuple[Any, Command | None]] = field(default_factory=dict, repr=False)
    faults: list[str] = field(default_factory=list)

    @property
    def worlds(self) -> int:
        """How many worlds there are that differ."""
        return sum(self.states.values())

    @property
    def transitions(self) -> int:
        """How many ways there are between them."""
        return sum(map(len, self.ways.values()))


def beginning() -> World:
    """The world in which the claim has just arrived."""
    world = World(rules=small_rules())
    world.ask(_submit(world, professional(str(CHARGE))))
    return world


def explore(limits: Limits, checks: Mapping[str, Check]) -> Explored:
    """Go breadth first from the claim's arrival."""
    found = Explored(limits)
    world = beginning()
    layer = {likeness(world): world}
    known = set(layer)
    while layer and found.depth < limits.depth:
        found.depth += 1
        following: dict[Any, World] = {}
        for key, here in layer.items():
            _note(found, key, here)
            for command, there in successors(here, checks, found):
                after = likeness(there)
                found.ways.setdefault(key, set()).add(after)
                if not isinstance(command, VoidClaim | SubmitClaim):
                    found.without_void.setdefault(key, set()).add(after)
                if after not in known:
                    known.add(after)
                    following[after] = there
                    found.came_by[after] = (key, command)
        layer = following
    for key, here in layer.items():
        _note(found, key, here)
    found.frontier = layer
    return found


def successors(
    world: World, checks: Mapping[str, Check], found: Explored
) -> Iterator[tuple[Command | None, World]]:
    """The worlds that one command leads to, each held against the invariants."""
    later = _later(world)
    if later is not None and current(world).state not in TERMINAL:
        yield None, later
    for command in commands(world, found.limits):
        name = type(command).__name__
        found.asked += 1
        try:
            there = world.after(command)
        except Exception as broken:  # a rule that breaks down is a fault like any other
            found.faults.append(f"{name} breaks down: {broken}")
            continue
        if isinstance(there, Refusal):
            found.refused[name] += 1
            continue
        found.accepted[name] += 1
        _hold(found, command, world, there, checks)
        if sides(there) <= found.limits.sides:
            yield command, there


def _hold(
    found: Explored, command: Command, here: World, there: World, checks: Mapping[str, Check]
) -> None:
    name, step = type(command).__name__, there.last
    assert step is not None
    found.moves.update(
        (type(row.event).__name__, row.from_state, row.to_state) for row in step.rows
    )
    claim = here.claims.get(command.claim_id)
    of_one = claim is not None and type(command) not in OF_MANY
    if of_one and claim is not None and claim.state not in ALLOWED[type(command)]:
        found.faults.append(f"{name} is accepted in {claim.state}")
    for rule, check in checks.items():
        try:
            check(there, step)
        except Violation as violation:
            found.faults.append(f"{rule}: {violation} after {name}")


def _later(world: World) -> World | None:
    passed = (world.now.date() - NOW.date()).days
    coming = [days for days in CLOCK if days > passed]
    if not coming:
        return None
    later = world.copy()
    later.wait(NOW + timedelta(days=coming[0]) - world.now)
    return later


def _note(found: Explored, key: Any, world: World) -> None:
    last = current(world)
    found.states[last.state.value] += 1
    if last.state in TERMINAL or is_over(last):
        found.ended.add(key)


def is_over(claim: Claim) -> bool:
    """Closed, and its determination told, unless it is a denial that was never paid before."""
    if claim.state is not State.CLOSED:
        return False
    return not unpaid(claim) or (claim.decision is Decision.DENIED and claim.remitted is None)


def current(world: World) -> Claim:
    """The claim that came last and was not rejected."""
    return [one for one in world.claims.values() if one.state is not State.REJECTED][-1]


def dead_ends(found: Explored, ways: Mapping[Any, set[Any]]) -> set[Any]:
    """The worlds that were gone on from and lead to no end, nor to where nobody went on."""
    back: defaultdict[Any, list[Any]] = defaultdict(list)
    for here, others in ways.items():
        for there in others:
            back[there].append(here)
    reached = {*found.ended, *found.frontier}
    waiting = list(reached)
    while waiting:
        for before in back[waiting.pop()]:
            if before not in reached:
                reached.add(before)
                waiting.append(before)
    return set(found.ways) - reached


def again(found: Explored, key: Any) -> World:
    """The world of a key, come to anew."""
    commands: list[Command | None] = []
    while key in found.came_by:
        key, command = found.came_by[key]
        commands.append(command)
    world = beginning()
    for command in reversed(commands):
        if command is None:
            later = _later(world)
            assert later is not None
            world = later
        else:
            world.ask(command)
    return world


def close(world: World) -> None:
    """Bring a world's claim to be told and closed without a void, or complain."""

    def must(taken: Turn) -> None:
        assert not isinstance(taken, timedelta)
        outcome = world.ask(taken)
        if isinstance(outcome, Refusal):
            raise Violation(f"{type(taken).__name__}: {outcome}")

    settle(world, must)
    claim = current(world)
    for appeal in claim.open_appeals:
        dismissed = _asked(world, claim, "ann APPEALS_ANALYST", appeal_id=appeal.appeal_id)
        must(DismissAppeal(**dismissed))
    for overpaid in claim.overpayments:
        if overpaid.recouped < overpaid.amount:
            must(
                RecoupOverpayment(
                    **_asked(world, claim, "fay FINANCE"),
                    overpayment_id=overpaid.overpayment_id,
                    entry_id=world.new_id(),
                    amount=overpaid.amount - overpaid.recouped,
                )
            )
    if world.claims[claim.claim_id].state is not State.CLOSED:
        must(CloseClaim(**_asked(world, claim, EXAMINERS[0])))
    if not is_over(world.claims[claim.claim_id]):
        raise Violation("closed and not told")


# What can be asked.


def _asked(world: World, claim: Claim, who: str, **fields: Any) -> dict[str, Any]:
    actor, role = who.split()
    return {
        "claim_id": claim.claim_id,
        "actor": actor,
        "role": role,
        "now": world.now,
        "reason": Reason(code="SOME_REASON"),
        **fields,
    }


EXAMINERS = ("ana EXAMINER", "abe EXAMINER")
APPROVERS = ("bob APPROVER", "bea APPROVER")
ANALYSTS = ("amy APPEALS_ANALYST", "art APPEALS_ANALYST")
EQUALS = (("ana", "abe"), ("bob", "bea"), ("amy", "art"))


def _submit(world: World, document: ClaimDocument) -> Command:
    claim_id = world.new_id()
    return SubmitClaim(
        claim_id=claim_id,
        actor="clara",
        role="SUBMITTER",
        now=world.now,
        claim_number=world.new_number(),
        document=document,
    )


def commands(world: World, limits: Limits) -> Iterator[Command]:
    """What anybody might ask next, whatever the rules say to it."""
    claim = current(world)
    for kind in (_work, _decisions, _payments, _appeals, _beside):
        yield from kind(world, claim, limits)
    if len(world.claims) < limits.claims:
        for frequency in ("7", "8"):
            yield _submit(
                world,
                replace(
                    claim.document,
                    frequency_code=frequency,
                    original_claim_number=claim.claim_number,
                ),
            )
    yield VoidClaim(**_asked(world, claim, "sue SUPERVISOR"))


def _work(world: World, claim: Claim, limits: Limits) -> Iterator[Command]:
    ask = _asked
    for code, who in (("PRICING", "ana EXAMINER"), ("MEDICAL_REVIEW", "mia MEDICAL_REVIEWER")):
        yield PendClaim(**ask(world, claim, who, pend_code=code))
        yield ResolvePend(**ask(world, claim, who, pend_code=code))
    if len(claim.information_requests) < limits.requests:
        yield RequestInformation(
            **ask(world, claim, "ana EXAMINER"),
            information_request_id=world.new_id(),
            control_number="CN1",
            party=InformationParty.PROVIDER,
            items=(InformationItem(report_type_code="11504-8"),),
            due_date=world.now.date() + timedelta(days=30),
        )
    request_id = (
        claim.information_requests[-1].information_request_id
        if claim.information_requests
        else NOBODY
    )
    yield ReceiveInformation(
        **ask(world, claim, "ida INTAKE"),
        information_request_id=request_id,
        control_number="CN1",
        attachments=(_document(world),),
    )
    expire = ask(world, claim, "claimflow SYSTEM", information_request_id=request_id)
    yield ExpireInformationRequest(**expire)


def _document(world: World) -> NewAttachment:
    return NewAttachment(
        attachment_id=world.new_id(),
        sha256=f"{world.made:064x}",
        media_type="application/pdf",
        size_bytes=1,
        control_number="ACN",
    )


def _line(paid: str, denied: bool = False, share: int = 0) -> AdjudicationLine:
    amount = Decimal(paid)
    cut = int((CHARGE - amount) * 100) - share
    return AdjudicationLine(
        line_number=1,
        charge=CHARGE,
        allowed=amount + Decimal(share).scaleb(-2),
        paid=amount,
        denied=denied,
        adjustments=adjustments(("CO", "97", cut), ("PR", "1", share)),
    )


_DETERMINATIONS = (
    ("ana EXAMINER", _line("2.00")),
    ("mia MEDICAL_REVIEWER", _line("1.00")),
    ("ana EXAMINER", _line("0.50", share=20)),
    ("abe EXAMINER", _line("0.00", denied=True)),
)


def _decisions(world: World, claim: Claim, limits: Limits) -> Iterator[Command]:
    ask = _asked
    if claim.adjudications < limits.adjudications:
        for who, line in _DETERMINATIONS:
            share = sum((one.amount for one in line.adjustments if one.group_code == "PR"), ZERO)
            yield AdjudicateClaim(
                **ask(world, claim, who, lines=(line,), paid=line.paid),
                patient_responsibility=share,
            )
        yield AdjudicateClaim(**ask(world, claim, "claimflow SYSTEM", mode=AdjudicationMode.AUTO))
    stands = claim.adjudication
    for who in (*APPROVERS, "mia APPROVER"):
        yield ApproveAdjudication(
            **ask(world, claim, who),
            adjudication_number=stands.number if stands else 1,
            adjudication_hash=stands.hash if stands else "",
        )
    yield ReturnForRework(**ask(world, claim, APPROVERS[0]))
    yield FinalizeClaim(**ask(world, claim, EXAMINERS[0]))
    if claim.adjudications < limits.adjudications:
        yield ReopenClaim(**ask(world, claim, "sue SUPERVISOR"))
    yield CloseClaim(**ask(world, claim, EXAMINERS[0]))
    yield RecordBreach(**ask(world, claim, "claimflow SYSTEM"))


def _payments(world: World, claim: Claim, limits: Limits) -> Iterator[Command]:
    ask = _asked
    if len(world.remittances) < limits.remittances:
        yield IssueRemittance(
            **ask(world, claim, "fay FINANCE", claim_id=NOBODY),
            remittance_id=world.new_id(),
            trace_number=f"T{world.made}",
            claim_ids=(claim.claim_id,),
            payment_date=world.now.date(),
        )
    for remittance in world.remittances.values():
        yield ReportPaymentFailure(
            **ask(world, claim, "fay FINANCE", claim_id=NOBODY),
            remittance_id=remittance.remittance_id,
            trace_number=remittance.trace_number,
        )
    if len(claim.overpayments) < limits.overpayments:
        yield RecordOverpayment(
            **ask(world, claim, "fay FINANCE"),
            overpayment_id=world.new_id(),
            amount=Decimal("0.30"),
        )
    found = claim.overpayments[0] if claim.overpayments else None
    yield RecoupOverpayment(
        **ask(world, claim, "fay FINANCE"),
        overpayment_id=found.overpayment_id if found else NOBODY,
        entry_id=world.new_id(),
        amount=found.amount if found else CHARGE,
    )


def _appeals(world: World, claim: Claim, limits: Limits) -> Iterator[Command]:
    ask = _asked
    if len(claim.appeals) < limits.appeals:
        for level in (1, 2):
            yield FileAppeal(
                **ask(world, claim, "clara SUBMITTER"), appeal_id=world.new_id(), level=level
            )
    appeal_id = claim.open_appeals[0].appeal_id if claim.open_appeals else NOBODY
    yield WithdrawAppeal(**ask(world, claim, "clara SUBMITTER", appeal_id=appeal_id))
    yield DismissAppeal(**ask(world, claim, ANALYSTS[0], appeal_id=appeal_id))
    for who in (*ANALYSTS, "mia MEDICAL_REVIEWER"):
        for outcome in (AppealOutcome.UPHELD, AppealOutcome.OVERTURNED):
            decided = ask(world, claim, who, appeal_id=appeal_id, outcome=outcome)
            yield DecideAppeal(**decided)


def _beside(world: World, claim: Claim, limits: Limits) -> Iterator[Command]:
    ask = _asked
    if not claim.notes:
        noted = ask(world, claim, EXAMINERS[0], note_id=world.new_id(), kind=NoteKind.INTERNAL)
        yield AddNote(**noted, text="seen")
    note_id = claim.notes[0].note_id if claim.notes else NOBODY
    yield RedactNote(**ask(world, claim, "sue SUPERVISOR", note_id=note_id))
    if not claim.attachments:
        yield AddAttachment(**ask(world, claim, "ida INTAKE", attachment=_document(world)))
    yield PlaceHold(**ask(world, claim, "sid SIU", kind="FRAUD"))
    yield ReleaseHold(**ask(world, claim, "sid SIU", kind="FRAUD"))
    yield AssignClaim(**ask(world, claim, EXAMINERS[0]))
    queue = TakeNextClaim(**ask(world, claim, EXAMINERS[1], claim_id=NOBODY, queue=claim.queue))
    yield queue
    for who in EXAMINERS:
        yield ReleaseClaim(**ask(world, claim, who))
    if claim.queue == "GENERAL":
        yield TransferClaim(**ask(world, claim, "sue SUPERVISOR", queue="SIU"))
    yield RecordPriorPayer(
        **ask(world, claim, "cob COB_SPECIALIST"),
        prior_payer=PriorPayer(
            payer=Payer(payer_id="OTHER"),
            payer_sequence="P",
            paid_amount=Decimal("0.50"),
            adjustments=adjustments(("CO", "45", 150)),
        ),
    )


# What tells one world from another.


def sides(world: World) -> int:
    """How many things there are beside the way from receipt to payment."""
    claim = current(world)
    leased = claim.lease_until is not None and world.now < claim.lease_until
    return sum(
        (
            bool(claim.notes),
            bool(claim.attachments) and not claim.information_requests,
            bool(claim.open_holds),
            leased,
            claim.queue != "GENERAL",
            bool(claim.document.prior_payers),
            claim.breached_at is not None,
        )
    )


def likeness(world: World) -> Any:
    """A world without ids, exact amounts and the names of equals."""
    names: dict[str, str] = {}

    def name(actor: str) -> str:
        for pair in EQUALS:
            if actor in pair:
                taken = sum(one in names for one in pair)
                return names.setdefault(actor, f"{pair[0]}{taken}")
        return actor

    passed = max(days for days in CLOCK if days <= (world.now.date() - NOW.date()).days)
    claim = current(world)
    entries = sorted(
        (one.kind.value, _size(one.amount))
        for one in world.open_entries(account_of(claim.document))
    )
    remitted = tuple(
        (bool(one.amount), remittance_id in world.failed, _of_now(claim, remittance_id))
        for remittance_id, one in world.remittances.items()
    )
    gone = tuple(one.state for one in world.claims.values() if one is not claim)
    if claim.state in TERMINAL:
        notes = tuple(one.redacted for one in claim.notes)
        return (gone, tuple(entries), remitted, claim.state, notes)
    return (passed, gone, tuple(entries), remitted, _of_claim(claim, world.now, name))


def _of_now(claim: Claim, remittance_id: UUID) -> bool:
    return claim.remitted is not None and claim.remitted.remittance_id == remittance_id


def _age(today: date, moment: datetime) -> int:
    """Which windows have passed: 0 none, 1 to appeal at the first level, 2 at the second, 3 all."""
    days = (today - moment.date()).days
    return (days > 125) + (days > 185) + (days > 365)


def _size(amount: Decimal) -> int:
    return (amount > 0) - (amount < 0)


def _of_claim(claim: Claim, now: datetime, name: Callable[[str], str]) -> tuple[Any, ...]:
    stands, remitted = claim.adjudication, claim.remitted
    determination = stands and (
        stands.paid,
        stands.approvals_needed,
        stands.final,
        stands.number,
        stands.by == "mia",
        not stands.final and tuple(name(one.approver) for one in stands.approvals),
    )
    payment = remitted and (
        remitted.adjudication_number,
        remitted.paid,
        bool(remitted.interest),
        tuple((one.amount, one.recouped) for one in remitted.overpayments),
    )
    today = now.astimezone(UTC).date()
    appeals = tuple(
        (
            one.level,
            one.status,
            one.status == "OPEN" and today > one.due_date,
            one.adjudication_number,
            name(one.closed_by),
            one.closed_at is not None and _age(today, one.closed_at),
        )
        for one in claim.appeals
    )
    return (
        claim.state,
        tuple(sorted(one.code for one in claim.open_pends)),
        tuple((one.status, today > one.due_date) for one in claim.information_requests),
        claim.adjudications,
        determination,
        claim.final_paid,
        claim.decided_at is not None and _age(today, claim.decided_at),
        payment,
        claim.reversed is not None,
        appeals,
        "mia" in claim.deciders,  # who else took part could decide no appeal anyway
        _beside_of(claim, now, name),
    )


def _beside_of(claim: Claim, now: datetime, name: Callable[[str], str]) -> tuple[Any, ...]:
    leased = claim.lease_until is not None and now < claim.lease_until
    return (
        tuple(one.redacted for one in claim.notes),
        bool(claim.attachments),
        tuple(one.kind for one in claim.open_holds),
        leased and name(claim.assignee),
        claim.queue,
        len(claim.document.prior_payers),
        claim.breached_at is not None,
        claim.submitted_by,
    )
