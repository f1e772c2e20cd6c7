"""What the read process reads from its environment: what every server does, and how it watches."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from server.platform.settings import ServerSettings, variable

HEARTBEAT_SECONDS_MAX = 15.0  # what the contract promises


@dataclass(frozen=True, slots=True, kw_only=True)
class QuerySettings(ServerSettings):
    """What the read process reads."""

    # CLAIMFLOW_WATCH_HEARTBEAT_S: seconds after which a watch without news says that it lives.
    watch_heartbeat_s: float = 15.0
    # CLAIMFLOW_WATCH_PATIENCE_S: seconds that the reader of a stream may leave a message lying.
    watch_patience_s: float = 30.0

    def problems(self) -> list[str]:
        """Return what keeps a server from starting safely."""
        found = super(QuerySettings, self).problems()
        if not 0 < self.watch_heartbeat_s <= HEARTBEAT_SECONDS_MAX:
            limit = f"is more than 0 and at most {HEARTBEAT_SECONDS_MAX:.0f} seconds"
            found.append(f"{variable('watch_heartbeat_s')} {limit}")
        if self.watch_patience_s == 0:
            found.append(f"{variable('watch_patience_s')} is more than 0")
        return found


def query_settings(environ: Mapping[str, str] | None = None) -> QuerySettings:
    """Return the settings; raise `SettingsError` naming every bad one."""
    environ = os.environ if environ is None else environ
    listen = environ.get("CLAIMFLOW_QUERY_LISTEN", "127.0.0.1:50052")
    return QuerySettings.from_environ(environ, listen=listen)
