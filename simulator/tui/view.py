"""The state of the world screen and what each action does to it, without any terminal library.

The Textual application and the tests drive this object alike; it says what to show, the application how.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..engine.trace import VALUES
from ..errors import MailflowError, QueryError
from ..records.kinds_message import LECTURE_STAGES
from ..text import LANGUAGES, _, language, set_language
from . import actions, dialogs, saving
from .atlas import atlas
from .boxes import boxes, log
from .dialogs import Dialog
from .editor import Editor
from .inside import inside, story
from .ladder import ladder
from .lines import Content
from .moves import MOVES
from .walk import Walk
from .wire import Wire

__all__ = ["THEMES", "View"]

THEMES = ("dark", "light", "terminal")


class View:
    """Which pane is active, what is zoomed, filtered, selected or asked, and the message line."""

    def __init__(self, walk: Walk, *, ascii_only: bool = False, no_color: bool = False) -> None:
        self.walk = walk
        self.wire = Wire(walk)
        self.ascii_only = ascii_only
        self.no_color = no_color
        self.theme = "terminal" if no_color else "dark"
        self.active = 2
        self.tab = 2
        self.side = 4
        self.zoomed = False
        self.telling = False
        self.playing = False
        self.leaving = False
        self.wanted = ""
        self.dialog: Dialog | None = None
        self.filtering: Editor | None = None
        self.problem = ""
        self.message = _("n next event   PgDn next stage   Space play   k why   F1 help")
        self.clipboard: str | None = None
        self.selected: dict[int, int] = {}
        self.tops: dict[int, int] = {}
        self.scrolled: int | None = None
        self.shown: dict[int, Content] = {}
        self._size = (80, 24)

    # What the panes show

    def content(self, pane: int, width: int, height: int) -> Content:
        """Return what pane 1 to 6 shows in `width` x `height` cells, and remember it as what is on the screen."""
        if pane == 1:
            content = atlas(self.walk, width, height)
        elif pane == 6 and self.telling:
            content = story(self.walk, width)
        elif pane == 3:
            content = self.wire.content(width)
        else:
            content = _CONTENTS[pane](self.walk, width)
        self.shown[pane] = content
        return content

    def _on_screen(self) -> Content:
        """Return what the active pane shows."""
        return self.shown.get(self.active) or self.content(self.active, *self._size)

    def resize(self, width: int, height: int) -> None:
        """Learn the size of the window."""
        self._size = (width, height)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in cells."""
        return self._size

    # Actions

    def act(self, action_id: str) -> None:
        """Do an action of the table."""
        action = actions.find(action_id)
        self.message = self._twin(action)
        self.scrolled = None
        if action_id not in ("play", "next"):
            self.playing = False
        move = MOVES.get(action_id)
        if move is not None:
            self._moved(move(self.walk))
        elif action_id.startswith("pane-") and action_id[5:].isdigit():
            self.open_pane(int(action_id[5:]))
        else:
            _DOES[action_id](self)

    def _twin(self, action: actions.Action) -> str:
        walk = self.walk
        return actions.twin(action, link=walk.link(), scenario=walk.name, query=walk.filter_text or walk.query())

    def _moved(self, message: str) -> None:
        self.shown.clear()
        self.message = message or self.message
        self.selected.clear()
        self.tops.pop(6, None)
        self.tops.pop(3, None)

    def go(self, n: int) -> None:
        """Open event `n`, from a line that names it."""
        self.telling = False
        before = self.walk.filter
        self.walk.go(n)
        self._moved(_("the filter is off; / brings it back") if before is not None and self.walk.filter is None else "")

    def open_pane(self, pane: int) -> None:
        """Make a pane the active one, and bring its tab to the front."""
        self.telling = self.telling and pane == 6
        self.active = pane
        if pane in (2, 3, 4, 5):
            self.tab = pane
        if pane in (4, 5):
            self.side = pane

    def _next_pane(self, by: int) -> None:
        self.open_pane((self.active - 1 + by) % 6 + 1)

    def open_stage(self, lecture: str) -> None:
        """Go to where a stage of the lecture began, if it was reached."""
        for n in self.walk.index.stages:
            if LECTURE_STAGES.get(self.walk.records[n - 1][VALUES]) == lecture and self.walk.is_open(n):
                self.go(n)
                return
        self.message = _("this stage is still in the fog; PgDn goes on")

    def move_line(self, by: int) -> None:
        """Move by lines in the active pane: events in the ladder, lines elsewhere."""
        if self.dialog is not None:
            self.dialog.move(by)
        elif self.active == 2:
            self._moved("" if self.walk.step(by) else _("there is nothing further"))
        else:
            content = self._on_screen()
            last = len(content.lines) - 1
            here = self.selected.get(self.active, content.current if content.current is not None else -1)
            self.selected[self.active] = max(0, min(last, here + by))

    def _open(self) -> None:
        if self.active == 2:
            if not self.walk.toggle_fold(self.walk.cursor):
                self.open_pane(6)
            return
        content = self._on_screen()
        at = self.selected.get(self.active, content.current)
        target = content.lines[at].target if at is not None and at < len(content.lines) else None
        if target is not None:
            self.open_event(target)
        else:
            self.message = _("Up and Down choose a line; Enter opens the event it names")

    def open_event(self, n: int) -> None:
        """Open event `n` unless the fog hides it."""
        if not self.walk.is_open(n):
            self.message = _("this event is still in the fog")
            return
        self.go(n)
        self.open_pane(2)

    def pointed(self) -> int:
        """Return the event that the cursor of the active pane is on."""
        if self.active == 2:
            return self.walk.cursor
        content = self._on_screen()
        at = self.selected.get(self.active, content.current)
        target = content.lines[at].target if at is not None and at < len(content.lines) else None
        return target or self.walk.cursor

    def _why(self) -> None:
        self.telling = not self.telling
        if self.telling:
            self.active = 6
            self.selected[6] = 0
        self.tops.pop(6, None)

    def _filter(self) -> None:
        self.filtering = Editor(self.walk.filter_text)
        self.problem = ""

    def type_filter(self, key: str, typed: str | None) -> None:
        """Take a key while the filter is being written; every change is tried at once."""
        editor = self.filtering
        assert editor is not None
        if key == "enter":
            self.filtering = None
            self._keep_filter()
            return
        if key == "escape":
            self.filtering = None
            self.walk.set_filter(None)
            self.message = _("all events again; / brings the filter back")
            return
        if not editor.key(key) and typed:
            editor.insert(typed)
        self._try_filter(editor.text)

    def _keep_filter(self) -> None:
        """Go to the hit that is nearest before the cursor, or to the first one in sight."""
        walk = self.walk
        self.message = self._twin(actions.find("filter")) if walk.filter is not None else ""
        if walk.filter is not None and walk.visible():
            walk.go(walk.rows[walk.position()])

    def _try_filter(self, text: str) -> None:
        self.problem = ""
        try:
            self.walk.set_filter(text)
            self.walk.filter_text = text.strip()
        except QueryError as error:
            self.problem = str(error)
            self.walk.filter_text = text.strip()

    def _out(self) -> None:
        if self.telling or self.zoomed:
            self.telling = self.zoomed = False
        elif self.walk.filter is not None:
            self.walk.set_filter(None)
            self.message = _("all events again; / brings the filter back")
        else:
            self.leaving = True

    def _play(self) -> None:
        self.playing = not self.playing
        self.message = _("playing; Space stops") if self.playing else _("stopped")
        if self.playing:
            self.tick()

    def scroll(self, pane: int, by: int) -> None:
        """Scroll a pane with the wheel; the cursor stays."""
        self.scrolled = pane
        self.tops[pane] = max(0, self.tops.get(pane, 0) + by)

    def tick(self) -> None:
        """Play one event on."""
        if self.playing and not self.walk.step(1):
            self.playing = False
            self.message = _("the end")
        self.selected.clear()

    def _language(self) -> None:
        known = list(LANGUAGES)
        set_language(known[(known.index(language()) + 1) % len(known)])
        self.message = LANGUAGES[language()]

    def _theme(self) -> None:
        if self.no_color:
            self.message = _("colours are off (NO_COLOR)")
            return
        self.theme = THEMES[(THEMES.index(self.theme) + 1) % len(THEMES)]
        self.message = _("theme: {name}").format(name=self.theme)

    def _sealed(self) -> None:
        self.wire.sealed = not self.wire.sealed
        self.open_pane(3)

    def _hex(self) -> None:
        self.wire.hex = not self.wire.hex
        self.tops.pop(3, None)
        self.open_pane(3)

    def _zoom(self) -> None:
        self.zoomed = not self.zoomed

    # Dialogs

    def type_dialog(self, key: str, typed: str | None) -> None:
        """Take a key while a dialog is open."""
        dialog = self.dialog
        assert dialog is not None
        if key == "escape" or (dialog.editor is None and typed in ("q", "й")):
            self.dialog = None
        elif key == "enter" or (dialog.editor is None and typed in ("y", "н")):
            self.choose(dialog.selected)
        elif key in _DIALOG_MOVES:
            dialog.move(_DIALOG_MOVES[key])
        elif dialog.editor is not None:
            if not dialog.editor.key(key) and typed:
                dialog.editor.insert(typed)
            dialog.selected = 0

    def choose(self, at: int) -> None:
        """Do what line `at` of the dialog says."""
        assert self.dialog is not None
        self.dialog.selected = at
        item = self.dialog.chosen()
        if item is None or not item.command:
            return
        self.dialog = None
        what, _sep, rest = item.command.partition(":")
        _CHOICES[what](self, rest)

    def _copy(self, text: str) -> None:
        self.clipboard = text
        self.message = _("copied: {text}").format(text=text)

    def _save(self, rest: str, *, replace: bool = False) -> None:
        form, _sep, name = rest.partition(":")
        try:
            size = saving.write(self.walk, form, Path(name), replace=replace)
        except FileExistsError:
            self.dialog = dialogs.replacing(form, name)
        except MailflowError as error:
            self.message = str(error)
        else:
            self.message = (
                _("saved {name}, {size} octets").format(name=name, size=size) + "   " + self._twin(actions.find("save"))
            )

    def _only_kind(self, name: str) -> None:
        self.walk.set_filter(name)
        self.open_pane(2)
        self.message = self._twin(actions.find("filter"))


