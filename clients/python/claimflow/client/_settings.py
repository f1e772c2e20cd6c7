"""How a client reaches the two servers: addresses, credentials, channel options."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import grpc

TIMEOUT_SECONDS = 30.0
MESSAGE_BYTES_MAX = 16 * 1024 * 1024

TokenProvider = Callable[[], str]
AsyncTokenProvider = Callable[[], str | Awaitable[str]]

# A lost server is noticed within a minute during a call, and its return within two seconds; the
# core's own figures are never and up to two minutes.
CHANNEL_OPTIONS: tuple[tuple[str, int | str], ...] = (
    ("grpc.max_receive_message_length", MESSAGE_BYTES_MAX),
    ("grpc.max_send_message_length", MESSAGE_BYTES_MAX),
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.keepalive_timeout_ms", 20_000),
    ("grpc.keepalive_permit_without_calls", 0),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2_000),
    ("grpc.service_config_disable_resolution", 1),
)


@dataclass(frozen=True, kw_only=True)
class Tls:
    """How to trust the servers and, with a certificate of one's own, to be trusted by them."""

    # PEM file of the authorities to trust; None: those shipped with grpc.
    root_certificates: Path | None = None
    # PEM files of the client's key and certificate, both or neither.
    private_key: Path | None = None
    certificate_chain: Path | None = None
    # Name that the servers' certificate carries, where it differs from the address.
    server_name: str = ""

    def credentials(self) -> grpc.ChannelCredentials:
        """Read the files."""
        return grpc.ssl_channel_credentials(
            root_certificates=_read(self.root_certificates),
            private_key=_read(self.private_key),
            certificate_chain=_read(self.certificate_chain),
        )


def _read(path: Path | None) -> bytes | None:
    return path.read_bytes() if path is not None else None


def channel_options(tls: Tls | None) -> list[tuple[str, int | str]]:
    """Return the options of a channel."""
    options = list(CHANNEL_OPTIONS)
    if tls is not None and tls.server_name:
        options.append(("grpc.ssl_target_name_override", tls.server_name))
    return options


def addresses(command_addr: str | None, query_addr: str | None) -> tuple[str, str]:
    """Return both addresses: as given, else from the environment, else on this machine."""
    return (
        command_addr or os.environ.get("CLAIMFLOW_COMMAND_ADDR") or "localhost:50051",
        query_addr or os.environ.get("CLAIMFLOW_QUERY_ADDR") or "localhost:50052",
    )


def environment_token() -> str:
    """Return CLAIMFLOW_TOKEN as it is now, empty when unset."""
    return os.environ.get("CLAIMFLOW_TOKEN", "")


def as_tls(tls: Tls | bool | None) -> Tls | None:
    """Return the TLS settings; True stands for the defaults, None and False for plain text."""
    if isinstance(tls, Tls):
        return tls
    return Tls() if tls else None
