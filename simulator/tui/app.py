"""The desk as a Textual application: keys and mouse in, one board of lines out.

All that is shown and done lies in the screens of the desk; here is only what needs a terminal.
"""

from __future__ import annotations

from textual import events
from textual.app import App, ComposeResult, SuspendNotSupported
from textual.filter import NoColor
from textual.geometry import Size
from textual.screen import Screen
from textual.timer import Timer

from .desk import Desk
from .view import View
from .widgets import Board
from .world_place import WorldPlace

__all__ = ["DeskApp", "WorldApp"]

_PLAY_SECONDS = 0.7


class DeskScreen(Screen[None], inherit_bindings=False, inherit_css=False):
    """The board; keys go to the table of actions, never to a widget."""

    DEFAULT_CSS = """
    DeskScreen { layout: vertical; overflow: hidden hidden; background: ansi_default; color: ansi_default; }
    """
    ALLOW_SELECT = False
    AUTO_FOCUS = ""

    def compose(self) -> ComposeResult:
        """Give the board with everything on it, so that the first frame is the whole screen."""
        app = self.app
        assert isinstance(app, DeskApp)
        app.redraw()
        yield app.board

    def on_resize(self, event: events.Resize) -> None:
        """Draw anew for a new size; the cursor stays where it is. Textual also tells the size that is drawn already."""
        app = self.app
        assert isinstance(app, DeskApp)
        if app.size != app.drawn:
            app.redraw()


class DeskApp(App[int], inherit_bindings=False, inherit_css=False):
    """One desk in a terminal.

    Textual's own style sheet is left out: it is for widgets that are not here, and reading it is a fifth of an empty
    application's first paint.
    """

    DEFAULT_CSS = """
    DeskApp { background: ansi_default; color: ansi_default; }
    """
    ENABLE_COMMAND_PALETTE = False
    BINDINGS = []  # noqa: RUF012 - typed by Textual; keys come from the one table of actions
    TITLE = "mailflow"

    def __init__(self, desk: Desk) -> None:
        super().__init__(ansi_color=True)
        self.desk = desk
        self.board = Board()
        self.drawn = Size(0, 0)
        self._disable_tooltips = self._disable_notifications = True  # two widgets that would never show anything
        self._timer: Timer | None = None
        if desk.no_color:
            self._filters.append(NoColor())

    def get_default_screen(self) -> Screen[None]:
        """Return the only screen."""
        return DeskScreen()

    def redraw(self) -> None:
        """Bring the board up to date with the desk."""
        self.drawn = self.size
        self.board.show(self.desk.paint(*self.drawn), self.desk.theme)

    def _done(self) -> None:
        """Do what the desk asks of the terminal, then draw."""
        desk = self.desk
        if desk.clipboard is not None:
            self.copy_to_clipboard(desk.clipboard)
            desk.clipboard = None
        if desk.leaving:
            self.exit(0)
            return
        if desk.pending is not None:
            self._give_away()
        self._play()
        self.redraw()

    def _give_away(self) -> None:
        """Give the terminal to another program, and paint all anew when it is back."""
        work, self.desk.pending = self.desk.pending, None
        assert work is not None
        try:
            with self.suspend():
                work()
        except SuspendNotSupported:
            work()
        self.refresh()

    def _play(self) -> None:
        if self.desk.top.playing and self._timer is None:
            self._timer = self.set_interval(_PLAY_SECONDS, self._tick)
        elif not self.desk.top.playing and self._timer is not None:
            self._timer.stop()
            self._timer = None

    def _tick(self) -> None:
        self.desk.top.tick()
        self._done()

    # Keys and mouse

    def on_key(self, event: events.Key) -> None:
        """Give a key to the screen on top."""
        event.stop()
        event.prevent_default()
        if event.key == "ctrl+c":
            self.exit(0)
            return
        self.desk.top.key(event.key, event.character if event.is_printable else None)
        self._done()

    def on_paste(self, event: events.Paste) -> None:
        """Put pasted text where something is being typed."""
        event.stop()
        self.desk.top.paste(event.text)
        self._done()

    def on_click(self, event: events.Click) -> None:
        """Do what stands where the mouse clicked."""
        width, height = self.size
        self.desk.top.click(int(event.screen_x), int(event.screen_y), (width, height))
        self._done()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll what is under the mouse."""
        self.desk.top.scroll(int(event.screen_x), int(event.screen_y), 3)
        self.redraw()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll what is under the mouse back."""
        self.desk.top.scroll(int(event.screen_x), int(event.screen_y), -3)
        self.redraw()


class WorldApp(DeskApp):
    """A desk with one world on it."""

    def __init__(self, view: View) -> None:
        desk = Desk(ascii_only=view.ascii_only, no_color=view.no_color)
        desk.theme = view.theme
        desk.push(WorldPlace(desk, view))
        super().__init__(desk)
        self.view = view
