"""A desk for tests: a learner in a folder of its own, and screens pressed and read without a terminal."""

from __future__ import annotations

from pathlib import Path

from simulator.learning.progress import Progress
from simulator.tui.desk import Desk, Learner
from simulator.tui.home import Home, open_session
from simulator.tui.lesson_place import LessonPlace

NOW = 1_800_000_000
"""The learner's clock: seconds since 1970."""

TYPED = {"space": " ", "colon": ":", "slash": "/"}


def learner_in(where: Path) -> Learner:
    """A learner whose progress lies in `where`/home."""
    return Learner(Progress(where / "home", clock=lambda: NOW), now=lambda: NOW)


def home_desk(where: Path) -> Desk:
    """A desk with the home screen."""
    desk = Desk(learner_in(where))
    desk.push(Home(desk))
    return desk


def lesson_desk(where: Path) -> Desk:
    """A desk with the lesson in `where`/lessons."""
    desk = Desk(learner_in(where))
    assert desk.learner is not None
    desk.push(LessonPlace(desk, open_session(desk.learner, where / "lessons" / "01-small-lesson")))
    return desk


def press(desk: Desk, *keys: str) -> Desk:
    """Press keys by Textual's names; what begins with `:` is typed letter by letter."""
    for key in keys:
        if key.startswith(":"):
            for letter in key[1:]:
                desk.top.key(letter, letter)
        else:
            desk.top.key(key, key if len(key) == 1 else TYPED.get(key))
    return desk


def screen(desk: Desk, width: int = 80, height: int = 24) -> str:
    """What the desk shows in a window of that size."""
    lines = desk.paint(width, height)
    assert len(lines) == height
    return "\n".join(made.text.rstrip() for made in lines) + "\n"
