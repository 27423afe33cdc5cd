"""The lesson: a page at a time, with doors into the world, questions before going on, and words.

Space reads on; the cursor goes from one thing that can be opened to the next.
"""

from __future__ import annotations

from ..errors import MailflowError, ScenarioError
from ..learning.sessions import LessonSession, PageView
from ..text import _, language
from .desk import Desk
from .home import error_lines, open_session
from .lesson_page import PageLine, page_of
from .lines import Line, clip, line, wrap
from .panes import box, scrolled
from .place import Place
from .world_place import WorldPlace

__all__ = ["LessonPlace"]

_WIDEST = 96
_CELLS = 10


class LessonPlace(Place):
    """One lesson on the desk."""

    screen = "lesson"

    def __init__(self, desk: Desk, session: LessonSession) -> None:
        super().__init__(desk)
        self.session = session
        self.said: dict[str, tuple[str, ...]] = {}
        self.world: WorldPlace | None = None
        self.at = 0
        self.top = 0
        self._language = language()
        self._lines: list[PageLine] = []
        self._view: PageView | None = None
        self._rows = 20
        self.does |= {
            "next": self._next, "back": lambda: self._turn(self.session.number - 1), "open": self._open,
            "predict": self._predict, "world": self._world, "questions": self._questions, "lab": self._lab,
            "top": lambda: self._turn(1), "bottom": lambda: self._turn(len(self.session.lesson.pages)),
            "up": lambda: self._move(-1), "down": lambda: self._move(1),
        }  # fmt: skip
        self._turn(session.number)

    def plain_command(self) -> str:
        """Return the command line that opens this in plain mode."""
        return f"mailflow lesson {self.session.lesson.id} --plain"

    def entered(self) -> None:
        """Read the lesson anew when another language is spoken."""
        if self._language != language():
            self._reopen()

    def _reopen(self) -> None:
        self._language = language()
        number, learner = self.session.number, self.desk.learner
        assert learner is not None
        try:
            self.session = open_session(learner, self.session.lesson.folder)
        except (ScenarioError, MailflowError) as error:
            self.tell(_("This cannot be opened"), error_lines(error))
        self.said.clear()
        self.world = None
        self._turn(number)

    # Pages

    def _turn(self, number: int) -> None:
        self.top, self.at, self._lines = 0, -1, []
        try:
            same = number == self.session.number  # opening a lesson is no progress yet
            self._view = self.session.page() if same else self.session.turn(number)
        except (ScenarioError, MailflowError) as error:
            self._view = None
            self.tell(_("This page cannot be shown"), error_lines(error))
        self._lines = self._made(76)
        if self._view is not None and self._view.predictions and not self.message:
            self.message = _("A question stands on this page: p answers it")

    def _next(self) -> None:
        if self.top + self._rows < len(self._lines):
            self.top += self._rows - 1
        elif self.session.number < len(self.session.lesson.pages):
            self._turn(self.session.number + 1)
        else:
            self._after_the_pages()

    def _after_the_pages(self) -> None:
        quiz = self.session.quiz()
        if quiz is not None and quiz.next_open() is not None:
            self._questions()
        elif self.session.lesson.head.labs:
            self._lab()
        else:
            self.message = _("this was the last page; q goes home")

    # The cursor

    def _targets(self) -> list[int]:
        """The lines that can be opened; of a question or words only the first line counts."""
        found: list[int] = []
        for at, shown in enumerate(self._lines):
            again = at > 0 and self._lines[at - 1].command == shown.command
            if shown.command and not again:
                found.append(at)
        return found

    def _move(self, by: int) -> None:
        targets = self._targets()
        seen = [at for at in targets if (at > self.at if by > 0 else at < self.at)]
        if seen:
            self.at = min(seen) if by > 0 else max(seen)
        else:
            last = max(0, len(self._lines) - self._rows)
            self.top = max(0, min(self.top + by, last))

    def _open(self) -> None:
        if self.at < 0 or self.at >= len(self._lines):
            first = self._default()
            if first is None:
                self.message = _("nothing here opens; Space reads on")
                return
            self.at = first
        self._go(self._lines[self.at].command)

    def _default(self) -> int | None:
        """What Enter opens before the cursor was moved: a step, else the first thing that opens."""
        assert self._view is not None
        steps = {f"world:{step.scenario}:{step.line.n}" for step in self._view.steps}
        targets = self._targets()
        return next((at for at in targets if self._lines[at].command in steps), targets[0] if targets else None)

    def _go(self, command: str) -> None:
        what, _sep, rest = command.partition(":")
        if what == "world":
            scenario, _sep, n = rest.rpartition(":")
            self._open_world(scenario, int(n))
        elif what == "predict":
            self._ask(rest)
        elif what == "word":
            self.open_glossary()

    def clicked(self, command: str) -> None:
        """Open the line that was clicked."""
        self.at = int(command)
        self._go(self._lines[self.at].command)

    # What opens

    def _open_world(self, scenario: str, n: int | None) -> None:
        try:
            run = self.session.run(scenario)
            record = run.records[(n or 1) - 1]
            name = self.session.worlds.link(scenario, record).partition("#")[0]
        except (ScenarioError, MailflowError) as error:
            self.tell(_("This world cannot be opened"), error_lines(error))
            return
        if self.world is None or self.world.view.walk.run is not run:
            self.world = WorldPlace.of(self.desk, run, name, n)
        elif n is not None:
            self.world.view.go(n)
        self.world.view.message = _("q comes back to the lesson") if n is None else ""
        self.desk.push(self.world)

    def _world(self) -> None:
        self._open_world(self.session.lesson.scenario, None)

    def _predict(self) -> None:
        found = [one.item for one in self._view.predictions] if self._view is not None else []
        waiting = [item for item in found if item not in self.said]
        if not found:
            self.message = _("this page asks nothing; t opens the questions")
        else:
            self._ask((waiting or found)[0])

    def _ask(self, item: str) -> None:
        from .quiz_place import QuizPlace

        quiz = self.session.quiz()
        if quiz is None:
            return
        place = QuizPlace(self.desk, [(quiz, item)], _("Before you go on"), told=self._told)
        self.desk.push(place)

    def _told(self, item: str, texts: tuple[str, ...]) -> None:
        """Keep what was answered, to show it on the page."""
        self.said[item] = texts
        self.message = _("Space reads on")

    def _questions(self) -> None:
        from .quiz_place import open_quiz

        self.message = open_quiz(self.desk, self.session)

    def _lab(self) -> None:
        from .lab_place import LabPlace

        try:
            self.desk.push(LabPlace(self.desk, self.session))
        except (ScenarioError, MailflowError) as error:
            self.tell(_("This cannot be opened"), error_lines(error))

    def open_glossary(self) -> None:
        """Open the glossary with the words of this page at the top."""
        from .glossary import Glossary

        self.desk.push(Glossary(self.desk, self._view.words if self._view is not None else ()))

    # Drawing

    def body(self, width: int, height: int) -> list[Line]:
        """Return the page in its frame; the frame says where we are."""
        lesson, rows = self.session.lesson, height - 2
        self._rows = rows
        self._lines = self._made(min(width - 4, _WIDEST))
        at = self.at if self.at >= 0 else None
        if at is not None:
            self.top = scrolled(self.top, at, len(self._lines), rows)
        for y in range(self.top, min(len(self._lines), self.top + rows)):
            if self._lines[y].command:
                self.hits.append((0, width, 1 + y - self.top, str(y)))
        number, of = self.session.number, len(lesson.pages)
        filled = round(number / of * _CELLS)
        mark = f"L{lesson.found.number:02d} " if lesson.found.number else ""
        right = _("page {n} of {of}").format(n=number, of=of)
        note = f" [{'#' * filled}{'-' * (_CELLS - filled)}] {self._marks()} "
        shown = [one.line for one in self._lines]
        title = (mark + clip(lesson.head.title, width - 40), right)
        return box(title, shown, (width, height), active=True, selected=at, top=self.top, note=note)

    def _made(self, width: int) -> list[PageLine]:
        if self._view is None:
            return [PageLine(line(text)) for text in wrap(_("This page cannot be shown"), width)]
        return page_of(self._view, self.session.lesson.scenario, self.said, width)

    def _marks(self) -> str:
        quiz = self.session.quiz()
        parts = []
        if quiz is not None:
            score = quiz.score()
            parts.append(_("questions {done} of {n}").format(done=score.done, n=score.of))
        labs = self.session.lesson.head.labs
        if labs:
            solved = len(self.session.state().labs)
            parts.append(_("lab solved") if solved >= len(labs) else _("lab open"))
        return "   ".join(parts)

    def message_line(self, width: int) -> Line:
        """Return the message, or what Enter does here."""
        if not self.message:
            self.message = _("Space reads on; Up and Down choose what Enter opens")
        return super().message_line(width)
