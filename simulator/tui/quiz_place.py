"""The questions: one at a time, answered first, then compared with what the world did.

An answer is handed in in two steps: Enter reads it, and how sure one is locks it. Nothing after that can be taken back.
"""

from __future__ import annotations

from collections.abc import Callable

from ..errors import MailflowError, ScenarioError
from ..learning.feedback import Feedback
from ..learning.items import Answer, AnswerError, Item
from ..learning.quizzing import SURE, QuizSession
from ..learning.sessions import LessonSession
from ..text import _, language
from .actions import Action
from .asking import Asked, fresh_walk, in_this_language
from .desk import Desk
from .desk_actions import ESCAPE
from .drafts import Draft, draft_of
from .home import error_lines
from .lines import Line, clip, fit, line, wrap
from .panes import box, scrolled
from .place import Place
from .quiz_lines import KINDS, feedback_lines, how_text, score_lines, sure_line, told_lines, world_lines
from .walk import Walk
from .world_place import WorldPlace

__all__ = ["QuizPlace", "open_quiz"]

Told = Callable[[str, tuple[str, ...]], None]
_LEAST = 8
_BEFORE_THE_ANSWER = ("lock", "choose", "hint", "solution", "focus")
_AT_THE_SCORE = ("back", "language", "theme", "glossary", "palette", "help", "out")


def open_quiz(desk: Desk, session: LessonSession) -> str:
    """Open the questions of a lesson where the learner left them; return what there is to say, "" if they opened."""
    quiz = session.quiz()
    if quiz is None:
        return _("this lesson has no questions")
    items = [(quiz, item.id) for item in quiz.items]
    start = next((at for at, (_quiz, name) in enumerate(items) if not quiz.states[name].done), len(items))
    lab = session if session.lesson.head.labs else None
    desk.push(QuizPlace(desk, items, session.lesson.head.title, start=start, lab=lab))
    return ""


