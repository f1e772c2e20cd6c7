"""What a session remembers in order to read its own writes."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Any

from google.protobuf.message import Message

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class TokenMemory:
    """The newest consistency token that the session has seen."""

    def __init__(self, token: str = "") -> None:
        self._lock = threading.Lock()
        self._token = token
        self._commit_time = _LONG_AGO

    @property
    def token(self) -> str:
        """Return the token, empty before the first reply."""
        return self._token

    def attach(self, request: Message) -> str:
        """Ask for an answer as fresh as the token unless the request asks for something itself."""
        query: Any = request
        token = self._token
        if token and query.consistency.WhichOneof("requirement") is None:
            query.consistency.at_least_as_fresh.token = token
        return token

    def learn(self, reply: Message, sent_token: str, *, told_token: str = "") -> None:
        """Remember the token of a reply, or else the one told in its metadata."""
        answer: Any = reply
        fields = reply.DESCRIPTOR.fields_by_name
        if "receipt" in fields:
            receipt = answer.receipt
            self._wrote(receipt.consistency_token, receipt.commit_time.ToDatetime(UTC))
        elif "consistency_token" in fields:
            self._wrote(answer.consistency_token, None)
        elif "freshness" in fields:
            self._read(answer.freshness.consistency_token or told_token, sent_token)
        else:
            self._read(told_token, sent_token)

    def _wrote(self, token: str, commit_time: datetime | None) -> None:
        # The replayed receipt of an old command must not set the session back.
        with self._lock:
            if not token or (commit_time is not None and commit_time < self._commit_time):
                return
            self._token = token
            self._commit_time = commit_time or self._commit_time

    def _read(self, token: str, sent_token: str) -> None:
        # An answer is at least as fresh as what was asked, not as what was written meanwhile.
        with self._lock:
            if token and self._token == sent_token:
                self._token = token