_CONTENTS: dict[int, Callable[[Walk, int], Content]] = {2: ladder, 4: log, 5: boxes, 6: inside}
_DIALOG_MOVES = {"up": -1, "down": 1, "pageup": -10, "pagedown": 10}


def _want(what: str) -> Callable[[View], None]:
    """Return what leaves a wish for the desk, which knows the other screens."""

    def does(view: View) -> None:
        view.wanted = what

    return does


def _set_dialog(make: Callable[[View], Dialog]) -> Callable[[View], None]:
    def does(view: View) -> None:
        view.dialog = make(view)

    return does


_DOES: dict[str, Callable[[View], None]] = {
    "play": View._play,
    "why": View._why,
    "filter": View._filter,
    "open": View._open,
    "pane-next": lambda view: view._next_pane(1),
    "pane-before": lambda view: view._next_pane(-1),
    "up": lambda view: view.move_line(-1),
    "down": lambda view: view.move_line(1),
    "zoom": View._zoom,
    "tls": View._sealed,
    "hex": View._hex,
    "copy": _set_dialog(lambda view: dialogs.copying(view.walk)),
    "save": _set_dialog(lambda view: dialogs.saving(view.walk)),
    "palette": _set_dialog(lambda view: dialogs.palette(view.walk)),
    "help": _set_dialog(lambda view: dialogs.help_text(_, view.size[0])),
    "language": View._language,
    "theme": View._theme,
    "out": View._out,
    **{what: _want(what) for what in ("compose", "answer", "glossary")},
}
_CHOICES: dict[str, Callable[[View, str], None]] = {
    "action": View.act,
    "kind": View._only_kind,
    "stage": lambda view, n: view.go(int(n)),
    "copy": View._copy,
    "save": View._save,
    "replace": lambda view, rest: view._save(rest, replace=True),
}
