"""Speaking a protocol by hand, as an answer: Enter says a line, and what the other side says is shown below it.

For the item types `type` (the learner is the client) and `serve` (the learner is the server).
"""

from __future__ import annotations

from ..learning.items import Answer, Item, Question
from ..learning.items.serve import open_serving
from ..learning.items.speak import open_dialogue
from ..learning.quizzing import QuizSession
from ..text import _
from .drafts import _Typed
from .editor import Editor
from .lines import Line, line, wrap

__all__ = ["Served", "Spoke"]

_SHOWN = 16


class Spoke(_Typed):
    """A dialogue in which the learner is the client; it is handed in when the connection is over."""

    def __init__(self, item: Item, question: Question, quiz: QuizSession) -> None:
        super().__init__(item, question, quiz)
        self.again()

    def again(self) -> None:
        self.dialogue = open_dialogue(self.item, self.quiz.worlds)
        self.heard = [line(text) for text in self.question.lines]

    def lines(self, width: int) -> list[Line]:
        shown = [part for one in self.heard for part in _wrapped(one, width)][-_SHOWN:]
        if self.dialogue.over:
            self.cursor = max(0, len(shown) - 1)
            return shown
        before, under, after = self.editor.shown(max(8, width - 12))
        self.cursor = len(shown)
        return [*shown, line(("C: ", "key"), before, (under, "cursor" if self.typing else ""), after)]

    def ready(self) -> bool:
        if self.dialogue.over:
            return True
        text = self.editor.text
        if not text and not self.dialogue.content:
            return False
        self.editor = Editor()
        spoken = self.dialogue.say(text)
        self.heard.append(line(f"C: {text}"))
        self.heard += [line((f"S: {one}", "link" if spoken.good else "refusal")) for one in spoken.answer]
        if spoken.remark:
            self.heard.append(line((f"   {spoken.remark}", "dim")))
        return False

    def value(self) -> Answer:
        return self.dialogue.lines


class Served(_Typed):
    """A dialogue in which the learner is the server; it is handed in when the client has gone."""

    def __init__(self, item: Item, question: Question, quiz: QuizSession) -> None:
        super().__init__(item, question, quiz)
        self.again()

    def again(self) -> None:
        self.serving = open_serving(self.item, self.quiz.worlds)
        self.heard: list[Line] = []
        self.part: list[str] = []
        self._client()

    def _client(self) -> None:
        turn = self.serving.turn
        said = () if turn is None else turn.said
        self.heard += [line((f"C: {text}", "link")) for text in said]

    def lines(self, width: int) -> list[Line]:
        shown = [part for one in self.heard for part in _wrapped(one, width)][-_SHOWN:]
        if self.serving.turn is None:
            self.cursor = max(0, len(shown) - 1)
            return [*shown, line((_("The client has gone."), "dim"))]
        before, under, after = self.editor.shown(max(8, width - 12))
        self.cursor = len(shown)
        return [*shown, line(("S: ", "key"), before, (under, "cursor" if self.typing else ""), after)]

    def ready(self) -> bool:
        if self.serving.turn is None:
            return True
        text = self.editor.text
        if not text.strip():
            return False
        self.editor = Editor()
        self.heard.append(line(f"S: {text}"))
        self.part.append(text)
        if text[3:4] == "-":
            return False
        given = self.serving.answer("\n".join(self.part))
        self.part = []
        if given.remark:
            self.heard.append(line((f"   {given.remark}", "dim" if given.good else "refusal")))
        self._client()
        return False

    def value(self) -> Answer:
        return tuple(one.text for one in self.serving.given)


def _wrapped(one: Line, width: int) -> list[Line]:
    style = one.spans[0][1] if one.spans else ""
    return [line((text, style)) for text in wrap(one.text, width, 3)]
