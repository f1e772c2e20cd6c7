"""Clients and sessions; the synchronous form is generated."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from claimflow.client import _wire_async as wire
from claimflow.client._commands_async import AsyncCommands
from claimflow.client._connection_async import AsyncConnection
from claimflow.client._memory import TokenMemory
from claimflow.client._queries_async import AsyncQueries
from claimflow.client._retry import RetryPolicy
from claimflow.client._settings import (
    TIMEOUT_SECONDS,
    AsyncTokenProvider,
    Tls,
    addresses,
    as_tls,
    environment_token,
)


class AsyncSession(AsyncCommands, AsyncQueries):
    """A client's view that reads its own writes.

    It remembers the last consistency token of its replies and asks every query for an answer at
    least as fresh, unless the query names a consistency of its own.
    """

    @property
    def consistency_token(self) -> str:
        """Return the token to hand to somebody who shall see what this session has seen."""
        return self._memory.token if self._memory is not None else ""


class AsyncClient(AsyncCommands, AsyncQueries):
    """Both services of claimflow over two channels; made by `connect_async`."""

    def session(self, consistency_token: str = "") -> AsyncSession:
        """Return a session on the same channels, beginning at a token or at nothing."""
        return AsyncSession(self._connection, TokenMemory(consistency_token))

    async def close(self) -> None:
        """Close the channels; calls under way fail."""
        await self._connection.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()


def connect_async(
    *,
    command_addr: str | None = None,
    query_addr: str | None = None,
    token: str | None = None,
    token_provider: AsyncTokenProvider | None = None,
    tls: Tls | bool | None = None,
    timeout: float = TIMEOUT_SECONDS,
    retry: RetryPolicy | None = None,
) -> AsyncClient:
    """Return a client; it connects at the first call.

    What is not given comes from CLAIMFLOW_COMMAND_ADDR, CLAIMFLOW_QUERY_ADDR and CLAIMFLOW_TOKEN.
    A token provider is asked at the first call and again when its token has expired. `timeout` is
    the seconds that a call with all its retries may take when the call itself does not say.
    """
    if token is not None and token_provider is not None:
        raise ValueError("token and token_provider exclude each other")
    given = token
    provider = token_provider or (environment_token if given is None else lambda: given)
    command_address, query_address = addresses(command_addr, query_addr)
    chosen = as_tls(tls)
    return AsyncClient(
        AsyncConnection(
            wire.open_channel(command_address, chosen),
            wire.open_channel(query_address, chosen),
            token_provider=provider,
            retry=retry or RetryPolicy(),
            timeout_seconds=timeout,
        )
    )
