"""Kinds of trace records: their names and fields, each declared once.

A record is a positional tuple, because a dict of keywords made a whole run half as slow again; a `Kind` is what gives
the positions names, types and documentation.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any

__all__ = ["COMMON", "Field", "Kind", "Record", "find", "kind", "kinds", "matching", "nearest"]

Record = tuple[Any, ...]
"""One record of the trace: the common fields in the order of `COMMON`, then the fields of its kind."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a kind; `canonical` is false for what may differ between builds (sealed TLS records)."""

    name: str
    type: type
    doc: str
    canonical: bool = True


COMMON: tuple[Field, ...] = (
    Field("n", int, "ordinal of the record in its trace, from 1"),
    Field("t", int, "simulated time in µs since the start of the scenario"),
    Field("kind", str, "the kind of the record"),
    Field("at", str, "the host where it happened"),
    Field("from", str, "the host that sent or asked"),
    Field("to", str, "the host that received or was asked"),
    Field("session", int, "the connection, from 1"),
    Field("letter", int, "the letter, from 1; it keeps its number over all hops"),
    Field("stage", str, "the stage of the letter's way"),
    Field("cause", int, "the n of the record that explains this one"),
    Field("also", tuple, "the n of each record that this one depended on or waited for"),
    Field("origin", str, "file:line of the line of the scenario that started it"),
)
_COMMON_INDEX = {field.name: index for index, field in enumerate(COMMON)}


class Kind:
    """A kind of record. Equal only to itself."""

    __slots__ = ("_index", "doc", "fields", "name")

    def __init__(self, name: str, doc: str, fields: tuple[Field, ...]) -> None:
        self.name = name
        self.doc = doc
        self.fields = fields
        self._index = dict(_COMMON_INDEX)
        for position, field in enumerate(fields, start=len(COMMON)):
            if field.name in self._index:
                raise ValueError(f"kind {name}: the field {field.name!r} is declared twice")
            self._index[field.name] = position

    def index(self, field: str) -> int | None:
        """Return the position of `field` in a record of this kind, or None if it has no such field."""
        return self._index.get(field)

    def field_names(self) -> tuple[str, ...]:
        """Return all names that a query may use, common fields first."""
        return tuple(self._index)

    def __repr__(self) -> str:
        return f"<kind {self.name}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return find, (self.name,)


_registry: dict[str, Kind] = {}


def kind(name: str, doc: str, *fields: Field) -> Kind:
    """Declare a kind of record.

    Raises ValueError for a name that is taken: two meanings under one name would make every query doubtful.
    """
    if name in _registry:
        raise ValueError(f"the kind {name!r} is declared twice")
    made = _registry[name] = Kind(name, doc, fields)
    return made


def find(name: str) -> Kind:
    """Return the kind called `name`. Raises KeyError."""
    return _registry[name]


def kinds() -> Iterator[Kind]:
    """Give all declared kinds in the order of their names."""
    return (_registry[name] for name in sorted(_registry))


def matching(pattern: str) -> list[Kind]:
    """Return the kinds whose names match `pattern`, in which `*` stands for any text."""
    return [found for found in kinds() if fnmatchcase(found.name, pattern)]


def nearest(word: str, words: Iterator[str] | tuple[str, ...] | list[str]) -> list[str]:
    """Return up to three of `words` that look like `word`, the likeliest first."""
    return get_close_matches(word, list(words), n=3, cutoff=0.5)
