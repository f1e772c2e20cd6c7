"""The entry point: global options, and all words."""

from __future__ import annotations

from pathlib import Path

import click

from claimflow.cli import (
    _appeal,
    _auto,
    _check_remittance,
    _decide,
    _demo,
    _feeds,
    _generate,
    _import,
    _payments,
    _read,
    _remit_all,
    _workflow,
)
from claimflow.cli._context import Cli, Words
from claimflow.cli._settings import Settings, home_folder, role_token_file

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(cls=Words, context_settings=CONTEXT)
@click.option("--command-addr", metavar="HOST:PORT", help="Default $CLAIMFLOW_COMMAND_ADDR.")
@click.option("--query-addr", metavar="HOST:PORT", help="Default $CLAIMFLOW_QUERY_ADDR.")
@click.option("--token", help="Credential; default $CLAIMFLOW_TOKEN.")
@click.option("--token-file", type=_FILE, help="File that holds the credential.")
@click.option("--as", "role", metavar="ROLE", help="Use $CLAIMFLOW_HOME/tokens/ROLE.")
@click.option("--tls-roots", type=_FILE, help="Use TLS and trust these authorities (PEM).")
@click.option("--json", "as_json", is_flag=True, help="Write JSON: a document, or one a line.")
@click.version_option(package_name="claimflow")
@click.pass_context
def main(
    context: click.Context,
    command_addr: str | None,
    query_addr: str | None,
    token: str | None,
    token_file: Path | None,
    role: str | None,
    tls_roots: Path | None,
    as_json: bool,
) -> None:
    """Work with claims: submit, decide, search, prove.

    A claim is named by its id or its number. Addresses and credential come from the options, else
    the environment, else $CLAIMFLOW_HOME/env (by default .claimflow/env).

    Exit codes: 0 done, 1 refused, 2 wrong usage, 3 the servers cannot answer now.
    """
    if sum(chosen is not None for chosen in (token, token_file, role)) > 1:
        raise click.UsageError("--token, --token-file and --as exclude each other")
    home = home_folder()
    if role is not None:
        token_file = role_token_file(home, role)
    context.obj = Cli(
        Settings(
            home=home,
            command_addr=command_addr,
            query_addr=query_addr,
            token=token,
            token_file=token_file,
            root_certificates=tls_roots,
            json=as_json,
        )
    )


for _word in (
    _import.import_, _generate.generate, *_workflow.WORDS, *_decide.WORDS, _auto.auto,
    _appeal.appeal, *_payments.WORDS, _remit_all.remit_all, *_read.WORDS,
    *_feeds.WORDS, _check_remittance.check_remittance, _demo.play,
):  # fmt: skip
    main.add_command(_word)


if __name__ == "__main__":
    main()
