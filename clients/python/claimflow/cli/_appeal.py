"""The word for appeals: an objection to a final decision, from its filing to its end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from claimflow.cli._command import command, commanded, tell
from claimflow.cli._context import Cli

OUTCOMES = ("upheld", "partly-overturned", "overturned")


@click.group()
def appeal() -> None:
    """Object to a final decision, and decide on the objection."""


@appeal.command("file")
@click.argument("claim")
@click.option("--level", type=click.IntRange(min=1), default=1, show_default=True)
@click.option(
    "--line", "lines", type=click.IntRange(min=1), multiple=True,
    help="A line in dispute; default all of them.",
)  # fmt: skip
@click.option("--good-cause", default="", metavar="CODE", help="Why it comes after its deadline.")
@command
@click.pass_obj
def file_(
    cli: Cli, /, claim: str, level: int, lines: Sequence[int], good_cause: str, **options: Any
) -> None:
    """File an appeal."""
    reply = cli.client.file_appeal(
        cli.claim_id(claim),
        level=level,
        line_numbers=lines,
        good_cause_code=good_cause,
        **commanded(options),
    )
    tell(cli, reply)


@appeal.command()
@click.argument("claim")
@click.argument("appeal_id")
@command
@click.pass_obj
def withdraw(cli: Cli, /, claim: str, appeal_id: str, **options: Any) -> None:
    """Take an appeal back; the appellant alone can."""
    claim_id = cli.claim_id(claim)
    tell(cli, cli.client.withdraw_appeal(claim_id, appeal_id=appeal_id, **commanded(options)))


@appeal.command()
@click.argument("claim")
@click.argument("appeal_id")
@command
@click.pass_obj
def dismiss(cli: Cli, /, claim: str, appeal_id: str, **options: Any) -> None:
    """End an appeal without deciding it."""
    claim_id = cli.claim_id(claim)
    tell(cli, cli.client.dismiss_appeal(claim_id, appeal_id=appeal_id, **commanded(options)))


@appeal.command()
@click.argument("claim")
@click.argument("appeal_id")
@click.argument("outcome", type=click.Choice(OUTCOMES))
@command
@click.pass_obj
def decide(cli: Cli, /, claim: str, appeal_id: str, outcome: str, **options: Any) -> None:
    """Decide an appeal; unless the decision is upheld, it is to be made anew."""
    reply = cli.client.decide_appeal(
        cli.claim_id(claim), appeal_id=appeal_id, outcome=outcome, **commanded(options)
    )
    tell(cli, reply)
