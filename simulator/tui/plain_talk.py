"""Plain mode speaks a protocol by hand: every line goes to the other side as it is, so none of them is a command.

A line with a single tilde gives up, as it ends a session in programs that pass everything on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..learning.items import Answer, Item
from ..learning.items.serve import open_serving
from ..learning.items.speak import open_dialogue
from ..learning.quizzing import QuizSession
from ..text import _
from .plain_desk import Level, PlainDesk

__all__ = ["TalkLevel"]

_GIVE_UP = "~"


class TalkLevel(Level):
    """One dialogue; `first` is the line with which it began, and `done` is told the answer."""

    literal = True

    def __init__(
        self, desk: PlainDesk, quiz: QuizSession, item: Item, first: str, done: Callable[[Answer], None]
    ) -> None:
        super().__init__(desk)
        self._first = first
        self._done = done
        self._part: list[str] = []
        self._dialogue = open_dialogue(item, quiz.worlds) if item.type == "type" else None
        self._serving = open_serving(item, quiz.worlds) if item.type == "serve" else None

    def opening(self) -> Iterator[str]:
        """Say the first line."""
        yield _("Every line is said as it stands; a single ~ gives up.")
        yield from self.other(self._first)

    def other(self, line: str) -> Iterator[str]:
        """Say a line, and hear what the other side says."""
        if line.strip() == _GIVE_UP:
            yield from self.desk.pop()
        elif self._dialogue is not None:
            yield from self._spoken(line)
        else:
            yield from self._served(line)

    def _spoken(self, line: str) -> Iterator[str]:
        assert self._dialogue is not None
        spoken = self._dialogue.say(line)
        yield from (f"  S: {text}" for text in spoken.answer)
        if spoken.remark:
            yield f"  {'' if spoken.good else '! '}{spoken.remark}"
        if self._dialogue.over:
            self._done(self._dialogue.lines)
            yield from self.desk.pop()

    def _served(self, line: str) -> Iterator[str]:
        assert self._serving is not None
        self._part.append(line)
        if line[3:4] == "-":
            return
        given = self._serving.answer("\n".join(self._part))
        self._part = []
        if given.remark:
            yield f"  {'' if given.good else '! '}{given.remark}"
        turn = self._serving.turn
        if turn is not None:
            yield from (f"  C: {text}" for text in turn.said)
            return
        self._done(tuple(one.text for one in self._serving.given))
        yield from self.desk.pop()
