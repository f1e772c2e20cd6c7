"""What the write process reads from its environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from server.platform.settings import ServerSettings, Settings, SettingsError

# It decides without the index.
_NOT_NEEDED = ("ELASTICSEARCH_URL", "CLAIMFLOW_INDEX_KEY_FILE")


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandSettings(ServerSettings):
    """What the command server reads."""

    # CLAIMFLOW_BATCH_COMMANDS_MAX: commands that share a commit.
    batch_commands_max: int = 256
    # CLAIMFLOW_BATCH_BYTES_MAX: bytes of requests that share a commit.
    batch_bytes_max: int = 2 * 1024 * 1024
    # CLAIMFLOW_QUEUE_COMMANDS_MAX: commands that may wait for a commit.
    queue_commands_max: int = 4096

    def problems(self) -> list[str]:
        """Return what keeps the server from starting safely."""
        found = super(CommandSettings, self).problems()
        return [one for one in found if not one.startswith(_NOT_NEEDED)]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerSettings(Settings):
    """What the timers read."""

    # CLAIMFLOW_POLL_SECONDS: rest between two looks when nothing was due.
    poll_seconds: float = 5.0

    def problems(self) -> list[str]:
        """Return what keeps the timers from running."""
        found = super(TimerSettings, self).problems()
        if self.poll_seconds <= 0:
            found.append("CLAIMFLOW_POLL_SECONDS must be above zero")
        return [one for one in found if not one.startswith(_NOT_NEEDED)]


def command_settings(environ: Mapping[str, str] | None = None) -> CommandSettings:
    """Return the settings; raise `SettingsError` naming every bad one."""
    environ = os.environ if environ is None else environ
    listen = environ.get("CLAIMFLOW_COMMAND_LISTEN", "127.0.0.1:50051")
    return CommandSettings.from_environ(environ, listen=listen)


def database_url(environ: Mapping[str, str] | None = None) -> str:
    """Return where the store is; raise `SettingsError` when nothing says so."""
    environ = os.environ if environ is None else environ
    url = environ.get("DATABASE_URL", "")
    if not url and not any(name.startswith("PG") for name in environ):
        raise SettingsError("DATABASE_URL is required")
    return url  # empty: libpq's own PG* variables
