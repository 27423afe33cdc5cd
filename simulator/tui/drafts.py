"""An answer while it is being made: what it looks like, which keys change it, and what is handed in at the end.

One class for each way of answering; eleven types of items need seven. Nothing is judged here.
"""

from __future__ import annotations

from collections.abc import Callable

from ..errors import UsageError
from ..learning.items import Answer, AnswerError, Choice, Item, Question
from ..learning.quizzing import QuizSession
from ..learning.shell import dig
from ..text import _
from .actions import LAYOUT
from .editor import Editor
from .lines import Line, line, wrap

__all__ = ["Draft", "draft_of"]

_LATIN = {russian: latin for latin, russian in LAYOUT.items()}
_NUMERIC = frozenset("0123456789.,-+ ")
_OUTPUT = 14


def _letter(typed: str | None) -> str:
    """The Latin letter on the key that typed this, on either layout."""
    folded = (typed or "").casefold()
    return _LATIN.get(folded, folded)


class Draft:
    """An answer that is being made. `cursor` is the line it is on; `typing` says whether letters go into a text."""

    typing = False
    marking = False
    signs: frozenset[str] = frozenset()

    def __init__(self, item: Item, question: Question, quiz: QuizSession) -> None:
        self.item = item
        self.question = question
        self.quiz = quiz
        self.cursor: int | None = None

    def lines(self, width: int) -> list[Line]:
        """Return what is shown below the question."""
        raise AssertionError(f"{type(self).__name__} shows nothing in {width}")

    def key(self, key: str, typed: str | None) -> bool:
        """Take a key; return whether it meant something here."""
        raise AssertionError(f"{type(self).__name__} takes neither {key} nor {typed}")

    def ready(self) -> bool:
        """Do what Enter does before an answer can be handed in; return whether nothing is left to do."""
        return True

    def value(self) -> Answer | str:
        """Return the answer. Raises AnswerError that says what is missing."""
        raise AnswerError(self.question.how)

    def again(self) -> None:
        """Begin another try; what can be changed stays."""

    def point(self, n: int) -> None:
        """Take an event of the world as the answer; only some types want one."""


def _option_lines(mark: str, choice: Choice, width: int) -> list[Line]:
    head = f"{mark} {choice.label}  "
    texts = wrap(head + choice.text, width, len(head))
    return [line(text) for text in texts]


class _Chosen(Draft):
    """One or several of the options."""

    def __init__(self, item: Item, question: Question, quiz: QuizSession) -> None:
        super().__init__(item, question, quiz)
        self.many = question.type == "multi"
        self.at = -1
        self.chosen: set[str] = set()

    def lines(self, width: int) -> list[Line]:
        signs = ("[ ]", "[x]") if self.many else ("( )", "(o)")
        made: list[Line] = []
        self.cursor = None
        for at, choice in enumerate(self.question.choices):
            if at == self.at:
                self.cursor = len(made)
            made += _option_lines(signs[choice.id in self.chosen], choice, width)
        return made

    def key(self, key: str, typed: str | None) -> bool:
        choices = self.question.choices
        if key in ("up", "down"):
            self.at = max(0, min(self.at + (1 if key == "down" else -1), len(choices) - 1))
            if not self.many:
                self.chosen = {choices[self.at].id}
            return True
        if key == "space" and self.at >= 0:
            self._take(choices[self.at].id)
            return True
        named = [at for at, choice in enumerate(choices) if choice.label == _letter(typed)]
        if named:
            self.at = named[0]
            self._take(choices[self.at].id)
        return bool(named)

    def _take(self, name: str) -> None:
        self.chosen = self.chosen ^ {name} if self.many else {name}

    def value(self) -> Answer:
        if not self.chosen:
            raise AnswerError(_("Choose first: a letter, or Up and Down."))
        return tuple(option.id for option in self.item.options if option.id in self.chosen)


