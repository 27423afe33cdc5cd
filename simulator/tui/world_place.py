"""The world as a screen of the desk: its keys and clicks, and what a question may want of it.

The world may be opened to answer a question: then it stands before the event that is asked about, or the event under
the cursor is the answer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .bars import key_spans, stage_at
from .desk import Desk
from .frame import Area, merged, paint, tabs_of
from .lines import Line, fit, line
from .place import Place
from .view import View
from .walk import Walk

__all__ = ["WorldPlace"]


class WorldPlace(Place):
    """One walk on the desk. `asked` is said below it as long as a question is open; `answer` takes the event."""

    screen = "world"

    def __init__(self, desk: Desk, view: View, *, asked: str = "", answer: Callable[[int], None] | None = None) -> None:
        super().__init__(desk)
        self.view = view
        self.asked = asked
        self.answer = answer
        self._painted: list[tuple[Area, list[Line]]] = []

    @classmethod
    def of(cls, desk: Desk, run: Any, name: str, n: int | None = None, **how: Any) -> WorldPlace:
        """Return the world of a run, with the cursor on event `n`."""
        view = View(Walk(run, cursor=n, name=name), ascii_only=desk.ascii_only, no_color=desk.no_color)
        if how.get("asked"):
            view.message = ""
        return cls(desk, view, **how)

    @property
    def playing(self) -> bool:  # type: ignore[override]
        """Whether the world plays on by itself."""
        return self.view.playing

    def entered(self) -> None:
        """Look as the desk does."""
        self.view.theme = self.desk.theme

    def paint(self, width: int, height: int) -> list[Line]:
        """Return the whole screen."""
        self._painted = paint(self.view, width, height)
        lines = merged(self._painted, height)
        if self.asked and not self.view.message and len(lines) > 2 and self.view.filtering is None:
            lines[-2] = line((fit(f" ? {self.asked}", width), "message"))
        return lines

    def key(self, key: str, typed: str | None) -> None:
        """Give a key to whoever is being typed to, else to the table of actions."""
        view = self.view
        if view.filtering is not None:
            view.type_filter(key, typed)
        elif view.dialog is not None:
            view.type_dialog(key, typed)
        else:
            action = self.keys.get(key) or self.keys.get(typed or "")
            if action is None:
                return
            view.act(action.id)
        self._done()

    def paste(self, text: str) -> None:
        """Put pasted text into the line that is being typed."""
        view = self.view
        if view.filtering is not None:
            view.type_filter("", text)
        elif view.dialog is not None and view.dialog.editor is not None:
            view.type_dialog("", text)

    def tick(self) -> None:
        """Play one event on."""
        self.view.tick()

    def _done(self) -> None:
        """Do what the view asks of the desk."""
        view, desk = self.view, self.desk
        desk.theme = view.theme
        if view.clipboard is not None:
            desk.clipboard, view.clipboard = view.clipboard, None
        wanted, view.wanted = view.wanted, ""
        if view.leaving:
            view.leaving = False
            desk.pop()
        elif wanted:
            _WANTED[wanted](self)

    def _compose(self) -> None:
        from .compose import Compose

        self.desk.push(Compose(self.desk, self.view.walk))

    def _answer(self) -> None:
        if self.answer is None:
            self.view.message = self._no_question()
            return
        self.desk.pop()
        self.answer(self.view.pointed())

    @staticmethod
    def _no_question() -> str:
        from ..text import _

        return _("no question is open here; lessons ask them")

    # Mouse

    def click(self, x: int, y: int, size: tuple[int, int]) -> None:
        """Do what stands where the mouse clicked."""
        area, lines = self._area_at(x, y)
        if area is None:
            return
        x, y = x - area.rect.x, y - area.rect.y
        if area.id == "bottom" and y == 1:
            self._click_bar(x, size[0])
        elif area.id == "top" and y == 1:
            stage = stage_at(self.view, area.rect.width, x)
            if stage:
                self.view.open_stage(stage)
        elif area.id == "dialog":
            self._click_dialog(area, y)
        elif area.panes:
            self._click_pane(area, lines, x, y)
        self._done()

    def scroll(self, x: int, y: int, by: int) -> None:
        """Scroll the pane under the mouse."""
        area, _lines = self._area_at(x, y)
        if area is not None and area.id == "dialog" and self.view.dialog is not None:
            self.view.dialog.move(by)
        elif area is not None and area.panes:
            self.view.scroll(area.shown, by)

    def _area_at(self, x: int, y: int) -> tuple[Area | None, list[Line]]:
        for area, lines in self._painted:
            rect = area.rect
            if rect.x <= x < rect.x + rect.width and rect.y <= y < rect.y + rect.height:
                return area, lines
        return None, []

    def _click_bar(self, x: int, width: int) -> None:
        place = 0
        if self.view.filtering is not None or self.view.dialog is not None:
            return
        for text, _style, action_id in key_spans(width):
            if place <= x < place + len(text):
                if action_id:
                    self.view.act(action_id)
                return
            place += len(text)

    def _click_dialog(self, area: Area, y: int) -> None:
        dialog = self.view.dialog
        if dialog is None:
            return
        row = y - 1 - (1 if dialog.editor is not None else 0)
        at = row + self.view.tops.get(0, 0)
        if y == 0:
            self.view.dialog = None
        elif 0 <= row < area.rect.height - 2 and at < len(dialog.found()):
            self.view.choose(at)

    def _click_pane(self, area: Area, lines: list[Line], x: int, y: int) -> None:
        view = self.view
        if y == 0:
            pane = next((pane for pane, start, end in tabs_of(area) if start <= x < end), area.shown)
            view.open_pane(pane)
            return
        target = lines[y].target if y < len(lines) else None
        view.open_pane(area.shown)
        if target is None or not view.walk.is_open(target):
            return
        if target == view.walk.cursor and area.shown == 2:
            view.act("open")
        else:
            view.go(target)


_WANTED: dict[str, Callable[[WorldPlace], None]] = {
    "compose": WorldPlace._compose,
    "answer": WorldPlace._answer,
    "glossary": WorldPlace.open_glossary,
}
