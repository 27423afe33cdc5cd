"""Lists that open over the world: palette, copy, save, help, and the question before a file is replaced.

A dialog is plain data, so that it can be tested and shown without a terminal library.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ..engine.kinds import kinds
from ..engine.trace import VALUES
from ..text import N_, _
from . import actions
from .editor import Editor
from .ladder import stage_word
from .lines import Line, line, wrap
from .saving import FORMS
from .walk import Walk

__all__ = ["Dialog", "Item", "copying", "help_text", "palette", "replacing", "saving"]


@dataclass(frozen=True, slots=True)
class Item:
    """One choice; `command` is `action:ID`, `kind:NAME`, `stage:N`, `copy:TEXT`, `save:FORM:NAME` or "".

    `style` is that of a line without hint and command.
    """

    label: str
    hint: str
    command: str
    style: str = "title"


@dataclass(slots=True)
class Dialog:
    """A titled list; with an editor it can be searched; `yes` is the command that the key y stands for."""

    title: str
    items: list[Item]
    note: str = ""
    editor: Editor | None = None
    selected: int = 0
    yes: str = ""
    _found: tuple[str, list[Item]] | None = field(default=None, repr=False)

    def found(self) -> list[Item]:
        """Return the items that hold every typed word."""
        if self.editor is None or not self.editor.text.strip():
            return self.items
        text = self.editor.text.casefold()
        if self._found is None or self._found[0] != text:
            words = text.split()
            hits = [
                item
                for item in self.items
                if all(word in f"{item.label} {item.hint} {item.command}".casefold() for word in words)
            ]
            self._found = (text, sorted(hits, key=lambda item: words[0] not in item.label.casefold()))
        return self._found[1]

    def move(self, by: int) -> None:
        """Move the selection."""
        self.selected = max(0, min(self.selected + by, len(self.found()) - 1))

    def chosen(self) -> Item | None:
        """Return the selected item."""
        found = self.found()
        return found[self.selected] if self.selected < len(found) else None

    def lines(self, width: int) -> list[Line]:
        """Return one line for each item found."""
        room = min(36, width // 2)
        made = []
        for item in self.found():
            if not item.command:
                made.append(
                    line((item.label, item.style) if not item.hint else (f"{item.label:<{room}} ", "strong"), item.hint)
                )
                continue
            made.append(line((f"{item.label:<{room}} ", "strong"), (item.hint, "dim")))
        return made or [line((_("nothing is called so"), "dim"))]


def palette(walk: Walk) -> Dialog:
    """Return every action, every stage that was reached, and every kind of event."""
    items = [
        Item(f"{_(action.label)}", _keys(action) + _(action.description), f"action:{action.id}")
        for action in actions.ACTIONS
        if action.id != "palette"
    ]
    for n in walk.index.stages:
        if walk.is_open(n):
            record = walk.records[n - 1]
            items.append(
                Item(
                    _("stage {name}").format(name=stage_word(record[VALUES])),
                    f"e{n}  {record[VALUES + 1]}",
                    f"stage:{n}",
                )
            )
    items += [Item(kind.name, kind.doc, f"kind:{kind.name}") for kind in kinds()]
    return Dialog(_("All"), items, _("type to search   Enter does it   Esc back"), Editor())


def _keys(action: actions.Action) -> str:
    return "".join(f"{actions.key_name(key)}  " for key in action.keys[:2])


def copying(walk: Walk) -> Dialog:
    """Return the three things that can be copied."""
    link, query, text = walk.link(), walk.query(), walk.text()
    items = [
        Item(_("link"), link, f"copy:{link}"),
        Item(_("query"), query, f"copy:{query}"),
        Item(_("line"), text, f"copy:{text}"),
    ]
    return Dialog(_("Copy"), items, _("Enter or y copies   Esc back"))


def saving(walk: Walk) -> Dialog:
    """Return the forms in which the trace can be saved."""
    name = walk.scenario.id
    items = [Item(_(what), f"{name}.{end}", f"save:{form}:{name}.{end}") for form, what, end in FORMS]
    return Dialog(_("Save"), items, _("Enter saves in this folder: {folder}   Esc back").format(folder=Path.cwd().name))


def replacing(form: str, name: str) -> Dialog:
    """Ask before a file is replaced; the first choice is the harmless one."""
    path = Path(name)
    other = next(
        made for made in (f"{path.stem}-{count}{path.suffix}" for count in range(2, 10_000)) if not Path(made).exists()
    )
    items = [
        Item(_("another name"), other, f"save:{form}:{other}"),
        Item(_("replace it"), name, f"replace:{form}:{name}"),
    ]
    return Dialog(_("{name} exists already").format(name=name), items, _("Enter chooses   Esc back"))


_SIGNS = (
    ("──>  <──", N_("what one side says to the other")),
    ("═══", N_("the same under TLS")),
    ("!", N_("a refusal or a failure")),
    ("x", N_("lost on the way")),
    ("[+3]", N_("three events are folded under this one; Enter shows them")),
    ("*", N_("something that happens on one host; before e12: your mark")),
    ("e12", N_("the number of the event, as everywhere else")),
)
_PANES = ("pane-1", "pane-2", "pane-3", "pane-4", "pane-5", "pane-6")


def help_text(say: Callable[[str], str], width: int) -> Dialog:
    """Return the help: what the screen is, its signs, and every key from the table of actions."""
    items = [
        Item(text, "", "")
        for text in wrap(
            say(N_("One letter on its way, event by event. Go on with n, back with b, ask why with k.")), width - 4
        )
    ]
    items.append(Item("", "", ""))
    items += [Item(sign, say(meaning), "") for sign, meaning in _SIGNS]
    items.append(Item("", "", ""))
    for action in actions.ACTIONS:
        keys = "  ".join(actions.key_name(key) for key in action.keys) or "^P"
        items.append(Item(f"{keys:<10} {say(action.label)}", say(action.description), f"action:{action.id}"))
    return Dialog(say(N_("Help")), items, say(N_("Up and Down scroll   Enter does it   Esc back")), selected=0)
