"""Fixtures of the screens: English before and after each test, and the view of the hand-made world."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator.text import set_language
from simulator.tui.view import View
from simulator.tui.walk import Walk
from tests.tui.desk_files import write_lesson
from tests.tui.handmade import HandRun, hand_run


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    set_language("en")
    yield
    set_language("en")


@pytest.fixture(scope="session")
def run() -> HandRun:
    """The hand-made world; nothing changes it."""
    return hand_run()


@pytest.fixture
def walk(run: HandRun) -> Walk:
    """A walk at its beginning."""
    return Walk(run)


@pytest.fixture
def view(walk: Walk) -> View:
    """A view at its beginning."""
    return View(walk)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a lesson and a scenario and nothing of what is shipped, in which the test runs."""
    write_lesson(tmp_path)
    monkeypatch.chdir(tmp_path)
    for module in ("simulator.learning.finding", "simulator.scenario.finding"):
        monkeypatch.setattr(f"{module}.shipped_folder", lambda: tmp_path / "shipped")
    return tmp_path


@pytest.fixture
def by_hand(place: Path, run: HandRun, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same, and every world of the lesson is the one written by hand, so that it never changes."""
    monkeypatch.setattr("simulator.learning.worlds.run", lambda scenario: run)
    return place
