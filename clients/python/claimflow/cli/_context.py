"""What every word of the command line works with: the client, the output, the exit code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import click
import grpc

from claimflow.cli import _output
from claimflow.cli._settings import Settings
from claimflow.client import (
    STRONG,
    AsyncClient,
    ClaimflowError,
    Client,
    RetryClass,
    RetryPolicy,
    Tls,
    TransportError,
    connect,
    connect_async,
)
from claimflow.v1.claim_pb2 import Claim

EXIT_REFUSED = 1
EXIT_UNAVAILABLE = 3

# Somebody sits and waits; long runs are more patient.
RETRY = RetryPolicy(attempts_max=5)

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

ADVICE: Mapping[RetryClass, str] = {
    RetryClass.UNSPECIFIED: "",
    RetryClass.FINAL: "nothing to be done: the same request will be refused again",
    RetryClass.FIX_REQUEST: "mend the request and send it again",
    RetryClass.RETRY_SAME: "send the same request again later",
    RetryClass.READ_AGAIN: "read the claim again and decide anew",
}


class Cli:
    """One run of the command line."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.json = settings.json
        self._client: Client | None = None

    @property
    def client(self) -> Client:
        """Return the client, connected with the settings at the first use."""
        if self._client is None:
            self._client = connect(**self._connection(), retry=RETRY)
        return self._client

    def connect_async(self) -> AsyncClient:
        """Return a new asynchronous client for a long run; the caller closes it."""
        return connect_async(**self._connection())

    def _connection(self) -> dict[str, Any]:
        tls = None
        if self.settings.root_certificates is not None:
            tls = Tls(root_certificates=self.settings.root_certificates)
        return {
            "command_addr": self.settings.command_addr
            or self.settings.named("CLAIMFLOW_COMMAND_ADDR"),
            "query_addr": self.settings.query_addr or self.settings.named("CLAIMFLOW_QUERY_ADDR"),
            "token_provider": self.settings.read_token,
            "tls": tls,
        }

    def close(self) -> None:
        """Close the client."""
        if self._client is not None:
            self._client.close()

    def claim_id(self, name: str) -> str:
        """Return the id of a claim named by id or by number."""
        return name.lower() if is_id(name) else self.claim(name).claim_id

    def claim(self, name: str) -> Claim:
        """Return a claim named by id or by number, as it is this moment."""
        if is_id(name):
            return self.client.get_claim(name.lower(), consistency=STRONG).claim
        return self.client.get_claim(claim_number=name, consistency=STRONG).claim


class Words(click.Group):
    """The group of all words; a failed call ends with its reason and the promised exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the word."""
        try:
            return super().invoke(ctx)
        except ClaimflowError as failure:
            tell_failure(failure, as_json=bool(ctx.params.get("as_json")))
            ctx.exit(exit_code(failure))
        finally:
            if isinstance(ctx.obj, Cli):  # there is none when the options themselves were wrong
                ctx.obj.close()

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List the words in the order in which they were added, a claim's own."""
        return list(self.commands)


def is_id(name: str) -> bool:
    """Return whether a claim is named by its id; else it is by its number."""
    return _UUID.fullmatch(name) is not None


def exit_code(failure: ClaimflowError) -> int:
    """Return 3 when the servers cannot answer now, 1 when they answered no."""
    lost = failure.code is grpc.StatusCode.UNAVAILABLE
    late = failure.code is grpc.StatusCode.DEADLINE_EXCEEDED
    return EXIT_UNAVAILABLE if lost or late else EXIT_REFUSED


def tell_failure(failure: ClaimflowError, *, as_json: bool) -> None:
    """Write to stderr why a call failed: reason, advice, every bad field; never a value."""
    if as_json:
        _output.write_json(described(failure), error=True)
        return
    console = _output.console(error=True)
    kind = "failed" if isinstance(failure, TransportError) else "refused"
    name = failure.reason or failure.code.name
    message = _output.escape(failure.message)
    console.print(f"[bold red]{kind}[/] [bold]{name}[/]: {message}", highlight=False)
    if failure.metadata:
        told = ", ".join(f"{key} {value}" for key, value in sorted(failure.metadata.items()))
        console.print(f"  {told}", highlight=False, markup=False)
    for violation in failure.field_violations:
        console.print(
            f"  {violation.field_path}: {violation.description}", highlight=False, markup=False
        )
    if advice := ADVICE[failure.retry_class]:
        console.print(f"  {failure.retry_class.name}: {advice}", highlight=False)


def described(failure: ClaimflowError) -> dict[str, Any]:
    """Return a failure as plain values."""
    return {
        "error": {
            "reason": failure.reason,
            "code": failure.code.name,
            "message": failure.message,
            "retry_class": failure.retry_class.name,
            "metadata": failure.metadata,
            "field_violations": [
                {"field_path": violation.field_path, "description": violation.description}
                for violation in failure.field_violations
            ],
        }
    }


def pairs(values: Iterable[str], option: str) -> dict[str, str]:
    """Return NAME=VALUE options as a mapping."""
    result = {}
    for value in values:
        name, separator, rest = value.partition("=")
        if not separator or not name:
            raise click.UsageError(f"{option} takes NAME=VALUE")
        result[name] = rest
    return result