class _Ordered(Draft):
    """Rows that are moved into their order."""

    def __init__(self, item: Item, question: Question, quiz: QuizSession) -> None:
        super().__init__(item, question, quiz)
        self.rows = list(question.choices)
        self.at = 0
        self.held = False
        self.moved = False

    def lines(self, width: int) -> list[Line]:
        made: list[Line] = []
        for at, row in enumerate(self.rows):
            if at == self.at:
                self.cursor = len(made)
            head = "=> " if at == self.at and self.held else f"{at + 1}. "
            made += [line(text) for text in wrap(head + row.text, width, 3)]
        return made

    def key(self, key: str, typed: str | None) -> bool:
        if key in ("up", "down"):
            there = max(0, min(self.at + (1 if key == "down" else -1), len(self.rows) - 1))
            if self.held:
                self.rows.insert(there, self.rows.pop(self.at))
                self.moved = True
            self.at = there
            return True
        if key == "space":
            self.held = not self.held
        return key == "space"

    def ready(self) -> bool:
        done = not self.held
        self.held = False
        return done

    def value(self) -> Answer:
        if not self.moved:
            raise AnswerError(_("Nothing was moved yet: Space picks a row up, Up and Down move it."))
        return tuple(row.id for row in self.rows)


class _Matched(Draft):
    """Rows, each with a partner."""

    def __init__(self, item: Item, question: Question, quiz: QuizSession) -> None:
        super().__init__(item, question, quiz)
        self.at = 0
        self.partner: dict[str, str] = {}

    def lines(self, width: int) -> list[Line]:
        labels = {choice.id: choice.label for choice in self.question.choices}
        made: list[Line] = []
        for at, row in enumerate(self.question.rows):
            if at == self.at:
                self.cursor = len(made)
            head = f"{row.label}  [{labels.get(self.partner.get(row.id, ''), ' ')}]  "
            made += [line(text) for text in wrap(head + row.text, width, len(head))]
        made.append(line(""))
        for choice in self.question.choices:
            made += [line((text, "link")) for text in wrap(f"     {choice.label}  {choice.text}", width, 8)]
        return made

    def key(self, key: str, typed: str | None) -> bool:
        rows, choices = self.question.rows, self.question.choices
        if key in ("up", "down"):
            self.at = max(0, min(self.at + (1 if key == "down" else -1), len(rows) - 1))
            return True
        row = rows[self.at]
        if key in ("left", "right", "space"):
            here = next((at for at, one in enumerate(choices) if one.id == self.partner.get(row.id)), -1)
            self.partner[row.id] = choices[(here + (-1 if key == "left" else 1)) % len(choices)].id
            return True
        named = [choice for choice in choices if choice.label == _letter(typed)]
        if named:
            self.partner[row.id] = named[0].id
            self.at = min(self.at + 1, len(rows) - 1)
            return True
        numbered = [at for at, one in enumerate(rows) if one.label == typed]
        self.at = numbered[0] if numbered else self.at
        return bool(numbered)

    def value(self) -> Answer:
        missing = [row.label for row in self.question.rows if row.id not in self.partner]
        if missing:
            raise AnswerError(_("These rows have no letter: {rows}.").format(rows=", ".join(missing)))
        return tuple(f"{row.id}={self.partner[row.id]}" for row in self.item.rows)


class _Typed(Draft):
    """A word, a number or a line; if there are `signs`, only those are text and other letters stay keys."""

    signs: frozenset[str] = frozenset()

    def __init__(self, item: Item, question: Question, quiz: QuizSession) -> None:
        super().__init__(item, question, quiz)
        self.typing = True
        self.signs = _NUMERIC if item.type == "number" else self.signs
        self.editor = Editor()

    def lines(self, width: int) -> list[Line]:
        before, under, after = self.editor.shown(max(8, width - 12 - len(self.question.unit)))
        made: list[Line] = [line(text) for text in self.question.lines]
        made += [line("")] if made else []
        self.cursor = len(made)
        unit = f" {self.question.unit}" if self.question.unit else ""
        return [*made, line(("> ", "key"), before, (under, "cursor" if self.typing else ""), after, unit)]

    def key(self, key: str, typed: str | None) -> bool:
        if not self.typing:
            return False
        if self.editor.key(key):
            return True
        if typed and (not self.signs or set(typed) <= self.signs):
            self.editor.insert(typed)
            return True
        return False

    def value(self) -> Answer | str:
        return self.quiz.read(self.item.id, self.editor.text)


