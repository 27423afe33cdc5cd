"""Compose: a letter of one's own, from any world; F5 sends it and the world runs again with it.

The form asks for no more than a mail program does, and the envelope is made of it in the same way.
"""

from __future__ import annotations

from ..errors import MailflowError
from ..text import _
from .desk import Desk
from .editor import Editor
from .letter import FIELDS, Letter, attachments_of, first_event, senders_of, sent
from .lines import Line, fit, line
from .panes import box
from .place import Place
from .textbox import TextBox
from .view import View
from .walk import Walk
from .world_place import WorldPlace

__all__ = ["Compose"]

_LINES = ("to", "cc", "bcc", "subject")
_LABEL = 14


class Compose(Place):
    """The form. `at` is the field that is being filled in."""

    screen = "compose"

    def __init__(self, desk: Desk, walk: Walk) -> None:
        super().__init__(desk)
        self.walk = walk
        self.senders = senders_of(walk.scenario)
        self.files = attachments_of(walk.scenario)
        self.sender = 0
        self.file = 0
        self.editors = {name: Editor() for name in _LINES}
        self.text = TextBox("")
        self.at = 1
        self.does |= {"send": self._send, "focus": lambda: self._go(1), "out": self._ask_out}
        self.choices |= {"leave": lambda rest: self.desk.pop()}
        self.message = _("Tab goes to the next field, F5 sends")

    def plain_command(self) -> str:
        """Return the command line that opens this world in plain mode."""
        return f"mailflow play {self.walk.name} --plain"

    @property
    def field(self) -> str:
        """The field that is being filled in."""
        return list(FIELDS)[self.at]

    # Filling in

    def typing(self, key: str, typed: str | None) -> bool:
        """Take a key for the field; keys that are no text go to the table of actions."""
        if key == "tab" or (key == "enter" and self.field != "text"):
            self._go(1)
        elif key == "shift+tab":
            self._go(-1)
        elif key in ("up", "down") and self._leaves(key):
            self._go(1 if key == "down" else -1)
        elif self.field in ("from", "attachment"):
            return self._choose(key)
        elif self.field == "text":
            return self._typed(self.text, key, typed)
        else:
            return self._typed(self.editors[self.field], key, typed)
        return True

    @staticmethod
    def _typed(editor: Editor | TextBox, key: str, typed: str | None) -> bool:
        if editor.key(key):
            return True
        if typed:
            editor.insert(typed)
        return bool(typed)

    def _leaves(self, key: str) -> bool:
        """Tell whether an arrow leaves the field; in the text only at its first line."""
        return self.field != "text" or (key == "up" and self.text.row == 0)

    def _choose(self, key: str) -> bool:
        by = {"left": -1, "right": 1, "space": 1}.get(key)
        if by is None:
            return key not in ("escape", "f1", "f2", "f3", "f4", "f5", "ctrl+p")
        if self.field == "from" and self.senders:
            self.sender = (self.sender + by) % len(self.senders)
        elif self.field == "attachment":
            self.file = (self.file + by) % (len(self.files) + 1)
        return True

    def _go(self, by: int) -> None:
        self.at = (self.at + by) % len(FIELDS)

    def clicked(self, command: str) -> None:
        """Go to the field that was clicked."""
        self.at = int(command)

    # Sending

    def letter(self) -> Letter:
        """Return what was filled in."""
        typed = {name: editor.text for name, editor in self.editors.items()}
        chosen = self.files[self.file - 1] if self.file else None
        sender = self.senders[self.sender] if self.senders else ""
        return Letter(
            sender, typed["to"], typed["cc"], typed["bcc"], subject=typed["subject"], text=self.text.text,
            attachment=chosen,
        )  # fmt: skip

    def _send(self) -> None:
        try:
            done = sent(self.walk.scenario, self.letter())
        except MailflowError as error:
            self.message = f"! {error}"
            return
        n = first_event(done)
        view = View(
            Walk(done, cursor=n, name=self.walk.name), ascii_only=self.desk.ascii_only, no_color=self.desk.no_color
        )
        view.message = _("your letter begins here; n goes on, q goes back to the world without it")
        self.desk.places.pop()
        self.desk.push(WorldPlace(self.desk, view))

    def _ask_out(self) -> None:
        if any(editor.text for editor in self.editors.values()) or self.text.text.strip():
            self.ask(_("Leave the letter unsent?"), _("leave it"), "leave:", _("write on"))
        else:
            self.desk.pop()

    # Drawing

    def body(self, width: int, height: int) -> list[Line]:
        """Return the form."""
        head = line(
            (fit(" " + _("A letter of your own, in {world}").format(world=self.walk.scenario.id), width), "bar")
        )
        rows = [self._row(at, name, width) for at, name in enumerate(FIELDS) if name != "text"]
        self.hits = [(0, width, 2 + at, str(at)) for at in range(len(rows))]
        low = height - len(rows) - 3
        self.hits += [(0, width, len(rows) + 3 + y, str(len(FIELDS) - 1)) for y in range(low)]
        upper = box((_("Compose"), ""), rows, (width, len(rows) + 2), active=self.field != "text")
        writing = self.field == "text"
        text = self.text.lines(width - 3, low - 2) if writing else [line(f"     {row}") for row in self.text.rows]
        label = _(FIELDS["text"])
        return [head, *upper, *box((label, ""), text, (width, low), active=writing)]

    def _title(self) -> str:
        return _("A letter of your own, in {world}").format(world=self.walk.scenario.id)

    def _row(self, at: int, name: str, width: int) -> Line:
        active = at == self.at
        label = _(FIELDS[name])
        head = (f"{'>' if active else ' '} {fit(label, _LABEL)}", "active" if active else "")
        if name in self.editors:
            before, under, after = self.editors[name].shown(width - _LABEL - 8)
            return line(head, before, (under, "cursor" if active else ""), after)
        return line(head, f"< {self._chosen(name)} >" if active else f"  {self._chosen(name)}")

    def _chosen(self, name: str) -> str:
        if name == "from":
            return self.senders[self.sender] if self.senders else _("nobody can send in this world")
        if not self.file:
            return _("none")
        chosen = self.files[self.file - 1]
        return _("{name}, {size} octets").format(name=chosen.name, size=len(chosen.octets))
