"""Checks the queries of a scenario with the query language of the engine and the kinds that `records` declares.

One function, so that the loader itself needs neither; a caller may pass another check, or none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from simulator.errors import QueryError
from simulator.scenario.report import Report
from simulator.scenario.tree import Mapping, Node, Scalar, Sequence

CheckQuery = Callable[[str], None]
"""Raises `QueryError`, whose column counts from 1, for a query that cannot be read."""


def check_query(text: str) -> None:
    """Raise `QueryError` unless the engine can read the query."""
    import simulator.engine.base_kinds
    import simulator.records  # noqa: F401  (both declare kinds)
    from simulator.engine.query import parse

    parse(text)


def check_queries(tree: Mapping, check: CheckQuery, report: Report) -> None:
    """Report every query in `expect` that cannot be read, at its own characters."""
    expect = tree.values.get("expect")
    for entry in expect.items if isinstance(expect, Sequence) else ():
        for key in ("that", "before"):
            query = entry.values.get(key) if isinstance(entry, Mapping) else None
            if isinstance(query, Scalar) and query.text.strip():
                _check(query, check, report)


def with_orders(tree: Mapping) -> Mapping:
    """The tree with `that: {before: [A, B]}` written as `that: A` and `before: B`, which is the same."""
    expect = tree.values.get("expect")
    if not isinstance(expect, Sequence):
        return tree
    items = tuple(_with_order(item) for item in expect.items)
    return tree.changed({**tree.values, "expect": replace(expect, items=items)})


def _with_order(entry: Node) -> Node:
    that = entry.values.get("that") if isinstance(entry, Mapping) else None
    pair = that.values.get("before") if isinstance(that, Mapping) and len(that.values) == 1 else None
    if not isinstance(entry, Mapping) or not isinstance(that, Mapping) or not isinstance(pair, Sequence):
        return entry
    if len(pair.items) != 2 or "before" in entry.values:
        return entry
    keys = {**entry.keys, "before": that.keys["before"]}
    return Mapping(keys, {**entry.values, "that": pair.items[0], "before": pair.items[1]}, entry.place)


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
