"""What the read process reads from its environment: what every server does."""

from __future__ import annotations

import os
from collections.abc import Mapping

from server.platform.settings import ServerSettings


def query_settings(environ: Mapping[str, str] | None = None) -> ServerSettings:
    """Return the settings; raise `SettingsError` naming every bad one."""
    environ = os.environ if environ is None else environ
    listen = environ.get("CLAIMFLOW_QUERY_LISTEN", "127.0.0.1:50052")
    return ServerSettings.from_environ(environ, listen=listen)
