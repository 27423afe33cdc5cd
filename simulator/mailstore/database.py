"""One SQLite database, in memory unless it is to outlive the process, whose every statement can be overheard as SQL.

Why: look-ups in a trace must be what the database really ran, so SQLite's own trace callback writes them, with the
values in place.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

OnStatement = Callable[[str], None]
IN_MEMORY = ":memory:"


class Execute(Protocol):
    """Run one constant statement with its values."""

    def __call__(self, statement: str, values: tuple[object, ...] = (), /) -> sqlite3.Cursor: ...


class Database:
    """A connection with constant statements, no transactions to commit, and an `on_statement` that may be set at any
    time.

    SQLite swallows what its trace callback raises, so statements are kept until the call returns and handed on then.
    There is one cursor: take a statement's rows before the next one is run.
    """

    __slots__ = ("_cursor", "_heard", "_on_statement", "connection", "execute")

    execute: Execute
    """Runs one constant statement; its expanded SQL goes to `on_statement`. Where nobody hears it is SQLite's own."""

    def __init__(self, schema: str, on_statement: OnStatement | None = None, path: str = IN_MEMORY) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None, cached_statements=64)
        if path != IN_MEMORY:
            self.connection.execute("PRAGMA journal_mode = WAL")
            self.connection.execute("PRAGMA synchronous = FULL")
        else:  # nothing is ever taken back, and no crash leaves half of it
            self.connection.execute("PRAGMA journal_mode = OFF")
        self.connection.executescript(schema)
        self._cursor = self.connection.cursor()
        self._heard: list[str] = []
        self.on_statement = on_statement

    @property
    def on_statement(self) -> OnStatement | None:
        """Called with the expanded SQL of each statement that ran; None for silence."""
        return self._on_statement

    @on_statement.setter
    def on_statement(self, callback: OnStatement | None) -> None:
        self._on_statement = callback
        self.execute = self._cursor.execute if callback is None else self._overheard
        self.connection.set_trace_callback(None if callback is None else self._heard.append)

    def _overheard(self, statement: str, values: tuple[object, ...] = (), /) -> sqlite3.Cursor:
        cursor, heard = self._cursor.execute(statement, values), self._heard
        while heard:
            sql = heard.pop(0)
            if self._on_statement is not None:
                self._on_statement(sql)
        return cursor

    @contextmanager
    def unheard(self) -> Iterator[None]:
        """Run statements that nobody overhears: those that set up the world, and those whose values are secrets."""
        self.connection.set_trace_callback(None)
        try:
            yield
        finally:
            self.on_statement = self._on_statement
