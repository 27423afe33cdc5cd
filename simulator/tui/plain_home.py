"""Plain home and plain lesson: the list to open from, and pages that are read one after the other."""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import UsageError
from ..learning.rendering import text_of
from ..learning.sessions import LessonSession
from ..scenario.finding import catalogue
from ..text import N_, _, language
from .home import first_world, open_session
from .lesson_page import said_of
from .plain_desk import Level, PlainDesk
from .plain_world import WorldLevel
from .progress_place import progress_texts
from .standing import LessonRow, Standing, due_text, standing

__all__ = ["HomeLevel", "LessonLevel"]

_WIDTH = 76


class HomeLevel(Level):
    """Home: a number opens a lesson, a name a scenario."""

    def __init__(self, desk: PlainDesk) -> None:
        super().__init__(desk)
        self.standing: Standing
        self.commands = {
            "review": self._review, "r": self._review, "progress": self._progress, "g": self._progress,
            "quiz": self._quiz, "lab": self._lab, "lesson": self.other, "play": self._play, "list": self._list,
        }  # fmt: skip
        self.help = [
            ("NUMBER", N_("opens a lesson")), ("quiz [NUMBER]", N_("The questions of the lesson")),
            ("lab [NUMBER]", N_("The lab of the lesson")), ("play SCENARIO", N_("steps through a world")),
            ("review", N_("Answer the questions that come back today")),
            ("progress", N_("Skills, slips and lessons so far")), ("list", N_("this list again")),
        ]  # fmt: skip

    def opening(self) -> Iterator[str]:
        """Say where to go on, and list lessons and scenarios."""
        learner = self.desk.learner
        self.standing = standing(learner.progress, learner.now(), mailflow_path=learner.mailflow_path)
        on = self.standing.on
        yield _("mailflow   E-mail from A to Z")
        if on is not None:
            yield _("Go on: {lesson}. An empty line opens it.").format(lesson=on.name)
        if self.standing.due:
            yield due_text(len(self.standing.due)) + " (review)"
        if self.standing.slip:
            yield _("Last slip: {slip}").format(slip=self.standing.slip)
        yield _("Lessons:")
        for row in self.standing.lessons:
            yield f"  {row.listed.number}  {row.listed.title}  [{row.word}]  {row.score}"
        yield _("Sandbox: worlds to play with") + " (play SCENARIO)"
        for world in first_world(catalogue(mailflow_path=learner.mailflow_path, lang=language())):
            yield f"  {world.id}  {world.title}"
        yield _("Commands: a number opens a lesson, quiz, lab, play, review, progress, words, help, q")

    def empty(self) -> Iterator[str]:
        """Go on."""
        return self._lesson(self._row(""))

    def other(self, line: str) -> Iterator[str]:
        """Open the lesson of that number or id, or play the scenario of that name."""
        try:
            row = self._row(line)
        except UsageError:
            if " " not in line and not line.isdigit():
                yield from self._play(line)
                return
            raise
        yield from self._lesson(row)

    def _row(self, name: str) -> LessonRow:
        """The lesson of a number or id; of nothing, the one to go on with. Raises UsageError."""
        rows = self.standing.lessons
        if not name and self.standing.on is not None:
            return self.standing.on
        for row in rows:
            if name == row.listed.id or (name.isdigit() and int(name) == row.listed.number):
                return row
        known = ", ".join(str(row.listed.number) for row in rows)
        raise UsageError(_("there is no lesson {name}; there are {known}").format(name=repr(name), known=known))

    def _session(self, row: LessonRow) -> LessonSession:
        return open_session(self.desk.learner, row.listed.found.folder)

    def _lesson(self, row: LessonRow) -> Iterator[str]:
        yield from self.desk.push(LessonLevel(self.desk, self._session(row)))

    def _quiz(self, rest: str) -> Iterator[str]:
        from .plain_quiz import QuizLevel

        yield from self.desk.push(QuizLevel.of_lesson(self.desk, self._session(self._row(rest))))

    def _lab(self, rest: str) -> Iterator[str]:
        from .plain_lab import LabLevel

        yield from self.desk.push(LabLevel(self.desk, self._session(self._row(rest))))

    def _play(self, rest: str) -> Iterator[str]:
        from ..scenario.loading import load
        from ..scenario.world import run

        if not rest:
            raise UsageError(_("play wants the name of a scenario, such as first-letter"))
        learner = self.desk.learner
        scenario = load(rest, seed=learner.seed, lang=language(), mailflow_path=learner.mailflow_path)
        yield from self.desk.push(WorldLevel(self.desk, run(scenario), rest))

    def _review(self, rest: str) -> Iterator[str]:
        from .plain_quiz import QuizLevel

        if not self.standing.due:
            yield _("nothing comes back today")
            return
        sessions: dict[str, LessonSession] = {}
        items = []
        for lesson, item in self.standing.due:
            if lesson not in sessions:
                sessions[lesson] = self._session(self._row(lesson))
            quiz = sessions[lesson].quiz()
            if quiz is not None and item in quiz.states:
                items.append((quiz, item))
        yield from self.desk.push(QuizLevel(self.desk, items, again=True))

    def _progress(self, rest: str) -> Iterator[str]:
        yield from (text for text, _style in progress_texts(self.standing, _WIDTH))

    def _list(self, rest: str) -> Iterator[str]:
        return self.opening()


