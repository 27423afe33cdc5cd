"""The stepping screen as a Textual application: keys and mouse in, one board of lines out.

All that is shown and done lies in `view` and `frame`; here is only what needs a terminal.
"""

from __future__ import annotations

from textual import events
from textual.app import App, ComposeResult
from textual.filter import NoColor
from textual.screen import Screen
from textual.timer import Timer

from . import actions
from .bars import key_spans, stage_at
from .frame import Area, merged, paint, tabs_of
from .lines import Line
from .view import View
from .widgets import Board

__all__ = ["WorldApp"]

_PLAY_SECONDS = 0.7


class WorldScreen(Screen[None], inherit_bindings=False):
    """The board of the world; keys go to the table of actions, never to a widget."""

    DEFAULT_CSS = """
    WorldScreen { background: ansi_default; overflow: hidden hidden; }
    """
    ALLOW_SELECT = False
    AUTO_FOCUS = ""

    def compose(self) -> ComposeResult:
        """Make the board."""
        yield Board()

    def on_resize(self, event: events.Resize) -> None:
        """Draw for the first time, or anew for the new size; the cursor stays on its event."""
        app = self.app
        assert isinstance(app, WorldApp)
        app.redraw()


class WorldApp(App[int], inherit_bindings=False):
    """One walk in a terminal."""

    ENABLE_COMMAND_PALETTE = False
    BINDINGS = []  # noqa: RUF012 - typed by Textual; keys come from the one table of actions
    TITLE = "mailflow"

    def __init__(self, view: View) -> None:
        super().__init__(ansi_color=True)
        self.view = view
        self._painted: list[tuple[Area, list[Line]]] = []
        self._keys = actions.by_key()
        self._timer: Timer | None = None
        if view.no_color:
            self._filters.append(NoColor())

    def get_default_screen(self) -> Screen[None]:
        """Return the only screen."""
        return WorldScreen()

    def redraw(self) -> None:
        """Bring the screen up to date with the view."""
        width, height = self.size
        self._painted = paint(self.view, width, height)
        for board in self.screen.query_children(Board):
            board.show(merged(self._painted, height), self.view.theme)

    def _done(self) -> None:
        """Do what the view asks of the terminal, then draw."""
        view = self.view
        if view.clipboard is not None:
            self.copy_to_clipboard(view.clipboard)
            view.clipboard = None
        if view.leaving:
            self.exit(0)
            return
        self._play()
        self.redraw()

    def _play(self) -> None:
        if self.view.playing and self._timer is None:
            self._timer = self.set_interval(_PLAY_SECONDS, self._tick)
        elif not self.view.playing and self._timer is not None:
            self._timer.stop()
            self._timer = None

    def _tick(self) -> None:
        self.view.tick()
        self._done()

    # Keys

    def on_key(self, event: events.Key) -> None:
        """Give a key to whoever is being typed to, else to the table of actions."""
        event.stop()
        event.prevent_default()
        if event.key == "ctrl+c":
            self.exit(0)
            return
        typed = event.character if event.is_printable else None
        view = self.view
        if view.filtering is not None:
            view.type_filter(event.key, typed)
        elif view.dialog is not None:
            view.type_dialog(event.key, typed)
        else:
            action = self._keys.get(event.key) or self._keys.get(typed or "")
            if action is None:
                return
            view.act(action.id)
        self._done()

    def on_paste(self, event: events.Paste) -> None:
        """Put pasted text into the line that is being typed."""
        event.stop()
        view = self.view
        if view.filtering is not None:
            view.type_filter("", event.text)
        elif view.dialog is not None and view.dialog.editor is not None:
            view.type_dialog("", event.text)
        self._done()

    # Mouse

    def on_click(self, event: events.Click) -> None:
        """Do what stands where the mouse clicked."""
        area, lines = self._area_at(event.screen_x, event.screen_y)
        if area is None:
            return
        x, y = event.screen_x - area.rect.x, event.screen_y - area.rect.y
        if area.id == "bottom" and y == 1:
            self._click_key(x)
        elif area.id == "top" and y == 1:
            stage = stage_at(self.view, area.rect.width, x)
            if stage:
                self.view.open_stage(stage)
        elif area.id == "dialog":
            self._click_dialog(area, y)
        elif area.panes:
            self._click_pane(area, lines, x, y)
        self._done()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll the pane under the mouse."""
        self._scroll(event.screen_x, event.screen_y, 3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll the pane under the mouse back."""
        self._scroll(event.screen_x, event.screen_y, -3)

    def _scroll(self, x: float, y: float, by: int) -> None:
        area, _ = self._area_at(int(x), int(y))
        if area is not None and area.id == "dialog" and self.view.dialog is not None:
            self.view.dialog.move(by)
        elif area is not None and area.panes:
            self.view.scroll(area.shown, by)
        self.redraw()

    def _area_at(self, x: int, y: int) -> tuple[Area | None, list[Line]]:
        for area, lines in self._painted:
            rect = area.rect
            if rect.x <= x < rect.x + rect.width and rect.y <= y < rect.y + rect.height:
                return area, lines
        return None, []

    def _click_key(self, x: int) -> None:
        place = 0
        if self.view.filtering is not None or self.view.dialog is not None:
            return
        for text, _, action_id in key_spans(self.size.width):
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
