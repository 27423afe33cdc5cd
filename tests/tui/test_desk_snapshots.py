"""Every screen of the desk as text, in both sizes and languages; small windows, ASCII, frames, key bars."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from rich.cells import cell_len

from simulator.text import glossary, set_language
from simulator.tui.desk import Desk
from simulator.tui.desk_actions import SCREENS, on
from tests.tui.desks import home_desk, lesson_desk, press, screen

SNAPSHOTS = Path(__file__).parent / "snapshots" / "desk"
SIZES = {"80x24": (80, 24), "120x40": (120, 40)}
PLACES = {
    "home": ("home", ()),
    "home-find": ("home", ("slash", ":small")),
    "home-leave": ("home", ("q",)),
    "progress": ("home", ("t", "enter", ":c", "enter", "3", "n", "q", "g")),
    "lesson": ("lesson", ()),
    "lesson-world": ("lesson", ("enter",)),
    "lesson-told": ("lesson", ("p", "a", "enter", "1", "q")),
    "lesson-help": ("lesson", ("f1",)),
    "glossary": ("lesson", ("f4",)),
    "choice": ("lesson", ("t", "h", "down")),
    "multi": ("lesson", ("t", "n", "a", "b")),
    "number": ("lesson", ("t", "n", "n", "2")),
    "text": ("lesson", ("t", *["pagedown"] * 3, ":anna@", "enter")),
    "order": ("lesson", ("t", *["pagedown"] * 4, "space", "down")),
    "match": ("lesson", ("t", *["pagedown"] * 5, "b", "a")),
    "fill": ("lesson", ("t", *["pagedown"] * 6)),
    "predict": ("lesson", ("p",)),
    "predicted": ("lesson", ("p", "a", "enter", "2")),
    "locate": ("lesson", ("t", *["pagedown"] * 8, ":e42")),
    "locate-world": ("lesson", ("t", *["pagedown"] * 8, "w")),
    "explain": ("lesson", ("t", *["pagedown"] * 9, ":It waits", "enter", "a")),
    "wrong": ("lesson", ("t", "n", "n", "1", "enter", "3")),
    "score": ("lesson", ("t", *["pagedown"] * 10)),
    "lab": ("lesson", ("l",)),
    "lab-edit": ("lesson", ("l", "e")),
    "lab-hints": ("lesson", ("l", "h")),
    "lab-solution": ("lesson", ("l", "S", "y")),
    "compose": ("lesson", ("w", "c", ":boris@beta.example")),
}


def opened(where: Path, place: str) -> Desk:
    first, keys = PLACES[place]
    return press(home_desk(where) if first == "home" else lesson_desk(where), *keys)


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("shown", PLACES)
def test_the_screen_looks_as_it_did(
    by_hand: Path, shown: str, language: str, update_golden: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_language(language)
    some = tuple(glossary.find(word) for word in ("envelope", "queue", "header", "bounce", "relay", "hop", "mailbox"))
    for name in ("simulator.text.glossary.terms", "simulator.tui.glossary.terms"):
        monkeypatch.setattr(name, lambda: some)  # the glossary grows; this picture shall not
    desk = opened(by_hand, shown)
    assert desk.learner is not None
    desk.learner.progress.path = Path("progress.jsonl")
    for size, (width, height) in SIZES.items():
        text = screen(desk, width, height)
        path = SNAPSHOTS / f"{shown}-{size}-{language}.txt"
        if update_golden:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8")


def test_no_snapshot_is_left_over() -> None:
    names = {f"{place}-{size}-{language}.txt" for place in PLACES for size in SIZES for language in ("en", "ru")}
    assert {path.name for path in SNAPSHOTS.glob("*.txt")} == names


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("shown", PLACES)
def test_every_row_fills_every_window_and_the_keys_stay(by_hand: Path, shown: str, language: str) -> None:
    set_language(language)
    desk = opened(by_hand, shown)
    for width, height in ((60, 18), (79, 23), (80, 24), (100, 32), (120, 40), (200, 60)):
        lines = desk.paint(width, height)
        assert len(lines) == height
        assert all(cell_len(made.text) == width for made in lines[:-2]), (width, height)
        assert cell_len(lines[-1].text) <= width
        assert "F1 " in lines[-1].text or "Esc" in lines[-1].text


@pytest.mark.parametrize("shown", PLACES)
def test_ascii_draws_nothing_beyond_ascii(by_hand: Path, shown: str) -> None:
    desk = opened(by_hand, shown)
    desk.ascii_only = True
    for size in SIZES.values():
        assert all(sign.isascii() or sign.isalpha() for sign in screen(desk, *size))


@pytest.mark.parametrize("size", [(1, 1), (10, 3), (59, 30), (120, 17)])
@pytest.mark.parametrize("shown", ["home", "lesson", "choice", "lab", "compose", "progress", "glossary"])
def test_a_small_window_says_so_and_offers_plain_mode(by_hand: Path, shown: str, size: tuple[int, int]) -> None:
    text = screen(opened(by_hand, shown), *size)
    if size >= (59, 17):
        assert "60 x 18" in text and "plain mode" in text and "mailflow" in text
    assert "╔" not in text


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("name", SCREENS)
def test_every_key_bar_fits_80_columns_and_shows_three_actions(name: str, language: str) -> None:
    from simulator.text import _
    from simulator.tui.actions import key_bar

    set_language(language)
    items, hidden, fixed = key_bar(80, _, actions=on(name))
    assert [item.id for item in fixed] == ["palette", "help", "out"]
    assert 1 + sum(cell_len(item.text) + 2 for item in (*items, *fixed)) + len(f"+{hidden}") <= 80
    assert len(items) >= 2


@pytest.mark.parametrize("seed", range(8))
def test_no_order_of_keys_breaks_the_desk(by_hand: Path, seed: int) -> None:
    chance = Random(seed)
    desk = home_desk(by_hand)
    keys = [
        "enter", "enter", "escape", "up", "down", "left", "right", "space", "tab", "n", "p", "w", "t", "l", "h", "e",
        "d", "u", "S", "R", "a", "b", "1", "2", "3", "f1", "f2", "f3", "f4", "f5", "ctrl+p", "colon", "slash", "s", "g",
        "r", "k", "z", "c", "backspace", "pageup", "pagedown", "home", "end", "q", "y", "й", "т",
    ]  # fmt: skip
    for _ in range(250):
        if desk.leaving:
            desk = home_desk(by_hand)
        press(desk, chance.choice(keys))
        width, height = chance.choice([(80, 24), (120, 40), (60, 18), (100, 32), (40, 10)])
        for made in desk.paint(width, height)[:-2]:
            assert cell_len(made.text) == width
