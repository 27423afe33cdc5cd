"""The worlds that a lesson asks: each scenario is loaded and run once, and every question goes to that run.

A lesson's own folder comes first, so that its scenarios and labs need no place among the shipped ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from simulator.engine.kinds import Record
from simulator.engine.query import Query, parse, shown
from simulator.engine.trace import KIND, N
from simulator.errors import MailflowError, UsageError
from simulator.scenario import finding
from simulator.scenario.loading import load
from simulator.scenario.model import Scenario
from simulator.scenario.world import Run, run

__all__ = ["Found", "NoKeyError", "Worlds", "find_scenario", "hits", "ordinal"]

Ask = str | tuple[str, str]
"""A query, or two queries whose order is asked for (`{before: [A, B]}`)."""

_ONE = ("first", "last", "max", "min", "top")
_EVIDENCE = 4


class NoKeyError(MailflowError):
    """A question to the world that it does not answer with one value."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the world says: its values as text, whether they are a list, and the records that show it."""

    values: tuple[str, ...]
    many: bool
    records: tuple[Record, ...]
    query: str

    @property
    def one(self) -> str:
        """The one value. Raises NoKeyError for none or several."""
        if self.many or len(self.values) != 1:
            raise NoKeyError(f"{self.query} has {len(self.values)} values here, and one is needed")
        return self.values[0]

    @property
    def text(self) -> str:
        """All values in one line."""
        return ", ".join(self.values)


def find_scenario(name: str, folder: Path | None, *, mailflow_path: str = "") -> tuple[Path, str]:
    """The file of a scenario and the name to call it by: in the folder of the lesson first, then as everywhere."""
    own = folder / f"{name}.yaml" if folder is not None and not name.endswith(".yaml") else None
    if own is not None and own.is_file():
        return own, str(own)
    return finding.find(name, mailflow_path=mailflow_path).path, name


class Worlds:
    """All worlds of one lesson for one seed and one language; runs are made when they are asked for, and kept."""

    def __init__(
        self, folder: Path | None = None, *, seed: int | None = None, lang: str | None = None, mailflow_path: str = ""
    ) -> None:
        self.folder = folder
        self.seed = seed
        self.lang = lang
        self.mailflow_path = mailflow_path
        self._scenarios: dict[str, Scenario] = {}
        self._runs: dict[str, Run] = {}

    def scenario(self, name: str) -> Scenario:
        """The scenario of that name. Raises UsageError and ScenarioError."""
        if name not in self._scenarios:
            path, _ = find_scenario(name, self.folder, mailflow_path=self.mailflow_path)
            self._scenarios[name] = load(path, seed=self.seed, lang=self.lang)
        return self._scenarios[name]

    def run(self, name: str) -> Run:
        """Its run."""
        if name not in self._runs:
            self._runs[name] = run(self.scenario(name))
        return self._runs[name]

    def ask(self, name: str, ask: Ask) -> Found:
        """What a run says to a query. Raises QueryError."""
        if isinstance(ask, tuple):
            return _order(self.run(name).records, ask)
        query = parse(ask)
        return _found(query, self.run(name).records)

    def link(self, name: str, record: Record) -> str:
        """The deep link of a record, such as `first-letter?seed=7#smtp.reply/2`."""
        _, called = find_scenario(name, self.folder, mailflow_path=self.mailflow_path)
        seed = None if self.seed is None else self.scenario(name).seed
        kind, number = record[KIND].name, ordinal(self.run(name).records, record)
        return str(finding.Link(called, seed, kind, number))

    def record_at(self, name: str, link: finding.Link) -> Record:
        """The record that a link points to; the first of all if it names none. Raises UsageError."""
        records = self.run(name).records
        if link.kind is None:
            return records[0]
        same = [record for record in records if record[KIND].name == link.kind]
        if link.ordinal is None or link.ordinal > len(same):
            raise UsageError(f"{link}: this run has {len(same)} of {link.kind}; choose a number up to that")
        return same[link.ordinal - 1]


def ordinal(records: Sequence[Record], record: Record) -> int:
    """Which of its kind a record is, from 1."""
    kind = record[KIND]
    return sum(1 for other in records[: record[N]] if other[KIND] is kind)


def hits(records: Sequence[Record], query: str) -> tuple[Record, ...]:
    """The records that match a query."""
    return parse(query).hits(records)


def _found(query: Query, records: Sequence[Record]) -> Found:
    answer = query.ask(records)
    value = answer.value
    if isinstance(value, tuple):
        return Found(tuple(shown(one) for one in value), True, answer.records, query.text)
    values = () if value is None else (shown(value),)
    return Found(values, False, _evidence(query, answer.records, value), query.text)


def _evidence(query: Query, found: tuple[Record, ...], value: object) -> tuple[Record, ...]:
    """The records that show a value: those that have it, or the first of all that were counted."""
    if query.aggregate not in _ONE or query.field is None:
        return found[:_EVIDENCE]
    having = []
    for record in found:
        position = record[KIND].index(query.field)
        if position is not None and record[position] == value:
            having.append(record)
    return tuple(having[-1:] if query.aggregate == "last" else having[:1])


def _order(records: Sequence[Record], pair: tuple[str, str]) -> Found:
    """Whether the first record of one query comes before the first of another: yes or no."""
    firsts = [hits(records, _bare(query))[:1] for query in pair]
    text = f"{{before: [{pair[0]}, {pair[1]}]}}"
    if not all(firsts):
        return Found((), False, (), text)
    first, second = firsts[0][0], firsts[1][0]
    return Found(("yes" if first[N] < second[N] else "no",), False, (first, second), text)


def _bare(query: str) -> str:
    """A query without its aggregate: what is compared is when its first record happened."""
    read: Query = parse(query)
    if read.aggregate is None:
        return query
    return query[: query.rindex("|")]
