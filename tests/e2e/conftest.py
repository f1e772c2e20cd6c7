"""The whole system as a user starts it, once for the end-to-end tests."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from claimflow.client import Client, connect

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class System:
    """A running installation in a folder of its own."""

    home: Path
    env: dict[str, str]

    def token(self, who: str) -> str:
        """Return the credential of a role."""
        return (self.home / "tokens" / who).read_text().strip()

    def client(self, who: str) -> Client:
        """Return a client that acts as somebody."""
        return connect(
            command_addr=self.env["CLAIMFLOW_COMMAND_ADDR"],
            query_addr=self.env["CLAIMFLOW_QUERY_ADDR"],
            token=self.token(who),
        )

    def pid(self, part: str) -> int:
        """Return a part's process id."""
        return int((self.home / "run" / f"{part}.pid").read_text())

    def word(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a word of `python -m server.embedded`."""
        return embedded(self.home, *words)

    def cli(self, *words: str, stdin: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
        """Run the command line as a user would."""
        return subprocess.run(
            [sys.executable, "-m", "claimflow.cli", *words],
            cwd=ROOT,
            env={**os.environ, **self.env},
            input=stdin,
            capture_output=True,
            timeout=600,
        )


def embedded(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m server.embedded` on free ports."""
    ports = {f"CLAIMFLOW_{part}_PORT": "0" for part in ("COMMAND", "QUERY", "ELASTICSEARCH")}
    return subprocess.run(
        [sys.executable, "-m", "server.embedded", *words],
        cwd=ROOT,
        env={**os.environ, **ports, "CLAIMFLOW_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=600,
    )


def read_env(home: Path) -> dict[str, str]:
    """Return what the `env` file exports."""
    pairs = (
        line.removeprefix("export ").split("=", 1)
        for line in (home / "env").read_text().splitlines()
    )
    return {name: shlex.split(value)[0] for name, value in pairs}


@contextmanager
def running() -> Iterator[System]:
    """Start an installation, and forget it at the end."""
    home = Path(tempfile.mkdtemp(prefix="claimflow-e2e-"))
    try:
        up = embedded(home, "up")
        assert up.returncode == 0, up.stdout + up.stderr
        yield System(home, read_env(home))
    finally:
        embedded(home, "reset")
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def system() -> Iterator[System]:
    """The installation that the end-to-end tests share; tests that kill parts start their own."""
    with running() as one:
        yield one
