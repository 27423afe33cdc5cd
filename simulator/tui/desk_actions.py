"""The rest of the one table of actions: those of home, lesson, quiz, lab, compose and glossary.

A key means the same everywhere as far as it can: Enter opens, w goes to the world, h hints, F4 explains words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from ..text import N_
from .actions import ACTIONS, Action
from .actions import find as find_in_world

__all__ = ["ESCAPE", "SCREENS", "TABLES", "find", "on"]

_COMMON: Final = tuple(
    find_in_world(name) for name in ("language", "theme", "glossary", "palette", "help", "out", "up", "down")
)

ESCAPE: Final = replace(find_in_world("out"), keys=("escape",))
"""The way out while letters are text."""

_MOVES: Final = (
    Action(id="page-up", keys=("pageup",), label=N_("Up"), description=N_("A screenful up")),
    Action(id="page-down", keys=("pagedown",), label=N_("Down"), description=N_("A screenful down")),
    Action(id="top", keys=("home",), label=N_("First"), description=N_("Go to the first line")),
    Action(id="bottom", keys=("end",), label=N_("Last"), description=N_("Go to the last line")),
)

_OPEN: Final = Action(
    id="open", keys=("enter",), label=N_("Open"), description=N_("Open what the cursor is on"), priority=1,
    words=("open",),
)  # fmt: skip

_HOME: Final = (
    _OPEN,
    Action(
        id="review", keys=("r",), label=N_("Review"), description=N_("Answer the questions that come back today"),
        priority=2, words=("r", "review"),
    ),
    Action(
        id="find", keys=("slash", "f6"), label=N_("Find"),
        description=N_("Find a lesson, a scenario, an action or a word"), priority=3, words=("/", "find"),
    ),
    Action(
        id="sandbox", keys=("s",), label=N_("Sandbox"), description=N_("Go to the scenarios to play with"), priority=4,
        words=("s", "sandbox"),
    ),
    Action(
        id="progress", keys=("g",), label=N_("Progress"), description=N_("Skills, slips and lessons so far"),
        priority=5, twin="mailflow progress", words=("g", "progress"),
    ),
    Action(
        id="questions", keys=("t",), label=N_("Questions"), description=N_("The questions of the lesson"), priority=6,
        words=("t", "quiz"),
    ),
    Action(
        id="lab", keys=("l",), label=N_("Lab"), description=N_("The lab of the lesson"), priority=7, words=("l", "lab"),
    ),
    *_MOVES,
)  # fmt: skip

_LESSON: Final = (
    Action(
        id="next", keys=("space", "right", "n", "pagedown"), label=N_("Next"),
        description=N_("Turn to the next page; after the last one come the questions"), priority=1,
        words=("n", "next"),
    ),
    Action(
        id="back", keys=("b", "left", "pageup"), label=N_("Back"), description=N_("Turn back a page"), priority=2,
        words=("b", "back"),
    ),
    Action(
        id="open", keys=("enter",), label=N_("Open"),
        description=N_("Open what the cursor is on: the world at an event, a question, a word"), priority=3,
        words=("open",),
    ),
    Action(
        id="predict", keys=("p",), label=N_("Predict"),
        description=N_("Say what will happen; then see what does"), priority=4, words=("p", "predict"),
    ),
    Action(
        id="world", keys=("w",), label=N_("World"), description=N_("Open the world of this lesson"), priority=5,
        words=("w", "world"),
    ),
    Action(
        id="questions", keys=("t",), label=N_("Questions"), description=N_("The questions of the lesson"), priority=6,
        words=("t", "quiz"),
    ),
    Action(
        id="lab", keys=("l",), label=N_("Lab"), description=N_("The lab of the lesson"), priority=7,
        words=("l", "lab"),
    ),
    Action(id="top", keys=("home",), label=N_("First"), description=N_("Go to the first page"), words=("first",)),
    Action(id="bottom", keys=("end",), label=N_("Last"), description=N_("Go to the last page"), words=("last",)),
)  # fmt: skip

_QUIZ: Final = (
    Action(
        id="lock", keys=("enter",), label=N_("Lock in"),
        description=N_("Hand the answer in; after it, open the world where the answer can be seen"), priority=1,
    ),
    Action(
        id="choose", keys=("space",), label=N_("Choose"), description=N_("Choose a line, or pick a row up to move it"),
        priority=2,
    ),
    Action(
        id="next", keys=("n", "pagedown"), label=N_("Next"), description=N_("Go to the next question"), priority=3,
        words=("n", "next"),
    ),
    Action(
        id="hint", keys=("h",), label=N_("Hint"), description=N_("Show a hint; hints cost nothing"), priority=4,
        words=("h", "hint"),
    ),
    Action(
        id="world", keys=("w",), label=N_("World"),
        description=N_("Look at the world; p there answers with the event under the cursor"), priority=5,
        words=("w", "world"),
    ),
    Action(
        id="back", keys=("pageup",), label=N_("Back"), description=N_("Go to the question before"), priority=7,
        words=("b", "back"),
    ),
    Action(
        id="solution", keys=("S",), label=N_("Solution"),
        description=N_("Show the solution; the question is done then, without points"), priority=6,
        words=("s", "solution"),
    ),
    Action(id="less", keys=("left",), label=N_("Left"), description=N_("The choice before, in this row")),
    Action(id="more", keys=("right",), label=N_("Right"), description=N_("The next choice, in this row")),
    Action(id="focus", keys=("tab",), label=N_("Pane"), description=N_("Type again, or leave the line for the keys")),
)  # fmt: skip

_LAB: Final = (
    Action(
        id="run", keys=("f5",), label=N_("Run"), description=N_("Run the world as it is now, and judge it"), priority=1,
        words=("run", "r"),
    ),
    Action(
        id="edit", keys=("e",), label=N_("Edit"), description=N_("Edit the part under the cursor"), priority=2,
        words=("e", "edit"),
    ),
    Action(
        id="open", keys=("enter",), label=N_("Open"),
        description=N_("Edit this part, or open the world where somebody said no"), priority=3,
    ),
    Action(
        id="diff", keys=("d",), label=N_("Diff"), description=N_("What you have changed"), priority=4,
        words=("d", "diff"),
    ),
    Action(
        id="hint", keys=("h",), label=N_("Hint"), description=N_("Show a hint; hints cost nothing"), priority=5,
        words=("h", "hint"),
    ),
    Action(
        id="world", keys=("w",), label=N_("World"), description=N_("Open the world as it is now"), priority=6,
        words=("w", "world"),
    ),
    Action(
        id="undo", keys=("u",), label=N_("Undo"), description=N_("Take the last change back"), priority=7,
        words=("u", "undo"),
    ),
    Action(
        id="editor", keys=("E",), label="$EDITOR", description=N_("Edit the part in the editor that EDITOR names"),
        priority=8, words=("editor",),
    ),
    Action(
        id="dig", keys=("colon",), label="dig", description=N_("Ask the DNS of this world"), priority=9,
        words=("dig",), twin="mailflow dig --in {scenario}",
    ),
    Action(
        id="reset", keys=("R",), label=N_("Reset"), description=N_("Begin anew; asks first"), priority=10,
        words=("reset",),
    ),
    Action(
        id="solution", keys=("S",), label=N_("Solution"), description=N_("Show the solution, as what it changes"),
        priority=11, words=("s", "solution"),
    ),
    Action(id="focus", keys=("tab",), label=N_("Pane"), description=N_("Go to the next pane")),
    *_MOVES[:2],
)  # fmt: skip

_COMPOSE: Final = (
    Action(
        id="send", keys=("f5",), label=N_("Send"), description=N_("Send the letter and run the world again"),
        priority=1,
    ),
    Action(id="focus", keys=("tab", "enter"), label=N_("Field"), description=N_("Go to the next field"), priority=2),
    Action(id="less", keys=("left",), label=N_("Left"), description=N_("The choice before, in this row")),
    Action(id="more", keys=("right",), label=N_("Right"), description=N_("The next choice, in this row")),
)  # fmt: skip

_PROGRESS: Final = (_OPEN, *_MOVES)

TABLES: Final[Mapping[str, tuple[Action, ...]]] = {
    "world": ACTIONS,
    "home": (*_HOME, *_COMMON),
    "lesson": (*_LESSON, *_COMMON),
    "quiz": (*_QUIZ, *_COMMON),
    "lab": (*_LAB, *_COMMON),
    "compose": (*_COMPOSE, *(ESCAPE if action.id == "out" else action for action in _COMMON)),
    "progress": (*_PROGRESS, *_COMMON),
}
"""Screen -> its actions, in no particular order; the key bar goes by their priorities."""

SCREENS: Final = tuple(TABLES)


def on(screen: str) -> tuple[Action, ...]:
    """Return the actions of a screen. Raises KeyError."""
    return TABLES[screen]


def find(screen: str, action_id: str) -> Action:
    """Return an action of a screen. Raises KeyError."""
    for action in TABLES[screen]:
        if action.id == action_id:
            return action
    raise KeyError(action_id)