class _Located(_Typed):
    """An event: pointed at in the world, or typed as its number."""

    signs = frozenset("0123456789eEеЕ")

    def lines(self, width: int) -> list[Line]:
        made = super().lines(width)
        try:
            n = int(self.quiz.read(self.item.id, self.editor.text)[0])
        except AnswerError:
            return made
        from ..records.describe import describe

        record = self.quiz.worlds.run(self.item.scenario).records[n - 1]
        return [*made, *(line((text, "dim")) for text in wrap(f"  e{n}  {describe(record)}", width, 4))]

    def point(self, n: int) -> None:
        self.editor = Editor(f"e{n}")

    def value(self) -> Answer | str:
        if not self.editor.text.strip():
            raise AnswerError(_("Nothing is pointed at yet: w opens the world, and p answers there."))
        return super().value()


class _Dug(_Typed):
    """A question to the simulated DNS: Enter asks, and once more hands it in."""

    def __init__(self, item: Item, question: Question, quiz: QuizSession) -> None:
        super().__init__(item, question, quiz)
        self.editor = Editor("dig ")
        self.asked = ""
        self.output: tuple[str, ...] = ()

    def lines(self, width: int) -> list[Line]:
        made = super().lines(width)
        self.cursor = len(made) - 1
        shown = [text for text in self.output if text.strip()]
        return [*made, *(line((text, "link")) for text in shown[-_OUTPUT:])]

    def ready(self) -> bool:
        command = " ".join(self.editor.text.split())
        if command == self.asked:
            return True
        try:
            found = dig(self.quiz.worlds.scenario(self.item.scenario), command, host=self.item.host)
        except UsageError as error:
            raise AnswerError(str(error)) from None
        self.asked, self.output = command, found.lines
        return False


class _Explained(_Typed):
    """One or two sentences, then one's own marks against the rubric."""

    def __init__(self, item: Item, question: Question, quiz: QuizSession) -> None:
        super().__init__(item, question, quiz)
        self.marking = False
        self.marks: set[str] = set()
        self.at = 0

    def lines(self, width: int) -> list[Line]:
        made = super().lines(width)
        if not self.marking:
            return made
        shown = [*(line((text, "dim")) for text in wrap(self.editor.text, width)), line("")]
        shown += [line(text) for text in wrap(_("A good answer: {text}").format(text=self.item.model), width, 2)]
        shown += [line(""), line((_("Mark yourself: what did yours say?"), "strong"))]
        for at, one in enumerate(self.item.rubric):
            if at == self.at:
                self.cursor = len(shown)
            sign = "[x]" if one.id in self.marks else "[ ]"
            shown += [line(text) for text in wrap(f"{sign} {'abcdefghij'[at % 10]}  {one.text}", width, 7)]
        return shown

    def key(self, key: str, typed: str | None) -> bool:
        if not self.marking:
            return super().key(key, typed)
        if key in ("up", "down"):
            self.at = max(0, min(self.at + (1 if key == "down" else -1), len(self.item.rubric) - 1))
            return True
        at = self.at if key == "space" else "abcdefghij".find(_letter(typed)) if typed else -1
        if 0 <= at < len(self.item.rubric):
            self.at = at
            self.marks ^= {self.item.rubric[at].id}
            return True
        return False

    def ready(self) -> bool:
        if self.marking:
            return True
        self.quiz.read(self.item.id, self.editor.text)
        self.marking, self.typing = True, False
        return False

    def value(self) -> Answer:
        return (self.editor.text, *(one.id for one in self.item.rubric if one.id in self.marks))


_DRAFTS: dict[str, Callable[[Item, Question, QuizSession], Draft]] = {
    "choice": _Chosen, "multi": _Chosen, "number": _Typed, "text": _Typed, "fill": _Typed, "order": _Ordered,
    "match": _Matched, "locate": _Located, "dig": _Dug, "explain": _Explained,
}  # fmt: skip


def draft_of(quiz: QuizSession, item_id: str) -> Draft:
    """Return an empty answer to a question. Raises QueryError and ScenarioError of a wrong lesson."""
    item, question = quiz.item(item_id), quiz.question(item_id)
    if item.type == "predict":
        return (_Chosen if item.options else _Typed)(item, question, quiz)
    if item.type in ("type", "serve"):
        from .talk_drafts import Served, Spoke

        return (Spoke if item.type == "type" else Served)(item, question, quiz)
    return _DRAFTS[item.type](item, question, quiz)
