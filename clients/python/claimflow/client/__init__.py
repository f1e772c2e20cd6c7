"""The Python SDK: a synchronous and an asynchronous client of both services.

`connect` gives a `Client`, `connect_async` an `AsyncClient`; `values` holds the conversions of
amounts and dates, `errors` one exception for each reason a call can fail, `feeds` what a watch
tells. What has no underscore is a promise.
"""

from claimflow.client import errors, feeds, values
from claimflow.client._client import Client, Session, connect
from claimflow.client._client_async import AsyncClient, AsyncSession, connect_async
from claimflow.client._failure import ClaimflowError, FieldViolation, RetryClass, TransportError
from claimflow.client._feeds import Export, Watch
from claimflow.client._feeds_async import AsyncExport, AsyncWatch
from claimflow.client._pager import Pager
from claimflow.client._pager_async import AsyncPager
from claimflow.client._parse import failure_of_status
from claimflow.client._requests import CommandOptions, CreateOptions, QueryOptions, ReasonLike
from claimflow.client._retry import RetryPolicy
from claimflow.client._settings import AsyncTokenProvider, Tls, TokenProvider
from claimflow.client.values import MINIMIZE_LATENCY, STRONG, at_least_as_fresh, document

__all__ = [
    "MINIMIZE_LATENCY",
    "STRONG",
    "AsyncClient",
    "AsyncExport",
    "AsyncPager",
    "AsyncSession",
    "AsyncTokenProvider",
    "AsyncWatch",
    "ClaimflowError",
    "Client",
    "CommandOptions",
    "CreateOptions",
    "Export",
    "FieldViolation",
    "Pager",
    "QueryOptions",
    "ReasonLike",
    "RetryClass",
    "RetryPolicy",
    "Session",
    "Tls",
    "TokenProvider",
    "TransportError",
    "Watch",
    "at_least_as_fresh",
    "connect",
    "connect_async",
    "document",
    "errors",
    "failure_of_status",
    "feeds",
    "values",
]
