"""Finds the characters of a file that a problem is about, so that what a run found can be shown in the author's line.

A run knows items and values; the tree of the file knows places. This module joins the two.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from simulator.errors import Diagnostic
from simulator.learning.items import Item, Problem
from simulator.scenario.report import Report
from simulator.scenario.tree import Mapping, Node, Place, Scalar, Sequence, Source

__all__ = ["add_diagnostic", "file_source", "place_of"]


def place_of(item: Item, problem: Problem) -> Node:
    """The value in the file that a problem is about: a key, a text that is written so, or the item itself."""
    node = item.node
    assert node is not None
    if isinstance(node, Mapping) and problem.about in node.values:
        return node.values[problem.about]
    return next((one for one in _scalars(node) if problem.about and one.text == problem.about), node)


def _scalars(node: Node) -> Iterator[Scalar]:
    if isinstance(node, Scalar):
        yield node
    below = node.values.values() if isinstance(node, Mapping) else node.items if isinstance(node, Sequence) else ()
    for one in below:
        yield from _scalars(one)


def file_source(path: Path) -> Source:
    """A file that is not there, or of which no line is to be shown."""
    return Source(str(path), path.name, ())


def add_diagnostic(one: Diagnostic, report: Report) -> None:
    """Add a mistake that another report found."""
    source = Source(one.file, Path(one.file).name, ("",) * (one.line - 1) + (one.source,))
    report.add(one.rule, Place(source, one.line, one.column), one.message, one.hint, one.width)
