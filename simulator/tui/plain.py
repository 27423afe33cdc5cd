"""Plain mode: the same world line by line, for a pipe, a log, a dumb terminal or a screen reader.

It never moves a cursor, clears a screen or uses colour; it ends at the end of its input. The commands are those of the
one table of actions, by their words or by the keys of the screen, on either keyboard layout.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TextIO

from ..errors import MailflowError
from ..export.hexdump import hexdump
from ..records.describe import mask_octets
from ..records.kinds_message import STAGES
from ..text import LANGUAGES, _, language, ngettext, set_language
from . import actions
from .atlas import spoken
from .boxes import boxes, log
from .inside import inside, octets_of, story
from .ladder import stage_word
from .lines import Content, clip
from .moves import MOVES
from .walk import Walk
from .wire import Wire

__all__ = ["PlainWorld", "plain_world"]

_WIDTH = 78
_AROUND = 5


def plain_world(
    run: Any,
    input: TextIO,
    output: TextIO,
    *,
    cursor: int | None = None,
    lang: str = "en",
    ascii_only: bool = False,
    name: str | None = None,
) -> int:
    """Read commands from `input`, write answers to `output`, and return the exit code at the end of either."""
    set_language(lang)
    from .plain_desk import PlainDesk
    from .plain_world import WorldLevel

    desk = PlainDesk(None, ascii_only=ascii_only)
    return desk.run(WorldLevel(desk, run, name or run.scenario.id, cursor), input, output)


class PlainWorld:
    """The commands of plain mode; each answers with lines of text."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk
        self.wire = Wire(walk)
        self.leaving = False
        self.wanted = ""
        self._words = {word: action for action in actions.ACTIONS for word in action.words}
        keys = actions.by_key()
        self._words |= {key: action for key, action in keys.items() if len(key) == 1 and key not in self._words}

    def opening(self) -> Iterator[str]:
        """Say where we are and what can be done."""
        scenario = self.walk.scenario
        yield f"{scenario.id}: {self.walk.title()}"
        if scenario.summary:
            yield scenario.summary.strip()
        yield _("Commands: n next, b back, s next stage, k why, show, wire, boxes, log, map, / QUERY, go LINK, help, q")
        yield from self.here()

    def answer(self, command: str) -> Iterator[str]:
        """Do one command."""
        if not command:
            command = "n"
        word, _sep, rest = command.partition(" ")
        if command.startswith("/"):
            word, rest = "/", command[1:]
        if word == "go":
            yield from self._go(rest.strip())
            return
        action = self._words.get(word) or self._words.get(word.casefold())
        if action is None:
            yield _("there is no command {word}; help lists them").format(word=repr(word))
            return
        yield from self._do(action, rest.strip())

    def _do(self, action: actions.Action, rest: str) -> Iterator[str]:
        move = MOVES.get(action.id)
        if move is not None:
            said = move(self.walk)
            if said:
                yield said
            if action.id not in ("mark", "fog"):
                yield from self.here()
            return
        does = _DOES.get(action.id)
        if does is None:
            yield _("{label} belongs to the screen; it does nothing here").format(label=action.description)
            return
        yield from does(self, rest)
        twin = actions.twin(
            action,
            link=self.walk.link(),
            scenario=self.walk.name,
            query=self.walk.filter_text or self.walk.query(),
        )
        if twin:
            yield "  " + twin

    def here(self) -> Iterator[str]:
        """Say where the walk stands."""
        walk = self.walk
        number = walk.index.stage_number(walk.cursor)
        stage = f"{number} {stage_word(walk.index.stage(walk.cursor))}" if number else _("before the letter")
        folded = walk.folded(walk.cursor)
        more = "  " + ngettext("({n} event folded)", "({n} events folded)", folded).format(n=folded) if folded else ""
        tls = " TLS" if walk.index.under_tls(walk.cursor) else ""
        yield f"e{walk.cursor}/{walk.total}  [{stage} / {len(STAGES)}]{tls}  {walk.link()}"
        yield f"  {walk.text()}{more}"

    def _go(self, where: str) -> Iterator[str]:
        n = self._find(where)
        if n is None:
            yield _("there is no event {where}; write go e12 or go smtp.reply/2").format(where=repr(where))
            return
        self.walk.go(n)
        yield from self.here()

    def _find(self, where: str) -> int | None:
        text = where.rpartition("#")[2].removeprefix("e")
        if text.isdigit():
            return int(text) if 1 <= int(text) <= self.walk.total else None
        kind, _sep, ordinal = text.rpartition("/")
        found = self.walk.index.kinds.get(kind, [])
        return found[int(ordinal) - 1] if ordinal.isdigit() and 1 <= int(ordinal) <= len(found) else None

    def show(self, content: Content) -> Iterator[str]:
        """Give a pane as text."""
        yield f"{content.title}:"
        for made in (*content.header, *content.lines):
            yield f"  {made.text}" + (
                f"  (e{made.target})" if made.target is not None and f"e{made.target}" not in made.text else ""
            )

    def ladder(self) -> Iterator[str]:
        """Give the events around this one."""
        walk = self.walk
        here = walk.position()
        for n in walk.rows[max(0, here - _AROUND) : min(walk.visible(), here + _AROUND + 1)]:
            yield f"{'>' if n == walk.cursor else ' '} e{n}  {clip(walk.text(n), 2 * _WIDTH)}"

    def filter(self, rest: str) -> Iterator[str]:
        """Filter by a query, or show all events again."""
        try:
            self.walk.set_filter(rest)
        except MailflowError as error:
            yield f"! {error}"
            return
        if self.walk.filter is None:
            yield _("all events")
            return
        count = self.walk.visible()
        yield ngettext("{n} event found so far", "{n} events found so far", count).format(n=count)
        for n in self.walk.rows[: min(count, 2 * _AROUND)]:
            yield f"  e{n}  {clip(self.walk.text(n), 2 * _WIDTH)}"

    def octets(self) -> Iterator[str]:
        """Give the octets of the event."""
        octets = octets_of(self.walk, self.walk.cursor)
        yield from hexdump(mask_octets(octets)) if octets else (_("this event carries no octets"),)

    def save(self, rest: str) -> Iterator[str]:
        """Say how to save: plain mode is often a pipe already."""
        yield _("to save the trace, run:")

    def switch(self, rest: str) -> Iterator[str]:
        """Switch the language."""
        known = list(LANGUAGES)
        set_language(known[(known.index(language()) + 1) % len(known)])
        yield LANGUAGES[language()]

    def help(self, rest: str) -> Iterator[str]:
        """List every command."""
        yield _("An empty line is n. go e12 or go smtp.reply/2 jumps to an event.")
        for action in actions.ACTIONS:
            if action.words and (action.id in _DOES or action.id in MOVES):
                yield f"  {', '.join(action.words):<20} {_(action.description)}"

    def compose(self, rest: str) -> Iterator[str]:
        """Leave the wish for a letter to whoever knows how to write one."""
        self.wanted = "compose"
        return iter(())

    def out(self, rest: str) -> Iterator[str]:
        """Leave."""
        self.leaving = True
        return iter(())


def _pane(make: Callable[[Walk, int], Content]) -> Callable[[PlainWorld, str], Iterator[str]]:
    return lambda session, rest: session.show(make(session.walk, _WIDTH))


_DOES: dict[str, Callable[[PlainWorld, str], Iterator[str]]] = {
    "why": _pane(story),
    "filter": PlainWorld.filter,
    "open": _pane(inside),
    "pane-1": _pane(lambda walk, width: spoken(walk)),
    "pane-2": lambda session, rest: session.ladder(),
    "pane-3": lambda session, rest: session.show(session.wire.content(_WIDTH)),
    "pane-4": _pane(log),
    "pane-5": _pane(boxes),
    "pane-6": _pane(inside),
    "hex": lambda session, rest: session.octets(),
    "copy": lambda session, rest: iter((session.walk.link(), session.walk.query(), session.walk.text())),
    "save": PlainWorld.save,
    "language": PlainWorld.switch,
    "help": PlainWorld.help,
    "compose": PlainWorld.compose,
    "out": PlainWorld.out,
}
