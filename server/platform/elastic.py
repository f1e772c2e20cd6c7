"""Elasticsearch: a client that neither retries nor sniffs on its own, and its errors."""

from __future__ import annotations

from typing import Any

import orjson
from elastic_transport import JsonSerializer, TransportError
from elasticsearch import ApiError, AsyncElasticsearch

from claimflow.v1 import errors_pb2
from server.platform.errors import Failure

# The index is missing, busy or starting, or does not know us: for a caller it is the same.
UNAVAILABLE = frozenset({401, 403, 404, 408, 429, 502, 503, 504})


class _OrjsonSerializer(JsonSerializer):
    def dumps(self, data: Any) -> bytes:
        return data if isinstance(data, bytes) else orjson.dumps(data)

    def loads(self, data: bytes) -> Any:
        return orjson.loads(data)


def open_client(url: str, api_key: str = "", *, timeout_s: float = 30.0) -> AsyncElasticsearch:
    """Return a client for one process; close it at the end."""
    serializer = _OrjsonSerializer()
    return AsyncElasticsearch(
        url,
        api_key=api_key or None,
        request_timeout=timeout_s,
        max_retries=0,
        retry_on_timeout=False,
        serializers={
            "application/json": serializer,
            "application/vnd.elasticsearch+json": serializer,
        },
    )


def classify(error: BaseException) -> Failure:
    """Return the failure that an engine's error is to a caller; its text goes nowhere."""
    if isinstance(error, TransportError):
        return Failure(errors_pb2.ERROR_REASON_INDEX_UNAVAILABLE, retry_after_s=0.5)
    if isinstance(error, ApiError) and error.status_code in UNAVAILABLE:
        return Failure(errors_pb2.ERROR_REASON_INDEX_UNAVAILABLE, retry_after_s=0.5)
    return Failure(errors_pb2.ERROR_REASON_UNEXPECTED)
