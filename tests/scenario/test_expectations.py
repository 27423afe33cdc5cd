"""Promises are judged as an author means them: numbers as numbers, lists as lists, order as order."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.scenario.expectations import compare, evaluate
from simulator.scenario.model import Expect


@pytest.mark.parametrize(
    ("op", "got", "wanted", "holds"),
    [
        ("equals", 1, "1", True),
        ("equals", 1, "1.0", True),
        ("equals", 10, "9", False),
        ("equals", "250", "250", True),
        ("equals", "a", "a", True),
        ("equals", "a", "A", False),
        ("equals", None, "", False),
        ("equals", True, "yes", True),
        ("equals", False, "no", True),
        ("equals", True, "no", False),
        ("equals", ("a", "b"), ("a", "b"), True),
        ("equals", ["b", "a"], ("a", "b"), False),
        ("equals", ("a", "b"), ("a",), False),
        ("equals", ("a",), "a", True),
        ("equals", "a", ("a",), True),
        ("equals", b"ab", "ab", True),
        ("at-least", 10, "9", True),
        ("at-least", 9, "9", True),
        ("at-least", 8, "9", False),
        ("at-least", None, "0", False),
        ("at-most", 9, "10", True),
        ("at-most", 11, "10", False),
        ("at-most", (), "10", False),
        ("contains", ("EHLO", "MAIL"), "EHLO", True),
        ("contains", ("EHLO", "MAIL"), ("EHLO", "RCPT"), False),
        ("contains", ("a", "b", "c"), ("c", "a"), True),
        ("contains", "Relay access denied", "ACCESS", True),
        ("contains", None, "x", False),
    ],
)
def test_an_answer_is_compared(op: str, got: Any, wanted: Any, holds: bool) -> None:
    assert compare(op, got, wanted) is holds


def answers(query: str) -> Any:
    known = {
        "deliver": 2,
        "queue.enter | first n": 5,
        "deliver | first n": 9,
        "dsn | first n": None,
        'x name="a|b" | first n': 1,
    }
    return known[query]


@pytest.mark.parametrize(
    ("first", "second", "holds"),
    [
        ("queue.enter", "deliver", True),
        ("deliver", "queue.enter", False),
        ("deliver | first n", "queue.enter | first n", False),
        ("deliver", "dsn", False),
        ("dsn", "deliver", False),
        ('x name="a|b"', "deliver", True),
    ],
)
def test_before_compares_the_first_records_and_both_have_to_be_there(first: str, second: str, holds: bool) -> None:
    (outcome,) = evaluate([Expect(id="order", that=first, op="before", value=second)], answers)
    assert outcome.holds is holds


def test_an_outcome_says_what_was_wanted_and_what_came() -> None:
    entries = [
        Expect(id="one", that="deliver", op="equals", value="1", why="Because.", origin="x.yaml:9"),
        Expect(id="two", that="deliver", op="at-least", value="2"),
    ]
    one, two = evaluate(entries, answers)
    assert (one.id, one.holds, one.wanted, one.got, one.why, one.origin) == (
        "one",
        False,
        "1",
        "2",
        "Because.",
        "x.yaml:9",
    )
    assert (two.holds, two.wanted, two.got) == (True, "at least 2", "2")
