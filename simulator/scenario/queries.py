"""Checks the queries of a scenario with the query language of the engine and the kinds that `records` declares.

One function, so that the loader itself needs neither; a caller may pass another check, or none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from simulator.errors import QueryError
from simulator.scenario.report import Report
from simulator.scenario.tree import Mapping, Node, Path, Scalar, Sequence, find, put

CheckQuery = Callable[[str], None]
"""Raises `QueryError`, whose column counts from 1, for a query that cannot be read."""


def check_query(text: str) -> None:
    """Raise `QueryError` unless the engine can read the query."""
    import simulator.engine.base_kinds
    import simulator.records  # noqa: F401  (both declare kinds)
    from simulator.engine.query import parse

    parse(text)


def check_queries(tree: Mapping, check: CheckQuery, report: Report) -> None:
    """Report every query in `expect` and in the lab that cannot be read, at its own characters."""
    for entry in (item for path in _JUDGED for item in _items(tree, path)):
        for key in ("that", "when", "before"):
            query = entry.values.get(key) if isinstance(entry, Mapping) else None
            if isinstance(query, Scalar) and query.text.strip():
                _check(query, check, report)


_JUDGED: Final[tuple[Path, ...]] = (("expect",), ("lab", "goals"), ("lab", "traps"))
"""Where lists of promises lie."""


def _items(tree: Mapping, path: Path) -> tuple[Node, ...]:
    found = find(tree, path)
    return found.items if isinstance(found, Sequence) else ()


def with_orders(tree: Mapping) -> Mapping:
    """The tree with `that: {before: [A, B]}` written as `that: A` and `before: B`, which is the same."""
    for path in _JUDGED:
        found = find(tree, path)
        if isinstance(found, Sequence):
            tree = put(tree, path, replace(found, items=tuple(_with_order(item) for item in found.items)))
    return tree


def _with_order(entry: Node) -> Node:
    key = "when" if isinstance(entry, Mapping) and "when" in entry.values else "that"
    that = entry.values.get(key) if isinstance(entry, Mapping) else None
    pair = that.values.get("before") if isinstance(that, Mapping) and len(that.values) == 1 else None
    if not isinstance(entry, Mapping) or not isinstance(that, Mapping) or not isinstance(pair, Sequence):
        return entry
    if len(pair.items) != 2 or "before" in entry.values:
        return entry
    keys = {**entry.keys, "before": that.keys["before"]}
    return Mapping(keys, {**entry.values, key: pair.items[0], "before": pair.items[1]}, entry.place)


def _check(query: Scalar, check: CheckQuery, report: Report) -> None:
    try:
        check(query.text)
    except QueryError as error:
        message, _, hint = str(error).partition("; ")
        offset = max(0, error.column - 1)
        rest = query.text[offset:].split(" ")[0] if error.column else ""
        report.within(
            "MF050", query, message, hint or "write KIND field=value | first field", offset=offset, width=len(rest)
        )
