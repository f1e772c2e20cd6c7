"""The word that lets the rules decide all that wait."""

from __future__ import annotations

from collections.abc import Sequence

import click

from claimflow.cli._bulk import Bar, Tally, bulk_options, each, found, narrowed, run
from claimflow.cli._context import Cli
from claimflow.cli._view import state_name
from claimflow.client import AsyncClient, ClaimflowError
from claimflow.v1.claim_pb2 import ADJUDICATION_MODE_AUTO, Claim


@click.command()
@click.argument("filter_words", metavar="[FILTER]...", nargs=-1)
@bulk_options
@click.pass_obj
def auto(cli: Cli, filter_words: Sequence[str], limit: int, in_flight: int) -> None:
    """Let the rules adjudicate every accepted claim; what they cannot decide they pend."""
    tally = Tally()
    filter = narrowed("state = ACCEPTED", filter_words)

    async def work(client: AsyncClient, bar: Bar) -> None:
        async def adjudicate(claim: Claim) -> None:
            try:
                reply = await client.adjudicate_claim(claim.claim_id, mode=ADJUDICATION_MODE_AUTO)
            except ClaimflowError as failure:
                tally.refuse(failure)
            else:
                tally.states[state_name(reply.claim.state)] += 1
            bar.advance()

        await each(found(client, filter, limit=limit, bar=bar), adjudicate, in_flight)

    run(cli, tally, "adjudicating", work)
