"""Postgres: connections that act as an application's role, and errors by SQLSTATE alone."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from uuid import UUID

import psycopg
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from claimflow.v1 import errors_pb2
from server.platform.errors import Failure

RETRY_AFTER_SECONDS = 0.5
# On a connection of a pool: without an answer for so long, it is half-open (F20).
TRIP_SECONDS_MAX = 30.0
CHECK_SECONDS_MAX = 2.0
# Connection lost, shutting down or starting, too many connections, out of memory, a statement that
# was cancelled from outside, and a server that became a standby.
UNAVAILABLE = ("08", "57P0", "53200", "53300", "57014", "25006")


async def connect(url: str, role: str, *, application: str) -> AsyncConnection[Any]:
    """Return a connection in autocommit mode that row-level security applies to."""
    return await AsyncConnection.connect(url, **_parameters(role, application))


def open_pool(
    url: str, role: str, *, application: str, size_max: int = 8
) -> AsyncConnectionPool[AsyncConnection[Any]]:
    """Return a pool, not opened yet, of connections as `connect` makes them."""
    return AsyncConnectionPool(
        url,
        min_size=1,
        max_size=size_max,
        open=False,
        timeout=5.0,
        kwargs=_parameters(role, application),
        connection_class=_Watched,
        check=_check,
    )


class _Watched(AsyncConnection[Any]):
    """A connection whose trips end: a half-open one would wait, and not even be cancelled."""

    async def wait(self, *args: Any, **kwargs: Any) -> Any:
        """Wait for one round trip."""
        with _watchdog(self, TRIP_SECONDS_MAX):
            return await super().wait(*args, **kwargs)


async def _check(connection: AsyncConnection[Any]) -> None:
    with _watchdog(connection, CHECK_SECONDS_MAX):
        await AsyncConnectionPool.check_connection(connection)


@contextmanager
def _watchdog(connection: AsyncConnection[Any], seconds: float) -> Iterator[None]:
    watchdog = asyncio.get_running_loop().call_later(seconds, cut, connection)
    try:
        yield
    finally:
        watchdog.cancel()


def cut(connection: AsyncConnection[Any]) -> None:
    """Close the socket under a connection; whoever waits on it meets the end at once."""
    with suppress(OSError, psycopg.Error), socket.socket(fileno=connection.fileno()) as end:
        try:
            end.shutdown(socket.SHUT_RDWR)
        finally:
            end.detach()


def _parameters(role: str, application: str) -> dict[str, Any]:
    # The login role may own the tables; the application's role owns nothing and passes no policy.
    return {
        "autocommit": True,
        "options": f"-c role={role} -c search_path=claimflow,public",
        "application_name": application,
        "connect_timeout": 5,
    }


def tenants_setting(tenants: Iterable[UUID]) -> str:
    """Return the statement that opens the rows of these tenants to this transaction."""
    listed = ",".join(str(tenant) for tenant in tenants)
    return f"SELECT set_config('app.tenants', '{{{listed}}}', true)"


def classify(error: BaseException) -> Failure:
    """Return the failure that a driver's error is to a caller; its text goes nowhere."""
    if isinstance(error, PoolTimeout):
        return _unavailable()
    state = error.sqlstate if isinstance(error, psycopg.Error) else None
    if state is None:
        # The driver lost the connection, or never had one.
        if isinstance(error, psycopg.OperationalError | OSError):
            return _unavailable()
        return Failure(errors_pb2.ERROR_REASON_UNEXPECTED)
    if state.startswith(UNAVAILABLE):
        return _unavailable()
    if state == "53100":
        return Failure(errors_pb2.ERROR_REASON_STORAGE_FULL, retry_after_s=5.0)
    if state in ("40001", "40P01", "55P03", "23505"):
        return Failure(errors_pb2.ERROR_REASON_WRITE_CONFLICT, retry_after_s=0.05)
    return Failure(errors_pb2.ERROR_REASON_UNEXPECTED)


def _unavailable() -> Failure:
    return Failure(errors_pb2.ERROR_REASON_DATABASE_UNAVAILABLE, retry_after_s=RETRY_AFTER_SECONDS)
