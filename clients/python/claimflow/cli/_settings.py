"""Where the servers are and who is asking: options, else environment, else the home's `env`."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import click


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the global options say."""

    home: Path
    command_addr: str | None
    query_addr: str | None
    # A fixed token; None: read again from `token_file` or the environment whenever it expires.
    token: str | None
    token_file: Path | None
    root_certificates: Path | None
    json: bool

    def read_token(self) -> str:
        """Return the credential as it is now; empty when there is none."""
        if self.token is not None:
            return self.token
        if self.token_file is not None:
            return _read(self.token_file, "token file")
        return self.named("CLAIMFLOW_TOKEN") or ""

    def named(self, name: str) -> str | None:
        """Return a setting from the environment, else from the home's `env`, else None."""
        return os.environ.get(name) or home_environment(self.home).get(name)

    @property
    def state_folder(self) -> Path:
        """Where an import remembers how far it came."""
        if self.home.is_dir():
            return self.home / "imports"
        state = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
        return Path(state) / "claimflow" / "imports"


def home_folder() -> Path:
    """Return CLAIMFLOW_HOME, by default .claimflow in the working folder."""
    return Path(os.environ.get("CLAIMFLOW_HOME") or ".claimflow")


def home_environment(home: Path) -> Mapping[str, str]:
    """Return the variables that the home's `env` exports; none when there is no such file."""
    try:
        text = (home / "env").read_text()
    except FileNotFoundError:
        return {}
    variables = {}
    for line in text.splitlines():
        name, separator, value = line.strip().removeprefix("export ").partition("=")
        if separator and not name.startswith("#"):
            variables[name.strip()] = "".join(shlex.split(value))
    return variables


def role_token_file(home: Path, role: str) -> Path:
    """Return the file of a role's token; an unknown role is a usage error that lists the known."""
    folder = home / "tokens"
    path = folder / role.lower().replace("-", "_")
    # `examiner-2` is a second person of a role: its file has a hyphen, a role's name never.
    path = path if path.is_file() else folder / role.lower()
    if path.is_file():
        return path
    known = ", ".join(sorted(file.name for file in folder.glob("*"))) or "none"
    raise click.UsageError(f"no token for role {role!r} in the home's tokens; there are: {known}")


def _read(path: Path, what: str) -> str:
    try:
        return path.read_text().strip()
    except OSError as error:
        raise click.UsageError(f"cannot read the {what}: {error.strerror}") from error
