"""Words that pay: remittances, what is to be given back, what a member has used up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from claimflow.cli import _output
from claimflow.cli._command import as_amount, command, commanded, created, creating, tell
from claimflow.cli._context import Cli, is_id
from claimflow.cli._output import facts, table
from claimflow.cli._remittance_profile import EXAMPLE, read_profile
from claimflow.cli._remittance_view import print_remittance, print_states
from claimflow.cli._remittance_x12 import as_835
from claimflow.client.values import to_python
from claimflow.v1.command_service_pb2 import IssueRemittanceResponse, ReportPaymentFailureResponse
from claimflow.v1.remittance_pb2 import Remittance

METHODS = ("ach", "check", "non-payment")
_DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.argument("claims", nargs=-1, required=True, metavar="CLAIM...")
@click.option("--date", "day", type=_DAY, help="Payment date; default today.")
@click.option("--trace", default="", help="Trace number; default the server makes one.")
@click.option("--method", type=click.Choice(METHODS), default="ach", show_default=True)
@creating
@click.pass_obj
def remit(
    cli: Cli,
    /,
    claims: Sequence[str],
    day: datetime | None,
    trace: str,
    method: str,
    **options: Any,
) -> None:
    """Pay and tell the final decisions of one payee's claims, all or none."""
    reply = cli.client.issue_remittance(
        [cli.claim_id(claim) for claim in claims],
        payment_date=day.date() if day is not None else None,
        trace_number=trace,
        method=method,
        **created(options),
    )
    _tell_remittance(cli, reply, written=not options["validate_only"])


@click.command("payment-failed")
@click.argument("remittance", metavar="REMITTANCE")
@click.option("--trace", required=True, help="Its trace number.")
@creating
@click.pass_obj
def payment_failed(cli: Cli, /, remittance: str, trace: str, **options: Any) -> None:
    """Tell that a remittance's money did not arrive; its claims are to be paid again."""
    remittance_id = (
        remittance.lower() if is_id(remittance) else _read(cli, remittance).remittance_id
    )
    reply = cli.client.report_payment_failure(remittance_id, trace_number=trace, **created(options))
    _tell_remittance(cli, reply, written=not options["validate_only"])


def _tell_remittance(
    cli: Cli, reply: IssueRemittanceResponse | ReportPaymentFailureResponse, *, written: bool
) -> None:
    if cli.json:
        _output.write_json(to_python(reply))
        return
    console = _output.console()
    print_remittance(console, reply.remittance)
    print_states(console, reply.claims)
    if not written:
        console.print("  nothing was written: validate only", highlight=False)
    receipt = reply.receipt
    console.print(facts([("request", receipt.request_id), ("token", receipt.consistency_token)]))


def _read(cli: Cli, name: str) -> Remittance:
    """Return a remittance named by its id or its trace number."""
    if is_id(name):
        return cli.client.get_remittance(name.lower()).remittance
    return cli.client.get_remittance(trace_number=name).remittance


@click.command("remittance")
@click.argument("name", metavar="ID|TRACE")
@click.option("--x12", is_flag=True, help="Write it as an X12 835.")
@click.option(
    "--profile", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="With --x12: JSON of what the contract does not know; default an example, marked a test.",
)  # fmt: skip
@click.option(
    "--control-number", type=click.IntRange(1, 999_999_999), help="With --x12: default by its id."
)
@click.pass_obj
def show_remittance(
    cli: Cli, name: str, x12: bool, profile: Path | None, control_number: int | None
) -> None:
    """Show a remittance, by id or trace number, or write it as an X12 835.

    The 835 tells payment, claims, lines and adjustments; other parties and references, and the
    amounts of MIA and MOA, are not in it. What your role may not see is left out.
    """
    if not x12 and (profile is not None or control_number is not None):
        raise click.UsageError("--profile and --control-number need --x12")
    if x12 and cli.json:
        raise click.UsageError("--x12 and --json exclude each other")
    chosen = EXAMPLE if profile is None else read_profile(profile)
    remittance = _read(cli, name)
    if x12:
        click.echo(as_835(cli.client, remittance, chosen, control_number))
    elif cli.json:
        _output.write_json(remittance)
    else:
        print_remittance(_output.console(), remittance)


@click.group()
def overpayment() -> None:
    """Record what was paid too much, and take it back."""


@overpayment.command("record")
@click.argument("claim")
@click.argument("amount", callback=as_amount)
@command
@click.pass_obj
def record_overpayment(cli: Cli, /, claim: str, amount: Decimal, **options: Any) -> None:
    """Note that more was paid than was due."""
    claim_id = cli.claim_id(claim)
    tell(cli, cli.client.record_overpayment(claim_id, amount=amount, **commanded(options)))


@overpayment.command("recoup")
@click.argument("claim")
@click.argument("overpayment_id")
@click.argument("amount", callback=as_amount)
@command
@click.pass_obj
def recoup_overpayment(
    cli: Cli, /, claim: str, overpayment_id: str, amount: Decimal, **options: Any
) -> None:
    """Take an amount of an overpayment from the payee's next remittance."""
    reply = cli.client.recoup_overpayment(
        cli.claim_id(claim), overpayment_id=overpayment_id, amount=amount, **commanded(options)
    )
    tell(cli, reply)


@click.command()
@click.argument("member", required=False, default="")
@click.pass_obj
def accumulators(cli: Cli, member: str) -> None:
    """Tell what a member, by default yourself, has used of each plan's limits."""
    reply = cli.client.get_member_accumulators(member)
    if cli.json:
        _output.write_json(reply)
        return
    rows = [
        (item.plan_id, item.benefit_year, item.deductible_used, item.out_of_pocket_used)
        for item in reply.accumulators
    ]
    console = _output.console()
    columns = ("plan", "year", "deductible used#", "out of pocket used#")
    console.print(table("", columns, rows) if rows else "nothing is used up")


WORDS: tuple[click.Command, ...] = (
    remit, payment_failed, show_remittance, overpayment, accumulators
)  # fmt: skip
