"""A trace as lines of JSON, and the hash of its canonical form.

The first line says which run it was; then one object a record, with octets as the characters U+0000 to U+00FF. The
canonical form has sorted keys, no spaces, UTF-8 and LF, and leaves out what differs between builds of OpenSSL.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from hashlib import sha256
from json.encoder import encode_basestring
from typing import Any, TextIO

from simulator.engine.kinds import COMMON, Field, Kind, Record, find
from simulator.engine.trace import KIND, N, T
from simulator.errors import MailflowError

__all__ = ["FORMAT", "as_object", "canonical_hash", "header", "line", "load", "writer"]

FORMAT = 1
"""The version of the form, in the first line under `mailflow-trace`."""

_dump = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


@cache
def _layout(kind: Kind) -> tuple[tuple[int, Field], ...]:
    return tuple(enumerate((*COMMON, *kind.fields)))


@cache
def _sorted_layout(kind: Kind) -> tuple[tuple[int, str, bool], ...]:
    """The fields of a kind in the order of their names, each with its name as it stands in a line."""
    fields = sorted(_layout(kind), key=lambda one: one[1].name)
    return tuple((position, f"{_dump(field.name)}:", field.canonical) for position, field in fields)


_ENCODERS: dict[type, Callable[[Any], str]] = {
    str: encode_basestring,
    int: int.__repr__,
    bytes: lambda octets: encode_basestring(octets.decode("latin-1")),
    Kind: lambda kind: encode_basestring(kind.name),
}
"""The commonest types; all else is left to the general encoder, which would need a dict of every record."""


def as_object(record: Record, *, canonical: bool = False) -> dict[str, Any]:
    """Return a record as a JSON object; fields that are None, empty `also` and empty sealed octets are left out."""
    kind: Kind = record[KIND]
    made: dict[str, Any] = {}
    for position, field in _layout(kind):
        value = record[position]
        if value is None or value == () or (not field.canonical and (canonical or not value)):
            continue
        if position == KIND:
            value = kind.name
        elif isinstance(value, bytes):
            value = value.decode("latin-1")
        made[field.name] = value
    return made


def header(scenario: str, seed: int, params: dict[str, str]) -> str:
    """Return the first line, without its end."""
    return _dump({"mailflow-trace": FORMAT, "scenario": scenario, "seed": seed, "params": params})


def line(record: Record, *, canonical: bool = False) -> str:
    """Return one record as a line, without its end."""
    kind: Kind = record[KIND]
    parts = []
    for position, name, always in _sorted_layout(kind):
        value = record[position]
        if value is None or value == () or (not always and (canonical or not value)):
            continue
        encode = _ENCODERS.get(type(value), _dump)
        parts.append(name + encode(value))
    return "{" + ",".join(parts) + "}"


def canonical_hash(first: str, records: Iterable[Record]) -> str:
    """Return the SHA-256 of the canonical form, in hexadecimal; `first` is the header line."""
    digest = sha256(first.encode() + b"\n")
    for record in records:
        digest.update(line(record, canonical=True).encode("utf-8", "surrogatepass") + b"\n")
    return digest.hexdigest()


def writer(file: TextIO, first: str) -> Callable[[Record], None]:
    """Return a sink that streams records to an open text file, so that memory stays flat."""
    file.write(first + "\n")

    def sink(record: Record) -> None:
        file.write(line(record) + "\n")

    return sink


def load(lines: Iterable[str]) -> tuple[dict[str, Any], Iterator[Record]]:
    """Read a trace back: the header, then the records.

    Raises MailflowError for lines that are no trace of this version, with the number of the line.
    """
    numbered = enumerate(lines, start=1)
    try:
        first = json.loads(next(numbered)[1])
        version = first["mailflow-trace"]
    except (StopIteration, ValueError, KeyError, TypeError, RecursionError):
        raise MailflowError("line 1: this is no trace; make one with: mailflow run SCENARIO --trace FILE") from None
    if version != FORMAT:
        raise MailflowError(f"line 1: the trace has form {version}, this program reads form {FORMAT}; make it anew")
    return first, (_record(number, text) for number, text in numbered)


def _record(number: int, text: str) -> Record:
    try:
        found = json.loads(text)
        kind = find(found["kind"])
        record = tuple(_restored(position, field, kind, found.get(field.name)) for position, field in _layout(kind))
        if type(record[N]) is not int or type(record[T]) is not int:
            raise TypeError("n and t are integers")
        return record
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise MailflowError(
            f"line {number}: this is no record of a trace; the file is damaged or of another version"
        ) from None


def _restored(position: int, field: Field, kind: Kind, value: Any) -> Any:
    if position == KIND:
        return kind
    if field.type is bytes:
        return (value or "").encode("latin-1")
    if field.type is tuple:
        return tuple(tuple(item) if isinstance(item, list) else item for item in value or ())
    if value is not None and type(value) is not field.type:
        raise TypeError(f"{field.name} is of type {field.type.__name__}")
    return value
