"""A database with tables of every type the feed reads, to write to in all the ways there are."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, LiteralString

import psycopg
from psycopg.rows import dict_row

from projections.feed import Position

PUBLICATION = "feed_test"

_SCHEMA = """
CREATE SCHEMA books;
CREATE TABLE books.event (
  id bigint PRIMARY KEY, tenant uuid, flag boolean, small smallint, amount integer,
  price numeric(20, 4), price_text text, name varchar(40), body text, sealed bytea, day date,
  at timestamptz
);
CREATE TABLE books.note (id bigint PRIMARY KEY, body text);
CREATE TABLE books.unpublished (id bigint);
CREATE PUBLICATION feed_test FOR TABLE books.event, books.note WITH (publish = 'insert');
"""


class Store:
    """What the tests write to, and what they ask of Postgres beside the feed."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.slot = f"feed_{uuid.uuid4().hex}"
        with self.connect() as connection:
            connection.execute(_SCHEMA)
        self.start = self._make_slot()
        self._next_id = 0

    def _make_slot(self) -> Position:
        made = self.sql(
            "SELECT lsn - '0/0' FROM pg_create_logical_replication_slot(%s, 'pgoutput')", self.slot
        )
        return int(made)

    def connect(self) -> psycopg.Connection[Any]:
        """Return a connection with a transaction of its own."""
        return psycopg.connect(self.url)

    def sql(self, statement: LiteralString, *arguments: Any) -> Any:
        """Run a statement; return the first value, if any."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(statement, arguments)
            row = cursor.fetchone() if cursor.description else None
        return None if row is None else row[0]

    def ids(self, count: int) -> list[int]:
        """Return numbers that no row has yet."""
        first = self._next_id
        self._next_id += count
        return list(range(first, self._next_id))

    def write(self, count: int = 1, body: str = "x") -> list[int]:
        """Insert rows in one transaction and return their ids."""
        ids = self.ids(count)
        with self.connect() as connection:
            insert(connection, ids, body)
        return ids

    def write_unflushed(self, count: int) -> list[int]:
        """Commit rows one by one without waiting for the log; it is flushed when all are."""
        ids = self.ids(count)
        with self.connect() as connection:
            connection.autocommit = True
            connection.execute("SET synchronous_commit = off")
            for number in ids:
                connection.execute("INSERT INTO books.event (id) VALUES (%s)", (number,))
            connection.execute("SELECT pg_logical_emit_message(false, 'x', 'x', true)")
        return ids

    def rows(self, ids: Iterable[int]) -> list[dict[str, Any]]:
        """Return rows of books.event as SQL shows them."""
        with self.connect() as connection, connection.cursor(row_factory=dict_row) as cursor:
            found = cursor.execute(
                "SELECT * FROM books.event WHERE id = ANY (%s) ORDER BY id", (list(ids),)
            )
            return found.fetchall()

    def head(self) -> Position:
        """Return where the log ends."""
        return int(self.sql("SELECT pg_current_wal_flush_lsn() - '0/0'"))

    def confirmed(self) -> Position:
        """Return what Postgres may forget."""
        return int(self._slot("confirmed_flush_lsn - '0/0'"))

    def advance(self) -> None:
        """Let Postgres forget everything so far, as an operator could by hand."""
        self.sql("SELECT pg_replication_slot_advance(%s, pg_current_wal_flush_lsn())", self.slot)

    def _slot(self, column: LiteralString) -> Any:
        return self.sql(
            f"SELECT {column} FROM pg_replication_slots WHERE slot_name = %s", self.slot
        )

    def readers(self) -> int:
        """Return how many connections to this database there are beside the one that asks."""
        return int(
            self.sql(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " AND backend_type IN ('client backend', 'walsender')"
            )
        )

    @contextmanager
    def held_open(self, ids: Iterable[int]) -> Iterator[psycopg.Connection[Any]]:
        """A transaction that has inserted rows and is not committed; the end rolls it back."""
        connection = self.connect()
        try:
            insert(connection, ids)
            yield connection
        finally:
            connection.close()


def insert(connection: psycopg.Connection[Any], ids: Iterable[int], body: str = "x") -> None:
    """Insert rows within whatever transaction is open."""
    connection.execute(
        "INSERT INTO books.event (id, body) SELECT id, %s FROM unnest(%s::bigint[]) AS id",
        (body, list(ids)),
    )
