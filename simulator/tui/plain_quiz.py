"""Plain questions: type the answer, then how sure, then read what the world did."""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import UsageError
from ..learning.feedback import Feedback
from ..learning.items import Answer, AnswerError, Item, Question
from ..learning.quizzing import SURE, QuizSession, read_sure
from ..learning.sessions import LessonSession
from ..learning.shell import dig
from ..text import N_, _
from .actions import LAYOUT
from .asking import Asked, in_this_language, world_name
from .lines import wrap
from .plain_desk import Level, PlainDesk
from .plain_talk import TalkLevel
from .plain_world import WorldLevel
from .quiz_lines import KINDS, feedback_lines, score_text

__all__ = ["QuizLevel"]

_WIDTH = 76
_LATIN = {russian: latin for latin, russian in LAYOUT.items()}


class QuizLevel(Level):
    """Questions in a row. `waiting` says what the next line is: an answer, how sure, or marks."""

    def __init__(
        self,
        desk: PlainDesk,
        items: Asked,
        *,
        again: bool = False,
        inline: bool = False,
        lab: LessonSession | None = None,
    ) -> None:
        super().__init__(desk)
        self.items = items
        self.again = again
        self.inline = inline
        self.lab = lab
        self.at = self._first_open()
        self.given: Answer | None = None
        self.essay = ""
        self.feedback: Feedback | None = None
        self.commands = {
            "next": self._next, "back": self._before, "hint": self._hint, "solution": self._solution,
            "world": self._world, "repeat": self._repeat, "lab": self._lab, "score": self._score,
        }  # fmt: skip
        self.help = [
            (N_("(the answer)"), N_("hands it in, after how sure you are")),
            ("hint", N_("Show a hint; hints cost nothing")),
            ("world [N]", N_("looks at the world, at event N")), ("next", N_("Go to the next question")),
            ("back", N_("Go to the question before")), ("repeat", N_("the question again")),
            ("solution", N_("Show the solution; the question is done then, without points")),
            ("score", N_("how far you are")), ("lab", N_("The lab of the lesson")),
        ]  # fmt: skip

    @classmethod
    def of_lesson(cls, desk: PlainDesk, session: LessonSession) -> QuizLevel:
        """The questions of a lesson. Raises UsageError where there are none."""
        quiz = session.quiz()
        if quiz is None:
            raise UsageError(_("this lesson has no questions"))
        lab = session if session.lesson.head.labs else None
        return cls(desk, [(quiz, item.id) for item in quiz.items], lab=lab)

    def _first_open(self) -> int:
        if self.again or self.inline:
            return 0
        return next((at for at, (quiz, name) in enumerate(self.items) if not quiz.states[name].done), len(self.items))

    # Which question

    @property
    def quiz(self) -> QuizSession:
        """The quiz of this question."""
        return self.items[min(self.at, len(self.items) - 1)][0]

    @property
    def item(self) -> Item:
        """This question."""
        quiz, name = self.items[min(self.at, len(self.items) - 1)]
        return quiz.item(name)

    def opening(self) -> Iterator[str]:
        """Say what can be done, and ask."""
        yield _("Commands: type the answer, or hint, world, next, back, solution, score, help, q")
        yield from self._ask()

    def back(self) -> Iterator[str]:
        """Ask again; after an answer only say that an empty line goes on."""
        if self.feedback is None:
            yield from self._ask_sure() if self.given is not None else self._ask()
            return
        kind = KINDS[self.item.type]
        yield _("Question {n} of {of}: {kind}").format(n=self.at + 1, of=len(self.items), kind=_(kind))
        yield _("an empty line goes on") if self.feedback.done else _("Type another answer, or next.")

    def respoken(self) -> None:
        """Ask in the other language; what was reached stays."""
        self.items = in_this_language(self.desk.learner, self.items)
        self.feedback = None

    def _ask(self) -> Iterator[str]:
        self.given, self.essay, self.feedback = None, "", None
        if self.at >= len(self.items):
            yield from self._score("")
            yield _("lab opens the lab, q goes back") if self.lab is not None else _("q goes back")
            return
        question = self.quiz.question(self.item.id)
        kind = KINDS[self.item.type]
        yield ""
        yield _("Question {n} of {of}: {kind}").format(n=self.at + 1, of=len(self.items), kind=_(kind))
        yield from wrap(" ".join(self.item.ask.split()), _WIDTH)
        yield from self._shown(question)
        yield question.how
        if self.quiz.states[self.item.id].done and not self.again:
            yield _("answered already; next goes on, another answer is for practice")

    def _shown(self, question: Question) -> Iterator[str]:
        if question.stop is not None:
            yield _("The world stands before event {n}; world looks at it.").format(n=question.stop[0])
        yield from (f"  | {text}" for text in question.lines)
        for row in question.rows:
            yield from wrap(f"  {row.label}. {row.text}", _WIDTH, 5)
        for choice in question.choices:
            yield from wrap(f"  {choice.label}) {choice.text}", _WIDTH, 5)

    # Answering

    def empty(self) -> Iterator[str]:
        """Go on after the feedback; else say the question again."""
        if self.feedback is not None and self.feedback.done:
            return self._next("")
        return self._ask_sure() if self.given is not None else self._repeat("")

    def other(self, line: str) -> Iterator[str]:
        """Take an answer, or how sure, or the marks of an explanation."""
        if self.at >= len(self.items):
            yield _("there is no further question; q goes back")
            return
        try:
            yield from self._taken(line)
        except AnswerError as error:
            yield f"! {error}"

    def _taken(self, line: str) -> Iterator[str]:
        if self.given is not None:
            return self._sure(line)
        if self.item.type == "explain":
            return self._explained(line)
        if self.item.type in ("type", "serve"):
            return self.desk.push(TalkLevel(self.desk, self.quiz, self.item, line, self._talked))
        self.given = self.quiz.read(self.item.id, line)
        if self.item.type == "dig":
            return self._dug(line)
        return self._ask_sure()

    def _talked(self, answer: Answer) -> None:
        self.given = answer

    def _ask_sure(self) -> Iterator[str]:
        known = ", ".join(f"{number} {_(shown)}" for number, shown in enumerate(SURE.values(), 1))
        yield _("How sure are you? {known}").format(known=known)

    def _dug(self, line: str) -> Iterator[str]:
        yield from dig(self.quiz.worlds.scenario(self.item.scenario), line, host=self.item.host).lines
        yield _("Is this your answer? Then say how sure you are; another dig asks again.")

    def _explained(self, line: str) -> Iterator[str]:
        if not self.essay:
            self.essay = self.quiz.read(self.item.id, line)[0]
            yield from wrap(_("A good answer: {text}").format(text=self.item.model), _WIDTH, 2)
            for number, one in enumerate(self.item.rubric):
                yield from wrap(f"  {'abcdefghij'[number % 10]}) {one.text}", _WIDTH, 5)
            yield _("Mark yourself: type the letters of what yours said, or - for nothing.")
            return
        marks = {_LATIN.get(letter, letter) for letter in line.casefold()}
        said = [one.id for number, one in enumerate(self.item.rubric) if "abcdefghij"[number % 10] in marks]
        self.given = (self.essay, *said)
        yield from self._ask_sure()

    def _sure(self, line: str) -> Iterator[str]:
        assert self.given is not None
        if self.item.type == "dig" and line.startswith("dig"):
            self.given = self.quiz.read(self.item.id, line)
            return self._dug(line)
        return self._judged(self.quiz.answer(self.item.id, self.given, read_sure(line)))

    def _judged(self, found: Feedback) -> Iterator[str]:
        self.feedback, self.given, self.essay = found, None, ""
        yield from (made.text for made in feedback_lines(found, _WIDTH)[0])
        if not found.done:
            yield _("Type another answer, or next.")
        elif found.observed:
            yield _("world opens e{n}; an empty line goes on").format(n=found.observed[0].n)
        else:
            yield _("an empty line goes on")

    # The other commands

    def _next(self, rest: str) -> Iterator[str]:
        if self.inline and self.at + 1 >= len(self.items):
            return self.desk.pop()
        self.at = min(self.at + 1, len(self.items))
        return self._ask()

    def _before(self, rest: str) -> Iterator[str]:
        self.at = max(0, self.at - 1)
        return self._ask()

    def _repeat(self, rest: str) -> Iterator[str]:
        return self._ask()

    def _hint(self, rest: str) -> Iterator[str]:
        if self.at >= len(self.items):
            return
        found = self.quiz.hint(self.item.id)
        yield found.text if found is not None else _("there is no further hint; solution shows the solution")

    def _solution(self, rest: str) -> Iterator[str]:
        if self.at < len(self.items):
            yield from self._judged(self.quiz.solution(self.item.id))

    def _world(self, rest: str) -> Iterator[str]:
        run = self.quiz.worlds.run(self.item.scenario)
        text = rest.removeprefix("e").removeprefix("е")
        seen = self.feedback.observed[0].n if self.feedback is not None and self.feedback.observed else None
        n = int(text) if text.isdigit() else seen
        stop = self.quiz.question(self.item.id).stop
        done = self.feedback is not None or self.quiz.states[self.item.id].done
        barrier = None if done or stop is None else stop[0]
        name = world_name(self.quiz, self.item)
        yield from self.desk.push(WorldLevel(self.desk, run, name, n, barrier=barrier))

    def _lab(self, rest: str) -> Iterator[str]:
        from .plain_lab import LabLevel

        if self.lab is None:
            raise UsageError(_("this lesson has no lab"))
        yield from self.desk.push(LabLevel(self.desk, self.lab))

    def _score(self, rest: str) -> Iterator[str]:
        for quiz, name in self.items:
            state = quiz.states[name]
            word = _("right") if state.right else _("not right") if state.done else _("open")
            yield f"  {state.points:g}  {word}: {' '.join(quiz.item(name).ask.split())}"
        yield score_text(self.quiz)
