"""The loader reads YAML with positions, types nothing, and refuses what is hostile quickly and with a place."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import ScenarioError
from simulator.scenario.report import Report
from simulator.scenario.tree import Mapping, Node, Scalar, find, plain
from simulator.scenario.yamlload import load_tree, read_source, source_of

_NINE = ", ".join


def tree(text: str) -> Mapping:
    report = Report()
    source, decoded = source_of(text.encode(), "x.yaml", "x.yaml", report)
    loaded = load_tree(source, decoded, report)
    report.stop_if_any()
    return loaded


def scalar(node: Node | None) -> Scalar:
    assert isinstance(node, Scalar)
    return node


HOSTILE = {
    "merge bomb": (
        "MF009",
        "a0: &a0 {x: 1}\n" + "".join(f"a{n}: &a{n} {{<<: [{_NINE([f'*a{n - 1}'] * 9)}]}}\n" for n in range(1, 25)),
    ),
    "alias bomb": (
        "MF007",
        "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{_NINE([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 25)),
    ),
    "alias in itself": ("MF012", "a: &a [*a]\n"),
    "brackets": ("MF005", "id: " + "[" * 20_000),
    "braces": ("MF005", "id: " + "{a: " * 20_000),
    "dashes": ("MF005", "- " * 20_000),
    "indentation": ("MF005", "".join(" " * n + "a:\n" for n in range(300))),
    "aliases inside each other": (
        "MF005",
        "a0: &a0 x\n" + "".join(f"a{n}: &a{n} {'[' * 10}*a{n - 1}{']' * 10}\n" for n in range(1, 50)),
    ),
    "too many keys": ("MF006", "a: [" + "x," * 60_000 + "]"),
    "size": ("MF001", "# " + "x" * (1 << 20)),
    "tag": ("MF008", "title: !!python/object/apply:os.system [true]\n"),
    "tag on a key": ("MF008", "!!str title: x\n"),
    "control": ("MF002", "title: A \x07 world\n"),
    "two documents": ("MF010", "a: b\n---\nc: d\n"),
    "nothing": ("MF010", ""),
    "only a comment": ("MF010", "# nothing\n"),
    "a text": ("MF010", "just words\n"),
    "duplicate": ("MF004", "a: 1\nb: 2\na: 3\n"),
    "duplicate below": ("MF004", "a: {b: 1, b: 2}\n"),
    "broken": ("MF003", "a: {b: 1\n"),
    "tab": ("MF003", "a:\n\tb: 1\n"),
    "key is a list": ("MF011", "? [a]\n: b\n"),
    "key is an alias": ("MF011", "a: &a x\n*a : y\n"),
}


@pytest.mark.parametrize(("rule", "text"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_is_refused_quickly_with_its_rule_and_place(rule: str, text: str) -> None:
    start = time.monotonic()
    with pytest.raises(ScenarioError) as caught:
        tree(text)
    assert time.monotonic() - start < 5
    first = caught.value.diagnostics[0]
    assert first.rule == rule
    assert first.line >= 1
    assert first.column >= 1
    assert "\x07" not in str(first)


def test_octets_that_are_no_utf8_are_refused_at_their_place() -> None:
    with pytest.raises(ScenarioError) as caught:
        source_of("a: b\nc: ж".encode() + b"\xff", "x.yaml", "x.yaml", Report())
    (found,) = caught.value.diagnostics
    assert (found.rule, found.line, found.column) == ("MF002", 2, 5)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError) as caught:
        read_source(tmp_path / "absent.yaml", "absent.yaml", Report())
    assert caught.value.diagnostics[0].rule == "MF001"


def test_all_duplicates_are_reported_at_once() -> None:
    with pytest.raises(ScenarioError) as caught:
        tree("a: 1\na: 2\nb: {c: 1, c: 2}\n")
    assert [(d.rule, d.line, d.column) for d in caught.value.diagnostics] == [("MF004", 2, 1), ("MF004", 3, 11)]


@pytest.mark.parametrize("text", ["12:30", "off", "5.10", "0o17", "~", "2024-03-23", "1e3", "null", "=", ".inf"])
def test_every_scalar_stays_the_text_that_was_written(text: str) -> None:
    assert plain(tree(f"on: {text}\n")) == {"on": text}


def test_nothing_and_an_empty_text_are_different() -> None:
    assert plain(tree('a:\nb: ""\n')) == {"a": None, "b": ""}


def test_positions_count_characters_from_one() -> None:
    root = tree('жук: {b: c, "d e": [f, g]}\n')
    assert (root.keys["жук"].place.line, root.keys["жук"].place.column) == (1, 1)
    below = find(root, ("жук",))
    assert isinstance(below, Mapping)
    assert below.keys["d e"].place.column == 13
    assert scalar(find(root, ("жук", "d e", 1))).place.column == 24


@pytest.mark.parametrize(
    ("yaml", "line", "column"),
    [
        ("z: |\n  one\n  two three\n", 3, 7),
        ("z: |2\n   one\n  two three\n", 3, 7),
        ("z: |\n\n  one\n\n      two three\n", 5, 11),
        ("z:    |-  # why\n        one\n        two three\n", 3, 13),
    ],
)
def test_a_place_in_a_block_scalar_is_a_place_in_the_file(yaml: str, line: int, column: int) -> None:
    block = scalar(find(tree(yaml), ("z",)))
    place = block.at(block.text.index("three"))
    assert (place.line, place.column) == (line, column)
    assert place.source.line(line)[column - 1 :] == "three"


def test_a_place_in_a_quoted_text_is_behind_the_quote() -> None:
    text = scalar(find(tree('a: "one two"\n'), ("a",)))
    assert text.at(text.text.index("two")).column == 9


def test_windows_line_ends_and_a_byte_order_mark_are_taken() -> None:
    root = tree("﻿a: |\r\n  b\r\n  c\r\n")
    assert plain(root) == {"a": "b\nc\n"}


def test_aliases_repeat_what_was_written() -> None:
    assert plain(tree("a: &x {b: [c]}\nd: *x\n")) == {"a": {"b": ["c"]}, "d": {"b": ["c"]}}


_WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=8)
_TREES = st.recursive(
    st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1, max_size=6),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(st.sampled_from("abcdef"), below, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from("abcdef"), _TREES, min_size=1))
def test_what_pyyaml_writes_is_read_back(data: dict[str, object]) -> None:
    import yaml

    assert plain(tree(yaml.safe_dump(data, allow_unicode=True))) == data


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_and_nothing_else(text: str) -> None:
    try:
        root = tree(text.encode("utf-8", "replace").decode())
    except ScenarioError:
        return
    assert root.keys.keys() == root.values.keys()
