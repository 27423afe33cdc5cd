"""The desk: the screens that lie on top of each other, and what they share.

q and Esc take the top one away; when none is left, the program ends.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..text import _
from .lines import Line
from .panes import in_ascii
from .place import Place

if TYPE_CHECKING:
    from ..learning.progress import Progress

__all__ = ["THEMES", "Desk", "Learner"]

THEMES = ("dark", "light", "terminal")


@dataclass(slots=True)
class Learner:
    """Who sits at the desk: what was done so far, where lessons are found, and how a text is edited outside.

    `edit` takes a text and the name of a file and gives the text that came back; `now` is in seconds since 1970.
    """

    progress: Progress
    mailflow_path: str = ""
    seed: int | None = None
    edit: Callable[[str, str], str] | None = None
    now: Callable[[], float] = time.time


class Desk:
    """The stack of screens; `pending` is work for which the terminal has to be given away (an editor)."""

    def __init__(self, learner: Learner | None = None, *, ascii_only: bool = False, no_color: bool = False) -> None:
        self.learner = learner
        self.ascii_only = ascii_only
        self.no_color = no_color
        self.theme = "terminal" if no_color else "dark"
        self.places: list[Place] = []
        self.leaving = False
        self.clipboard: str | None = None
        self.pending: Callable[[], None] | None = None
        self._heard = 0

    @property
    def top(self) -> Place:
        """The screen that is seen."""
        return self.places[-1]

    def push(self, place: Place) -> None:
        """Lay a screen on top."""
        self.places.append(place)
        place.entered()

    def pop(self) -> None:
        """Take the top screen away; after the last one the program ends."""
        if len(self.places) == 1:
            self.leaving = True
            return
        self.places.pop()
        self.top.entered()

    def hear(self) -> None:
        """Say once, on the screen on top, what progress has to say: that it cannot be written, that it was damaged."""
        messages = self.learner.progress.messages if self.learner is not None else []
        if len(messages) > self._heard and self.places:
            self.top.message = messages[-1]
        self._heard = len(messages)

    def paint(self, width: int, height: int) -> list[Line]:
        """Return what is seen, as many lines as the window has."""
        lines = self.top.paint(width, height)
        return [in_ascii(made) for made in lines] if self.ascii_only else lines

    def switch_theme(self) -> str:
        """Go on to the next theme, and say which."""
        if self.no_color:
            return _("colours are off (NO_COLOR)")
        self.theme = THEMES[(THEMES.index(self.theme) + 1) % len(THEMES)]
        return _("theme: {name}").format(name=self.theme)
