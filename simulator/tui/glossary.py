"""The glossary: every word in the language that is spoken, found while typing, with its meaning and its RFC."""

from __future__ import annotations

from collections.abc import Sequence

from ..text import _, language
from ..text.glossary import Term, in_order, terms
from .bars import cut
from .desk import Desk
from .editor import Editor
from .lines import Line, fit, line, wrap
from .panes import box, scrolled
from .place import Place

__all__ = ["Glossary", "meaning_lines", "search"]


def search(text: str, first: Sequence[Term] = ()) -> list[Term]:
    """Return the terms whose name in any language holds a text, then those whose meaning does.

    While nothing is typed: `first`, then all in the order of the list, which goes from the letter outwards.
    """
    wanted = text.strip().casefold().replace("ё", "е")
    found = in_order(language())
    if not wanted:
        return [*first, *(term for term in terms() if term not in first)]
    named = [term for term in found if any(wanted in _folded(name) for name in term.names.values())]
    told = [term for term in found if term not in named and wanted in _folded(term.meaning(language()))]
    return [*sorted(named, key=lambda term: not _folded(term.name(language())).startswith(wanted)), *told]


def _folded(text: str) -> str:
    return text.casefold().replace("ё", "е")


def meaning_lines(term: Term, width: int) -> list[str]:
    """Return a term with its other name, its meaning and its source, in lines of at most `width`."""
    spoken = language()
    other = ", ".join(name for code, name in term.names.items() if code != spoken)
    return [f"{term.name(spoken)} ({other})", *wrap(term.meaning(spoken), width), term.source]


class Glossary(Place):
    """The list of words with the meaning of one; `first` are those of the page it was opened from."""

    screen = "progress"

    def __init__(self, desk: Desk, first: Sequence[Term]) -> None:
        super().__init__(desk)
        self.first = tuple(first)
        self.editor = Editor()
        self.selected = 0
        self._top = 0

    def plain_command(self) -> str:
        """Return the command line that has the words in plain mode."""
        return "mailflow --plain"

    def typing(self, key: str, typed: str | None) -> bool:
        """Search while typing; only keys that are no letters are actions here."""
        if key == "escape":
            self.desk.pop()
        elif key in ("up", "down", "pageup", "pagedown"):
            self._move({"up": -1, "down": 1, "pageup": -10, "pagedown": 10}[key])
        elif self.editor.key(key):
            self.selected = 0
        elif typed:
            self.editor.insert(typed)
            self.selected = 0
        else:
            return key in ("enter", "tab", "f4")
        return True

    def _move(self, by: int) -> None:
        self.selected = max(0, min(self.selected + by, len(search(self.editor.text, self.first)) - 1))

    def act(self, action_id: str) -> None:
        """Do an action; moving goes by `typing`, and a click or wheel comes here."""
        if action_id in ("up", "down"):
            self._move(1 if action_id == "down" else -1)
        else:
            super().act(action_id)

    def body(self, width: int, height: int) -> list[Line]:
        """Return the search line, the list, and the meaning of the chosen word."""
        found = search(self.editor.text, self.first)
        before, under, after = self.editor.shown(width - 20)
        head = cut([(" " + _("Glossary") + " > ", "key"), (before, ""), (under, "cursor"), (after, "")], width)
        meaning = meaning_lines(found[self.selected], width - 6) if found else [_("no word is called so")]
        low = max(8, len(meaning) + 2)
        high = height - 1 - low
        self._top = scrolled(self._top, self.selected, len(found), high - 2)
        names = [line((f"{self._name(term):<{width // 2 - 4}}", ""), (term.source, "dim")) for term in found]
        for row in range(min(high - 2, len(found) - self._top)):
            self.hits.append((0, width, 2 + row, str(self._top + row)))
        title = (_("{n} words").format(n=len(found)), _("of this page first") if self.first else "")
        upper = box(title, names, (width, high), active=True, selected=self.selected, top=self._top)
        lower = box((meaning[0], ""), [line(text) for text in meaning[1:]], (width, low))
        return [head, *upper, *lower]

    @staticmethod
    def _name(term: Term) -> str:
        return term.name(language())

    def clicked(self, command: str) -> None:
        """Choose the word that was clicked."""
        self.selected = int(command)

    def key_line(self, width: int) -> Line:
        """Return the keys: letters search here."""
        return line((fit(" " + _("type to search   Up and Down choose   F1 Help   Esc back"), width), "dim"))
