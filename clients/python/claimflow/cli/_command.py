"""What the words that change a claim have in common: options, input, the printed result."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, BinaryIO, Protocol, TypeVar

import click

from claimflow.cli import _output
from claimflow.cli._context import Cli
from claimflow.cli._view import print_result
from claimflow.client import CommandOptions, CreateOptions
from claimflow.client.values import amount, money, to_python
from claimflow.v1.claim_pb2 import Claim
from claimflow.v1.common_pb2 import Receipt

F = TypeVar("F", bound=Callable[..., Any])


def as_amount(context: click.Context, parameter: click.Parameter, value: str) -> Decimal:
    """Return what was given as an amount of money; a callback."""
    try:
        return amount(money(value))
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


class Reply(Protocol):
    """What every command answers."""

    @property
    def claim(self) -> Claim:
        """Return the claim after the command."""

    @property
    def receipt(self) -> Receipt:
        """Return the proof of the write."""


def creating(function: F) -> F:
    """Add the options that every command takes."""
    for option in (
        click.option("--request-id", default=None, help="UUID; the same one happens once."),
        click.option("--validate-only", is_flag=True, help="Decide, but write nothing."),
        click.option("--reason-text", default="", help="What a person adds to the reason."),
        click.option("--reason", "reason_code", default=None, metavar="CODE", help="Why."),
    ):
        function = option(function)
    return function


def command(function: F) -> F:
    """Add the options that every command on an existing claim takes."""
    return creating(
        click.option(
            "--expected-version", type=click.IntRange(min=0), default=0, help="0: not checked."
        )(function)
    )


def created(options: Mapping[str, Any]) -> CreateOptions:
    """Return the common options of a command as the SDK takes them."""
    if options["reason_text"] and not options["reason_code"]:
        raise click.UsageError("--reason-text needs --reason")
    reason = (options["reason_code"], options["reason_text"]) if options["reason_code"] else None
    return CreateOptions(
        reason=reason, validate_only=options["validate_only"], request_id=options["request_id"]
    )


def commanded(options: Mapping[str, Any]) -> CommandOptions:
    """Return the common options of a command on an existing claim as the SDK takes them."""
    return CommandOptions(**created(options), expected_version=options["expected_version"])


def tell(cli: Cli, reply: Reply) -> None:
    """Print what a command did."""
    if cli.json:
        answer = {"claim": reply.claim, "receipt": reply.receipt}
        _output.write_json({name: to_python(part) for name, part in answer.items()})
        return
    print_result(_output.console(), reply.claim, reply.receipt)


def read_fields(file: BinaryIO) -> dict[str, Any]:
    """Return the JSON object of a file; numbers with a point stay exact."""
    try:
        fields = json.load(file, parse_float=Decimal)
    except ValueError as error:
        raise click.UsageError(f"not JSON: {_where(error)}") from None
    if not isinstance(fields, dict):
        raise click.UsageError("not a JSON object")
    return fields


def _where(error: ValueError) -> str:
    # The error's own text may quote the file.
    if isinstance(error, json.JSONDecodeError):
        return f"line {error.lineno} column {error.colno}"
    return "not UTF-8"