class LessonLevel(Level):
    """One lesson: an empty line or `next` reads on."""

    def __init__(self, desk: PlainDesk, session: LessonSession) -> None:
        super().__init__(desk)
        self.session = session
        self.commands = {
            "next": self._next, "n": self._next, "back": self._turn_back, "b": self._turn_back, "page": self._page,
            "quiz": self._quiz, "t": self._quiz, "lab": self._lab, "l": self._lab, "predict": self._predict,
            "p": self._predict, "world": self._world, "w": self._world, "words": self._words, "pages": self._pages,
        }  # fmt: skip
        self.help = [
            ("next, n, empty line", N_("Turn to the next page; after the last one come the questions")),
            ("back, b", N_("Turn back a page")), ("page N", N_("turn to page N")),
            ("pages", N_("the headings of all pages")),
            ("predict, p", N_("Say what will happen; then see what does")),
            ("world, w [N]", N_("the world of this lesson, at the step of this page or at event N")),
            ("quiz, t", N_("The questions of the lesson")), ("lab, l", N_("The lab of the lesson")),
        ]  # fmt: skip

    def opening(self) -> Iterator[str]:
        """Say which lesson it is, and read the page that was open."""
        head = self.session.lesson.head
        yield f"{self.session.lesson.found.number:02d} {head.title}"
        yield _("Commands: next, back, predict, world, words, quiz, lab, help, q. An empty line reads on.")
        yield from self._read()

    def back(self) -> Iterator[str]:
        """Say which page is open."""
        heading = self.session.page().page.heading
        at, of = self.session.number, len(self.session.lesson.pages)
        yield _("page {n} of {of}").format(n=at, of=of) + f": {heading}   " + _("an empty line reads on")

    def respoken(self) -> None:
        """Open the lesson in the other language, on the same page."""
        number, folder = self.session.number, self.session.lesson.folder
        self.session = open_session(self.desk.learner, folder)
        self.session.number = min(number, len(self.session.lesson.pages))

    def _read(self, number: int | None = None) -> Iterator[str]:
        view = self.session.page() if number is None else self.session.turn(number)
        yield ""
        yield _("page {n} of {of}").format(n=view.number, of=view.of)
        yield from (text_of(line) for line in view.lines(_WIDTH))
        if view.predictions:
            yield _("(predict answers the question)")

    def empty(self) -> Iterator[str]:
        """Read on."""
        return self._next("")

    def _next(self, rest: str) -> Iterator[str]:
        if self.session.number < len(self.session.lesson.pages):
            yield from self._read(self.session.number + 1)
            return
        yield _("this was the last page; quiz asks the questions, lab opens the lab, q goes home")

    def _turn_back(self, rest: str) -> Iterator[str]:
        if self.session.number == 1:
            yield _("this is the first page")
        else:
            yield from self._read(self.session.number - 1)

    def _page(self, rest: str) -> Iterator[str]:
        of = len(self.session.lesson.pages)
        if not rest.isdigit() or not 1 <= int(rest) <= of:
            raise UsageError(_("page wants a number from 1 to {n}").format(n=of))
        return self._read(int(rest))

    def _pages(self, rest: str) -> Iterator[str]:
        for page in self.session.lesson.pages:
            yield f"  {page.number}  {page.heading}"

    def _words(self, rest: str) -> Iterator[str]:
        return self.desk._words(rest) if rest else iter(said_of(self.session.page(), _WIDTH))

    def _quiz(self, rest: str) -> Iterator[str]:
        from .plain_quiz import QuizLevel

        yield from self.desk.push(QuizLevel.of_lesson(self.desk, self.session))

    def _predict(self, rest: str) -> Iterator[str]:
        from .plain_quiz import QuizLevel

        quiz, asked = self.session.quiz(), self.session.page().predictions
        if quiz is None or not asked:
            yield _("this page asks nothing; quiz opens the questions")
            return
        yield from self.desk.push(QuizLevel(self.desk, [(quiz, one.item) for one in asked], inline=True))

    def _lab(self, rest: str) -> Iterator[str]:
        from .plain_lab import LabLevel

        yield from self.desk.push(LabLevel(self.desk, self.session))

    def _world(self, rest: str) -> Iterator[str]:
        steps = self.session.page().steps
        scenario = steps[0].scenario if steps else self.session.lesson.scenario
        run = self.session.run(scenario)
        text = rest.removeprefix("e").removeprefix("е")
        if text and not (text.isdigit() and 1 <= int(text) <= len(run.records)):
            raise UsageError(_("there is no event {where}; write go e12 or go smtp.reply/2").format(where=repr(rest)))
        n = int(text) if text else steps[0].line.n if steps else None
        name = self.session.worlds.link(scenario, run.records[0]).partition("#")[0]
        yield from self.desk.push(WorldLevel(self.desk, run, name, n))
