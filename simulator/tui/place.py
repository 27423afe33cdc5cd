"""A screen of the desk without any terminal library: keys and clicks in, the whole screen as lines out.

Every screen but the world is made of this: a body of its own, a message line, a key bar from the table of actions, and
lists (palette, help, questions) that open over it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from rich.cells import cell_len

from ..text import LANGUAGES, _, language, set_language
from . import desk_actions
from .actions import Action, by_key, key_name
from .bars import spans_of
from .dialogs import Dialog, Item
from .editor import Editor
from .lines import Line, fit, line
from .panes import dialog_lines, padded

if TYPE_CHECKING:
    from .desk import Desk

__all__ = ["MINIMUM", "Hit", "Place"]

MINIMUM = (60, 18)
"""The smallest window, in cells."""

Hit = tuple[int, int, int, str]
"""First column, last column, row, and the command that a click there does."""

_DIALOG_MOVES = {"up": -1, "down": 1, "pageup": -10, "pagedown": 10}


class Place:
    """One screen. `screen` names its actions; `does` maps each of them to what it does here."""

    screen = "home"
    does: dict[str, Callable[[], None]]
    choices: dict[str, Callable[[str], None]]
    playing = False

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.message = ""
        self.dialog: Dialog | None = None
        self.hits: list[Hit] = []
        self.keys = by_key(desk_actions.on(self.screen))
        self.does = {
            "language": self.switch_language, "theme": self.switch_theme, "glossary": self.open_glossary,
            "palette": self.open_palette, "help": self.open_help, "out": self.out,
        }  # fmt: skip
        self.choices = {"action": self.act, "text": lambda rest: None}

    # What each screen says for itself

    def body(self, width: int, height: int) -> list[Line]:
        """Return the lines between the top of the window and the message line."""
        raise AssertionError(f"{type(self).__name__} has no body for {width} x {height}")

    def plain_command(self) -> str:
        """Return the command line that opens this in plain mode."""
        return "mailflow --plain"

    def clicked(self, command: str) -> None:
        """Do what a click on something that `body` registered does."""

    def entered(self) -> None:
        """Be on top (again): bring up to date what another screen may have changed."""

    def palette_items(self) -> list[Item]:
        """Return what the palette has beside the actions."""
        return []

    # Drawing

    def paint(self, width: int, height: int) -> list[Line]:
        """Return the whole screen: exactly `height` lines of at most `width` cells."""
        self.hits = []
        if width < MINIMUM[0] or height < MINIMUM[1]:
            return self._too_small(width, height)
        if self.dialog is not None:
            lines, top = dialog_lines(self.dialog, width, height - 2)
            first = 1 + (self.dialog.editor is not None)
            count = min(len(self.dialog.found()) - top, height - 3 - first)
            self.hits = [(0, width, first + at, f"dialog:{top + at}") for at in range(count)]
        else:
            lines = self.body(width, height - 2)
        return [*padded(lines, width, height - 2), self.message_line(width), self.key_line(width)]

    def _too_small(self, width: int, height: int) -> list[Line]:
        texts = [
            _("This window is {width} x {height}.").format(width=width, height=height),
            _("{width} x {height} are needed.").format(width=MINIMUM[0], height=MINIMUM[1]),
            _("Make it larger, or use plain mode:"),
            self.plain_command(),
            _("q leaves"),
        ]
        return padded((line(fit(text, width)) for text in texts), width, height)

    def message_line(self, width: int) -> Line:
        """Return the line above the keys."""
        return line((fit(" " + self.message, width), "message"))

    def key_line(self, width: int) -> Line:
        """Return the key bar, or the keys of the list that is open."""
        if self.dialog is not None:
            return line((fit(" " + self.dialog.note, width), "dim"))
        return Line(tuple((text, style) for text, style, _id in spans_of(width, self.key_actions())))

    def key_actions(self) -> tuple[Action, ...]:
        """Return the actions that the key bar shows now."""
        return desk_actions.on(self.screen)

    # Keys and mouse

    def key(self, key: str, typed: str | None) -> None:
        """Take a key: whoever is being typed to gets it, else the table of actions."""
        if self.dialog is not None:
            self._dialog_key(self.dialog, key, typed)
        elif not self.typing(key, typed):
            action = self.keys.get(key) or self.keys.get(typed or "")
            if action is not None:
                self.act(action.id)
        self.desk.hear()

    def typing(self, key: str, typed: str | None) -> bool:
        """Take a key if something is being typed; return whether it was taken."""
        return False

    def paste(self, text: str) -> None:
        """Put pasted text where something is being typed."""
        if self.dialog is not None:
            if self.dialog.editor is not None:
                self.dialog.editor.insert(text)
        else:
            self.typing("", text)

    def act(self, action_id: str) -> None:
        """Do an action of the table."""
        self.message = ""
        does = self.does.get(action_id)
        if does is not None:
            does()

    def click(self, x: int, y: int, size: tuple[int, int]) -> None:
        """Do what stands where the mouse clicked."""
        if y == size[1] - 1:
            self._click_key(x, size[0])
            return
        command = next((command for x0, x1, row, command in self.hits if row == y and x0 <= x < x1), "")
        if command.startswith("dialog:"):
            self.choose(int(command.partition(":")[2]))
        elif command:
            self.clicked(command)
        elif self.dialog is not None and y == 0:
            self.dialog = None

    def _click_key(self, x: int, width: int) -> None:
        place = 0
        for text, _style, action_id in () if self.dialog is not None else spans_of(width, self.key_actions()):
            place += cell_len(text)
            if x < place:
                if action_id:
                    self.act(action_id)
                return

    def scroll(self, x: int, y: int, by: int) -> None:
        """Turn the wheel."""
        if self.dialog is not None:
            self.dialog.move(by)
        else:
            for _step in range(abs(by)):
                self.act("down" if by > 0 else "up")

    def tick(self) -> None:
        """Play one step on; only a world plays."""

    # Lists over the screen

    def _dialog_key(self, dialog: Dialog, key: str, typed: str | None) -> None:
        if key == "escape" or (dialog.editor is None and typed in ("q", "й")):
            self.dialog = None
        elif key == "enter":
            self.choose(dialog.selected)
        elif key in _DIALOG_MOVES:
            dialog.move(_DIALOG_MOVES[key])
        elif dialog.editor is not None:
            if not dialog.editor.key(key) and typed:
                dialog.editor.insert(typed)
            dialog.selected = 0
        elif typed is not None and (key, typed) != ("", ""):
            self.dialog_typed(dialog, typed)

    def dialog_typed(self, dialog: Dialog, typed: str) -> None:
        """Take a letter while a list without a search line is open: y and n answer a question."""
        if dialog.yes and typed.casefold() in ("y", "н", "д"):
            self.choose(next(at for at, item in enumerate(dialog.items) if item.command == dialog.yes))
        elif dialog.yes and typed.casefold() in ("n", "т"):
            self.dialog = None

    def choose(self, at: int) -> None:
        """Do what line `at` of the list says."""
        assert self.dialog is not None
        self.dialog.selected = at
        item = self.dialog.chosen()
        if item is None or not item.command:
            return
        self.dialog = None
        what, _sep, rest = item.command.partition(":")
        does = self.choices.get(what)
        if does is not None:
            does(rest)

    def ask(self, title: str, yes: str, command: str, no: str) -> None:
        """Ask before something is done; the first choice is the harmless one."""
        items = [Item(no, "", "text:"), Item(yes, "", command)]
        self.dialog = Dialog(title, items, _("Enter chooses   y yes   n no   Esc back"), yes=command)

    def tell(self, title: str, texts: list[str] | tuple[str, ...]) -> None:
        """Show lines over the screen."""
        items = [Item(text, "", "", style=_diff_style(text)) for text in texts]
        self.dialog = Dialog(title, items, _("Up and Down scroll   Esc back"))

    # What every screen can do

    def out(self) -> None:
        """Go one level out."""
        self.desk.pop()

    def switch_language(self) -> None:
        """Speak the next language."""
        known = list(LANGUAGES)
        set_language(known[(known.index(language()) + 1) % len(known)])
        self.message = LANGUAGES[language()]
        self.entered()

    def switch_theme(self) -> None:
        """Show the next theme."""
        self.message = self.desk.switch_theme()

    def open_glossary(self) -> None:
        """Open the glossary."""
        from .glossary import Glossary

        self.desk.push(Glossary(self.desk, ()))

    def open_palette(self) -> None:
        """Open the list of all that can be done here."""
        items = [
            Item(_(action.label), "".join(f"{key_name(key)}  " for key in action.keys[:2]) + _(action.description),
                 f"action:{action.id}")
            for action in desk_actions.on(self.screen) if action.id not in ("palette", "up", "down")
        ]  # fmt: skip
        note = _("type to search   Enter does it   Esc back")
        self.dialog = Dialog(_("All"), [*items, *self.palette_items()], note, Editor())

    def open_help(self) -> None:
        """Open the help."""
        from .help import help_dialog

        self.dialog = help_dialog(self.screen)


def _diff_style(text: str) -> str:
    if text.startswith(("+++", "---", "@@")):
        return "dim"
    return {"+": "tls", "-": "refusal"}.get(text[:1], "")
