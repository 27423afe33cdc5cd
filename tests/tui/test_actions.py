"""The one table: keys, the Russian layout, the key bar, the command-line twins."""

from __future__ import annotations

import re

import pytest

from simulator.text import _, set_language
from simulator.tui.actions import ACTIONS, LAYOUT, by_key, find, key_bar, twin
from simulator.tui.moves import MOVES
from simulator.tui.plain import _DOES as PLAIN
from simulator.tui.view import _DOES as SCREEN


def test_no_key_starts_two_actions() -> None:
    keys = [key for action in ACTIONS for key in action.all_keys()]
    assert sorted(keys) == sorted(set(keys))


def test_every_action_does_something_on_the_screen() -> None:
    assert {a.id for a in ACTIONS} == {*SCREEN, *MOVES, *(f"pane-{n}" for n in range(1, 7))}


def test_every_word_of_plain_mode_belongs_to_an_action_that_plain_mode_does() -> None:
    assert {action.id for action in ACTIONS if action.words} == {
        *PLAIN,
        *(move for move in MOVES),
        "compose",
        "glossary",
    }
    words = [word for action in ACTIONS for word in action.words]
    assert sorted(words) == sorted(set(words))


@pytest.mark.parametrize(("latin", "russian"), [("n", "т"), ("b", "и"), ("k", "л"), ("q", "й"), ("x", "ч"), ("/", ".")])
def test_each_letter_has_its_twin_on_the_russian_layout(latin: str, russian: str) -> None:
    assert LAYOUT[latin] == russian
    keys = by_key()
    assert keys[russian] is keys["slash" if latin == "/" else latin]


def test_the_keys_are_those_of_the_design() -> None:
    wanted = {
        "right": "next", "n": "next", "left": "back", "b": "back", "pagedown": "stage", "pageup": "stage-back",
        "home": "first", "end": "last", "space": "play", "1": "pane-1", "6": "pane-6", "tab": "pane-next", "z": "zoom",
        "slash": "filter", "f6": "filter", "enter": "open", "k": "why", "y": "copy", "o": "save", "m": "mark",
        "t": "tls", "x": "hex", "f1": "help", "f2": "language", "f3": "theme", "ctrl+p": "palette", "q": "out",
        "escape": "out",
    }  # fmt: skip
    keys = by_key()
    assert {key: keys[key].id for key in wanted} == wanted


def test_forbidden_keys_are_not_used() -> None:
    assert not by_key().keys() & {*(f"ctrl+{letter}" for letter in "hijmsqab"), "f10", "f11", "h", "l"}


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("width", [60, 80, 100, 120, 200])
def test_the_key_bar_shows_whole_actions_and_always_its_end(width: int, language: str) -> None:
    set_language(language)
    items, hidden, fixed = key_bar(width, _)
    assert [item.id for item in fixed] == ["palette", "help", "out"]
    used = 1 + sum(len(item.text) + 2 for item in (*items, *fixed)) + len(f"+{hidden}")
    assert used <= width
    assert len(items) + hidden == sum(1 for action in ACTIONS if action.priority)
    assert [item.id for item in items[:4]] == ["next", "back", "stage", "play"][: len(items)]


def test_a_twin_is_quoted_for_the_shell() -> None:
    given = {"link": "first-letter#smtp.reply/2", "scenario": "first-letter", "query": 'smtp.reply text~"it\'s"'}
    assert twin(find("why"), **given) == "mailflow why 'first-letter#smtp.reply/2'"
    text = twin(find("filter"), **given)
    assert text.startswith("mailflow trace first-letter --where ")
    import shlex

    assert shlex.split(text)[-1] == given["query"]
    assert twin(find("zoom"), **given) == ""


def test_descriptions_are_sentences_and_labels_are_short() -> None:
    for action in ACTIONS:
        assert len(action.label) <= 10
        assert re.match(r"[A-Z]", action.description), action.description
