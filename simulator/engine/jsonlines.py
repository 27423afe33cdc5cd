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
from operator import itemgetter
from typing import Any, NamedTuple, TextIO

from simulator.engine.kinds import COMMON, Field, Kind, Record, find
from simulator.engine.trace import ALSO, KIND, N, T
from simulator.errors import MailflowError

__all__ = ["FORMAT", "as_object", "canonical_hash", "header", "line", "load", "writer"]

FORMAT = 1
"""The version of the form, in the first line under `mailflow-trace`."""

_dump = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


@cache
def _layout(kind: Kind) -> tuple[tuple[int, Field], ...]:
    return tuple(enumerate((*COMMON, *kind.fields)))


def _octets(octets: bytes) -> str:
    return encode_basestring(octets.decode("latin-1"))


def _items(values: tuple[Any, ...]) -> str:
    return "[" + ",".join([encode_basestring(one) if type(one) is str else _dump(one) for one in values]) + "]"


_Encode = Callable[[Any], str]
_ENCODERS: dict[type, _Encode] = {
    str: encode_basestring,
    bytes: _octets,
    bool: {True: "true", False: "false"}.__getitem__,
    tuple: _items,
}
"""The commonest types; all else is left to the general encoder, and a plain integer needs none."""


class _Shape(NamedTuple):
    """How to write the records of one kind whose values have the same types.

    encoders  by position in the record, what makes text of a value
    order     takes what is written out of a record, in the order of the names
    template  the line, with a place for each of them
    """

    encoders: tuple[tuple[int, _Encode], ...]
    order: Callable[[list[Any]], tuple[Any, ...]]
    template: str


class _Shapes(dict[tuple[type, ...], _Shape]):
    """The shapes of a kind by the types of all values, each made when it is first met.

    `bare` are those of records with an empty `also`, as most have.
    """

    def __init__(self, kind: Kind, *, canonical: bool, bare: bool) -> None:
        self._kind = kind
        self._left_out = {field.name for field in kind.fields if canonical and not field.canonical}
        if bare:
            self._left_out.add(COMMON[ALSO].name)

    def __missing__(self, types: tuple[type, ...]) -> _Shape:
        places: list[str] = []
        order: list[int] = []
        encoders: list[tuple[int, _Encode]] = []
        for position, field in sorted(_layout(self._kind), key=lambda one: one[1].name):
            found = types[position]
            if position == KIND:
                places.append(f'"kind":"{self._kind.name}"')
            elif found is not type(None) and field.name not in self._left_out:
                place, encode = _place(field, found)
                places.append(place)
                order.append(position)
                encoders += [] if encode is None else [(position, encode)]
        shape = self[types] = _Shape(tuple(encoders), itemgetter(*order), "{" + "".join(places) + "}")
        return shape


def _place(field: Field, found: type) -> tuple[str, _Encode | None]:
    """Give the place of a field in the template and what fills it, for a value of type `found`.

    The kind is always there, so commas stand between it and the others.
    """
    before, after = ("", ",") if field.name < "kind" else (",", "")
    before += f'"{field.name}":'
    encode = _ENCODERS.get(found, _dump)
    if issubclass(found, tuple) or not field.canonical:  # left out where it is empty
        return "%s", lambda value: f"{before}{encode(value)}{after}" if value else ""
    return f"{before}%s{after}", None if found is int else encode


@cache
def _shapes(kind: Kind, canonical: bool, bare: bool) -> _Shapes:  # noqa: FBT001 - for each record
    return _Shapes(kind, canonical=canonical, bare=bare)


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
    encoders, order, template = _shapes(record[KIND], canonical, record[ALSO] == ())[tuple(map(type, record))]
    values = [*record]
    for position, encode in encoders:
        values[position] = encode(values[position])
    return template % order(values)


def canonical_hash(first: str, records: Iterable[Record]) -> str:
    """Return the SHA-256 of the canonical form, in hexadecimal; `first` is the header line."""
    digest = sha256(first.encode() + b"\n")
    for record in records:
        digest.update(line(record, canonical=True).encode("utf-8", "surrogatepass") + b"\n")
    return digest.hexdigest()


def writer(file: TextIO, first: str) -> Callable[[Record], None]:
    """Return a sink that streams records to an open text file, so that memory stays flat."""
    write = file.write
    write(first + "\n")

    def sink(record: Record) -> None:
        write(line(record) + "\n")

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
