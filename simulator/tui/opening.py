"""Open the desk, or the stepping screen on a run; Textual is imported only now.

The walk and its index are made before the application starts, so that the first paint waits for nothing.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..text import set_language
from .view import View
from .walk import Walk

if TYPE_CHECKING:
    from ..learning.sessions import LessonSession
    from .app import DeskApp
    from .desk import Desk, Learner

__all__ = ["open_desk", "open_home", "open_lesson", "open_world"]

_FRAMES = "500"
"""Textual holds output back to this many frames a second; its 60 would add 8 ms to a key press."""

_INTERNAL = 3
"""The exit code of a fault of ours; Textual has shown it by then."""


def open_world(
    run: Any,
    *,
    cursor: int | None = None,
    lang: str = "en",
    ascii_only: bool = False,
    no_color: bool = False,
    name: str | None = None,
) -> int:
    """Show a run in the terminal until the person leaves, and return the exit code.

    `cursor` is the n of the event to begin at, `name` the scenario as links name it (`first-letter?seed=7`).
    """
    set_language(lang)
    gc.freeze()  # the world stays as long as the screen, so the garbage collector need not look through it again
    view = View(Walk(run, cursor=cursor, name=name), ascii_only=ascii_only, no_color=no_color)
    os.environ.setdefault("TEXTUAL_FPS", _FRAMES)  # read when textual is imported
    from .app import WorldApp

    return _run(WorldApp(view))


def open_desk(make: Callable[[], Desk], *, lang: str = "en") -> int:
    """Show the desk that `make` lays out until the person leaves, and return the exit code."""
    set_language(lang)
    os.environ.setdefault("TEXTUAL_FPS", _FRAMES)
    desk = make()
    from .app import DeskApp

    return _run(DeskApp(desk))


def open_home(learner: Learner, *, lang: str = "en", ascii_only: bool = False, no_color: bool = False) -> int:
    """Show the home screen until the person leaves, and return the exit code."""

    def make() -> Desk:
        from .desk import Desk
        from .home import Home

        desk = Desk(learner, ascii_only=ascii_only, no_color=no_color)
        desk.push(Home(desk))
        return desk

    return open_desk(make, lang=lang)


def open_lesson(
    learner: Learner, session: LessonSession, *, lang: str = "en", ascii_only: bool = False, no_color: bool = False
) -> int:
    """Show a lesson until the person leaves, and return the exit code."""

    def make() -> Desk:
        from .desk import Desk
        from .lesson_place import LessonPlace

        desk = Desk(learner, ascii_only=ascii_only, no_color=no_color)
        desk.push(LessonPlace(desk, session))
        return desk

    return open_desk(make, lang=lang)


def _run(app: DeskApp) -> int:
    app.run()
    return _INTERNAL if app.return_code else 0
