"""The query language: `kind field=value ... | aggregate field`, one line, for filters, keys, goals and the shell.

It has no boolean and no arithmetic on purpose: whoever needs them writes two goals, or asks the SQLite form of a trace.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from simulator.engine.kinds import COMMON, Kind, Record, kinds, matching, nearest
from simulator.engine.memory import Records
from simulator.engine.trace import KIND
from simulator.errors import QueryError
from simulator.limits import QUERY_CHARACTERS

__all__ = ["AGGREGATES", "Answer", "Query", "Term", "parse", "shown"]

AGGREGATES = ("count", "exists", "first", "last", "list", "unique", "max", "min", "top")
_WITHOUT_FIELD = ("count", "exists")
_TOKEN = re.compile(r'\s*(?:(?P<pipe>\|)|(?P<op>!=|<=|>=|=|~|<|>)|"(?P<quoted>[^"]*)"|(?P<word>[^\s"|=~<>!]+))')
_VALUE = re.compile(r'\s*(?:"(?P<quoted>[^"]*)"|(?P<word>[^\s"|]+))')
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?\Z")


@dataclass(frozen=True, slots=True)
class Term:
    """One condition: `field op value`."""

    field: str
    op: str
    value: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query found: the records, and the value of its aggregate (the count, if it names none)."""

    records: tuple[Record, ...]
    value: Any

    @property
    def text(self) -> str:
        """The value as it is compared and shown."""
        return shown(self.value)


@dataclass(frozen=True, slots=True)
class Query:
    """A query that was read and checked; ask it of any trace."""

    text: str
    pattern: str
    terms: tuple[Term, ...]
    aggregate: str | None
    field: str | None

    def matcher(self) -> Callable[[Record], bool]:
        """Return a function that tells whether a record matches."""
        tests = {kind: _tests(kind, self.terms) for kind in matching(self.pattern)}

        def matches(record: Record) -> bool:
            found = tests.get(record[KIND])
            if found is None:
                return False
            return all(test(record[position]) for position, test in found)

        return matches

    def hits(self, records: Iterable[Record]) -> tuple[Record, ...]:
        """Return the records that match, in order."""
        if isinstance(records, Records):
            records = records.of(frozenset(matching(self.pattern)))
        return tuple(filter(self.matcher(), records))

    def ask(self, records: Iterable[Record]) -> Answer:
        """Find the records and work out the aggregate."""
        found = self.hits(records)
        return Answer(found, _aggregate(self, found))


def shown(value: Any) -> str:
    """Return a value as text: yes or no, octets as Latin-1, several joined by commas, nothing for None."""
    if value is None:
        return ""
    if value is True:
        return "yes"
    if value is False:
        return "no"
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, (tuple, list)):
        return ", ".join(shown(item) for item in value)
    if isinstance(value, Kind):
        return value.name
    return str(value)


# Reading


def parse(text: str) -> Query:
    """Read a query. Raises QueryError with the column and the nearest names."""
    if len(text) > QUERY_CHARACTERS:
        raise QueryError(f"a query has at most {QUERY_CHARACTERS} characters; make it shorter", column=QUERY_CHARACTERS)
    reader = _Reader(text)
    pattern = reader.expect_word("a kind of record, such as smtp.reply")
    found = matching(pattern)
    if not found:
        raise QueryError(
            _unknown("kind", pattern, [kind.name for kind in kinds()], "mailflow explain lists them"), column=1
        )
    known = tuple(dict.fromkeys(name for kind in found for name in kind.field_names()))
    terms: list[Term] = []
    while not reader.at_end() and not reader.take_pipe():
        terms.append(_term(reader, known, pattern))
    aggregate = field = None
    if reader.piped:
        aggregate, field = _read_aggregate(reader, known, pattern)
    return Query(text.strip(), pattern, tuple(terms), aggregate, field)


def _term(reader: _Reader, known: tuple[str, ...], pattern: str) -> Term:
    column = reader.column()
    field = reader.expect_word("a field")
    _check_field(field, known, pattern, column)
    op = reader.expect_op(field)
    return Term(field, op, reader.expect_value(field))


def _read_aggregate(reader: _Reader, known: tuple[str, ...], pattern: str) -> tuple[str, str | None]:
    column = reader.column()
    name = reader.expect_word("one of " + ", ".join(AGGREGATES))
    if name not in AGGREGATES:
        raise QueryError(
            _unknown("aggregate", name, AGGREGATES, "write one of " + ", ".join(AGGREGATES)), column=column
        )
    field = None
    if name not in _WITHOUT_FIELD:
        column = reader.column()
        field = reader.expect_word(f"a field after {name!r}")
        _check_field(field, known, pattern, column)
    if not reader.at_end():
        raise QueryError("nothing may follow the aggregate; remove the rest", column=reader.column())
    return name, field


