"""The word that pays and tells every final decision that no remittance has told yet."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import click

from claimflow.cli import _output
from claimflow.cli._bulk import Bar, Tally, bulk_options, each, found, narrowed, run
from claimflow.cli._context import Cli
from claimflow.cli._output import table
from claimflow.cli._payments import METHODS
from claimflow.cli._view import state_name
from claimflow.client import AsyncClient, ClaimflowError, errors
from claimflow.client.values import amount, to_date
from claimflow.v1.claim_pb2 import Claim
from claimflow.v1.command_service_pb2 import IssueRemittanceResponse
from claimflow.v1.document_pb2 import Provider

# Final decisions that no remittance has told.
UNTOLD = "(state = APPROVED OR state = DENIED) AND remitted = false"
# As the contract has it.
CLAIMS_MAX = 500
# Remittances shown on the terminal; with --json there are all of them.
SHOWN_MAX = 20

_PLACE = re.compile(r"claim_ids\[(\d+)\]", re.ASCII)


@dataclass(frozen=True)
class Payable:
    """What decides on which remittance a claim goes, and when."""

    claim_id: str
    # Payee, payer, currency: claims that differ in these are not paid together.
    together: tuple[str, str, str]
    # What, besides the day of receipt, says how early a claim may be paid.
    terms: tuple[str, str, str]
    receipt_date: date | None
    pays: bool


def payable(claim: Claim) -> Payable:
    """Return what is needed of a claim."""
    document = claim.document
    payee = _identity(document.pay_to_provider) or _identity(document.billing_provider)
    payer = document.payer.payer_id or document.payer.name
    paid = claim.adjudication.paid
    return Payable(
        claim_id=claim.claim_id,
        together=(payee, payer, document.currency_code),
        terms=(document.line_of_business, document.jurisdiction, document.source.system),
        receipt_date=to_date(claim.receipt_date),
        pays=bool(paid) and amount(paid) > 0,
    )


def _identity(provider: Provider) -> str:
    return provider.npi or provider.tax_id or provider.other_id or provider.name


def grouped(payables: Iterable[Payable]) -> list[list[Payable]]:
    """Return claims that may be paid together, in groups of at most `CLAIMS_MAX`."""
    groups: dict[tuple[str, str, str], list[Payable]] = {}
    for one in payables:
        groups.setdefault(one.together, []).append(one)
    return [
        members[begin : begin + CLAIMS_MAX]
        for members in groups.values()
        for begin in range(0, len(members), CLAIMS_MAX)
    ]


@dataclass
class Issuing:
    """One run: what it asks for, and what was issued."""

    cli: Cli
    request: dict[str, Any]
    tally: Tally = field(default_factory=Tally)
    remittances: int = 0
    # By currency.
    sums: dict[str, Decimal] = field(default_factory=dict)
    shown: list[tuple[Any, ...]] = field(default_factory=list)

    async def issue(self, client: AsyncClient, bar: Bar, group: list[Payable]) -> None:
        """Pay a group; a claim that stands in the way is left out, and counted."""
        waiting = [group]
        while waiting:
            members = waiting.pop()
            strangers: list[Payable] = []
            while members:
                try:
                    reply = await client.issue_remittance(
                        [one.claim_id for one in members], **self.request
                    )
                except ClaimflowError as failure:
                    out = _in_the_way(failure, members)
                    if isinstance(failure, errors.PayeeMismatch):
                        strangers += out
                    else:
                        self.tally.refuse(failure, len(out))
                        bar.advance(len(out))
                    members = [one for one in members if one not in out]
                else:
                    self._count(reply)
                    bar.advance(len(members))
                    break
            if strangers:
                waiting.append(strangers)

    def _count(self, reply: IssueRemittanceResponse) -> None:
        made = reply.remittance
        self.remittances += 1
        for claim in reply.claims:
            self.tally.states[state_name(claim.state)] += 1
        if made.amount:
            so_far = self.sums.get(made.currency_code, Decimal(0))
            self.sums[made.currency_code] = so_far + amount(made.amount)
        if self.cli.json:
            _output.write_json(
                {
                    "remittance_id": made.remittance_id,
                    "trace_number": made.trace_number,
                    "payee": made.payee,
                    "amount": made.amount,
                    "claims": len(reply.claims),
                }
            )
        elif len(self.shown) < SHOWN_MAX:
            self.shown.append((made.trace_number, made.payee, made.amount, len(reply.claims)))

    def show(self) -> None:
        """Print the first remittances, also of a run that did not finish."""
        if not self.shown:
            return
        columns = ("trace number", "payee", "amount#", "claims#")
        console = _output.console()
        console.print(table("Remittances", columns, self.shown))
        if (hidden := self.remittances - len(self.shown)) > 0:
            console.print(f"and {hidden} more; --json tells them all", highlight=False)

    def more(self) -> dict[str, Any]:
        """Return what the summary tells besides claims."""
        paid = ", ".join(f"{total:.2f} {currency}" for currency, total in self.sums.items())
        return {"remittances": self.remittances, "paid": paid}


def _in_the_way(failure: ClaimflowError, members: Sequence[Payable]) -> list[Payable]:
    """Return the claims that a refusal is about; raise one that is of no claim in particular.

    Where a claim may not be paid so early, neither may those received later on the same terms.
    """
    places = (_PLACE.match(violation.field_path) for violation in failure.field_violations)
    place = next((int(match[1]) for match in places if match is not None), None)
    if place is None or place >= len(members):
        raise failure
    named = members[place]
    if not isinstance(failure, errors.PaymentFloorNotReached) or named.receipt_date is None:
        return [named]
    return [
        one
        for one in members
        if one is named
        or (
            one.pays
            and one.terms == named.terms
            and one.receipt_date is not None
            and one.receipt_date >= named.receipt_date
        )
    ]


@click.command("remit-all")
@click.argument("filter_words", metavar="[FILTER]...", nargs=-1)
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="Default today.")
@click.option("--method", type=click.Choice(METHODS), default="ach", show_default=True)
@click.option("--validate-only", is_flag=True, help="Decide, but write nothing.")
@bulk_options
@click.pass_obj
def remit_all(
    cli: Cli,
    filter_words: Sequence[str],
    day: datetime | None,
    method: str,
    validate_only: bool,
    limit: int,
    in_flight: int,
) -> None:
    """Pay and tell every final decision that was not told yet, by payee.

    A claim that may not be paid now, such as one on hold, is left out and counted.
    """
    payment_date = day.date() if day is not None else None
    issuing = Issuing(
        cli,
        {"payment_date": payment_date, "method": method, "validate_only": validate_only},
    )
    filter = narrowed(UNTOLD, filter_words)

    async def work(client: AsyncClient, bar: Bar) -> None:
        claims = found(client, filter, limit=limit, bar=bar, order_by="receive_time")
        payables = [payable(claim) async for claim in claims]

        async def groups() -> AsyncIterator[list[Payable]]:
            for group in grouped(payables):
                yield group

        await each(groups(), lambda group: issuing.issue(client, bar, group), in_flight)

    try:
        run(cli, issuing.tally, "paying", work, issuing.more)
    finally:
        issuing.show()
