"""The word that plays the demo, with the credentials in the home."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime

import click

from claimflow.cli import _output, demo
from claimflow.cli._context import Cli
from claimflow.cli._settings import role_token_file
from claimflow.client import connect


@click.command("demo")
@click.pass_obj
def play(cli: Cli) -> None:
    """Play a claim's life from submission to PAID and found, step by step."""
    settings = cli.settings
    console = _output.console()
    steps = 0

    def say(text: str) -> None:
        nonlocal steps
        steps += 1
        if cli.json:
            _output.write_json({"step": steps, "text": text})
        else:
            console.print(f"{steps:>2}  {text}", highlight=False)

    with ExitStack() as stack:
        people = {
            who: stack.enter_context(
                connect(
                    command_addr=settings.command_addr or settings.named("CLAIMFLOW_COMMAND_ADDR"),
                    query_addr=settings.query_addr or settings.named("CLAIMFLOW_QUERY_ADDR"),
                    token=role_token_file(settings.home, who).read_text().strip(),
                )
            )
            for who in demo.PEOPLE
        }
        number = demo.play(people, say, datetime.now(UTC).date())
    if not cli.json:
        console.print(f"\nlook at it:  claimflow show {number}   claimflow history {number}")