def _check_field(field: str, known: tuple[str, ...], pattern: str, column: int) -> None:
    if field not in known:
        own = [name for name in known if name not in {common.name for common in COMMON}]
        advice = f"{pattern} has " + ", ".join(own or known)
        raise QueryError(_unknown("field", field, known, advice), column=column)


def _unknown(what: str, word: str, words: Iterable[str], advice: str) -> str:
    likely = nearest(word, list(words))
    hint = f"did you mean {' or '.join(likely)}?" if likely else advice
    return f"there is no {what} {word!r}; {hint}"


class _Reader:
    """Takes a query apart, token by token; a `|` inside quotes is text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self.piped = False

    def column(self) -> int:
        rest = self._text[self._at :]
        return self._at + len(rest) - len(rest.lstrip()) + 1

    def at_end(self) -> bool:
        return not self._text[self._at :].strip()

    def _next(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self._text, self._at)
        if found is not None:
            self._at = found.end()
        return found

    def take_pipe(self) -> bool:
        before = self._at
        found = self._next(_TOKEN)
        self.piped = found is not None and found["pipe"] is not None
        if not self.piped:
            self._at = before
        return self.piped

    def expect_word(self, what: str) -> str:
        column = self.column()
        found = self._next(_TOKEN)
        if found is None or found["word"] is None:
            raise QueryError(f"here belongs {what}", column=column)
        return found["word"]

    def expect_op(self, field: str) -> str:
        column = self.column()
        found = self._next(_TOKEN)
        if found is None or found["op"] is None:
            raise QueryError(f"after {field!r} belongs one of = != ~ < > <= >=", column=column)
        return found["op"]

    def expect_value(self, field: str) -> str:
        column = self.column()
        found = self._next(_VALUE)
        if found is None:
            message = f"the value of {field!r} is missing"
            if self._text[self._at :].lstrip().startswith('"'):
                message = "a quotation mark is not closed"
            raise QueryError(message, column=column)
        return found["quoted"] if found["quoted"] is not None else found["word"]


# Matching


def _tests(kind: Kind, terms: tuple[Term, ...]) -> list[tuple[int, Callable[[Any], bool]]]:
    made = []
    for term in terms:
        position = kind.index(term.field)
        if position is None:
            return [(KIND, lambda _: False)]
        made.append((position, _test(term)))
    return made


def _test(term: Term) -> Callable[[Any], bool]:
    op, wanted = term.op, term.value
    if op == "~":
        needle = wanted.casefold()
        return lambda value: needle in shown(value).casefold()
    if op in ("=", "!="):
        equal = _equality(wanted)
        return equal if op == "=" else lambda value: not equal(value)
    return _comparison(op, wanted)


def _equality(wanted: str) -> Callable[[Any], bool]:
    if "*" in wanted:
        pattern = wanted.replace("[", "[[]").replace("?", "[?]")
        return lambda value: fnmatchcase(shown(value), pattern)
    number = float(wanted) if _NUMBER.match(wanted) else None
    if number is None:
        return lambda value: value == wanted or shown(value) == wanted

    def equal(value: Any) -> bool:
        if type(value) is int:
            return bool(value == number)
        text = shown(value)
        return text == wanted or (_NUMBER.match(text) is not None and float(text) == number)

    return equal


def _comparison(op: str, wanted: str) -> Callable[[Any], bool]:
    def test(value: Any) -> bool:
        if value is None:
            return False
        order = _order(shown(value), wanted)
        return {"<": order < 0, ">": order > 0, "<=": order <= 0, ">=": order >= 0}[op]

    return test


def _order(left: str, right: str) -> int:
    if _NUMBER.match(left) and _NUMBER.match(right):
        a, b = float(left), float(right)
        return (a > b) - (a < b)
    return (left > right) - (left < right)


# Aggregates


def _aggregate(query: Query, found: tuple[Record, ...]) -> Any:
    name = query.aggregate
    if name is None or name == "count":
        return len(found)
    if name == "exists":
        return bool(found)
    values = list(_values(found, query.field or "n"))
    if name in ("list", "unique"):
        return tuple(values if name == "list" else dict.fromkeys(values))
    if not values:
        return None
    return _ONE_OF[name](values)


def _values(found: tuple[Record, ...], field: str) -> Iterable[Any]:
    for record in found:
        position = record[KIND].index(field)
        if position is not None and record[position] is not None:
            yield record[KIND].name if position == KIND else record[position]


def _rank(value: Any) -> tuple[int, float, str]:
    text = shown(value)
    return (0, float(text), "") if _NUMBER.match(text) else (1, 0.0, text)


def _top(values: list[Any]) -> Any:
    counted: dict[Any, int] = {}
    for value in values:
        counted[value] = counted.get(value, 0) + 1
    return max(counted, key=lambda value: counted[value])


_ONE_OF: dict[str, Callable[[list[Any]], Any]] = {
    "first": lambda values: values[0],
    "last": lambda values: values[-1],
    "max": lambda values: max(values, key=_rank),
    "min": lambda values: min(values, key=_rank),
    "top": _top,
}
