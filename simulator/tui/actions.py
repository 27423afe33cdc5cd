"""The one table of actions: bindings, key bar, palette, help, plain mode and documentation come from it.

An action that is not in the table cannot be reached, and one that is cannot be forgotten in the help.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ..text import N_

__all__ = ["ACTIONS", "LAYOUT", "Action", "by_key", "find", "key_bar", "key_name", "twin"]

LAYOUT = dict(zip("qwertyuiop[]asdfghjkl;'zxcvbnm,./", "йцукенгшщзхъфывапролджэячсмитьбю.", strict=True))
"""Latin key -> what the same key types on the Russian layout."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One thing a person can do.

    keys         as Textual names them; the Russian twin of each letter is added from `LAYOUT`
    label        one or two words for the key bar
    description  a sentence for palette, help and plain mode
    priority     1 is shown first in the key bar; 0 never (it is in the fixed part, or only in the palette)
    twin         the command line that does the same; {link}, {scenario} and {query} are filled in
    words        how plain mode calls it
    """

    id: str
    keys: tuple[str, ...]
    label: str
    description: str
    priority: int = 0
    twin: str = ""
    words: tuple[str, ...] = ()

    def all_keys(self) -> tuple[str, ...]:
        """The keys, and for each letter its twin on the Russian layout."""
        return (*self.keys, *(twin for key in self.keys if (twin := _on_the_russian_layout(_LETTERS.get(key, key)))))


_LETTERS = {"slash": "/"}


def _on_the_russian_layout(key: str) -> str:
    if key.isupper() and key.lower() in LAYOUT:
        return LAYOUT[key.lower()].upper()
    return LAYOUT.get(key, "")


ACTIONS: tuple[Action, ...] = (
    Action(
        id="next",
        keys=("right", "n"),
        label=N_("Next"),
        description=N_("Go to the next event"),
        priority=1,
        words=("n", "next"),
    ),
    Action(
        id="back",
        keys=("left", "b"),
        label=N_("Back"),
        description=N_("Go back to the event before"),
        priority=2,
        words=("b", "back"),
    ),
    Action(
        id="stage",
        keys=("pagedown",),
        label=N_("Stage"),
        description=N_("Go to the next stage of the letter's way"),
        priority=3,
        words=("s", "stage"),
    ),
    Action(
        id="stage-back",
        keys=("pageup",),
        label=N_("Stage back"),
        description=N_("Go back to where the stage began"),
        priority=12,
        words=("sb", "stage-back"),
    ),
    Action(
        id="first",
        keys=("home",),
        label=N_("First"),
        description=N_("Go to the first event"),
        priority=13,
        words=("first",),
    ),
    Action(
        id="last",
        keys=("end",),
        label=N_("Last"),
        description=N_("Go to the last event you have reached"),
        priority=14,
        words=("last",),
    ),
    Action(id="play", keys=("space",), label=N_("Play"), description=N_("Play on by itself, or stop"), priority=4),
    Action(
        id="why",
        keys=("k",),
        label=N_("Why"),
        description=N_("Why did this happen? Down to a line of the scenario"),
        priority=5,
        twin="mailflow why {link}",
        words=("k", "why"),
    ),
    Action(
        id="filter",
        keys=("slash", "f6"),
        label=N_("Filter"),
        description=N_("Show only the events that a query finds"),
        priority=6,
        twin="mailflow trace {scenario} --where {query}",
        words=("/", "filter"),
    ),
    Action(
        id="open",
        keys=("enter",),
        label=N_("Open"),
        description=N_("Open what the cursor is on"),
        priority=7,
        words=("open",),
    ),
    Action(
        id="pane-1",
        keys=("1",),
        label=N_("Map"),
        description=N_("Pane 1: the map of hosts"),
        priority=20,
        words=("map",),
    ),
    Action(
        id="pane-2",
        keys=("2",),
        label=N_("Ladder"),
        description=N_("Pane 2: who says what to whom"),
        priority=21,
        words=("ladder", "list"),
    ),
    Action(
        id="pane-3",
        keys=("3",),
        label=N_("Wire"),
        description=N_("Pane 3: the session as text or octets"),
        priority=22,
        twin="mailflow trace {scenario} --as transcript",
        words=("wire",),
    ),
    Action(
        id="pane-4",
        keys=("4",),
        label=N_("Log"),
        description=N_("Pane 4: the mail logs of all hosts"),
        priority=23,
        twin="mailflow trace {scenario} --where log.line",
        words=("log",),
    ),
    Action(
        id="pane-5",
        keys=("5",),
        label=N_("Boxes"),
        description=N_("Pane 5: queues, mailboxes, caches, sessions"),
        priority=24,
        words=("boxes",),
    ),
    Action(
        id="pane-6",
        keys=("6",),
        label=N_("Inside"),
        description=N_("Pane 6: every field and octet of the event"),
        priority=25,
        words=("show", "inside"),
    ),
    Action(id="pane-next", keys=("tab",), label=N_("Pane"), description=N_("Go to the next pane"), priority=10),
    Action(
        id="pane-before",
        keys=("shift+tab",),
        label=N_("Pane back"),
        description=N_("Go to the pane before"),
        priority=26,
    ),
    Action(id="up", keys=("up",), label=N_("Up"), description=N_("One line up in this pane"), priority=27),
    Action(id="down", keys=("down",), label=N_("Down"), description=N_("One line down in this pane"), priority=28),
    Action(
        id="zoom",
        keys=("z",),
        label=N_("Zoom"),
        description=N_("Give this pane the whole window, or take it back"),
        priority=9,
    ),
    Action(
        id="tls",
        keys=("t",),
        label=N_("Sealed"),
        description=N_("Wire: plain text, or what a listener on the way sees"),
        priority=15,
    ),
    Action(
        id="hex",
        keys=("x",),
        label=N_("Hex"),
        description=N_("Wire: text, or octets in hexadecimal"),
        priority=16,
        words=("hex",),
    ),
    Action(
        id="copy",
        keys=("y",),
        label=N_("Copy"),
        description=N_("Copy the line, a query that finds it, or a link to it"),
        priority=8,
        twin="mailflow play {link}",
        words=("y", "copy", "link"),
    ),
    Action(
        id="save",
        keys=("o",),
        label=N_("Save"),
        description=N_("Save the trace as text or as JSON lines"),
        priority=11,
        twin="mailflow trace {scenario} --as jsonl",
        words=("o", "save"),
    ),
    Action(
        id="mark",
        keys=("m",),
        label=N_("Mark"),
        description=N_("Mark this event, or take the mark away"),
        priority=17,
        words=("m", "mark"),
    ),
    Action(
        id="compose",
        keys=("c",),
        label=N_("Compose"),
        description=N_("Write a letter of your own and send it through this world"),
        priority=10,
        words=("c", "compose"),
    ),
    Action(
        id="answer",
        keys=("p",),
        label=N_("Answer"),
        description=N_("Answer the question: a prediction, or the event under the cursor"),
        priority=17,
    ),
    Action(
        id="glossary",
        keys=("f4",),
        label=N_("Words"),
        description=N_("The glossary: every word, what it means, where it is defined"),
        priority=18,
        words=("words", "glossary"),
    ),
    Action(
        id="mark-next",
        keys=(),
        label=N_("Next mark"),
        description=N_("Go to the next marked event"),
        words=("marks", "mark-next"),
    ),
    Action(
        id="fog",
        keys=(),
        label=N_("Fog"),
        description=N_("Fog: hide later events until you reach them, or show all"),
        words=("fog",),
    ),
    Action(
        id="language",
        keys=("f2",),
        label=N_("Language"),
        description=N_("Switch between English and Russian"),
        priority=18,
        words=("language", "lang"),
    ),
    Action(
        id="theme",
        keys=("f3",),
        label=N_("Theme"),
        description=N_("Dark, light, or the terminal's own colours"),
        priority=19,
    ),
    Action(id="palette", keys=("ctrl+p",), label=N_("All"), description=N_("Every action, kind of event and stage")),
    Action(
        id="help",
        keys=("f1",),
        label=N_("Help"),
        description=N_("What the screen shows, and every key"),
        words=("help", "h", "?"),
    ),
    Action(
        id="out",
        keys=("q", "escape"),
        label=N_("Out"),
        description=N_("One level out; from here: leave"),
        words=("q", "quit", "out"),
    ),
)
"""Every action of the world screen, in the order of the key bar."""

_FIXED = ("palette", "help", "out")
_BY_ID = {action.id: action for action in ACTIONS}
_NAMES = {
    "right": ">", "left": "<", "pagedown": "PgDn", "pageup": "PgUp", "home": "Home", "end": "End", "space": "Space",
    "slash": "/", "enter": "Enter", "tab": "Tab", "shift+tab": "Sh+Tab", "ctrl+p": "^P", "escape": "Esc", "up": "Up",
    "down": "Down", "colon": ":", "backspace": "Backspace",
}  # fmt: skip


def find(action_id: str) -> Action:
    """Return an action. Raises KeyError."""
    return _BY_ID[action_id]


def by_key(actions: Iterable[Action] = ACTIONS) -> dict[str, Action]:
    """Return which action each key starts, the Russian layout included."""
    return {key: action for action in actions for key in action.all_keys()}


def key_name(key: str) -> str:
    """Return how a key is written for people: `>`, `PgDn`, `^P`, `F1`, `n`."""
    return _NAMES.get(key, key.upper() if key[0] == "f" and key[1:].isdigit() else key)


def twin(action: Action, *, link: str, scenario: str, query: str) -> str:
    """Return the command line that does what the action does here, quoted for a shell; "" if there is none."""
    return action.twin.format(link=_quoted(link), scenario=_quoted(scenario), query=_quoted(query))


def _quoted(text: str) -> str:
    return shlex.quote(text) if "#" not in text else "'" + text.replace("'", "'\"'\"'") + "'"


@dataclass(frozen=True, slots=True)
class KeyItem:
    """One action in the key bar."""

    id: str
    key: str
    label: str

    @property
    def text(self) -> str:
        """What the bar shows."""
        return f"{self.key} {self.label}"


def key_bar(
    width: int, say: Callable[[str], str], *, actions: Iterable[Action] = ACTIONS
) -> tuple[list[KeyItem], int, list[KeyItem]]:
    """Return what a key bar of `width` cells shows: whole actions by priority, how many are hidden, the fixed ones."""
    actions = tuple(actions)
    fixed = [_item(action, say) for name in _FIXED for action in actions if action.id == name]
    wanted = sorted((action for action in actions if action.priority), key=lambda action: action.priority)
    room = width - 1 - sum(len(item.text) + 2 for item in fixed) - len("  +99")
    shown: set[str] = set()
    for action in wanted:
        size = len(_item(action, say).text) + 2
        if size > room:
            break
        room -= size
        shown.add(action.id)
    items = [_item(action, say) for action in wanted if action.id in shown]
    return items, len(wanted) - len(items), fixed


def _item(action: Action, say: Callable[[str], str]) -> KeyItem:
    return KeyItem(action.id, key_name(action.keys[0]), say(action.label))