class QuizPlace(Place):
    """Questions in a row, from one quiz or from several (a review); the place after the last one is the score."""

    screen = "quiz"

    def __init__(
        self,
        desk: Desk,
        items: Asked,
        title: str,
        *,
        start: int = 0,
        again: bool = False,
        told: Told | None = None,
        lab: LessonSession | None = None,
    ) -> None:
        super().__init__(desk)
        self.items = items
        self.title = title
        self.again = again
        self.told = told
        self.lab = lab
        self.at = start
        self.draft: Draft | None = None
        self.walk: Walk | None = None
        self.given: Answer = ()
        self.sure = ""
        self.asking_sure = False
        self.feedback: Feedback | None = None
        self.hints: list[str] = []
        self.selected = 0
        self._top = 0
        self._targets: list[int | None] = []
        self._language = language()
        self.does |= {
            "lock": self._enter, "next": lambda: self._go(self.at + 1), "back": lambda: self._go(self.at - 1),
            "hint": self._hint, "world": lambda: self._world(None), "solution": self._ask_solution,
            "up": lambda: self._scroll(-1), "down": lambda: self._scroll(1), "focus": self._focus,
        }  # fmt: skip
        self.choices |= {"solution": lambda rest: self._solution()}
        self._begin()

    # Which question

    @property
    def quiz(self) -> QuizSession:
        """The quiz of the question that is shown."""
        return self.items[min(self.at, len(self.items) - 1)][0]

    @property
    def item(self) -> Item:
        """The question that is shown."""
        quiz, name = self.items[min(self.at, len(self.items) - 1)]
        return quiz.item(name)

    @property
    def over(self) -> bool:
        """Whether the score is shown instead of a question."""
        return self.at >= len(self.items)

    def plain_command(self) -> str:
        """Return the command line that opens this in plain mode."""
        return f"mailflow lesson {self.quiz.quiz.lesson} --plain"

    def entered(self) -> None:
        """Ask in another language when that is spoken now."""
        if self._language != language():
            self._reopen()

    def _reopen(self) -> None:
        self._language = language()
        learner = self.desk.learner
        assert learner is not None
        self.items = in_this_language(learner, self.items)
        self._begin()

    def _go(self, at: int) -> None:
        if self.told is not None:
            self._leave()
            return
        self.at = max(0, min(at, len(self.items)))
        self._begin()

    def _begin(self) -> None:
        """Ask the question anew."""
        self.draft, self.walk, self.feedback = None, None, None
        self.sure, self.asking_sure, self.given = "", False, ()
        self.hints, self.selected, self._top, self._targets = [], 0, 0, []
        if self.over:
            return
        try:
            self.draft = draft_of(self.quiz, self.item.id)
            if self.draft.question.stop is not None:
                self.walk = fresh_walk(self.quiz, self.item, self.draft.question.stop[0])
        except (ScenarioError, MailflowError) as error:
            self.tell(_("This question cannot be asked"), error_lines(error))
            return
        if self.quiz.states[self.item.id].done and not self.again and self.told is None:
            self.message = _("answered already; n goes on, another answer is for practice")

    # Answering

    def typing(self, key: str, typed: str | None) -> bool:
        """Take a key for the answer, or for how sure the learner is."""
        if self.over or self.feedback is not None or self.draft is None:
            return False
        if self.asking_sure:
            return self._sure_key(key, typed)
        if self.draft.typing and key == "escape":
            self.draft.typing = False
            self.message = _("letters are keys now; Tab types again, Esc goes out")
            return True
        if key == "enter" or not self.draft.key(key, typed):
            return False
        self.message = ""
        return True

    def _sure_key(self, key: str, typed: str | None) -> bool:
        names = list(SURE)
        if typed in ("1", "2", "3"):
            self.sure = names[int(typed) - 1]
            self._lock()
        elif key in ("left", "right", "up", "down", "tab"):
            here = names.index(self.sure) if self.sure else 1 if key in ("left", "up") else 0
            step = 0 if not self.sure else -1 if key in ("left", "up") else 1
            self.sure = names[(here + step) % 3]
        elif key == "escape":
            self.asking_sure = False
        elif key == "enter" and self.sure:
            self._lock()
        elif key != "enter":
            return False
        return True

    def _enter(self) -> None:
        if self.over:
            self._after()
        elif self.feedback is not None:
            self._open_observed()
        elif self.draft is not None:
            self._read(self.draft)

    def _read(self, draft: Draft) -> None:
        try:
            if not draft.ready():
                return
            value = draft.value()
            self.given = self.quiz.read(self.item.id, value) if isinstance(value, str) else value
        except AnswerError as error:
            self.message = f"! {error}"
            return
        self.asking_sure = True
        self.message = _("1, 2 or 3 locks the answer in; Esc changes it")

    def _lock(self) -> None:
        """Hand the answer in: now the world may move on."""
        self.asking_sure, self.message = False, ""
        self._judged(self.quiz.answer(self.item.id, self.given, self.sure))

    def _judged(self, found: Feedback) -> None:
        self.feedback = found
        self.selected = self._top = 0
        if self.walk is not None and found.done:
            self.walk.barrier = None
            self.walk.go(found.observed[0].n if found.observed else self.walk.cursor)
        if self.told is not None:
            self.told(self.item.id, told_lines(found))

    def _focus(self) -> None:
        if isinstance(self.draft, Draft) and hasattr(self.draft, "editor"):
            self.draft.typing = not self.draft.typing

    def _hint(self) -> None:
        if self.over:
            return
        found = self.quiz.hint(self.item.id)
        if found is not None:
            self.hints.append(found.text)
        else:
            self.message = _("there is no further hint; S shows the solution")

    def _ask_solution(self) -> None:
        if not self.over and self.feedback is None:
            title = _("Show the solution? The question is done then.")
            self.ask(title, _("show it"), "solution:", _("think on"))

    def _solution(self) -> None:
        self._judged(self.quiz.solution(self.item.id))

    # Going elsewhere

    def _open_observed(self) -> None:
        assert self.feedback is not None
        if not self.feedback.done:
            self._try_again()
            return
        seen = self._targets[self.selected] if self.selected < len(self._targets) else None
        first = self.feedback.observed[0].n if self.feedback.observed else None
        if seen is None and first is None:
            self._go(self.at + 1)
        else:
            self._world(seen or first)

    def _try_again(self) -> None:
        self.feedback = None
        if self.draft is not None:
            self.draft.again()
        self.sure = ""

    def _world(self, n: int | None) -> None:
        if self.over:
            return
        if self.walk is None:
            self.walk = fresh_walk(self.quiz, self.item)
        if n is not None:
            self.walk.go(n)
        from .view import View

        view = View(self.walk, ascii_only=self.desk.ascii_only, no_color=self.desk.no_color)
        view.message = ""
        open_question = self.feedback is None
        answer = self._point if open_question else None
        asked = " ".join(self.item.ask.split()) if open_question else _("q comes back to the question")
        if open_question and self.item.type == "locate":
            asked = f"{asked}   {_('(p: this one)')}"
        self.desk.push(WorldPlace(self.desk, view, asked=asked, answer=answer))

    def _point(self, n: int) -> None:
        if self.draft is not None and self.item.type == "locate":
            self.draft.point(n)
            self.message = _("e{n} it is? Enter hands it in").format(n=n)

    def _after(self) -> None:
        if self.lab is None:
            self.desk.pop()
            return
        from .lab_place import LabPlace

        self.desk.pop()
        self.desk.push(LabPlace(self.desk, self.lab))

    def _leave(self) -> None:
        self.desk.pop()

    def _scroll(self, by: int) -> None:
        self.selected = max(0, min(self.selected + by, max(0, len(self._targets) - 1)))

    def clicked(self, command: str) -> None:
        """Open the event that was clicked, or choose the option."""
        self.selected = int(command)
        self._enter()

    # Drawing

    def body(self, width: int, height: int) -> list[Line]:
        """Return title, question, and below it hints or the feedback."""
        if self.over:
            return self._score(width, height)
        below = self._below(width - 4)
        upper = self._question(width - 4)
        low = min(len(below) + 2, height - 1 - _LEAST) if below else 0
        high = height - 1 - low
        if len(upper) + 2 < high and below:
            high = max(len(upper) + 2, _LEAST)
            low = height - 1 - high
        cursor = self._cursor if self.feedback is None else None
        top = scrolled(0, cursor, len(upper), high - 2) if cursor is not None else 0
        kind = KINDS[self.item.type]
        title = (_("Question {n}").format(n=self.at + 1) + f": {_(kind)}", self.item.skill)
        made = [self._head(width), *box(title, upper, (width, high), active=self.feedback is None, top=top)]
        return made + (self._lower(below, width, low, 1 + high) if below else [])

    def _lower(self, below: list[Line], width: int, height: int, y: int) -> list[Line]:
        judged = self.feedback is not None
        selected = self.selected if judged else None
        self._top = scrolled(self._top, selected, len(below), height - 2)
        for row in range(self._top, min(len(self._targets), self._top + height - 2)):
            if self._targets[row] is not None:
                self.hits.append((0, width, y + 1 + row - self._top, str(row)))
        title = _("Observed") if judged else _("Hint")
        return box((title, ""), below, (width, height), active=judged, selected=selected, top=self._top)

    def _head(self, width: int) -> Line:
        states = [quiz.states[name] for quiz, name in self.items]
        points = sum(state.points for state in states)
        hints = f"{self.quiz.states[self.item.id].hints}/{len(self.item.hints)}"
        right = _("{n} of {of}   points {points}   hints {hints} ").format(
            n=self.at + 1, of=len(self.items), points=f"{points:g}", hints=hints
        )
        left = clip(f" {self.title}", width - len(right) - 1)
        return line((fit(left, width - len(right)) + right, "bar"))

    def _question(self, width: int) -> list[Line]:
        texts = wrap(" ".join(self.item.ask.split()), width)
        made = [*(line((text, "strong")) for text in texts), line("")]
        if self.walk is not None and self.item.type == "predict":
            made += [*world_lines(self.walk, width), line("")]
        draft = self.draft
        if draft is None:
            return made
        shown = draft.lines(width)
        self._cursor = len(made) + (draft.cursor or 0)
        made += shown
        if self.feedback is None:
            how = how_text(self.item.type, options=bool(self.item.options))
            made += [line(""), sure_line(self.sure, asked=self.asking_sure)]
            silent = self.asking_sure or draft.marking
            made += [] if silent else [line((text, "dim")) for text in wrap(how, width)]
            self._cursor = len(made) - 1 if self.asking_sure else self._cursor
        return made

    _cursor = 0

    def _below(self, width: int) -> list[Line]:
        if self.feedback is not None:
            lines, self._targets = feedback_lines(self.feedback, width)
            return lines
        return [line(text) for hint in self.hints for text in wrap(f"* {' '.join(hint.split())}", width, 2)]

    def _score(self, width: int, height: int) -> list[Line]:
        going = _("Enter opens the lab") if self.lab is not None else _("Enter goes back")
        lines = [*score_lines(self.items), line((going, "strong"))]
        head = line((fit(f" {self.title}", width), "bar"))
        return [head, *box((_("The score"), ""), lines, (width, height - 1), active=True)]

    def message_line(self, width: int) -> Line:
        """Return the message, or what Enter does now."""
        text = self.message
        if not text and self.feedback is not None:
            seen = bool(self.feedback.observed) or any(self._targets)
            opens = _("Enter opens the world there, n goes on") if seen else _("n goes on")
            text = opens if self.feedback.done else _("Enter: one more try   n: leave it")
            text = _("Enter opens the world there, q reads on") if self.told is not None and seen else text
        return line((fit(f" {text}", width), "message"))

    def key_actions(self) -> tuple[Action, ...]:
        """Return the actions that mean something now."""
        found = super().key_actions()
        if self.over:
            return tuple(action for action in found if action.id in _AT_THE_SCORE)
        if self.feedback is not None:
            return tuple(action for action in found if action.id not in _BEFORE_THE_ANSWER)
        if self.draft is not None and self.draft.typing and not self.draft.signs:
            keys = (action for action in found if action.id != "choose" and len(action.keys[0]) > 1)
            return (*keys, ESCAPE)
        return found
