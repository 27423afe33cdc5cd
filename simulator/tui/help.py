"""The help of each screen: what it is for, how to answer, and every key from the table of actions."""

from __future__ import annotations

from ..text import N_, _
from . import desk_actions
from .actions import Action, key_name
from .dialogs import Dialog, Item
from .lines import wrap

__all__ = ["help_dialog", "help_lines"]

_WIDTH = 76

_ABOUT = {
    "home": N_(
        "Where you are: lessons, the questions that come back today, scenarios to play with, and your skills. "
        "Nothing is locked. Up and Down choose, Enter opens."
    ),
    "lesson": N_(
        "One page at a time. Lines that begin with e and a number come from the world as it ran just now: put the "
        "cursor on one and press Enter to see it there; Esc comes back."
    ),
    "quiz": N_(
        "First you answer, then you see what the world did. A right answer at the first try is worth a point, at the "
        "second half a point; hints cost nothing, and a wrong answer comes back for review."
    ),
    "lab": N_(
        "A world that does not work. Change what you may edit, run it with F5, and see which goals are reached and who "
        "said no. What counts is what happens to the mail, not how your files look."
    ),
    "compose": N_(
        "A letter of your own. F5 sends it: it becomes one more action of this world, and the world runs again with it."
    ),
    "progress": N_("What you have done so far. It is a file on this computer, and nobody else sees it."),
}
_ANSWERS = (
    (N_("choice"), N_("its letter, or Up, Down and Space")),
    (N_("order"), N_("Space picks a row up, Up and Down move it, Space puts it down")),
    (N_("match"), N_("Up and Down choose a row, a letter gives it its partner")),
    (N_("text, number"), N_("type; Esc leaves the line, so that letters are keys again; Tab goes back to it")),
    (N_("locate"), N_("w opens the world; there p answers with the event under the cursor")),
    (N_("dig"), N_("Enter asks; Enter once more hands that question in")),
)


def help_lines(screen: str, width: int = _WIDTH) -> list[tuple[str, str]]:
    """Return the help of a screen as pairs: what stands at the left, and what it means ("" for a whole line)."""
    found = [(text, "") for text in wrap(_(_ABOUT[screen]), width)]
    if screen == "quiz":
        found += [("", ""), *((_(what), _(how)) for what, how in _ANSWERS)]
    found.append(("", ""))
    for action in desk_actions.on(screen):
        head = f"{_keys(action):<14} {_(action.label):<10} "
        found += [(text, "") for text in wrap(head + _(action.description), width, len(head))]
    return found


def _keys(action: Action) -> str:
    return "  ".join(key_name(key) for key in action.keys[:3])


def help_dialog(screen: str) -> Dialog:
    """Return the help of a screen as a list that opens over it."""
    items = [Item(left, right, "", style="") for left, right in help_lines(screen)]
    return Dialog(_("Help"), items, _("Up and Down scroll   Esc back"))
