"""What can be set: a field with a sentence and a unit, read once from the environment."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self

SECRET = frozenset({"database_url", "elasticsearch_url", "elasticsearch_api_key"})
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
SECONDS_MAX = 86_400.0


class SettingsError(ValueError):
    """Settings cannot be used; the text names every bad one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What every program reads."""

    # DATABASE_URL: a libpq URI.
    database_url: str = ""
    # ELASTICSEARCH_URL: of one node or a load balancer.
    elasticsearch_url: str = ""
    # ELASTICSEARCH_API_KEY: base64, when the cluster asks for one.
    elasticsearch_api_key: str = ""
    # CLAIMFLOW_INDEX_PREFIX: stands before alias, index and progress names.
    index_prefix: str = ""
    # CLAIMFLOW_INDEX_KEY_FILE: 32 bytes for keyed hashes.
    index_key_file: Path = Path()
    # CLAIMFLOW_LOG_LEVEL: DEBUG, INFO, WARNING or ERROR.
    log_level: str = "INFO"

    @classmethod
    def from_environ(cls, environ: Mapping[str, str], **fixed: Any) -> Self:
        """Return the settings of an environment; raise `SettingsError` naming every bad one."""
        values: dict[str, Any] = dict(fixed)
        bad: list[str] = []
        for one in fields(cls):
            text = environ.get(variable(one.name), "")
            if one.name in fixed or text == "":
                continue
            try:
                values[one.name] = _READERS[str(one.type)](text)
            except ValueError as error:
                bad.append(f"{variable(one.name)} {error}")
        settings = cls(**values)
        if bad := bad + settings.problems():
            raise SettingsError("; ".join(bad))
        return settings

    def problems(self) -> list[str]:
        """Return what keeps a program from running with these settings."""
        found = [
            f"{variable(name)} is required"
            for name in ("database_url", "elasticsearch_url")
            if not getattr(self, name)
        ]
        if self.log_level not in LOG_LEVELS:
            found.append(f"{variable('log_level')} is one of {', '.join(LOG_LEVELS)}")
        for one in fields(self):
            value = getattr(self, one.name)
            # What is none by default may be none; of everything else there is one at least.
            least = 0 if one.default == 0 else 1
            if isinstance(value, int) and value < least:
                found.append(f"{variable(one.name)} is at least {least}")
            if isinstance(value, float) and not 0 <= value <= SECONDS_MAX:
                found.append(f"{variable(one.name)} is from 0 to {SECONDS_MAX:.0f} seconds")
        return found

    def shown(self) -> dict[str, str]:
        """Return the settings as text, secrets left out."""
        return {
            one.name: "(set)" if one.name in SECRET and getattr(self, one.name) else
            str(getattr(self, one.name))
            for one in fields(self)
        }  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings(Settings):
    """What a gRPC server reads besides."""

    # CLAIMFLOW_COMMAND_LISTEN or CLAIMFLOW_QUERY_LISTEN: address and port.
    listen: str = "127.0.0.1:0"
    # CLAIMFLOW_TLS_CERT_FILE: certificate chain, PEM; required beyond loopback.
    tls_cert_file: Path = Path()
    # CLAIMFLOW_TLS_KEY_FILE: its private key, PEM.
    tls_key_file: Path = Path()
    # CLAIMFLOW_JWKS_FILE: public keys of the issuer.
    jwks_file: Path = Path()
    # CLAIMFLOW_JWT_ISSUER: exact.
    jwt_issuer: str = ""
    # CLAIMFLOW_JWT_AUDIENCE: must be among the token's.
    jwt_audience: str = "claimflow"
    # CLAIMFLOW_SEAL_KEY_FILE: 32 bytes for page and consistency tokens.
    seal_key_file: Path = Path()
    # CLAIMFLOW_PROCESSES: worker processes, one event loop each.
    processes: int = 1
    # CLAIMFLOW_MESSAGE_LIMIT_BYTES: of one request.
    message_limit_bytes: int = 4 * 1024 * 1024
    # CLAIMFLOW_BULK_MESSAGE_LIMIT_BYTES: of one message of a stream.
    bulk_message_limit_bytes: int = 16 * 1024 * 1024
    # CLAIMFLOW_IN_FLIGHT_MAX: calls that a process works on at once; the rest is told to wait.
    in_flight_max: int = 1024
    # CLAIMFLOW_STREAMS_MAX: streams that a process serves at once, counted apart.
    streams_max: int = 256
    # CLAIMFLOW_BODY_TIMEOUT_S: seconds to wait for a unary call's message.
    body_timeout_s: float = 5.0
    # CLAIMFLOW_DEFAULT_DEADLINE_S: seconds, when the caller sets none.
    default_deadline_s: float = 30.0
    # CLAIMFLOW_DRAIN_WAIT_S: seconds between NOT_SERVING and closing the doors.
    drain_wait_s: float = 0.5
    # CLAIMFLOW_DRAIN_GRACE_S: seconds that calls under way may still take.
    drain_grace_s: float = 15.0

    def problems(self) -> list[str]:
        """Return what keeps a server from starting safely."""
        found = super(ServerSettings, self).problems()
        for name in ("jwks_file", "jwt_issuer", "seal_key_file", "index_key_file"):
            if getattr(self, name) in ("", Path()):
                found.append(f"{variable(name)} is required")
        for name in ("body_timeout_s", "default_deadline_s"):
            if getattr(self, name) == 0:
                found.append(f"{variable(name)} is more than 0")
        for name in ("jwks_file", "seal_key_file", "index_key_file"):
            path = getattr(self, name)
            if path != Path() and not path.is_file():
                found.append(f"{variable(name)} names no file")
        if not self.is_local and not self.has_tls:
            found.append("listening beyond loopback needs CLAIMFLOW_TLS_CERT_FILE and _KEY_FILE")
        for name in ("tls_cert_file", "tls_key_file"):
            # One of the two, or a path that leads nowhere, must not end in serving plain text.
            path = getattr(self, name)
            if (self.tls_cert_file, self.tls_key_file) != (Path(), Path()) and not path.is_file():
                found.append(f"{variable(name)} names no file")
        if self.processes > 1 and self.listen.endswith(":0"):
            found.append(f"{variable('processes')} above 1 needs a fixed port")
        return found

    @property
    def is_local(self) -> bool:
        """Say whether only this machine can reach the server."""
        if self.listen.startswith(("unix:", "unix-abstract:")):
            return True
        host = self.listen.rpartition(":")[0].strip("[]")
        try:
            return host == "localhost" or ipaddress.ip_address(host).is_loopback
        except ValueError:
            return False

    @property
    def has_tls(self) -> bool:
        """Say whether certificate and key are given."""
        return self.tls_cert_file.is_file() and self.tls_key_file.is_file()


def variable(name: str) -> str:
    """Return the environment variable of a field."""
    if name in ("database_url", "elasticsearch_url", "elasticsearch_api_key"):
        return name.upper()
    return f"CLAIMFLOW_{name.upper()}"


def _integer(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError("is a whole number") from None


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError("is a number") from None


_READERS: dict[str, Callable[[str], Any]] = {
    "str": str, "int": _integer, "float": _number, "Path": Path,
}  # fmt: skip
