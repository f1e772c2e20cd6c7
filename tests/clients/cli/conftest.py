"""The command line against a real gRPC server whose answers the test writes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from claimflow.cli.main import main

CLAIM_ID = "01890000-0000-7000-8000-000000000001"


@dataclass
class Told:
    """What a run printed, and how it ended."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def documents(self) -> list[Any]:
        return [json.loads(line) for line in self.stdout.splitlines()]


@dataclass
class Shell:
    """Runs words in a home of their own."""

    home: Path
    claim_id: str = CLAIM_ID

    def __call__(self, *arguments: Any, stdin: bytes | str | None = None) -> Told:
        result = CliRunner().invoke(main, [str(argument) for argument in arguments], input=stdin)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Told(result.exit_code, result.stdout, result.stderr)

    def json(self, *arguments: Any, stdin: bytes | str | None = None) -> Told:
        return self("--json", *arguments, stdin=stdin)


@pytest.fixture
def shell(servers: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    home = tmp_path / "home"
    (home / "tokens").mkdir(parents=True)
    (home / "env").write_text(
        "# what the programs need\n"
        f"export CLAIMFLOW_COMMAND_ADDR='{servers.address}'\n"
        f"export CLAIMFLOW_QUERY_ADDR={servers.address}\n"
        "export CLAIMFLOW_TOKEN='of the home'\n"
    )
    (home / "tokens" / "examiner").write_text("of the examiner\n")
    (home / "tokens" / "approver-2").write_text("of the second approver\n")
    monkeypatch.setenv("CLAIMFLOW_HOME", str(home))
    for name in ("CLAIMFLOW_COMMAND_ADDR", "CLAIMFLOW_QUERY_ADDR", "CLAIMFLOW_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    return Shell(home)
