"""A trace as an SQLite database, for questions that the query language does not know.

    run       scenario, seed, params                 one row: which run it was; params is a JSON object
    records   n, t, kind, at, from, to, session, letter, stage, cause, origin, text
              one row an event: the common fields as `mailflow explain` tells them, t in µs since the start, and the
              event in one line
    also      n, other                               event n depended on the event `other`, or waited for it
    kinds     kind, field, type, doc                 every kind with its fields; field is null for the kind itself
    KIND      n and the fields of the kind           one table a kind that occurs: smtp_reply, tcp_data, dns_query ...

In names of tables and columns `.` and `-` become `_`. Octets are blobs, tuples JSON arrays, truth 0 or 1. `from` and
`to` are words of SQL: write "from". Passwords stand in it as they were said, as in the trace.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from ..engine.kinds import COMMON, Kind, Record, kinds
from ..engine.trace import ALSO, KIND, VALUES, N
from ..records.describe import describe

__all__ = ["database", "table_name"]

_TYPES: Final = {int: "INTEGER", bool: "INTEGER", bytes: "BLOB"}
_COLUMNS: Final = tuple(field for field in COMMON if field.name != "also")


def database(header: str, records: Sequence[Record]) -> bytes:
    """Return the file's octets; `header` is the first line of the trace as JSON lines."""
    connection = sqlite3.connect(":memory:")
    try:
        with connection:
            _write_run(connection, header)
            _write_kinds(connection)
            _write_records(connection, records)
            _write_values(connection, records)
        return connection.serialize()
    finally:
        connection.close()


def table_name(kind: Kind) -> str:
    """The table of a kind: `smtp.reply` is smtp_reply."""
    return _word(kind.name)


def _word(name: str) -> str:
    return name.replace(".", "_").replace("-", "_")


def _create(connection: sqlite3.Connection, table: str, columns: Iterable[str]) -> None:
    connection.execute(f'CREATE TABLE "{table}" ({", ".join(columns)})')


def _insert(connection: sqlite3.Connection, table: str, width: int, rows: Iterable[Sequence[Any]]) -> None:
    connection.executemany(f'INSERT INTO "{table}" VALUES ({", ".join("?" * width)})', rows)


def _write_run(connection: sqlite3.Connection, header: str) -> None:
    said = json.loads(header)
    _create(connection, "run", ("scenario TEXT", "seed INTEGER", "params TEXT"))
    row = (said["scenario"], said["seed"], json.dumps(said["params"], ensure_ascii=False, sort_keys=True))
    _insert(connection, "run", 3, [row])


def _write_kinds(connection: sqlite3.Connection) -> None:
    _create(connection, "kinds", ("kind TEXT", "field TEXT", "type TEXT", "doc TEXT"))
    for kind in kinds():
        fields = [(kind.name, field.name, field.type.__name__, field.doc) for field in kind.fields]
        _insert(connection, "kinds", 4, [(kind.name, None, None, kind.doc), *fields])


def _write_records(connection: sqlite3.Connection, records: Sequence[Record]) -> None:
    columns = [f'"{field.name}" {_TYPES.get(field.type, "TEXT")}' for field in _COLUMNS]
    _create(connection, "records", [f"{columns[0]} PRIMARY KEY", *columns[1:], "text TEXT"])
    _insert(connection, "records", len(columns) + 1, (_common(record) for record in records))
    _create(connection, "also", ("n INTEGER", "other INTEGER"))
    _insert(connection, "also", 2, ((record[N], other) for record in records for other in record[ALSO]))


def _common(record: Record) -> Sequence[Any]:
    values = [record[KIND].name if at == KIND else _plain(record[at]) for at in range(VALUES) if at != ALSO]
    return [*values, describe(record)]


def _write_values(connection: sqlite3.Connection, records: Sequence[Record]) -> None:
    by_kind: dict[Kind, list[Record]] = {}
    for record in records:
        by_kind.setdefault(record[KIND], []).append(record)
    for kind in sorted(by_kind, key=lambda kind: kind.name):
        columns = [f'"{_word(field.name)}" {_TYPES.get(field.type, "TEXT")}' for field in kind.fields]
        _create(connection, table_name(kind), ["n INTEGER PRIMARY KEY", *columns])
        _insert(connection, table_name(kind), len(columns) + 1, _rows(kind, by_kind[kind]))


def _rows(kind: Kind, records: Iterable[Record]) -> Iterator[Sequence[Any]]:
    width = len(kind.fields)
    for record in records:
        yield [record[N], *(_plain(value) for value in record[VALUES : VALUES + width])]


def _plain(value: Any) -> Any:
    """A value as SQLite holds it; text that no UTF-8 can carry is spelt out."""
    if isinstance(value, tuple):
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    return value
