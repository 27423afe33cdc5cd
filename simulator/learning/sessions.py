"""A learner's way through one lesson: its pages as lines, its questions, its labs, and where to go on.

Plain objects that return data: the screens and plain mode show it, and neither is known here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from simulator.errors import UsageError
from simulator.learning.excerpts import Excerpt, Prediction, Step, Words, excerpt
from simulator.learning.lab import LabSession
from simulator.learning.lesson import Lesson, load_lesson
from simulator.learning.pages import Page
from simulator.learning.progress import Progress
from simulator.learning.quizzing import QuizSession
from simulator.learning.rendering import COLUMNS, Line, page_lines
from simulator.learning.review import LessonState, lesson_state
from simulator.learning.worlds import Worlds
from simulator.scenario.world import Run
from simulator.text import _
from simulator.text.glossary import Term

__all__ = ["LessonSession", "PageView"]


@dataclass(frozen=True, slots=True)
class PageView:
    """One page with what its fences show; `lines` sets it for a width."""

    page: Page
    excerpts: dict[int, Excerpt]
    of: int

    def lines(self, width: int = COLUMNS) -> tuple[Line, ...]:
        """The page as lines of styled spans."""
        return page_lines(self.page, self.excerpts, width)

    @property
    def number(self) -> int:
        """Its number, from 1."""
        return self.page.number

    @property
    def steps(self) -> tuple[Step, ...]:
        """Where Enter opens the world."""
        return tuple(found for found in self.excerpts.values() if isinstance(found, Step))

    @property
    def predictions(self) -> tuple[Prediction, ...]:
        """Questions to answer before going on."""
        return tuple(found for found in self.excerpts.values() if isinstance(found, Prediction))

    @property
    def words(self) -> tuple[Term, ...]:
        """Words of the glossary."""
        return tuple(term for found in self.excerpts.values() if isinstance(found, Words) for term in found.terms)


@dataclass(slots=True)
class LessonSession:
    """One lesson with one learner; made by `LessonSession.open`. `progress` may be None (nothing is kept)."""

    lesson: Lesson
    worlds: Worlds
    progress: Progress | None = None
    number: int = 1
    _quiz: QuizSession | None = None
    _pages: dict[int, PageView] = field(default_factory=dict)

    @classmethod
    def open(
        cls, name: str | Path, *, seed: int | None = None, lang: str | None = None, mailflow_path: str = "",
        progress: Progress | None = None,
    ) -> LessonSession:  # fmt: skip
        """Open a lesson where the learner left it. Raises UsageError and ScenarioError (with every mistake)."""
        lesson = load_lesson(name, lang=lang, mailflow_path=mailflow_path)
        worlds = Worlds(lesson.folder, seed=seed, lang=lang, mailflow_path=mailflow_path)
        session = cls(lesson, worlds, progress)
        session.number = min(session.state().page, len(lesson.pages))
        return session

    @property
    def seed(self) -> int:
        """The seed of the lesson's world and of its shuffling."""
        return self.worlds.scenario(self.lesson.scenario).seed

    def state(self) -> LessonState:
        """How far the lesson is."""
        return lesson_state(self.progress.entries if self.progress is not None else (), self.lesson.id)

    # pages

    def page(self, number: int | None = None) -> PageView:
        """A page (the open one), with its excerpts. Raises UsageError, ExcerptError and errors of the world."""
        number = self.number if number is None else number
        if not 1 <= number <= len(self.lesson.pages):
            message = _("this lesson has {n} pages; there is no page {number}")
            raise UsageError(message.format(n=len(self.lesson.pages), number=number))
        if number not in self._pages:
            page = self.lesson.pages[number - 1]
            quiz = self.lesson.quiz
            asks = {item.id: item.ask for item in quiz.items} if quiz is not None else {}
            found = {fence.line: excerpt(fence, self.worlds, self.lesson.scenario, asks) for fence in page.fences}
            self._pages[number] = PageView(page, found, len(self.lesson.pages))
        return self._pages[number]

    def turn(self, number: int) -> PageView:
        """Open another page (one outside stays at the first or last) and remember it."""
        self.number = min(max(1, number), len(self.lesson.pages))
        if self.progress is not None:
            self.progress.add_page(self.lesson.id, self.number)
        return self.page()

    # questions, labs, worlds

    def quiz(self) -> QuizSession | None:
        """The questions, or None where there are none."""
        if self._quiz is None and self.lesson.quiz is not None:
            self._quiz = QuizSession(self.lesson.quiz, self.worlds, self.seed, self.progress)
        return self._quiz

    def lab(self, name: str | None = None) -> LabSession:
        """A lab of the lesson (the first). Raises UsageError and ScenarioError."""
        labs = self.lesson.head.labs
        chosen = name or (labs[0] if labs else None)
        if chosen is None:
            raise UsageError(_("this lesson has no lab"))
        return LabSession.open(
            chosen, folder=self.lesson.folder, lesson=self.lesson.id, seed=self.worlds.seed, lang=self.worlds.lang,
            mailflow_path=self.worlds.mailflow_path, progress=self.progress,
        )  # fmt: skip

    def run(self, scenario: str | None = None) -> Run:
        """The run of a scenario (the lesson's first), for the stepping screen."""
        return self.worlds.run(scenario or self.lesson.scenario)
