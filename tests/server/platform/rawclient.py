"""HTTP/2 frames by hand: what a broken or hostile client sends, and what comes back."""

from __future__ import annotations

import asyncio
import base64
import struct
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import h2.config
import h2.connection
import h2.events
import h2.exceptions
from google.rpc import error_details_pb2, status_pb2

Metadata = Sequence[tuple[str, str]]


@dataclass
class Answer:
    """What came back on one stream."""

    headers: dict[str, str] = field(default_factory=dict)
    data: bytes = b""
    reset: int | None = None
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def code(self) -> int | None:
        """The gRPC status, None when the stream ended without one."""
        return int(self.headers["grpc-status"]) if "grpc-status" in self.headers else None

    @property
    def status(self) -> status_pb2.Status:
        """The rich error; empty when there is none."""
        text = self.headers.get("grpc-status-details-bin", "")
        return status_pb2.Status.FromString(base64.b64decode(text + "=" * (-len(text) % 4)))

    @property
    def reason(self) -> str:
        """The contract's reason."""
        return str(self.info.reason)

    @property
    def info(self) -> error_details_pb2.ErrorInfo:
        """The contract's reason with its metadata."""
        info = error_details_pb2.ErrorInfo()
        for detail in self.status.details:
            detail.Unpack(info)
        return info

    @property
    def fields(self) -> list[str]:
        """The bad fields."""
        bad = error_details_pb2.BadRequest()
        for detail in self.status.details:
            detail.Unpack(bad)
        return [violation.field for violation in bad.field_violations]

    @property
    def all_text(self) -> str:
        """Everything the caller can read."""
        return f"{self.headers} {self.data!r} {self.status}"


class RawClient:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        config = h2.config.H2Configuration(
            header_encoding="utf-8",
            validate_outbound_headers=False,
            normalize_outbound_headers=False,
        )
        self._h2 = h2.connection.H2Connection(config)
        self._reader = reader
        self._writer = writer
        self._answers: dict[int, Answer] = {}
        self._moved = asyncio.Event()
        self._h2.initiate_connection()
        self._flush()

    async def begin(self, path: str, metadata: Metadata = (), *, end: bool = False) -> int:
        """Send the headers of a call; return its stream."""
        stream = self._h2.get_next_available_stream_id()
        headers = [
            (":method", "POST"),
            (":scheme", "http"),
            (":path", path),
            (":authority", "localhost"),
            ("te", "trailers"),
            ("content-type", "application/grpc"),
            *metadata,
        ]
        self._answers[stream] = Answer()
        self._h2.send_headers(stream, headers, end_stream=end)
        self._flush()
        return stream

    async def send(self, stream: int, data: bytes, *, end: bool = False) -> None:
        """Send bytes as flow control allows; stop when the server has answered already."""
        while data and not self._answers[stream].ended.is_set():
            self._moved.clear()
            room = min(self._h2.local_flow_control_window(stream), self._h2.max_outbound_frame_size)
            if room == 0:
                await asyncio.wait_for(self._moved.wait(), 10)
                continue
            part, data = data[:room], data[room:]
            self._h2.send_data(stream, part)
            self._flush()
            await asyncio.sleep(0)
        if end and not self._answers[stream].ended.is_set():
            self._h2.end_stream(stream)
            self._flush()

    async def reset(self, stream: int) -> None:
        """Leave a call."""
        self._h2.reset_stream(stream)
        self._flush()
        await self._writer.drain()

    async def answer(self, stream: int) -> Answer:
        """Return a stream's answer once it has ended."""
        await asyncio.wait_for(self._answers[stream].ended.wait(), 20)
        return self._answers[stream]

    async def call(self, path: str, data: bytes, metadata: Metadata = ()) -> Answer:
        """Send headers and bytes, close this side, return the answer."""
        stream = await self.begin(path, metadata, end=not data)
        if data:
            await self.send(stream, data, end=True)
        return await self.answer(stream)

    async def read_for_ever(self) -> None:
        """Take in what the server sends, until it closes."""
        while data := await self._reader.read(65536):
            for event in self._h2.receive_data(data):
                self._take(event)
            self._flush()
            self._moved.set()
        for answer in self._answers.values():
            answer.ended.set()

    def _take(self, event: h2.events.Event) -> None:
        if isinstance(event, h2.events.ResponseReceived | h2.events.TrailersReceived):
            answer = self._answers[event.stream_id]
            answer.headers.update((str(name), str(value)) for name, value in event.headers or ())
        elif isinstance(event, h2.events.DataReceived):
            self._answers[event.stream_id].data += event.data or b""
            self._h2.acknowledge_received_data(event.flow_controlled_length or 0, event.stream_id)
        elif isinstance(event, h2.events.StreamReset):
            self._answers[event.stream_id].reset = int(event.error_code or 0)
            self._answers[event.stream_id].ended.set()
        elif isinstance(event, h2.events.StreamEnded):
            self._answers[event.stream_id].ended.set()

    def _flush(self) -> None:
        self._writer.write(self._h2.data_to_send())


@asynccontextmanager
async def raw_client(port: int) -> AsyncIterator[RawClient]:
    """Open a connection and close it at the end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    client = RawClient(reader, writer)
    reading = asyncio.create_task(client.read_for_ever())
    try:
        yield client
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        writer.close()
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)


def framed(message: bytes, *, declared: int | None = None) -> bytes:
    """Return a message with gRPC's prefix, which may lie about its length."""
    length = len(message) if declared is None else declared
    return struct.pack(">BI", 0, length) + message
