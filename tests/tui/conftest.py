"""Fixtures of the screens: English before and after each test, and the view of the hand-made world."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from simulator.text import set_language
from simulator.tui.view import View
from simulator.tui.walk import Walk
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
