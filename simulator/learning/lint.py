"""Everything that can be said of a lesson before it is tried on many seeds: what `mailflow validate` reports.

Both languages are there and say the same; pages fit; fences find something; what is named exists; every wrong option
explains itself; no two questions ask the same. The rules are in `rules`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from simulator.errors import Diagnostic, MailflowError, ScenarioError, UsageError
from simulator.learning.excerpts import Excerpt, ExcerptError, excerpt
from simulator.learning.finding import Found, every, find_lesson
from simulator.learning.items import TYPES, Item
from simulator.learning.lesson import Lesson, read_lesson
from simulator.learning.myths import myths
from simulator.learning.overlay import LESSON_TEXTS, QUIZ_TEXTS, untranslated
from simulator.learning.pages import Items, Page
from simulator.learning.placing import add_diagnostic, file_source, place_of
from simulator.learning.quiz import REGISTER, Quiz, query_nodes
from simulator.learning.reading import read_file
from simulator.learning.rendering import COLUMNS, ROWS, page_lines, text_of
from simulator.learning.shapes import SECTIONS
from simulator.learning.worlds import Worlds, find_scenario
from simulator.scenario.report import Report
from simulator.scenario.tree import Mapping, Node, Place, Scalar, Sequence, find
from simulator.scenario.words import quoted, suggest

__all__ = ["REFERENCES", "is_lesson", "lessons_in", "lint", "uncovered", "validate"]

REFERENCES: Final = 3
_LANGUAGES: Final = {"en": "English", "ru": "Russian"}
_LECTURE: Final = ("lecture", "лекц")
_WORD: Final = re.compile(r"[A-ZА-ЯЁ][a-zа-яё]+[.!?]?")  # Yes, Nobody; not MUA, mail-alpha, 250


def is_lesson(path: str | Path) -> bool:
    """Whether a path is a lesson: its folder, or a file of it that is no scenario."""
    path = Path(path)
    inside = path.name.startswith(("lesson.", "quiz.")) and path.suffix in (".yaml", ".md")
    return (path / "lesson.yaml").is_file() or (inside and path.is_file())


def lessons_in(path: str | Path) -> tuple[Path, ...]:
    """The folders of the lessons right below a folder, in order; () for anything else."""
    path = Path(path)
    inside = sorted(path.iterdir()) if path.is_dir() and not (path / "lesson.yaml").is_file() else ()
    return tuple(one for one in inside if (one / "lesson.yaml").is_file())


def uncovered(lessons: Iterable[Lesson]) -> tuple[str, ...]:
    """The sections of the lecture that none of these lessons covers: what a course still lacks."""
    covered = {section for lesson in lessons for section in lesson.head.lecture}
    return tuple(section for section in SECTIONS if section not in covered)


def folder_of(path: str | Path) -> Path:
    """The folder of a lesson that a path names."""
    path = Path(path)
    return path.parent if path.is_file() else path


def validate(path: str | Path, *, mailflow_path: str = "") -> tuple[Diagnostic, ...]:
    """Every mistake of a lesson (its folder, a file of it, a number or an id). Raises UsageError if there is none."""
    report = Report()
    if is_lesson(path) and not (folder_of(path) / "lesson.yaml").is_file():
        where = Place(file_source(folder_of(path) / "lesson.yaml"), 1, 1)
        report.add("MF101", where, "the lesson has no lesson.yaml", "begin it with mailflow-lesson: 1")
        return report.diagnostics()
    found = find_lesson(folder_of(path) if is_lesson(path) else path, mailflow_path=mailflow_path)
    lint(found, report, mailflow_path=mailflow_path)
    return report.diagnostics()


def lint(found: Found, report: Report, *, mailflow_path: str = "") -> Lesson | None:
    """Check a lesson in all its languages; gives it in the author's own language as far as it can be read."""
    own = read_lesson(found, report)
    if own is None:
        return None
    _Linter(own, report, mailflow_path).all()
    return own


class _Linter:
    def __init__(self, lesson: Lesson, report: Report, mailflow_path: str) -> None:
        self._lesson = lesson
        self._report = report
        self._path = mailflow_path
        self._worlds = Worlds(lesson.folder, mailflow_path=mailflow_path)
        self._good = True

    def all(self) -> None:
        """Every check, in the order of the files."""
        self._named()
        self._needs()
        for language in _LANGUAGES:
            self._language(language)
        quiz = self._lesson.quiz
        if quiz is not None:
            self._quiz(quiz)
        for name in self._lesson.head.labs:
            self._lab(name)

    # what is named

    def _named(self) -> None:
        tree = self._lesson.head.tree
        for noun in ("scenarios", "labs"):
            nodes = find(tree, (noun,))
            for node in nodes.items if isinstance(nodes, Sequence) else ():
                self._scenario(node, lab=noun == "labs")
        quiz = self._lesson.quiz
        if quiz is None:
            where = Place(file_source(self._lesson.folder / "quiz.yaml"), 1, 1)
            self._report.add("MF101", where, "the lesson has no questions", "write quiz.yaml beside lesson.yaml")
            return
        self._scenario(quiz.tree.values["scenario"])
        if quiz.lesson != self._lesson.id:
            node = quiz.tree.values["lesson"]
            self._report.at("MF121", node, f"this is the quiz of lesson {self._lesson.id}", f"write {self._lesson.id}")

    def _scenario(self, node: Node, *, lab: bool = False) -> None:
        if not isinstance(node, Scalar):
            return
        try:
            scenario = self._worlds.scenario(node.text)
        except UsageError as error:
            message, _sep, hint = str(error).partition("; ")
            self._report.at("MF121", node, message, hint)
            self._good = False
            return
        except ScenarioError as error:
            self._good = False
            for one in error.diagnostics:
                add_diagnostic(one, self._report)
            return
        if lab and scenario.lab is None:
            self._report.at("MF121", node, f"{node.text} has no lab part", "write lab: with task, goals and a solution")

    def _needs(self) -> None:
        nodes = find(self._lesson.head.tree, ("needs",))
        beside = [one.name for one in sorted(self._lesson.folder.resolve().parent.iterdir()) if one.is_dir()]
        known = {one.id for one in every(mailflow_path=self._path)} | {
            name.partition("-")[2] or name for name in beside
        }
        for node in nodes.items if isinstance(nodes, Sequence) else ():
            if isinstance(node, Scalar) and node.text not in known:
                hint = suggest(node.text, sorted(known))
                self._report.at("MF121", node, f"there is no lesson {quoted(node.text)}", hint)

    # languages

    def _language(self, language: str) -> None:
        own = self._lesson
        if language == own.head.language:
            self._pages(own)
            return
        missing = False
        for name in (f"lesson.{language}.md", f"lesson.{language}.yaml", f"quiz.{language}.yaml"):
            if not (own.folder / name).is_file() and (own.quiz is not None or not name.startswith("quiz")):
                where = Place(file_source(own.folder / name), 1, 1)
                hint = f"write {name}: a lesson that lacks a language is unfinished"
                self._report.add("MF107", where, f"the lesson is not there in {_LANGUAGES[language]}", hint)
                missing = True
        other = None if missing else read_lesson(own.found, self._report, lang=language)
        if other is not None:
            self._untranslated(language)
            self._pages(other)
            self._same_pages(other)

    def _untranslated(self, language: str) -> None:
        own = self._lesson
        trees = [("lesson", own.head.tree, LESSON_TEXTS)]
        trees += [("quiz", own.quiz.tree, QUIZ_TEXTS)] if own.quiz is not None else []
        for name, tree, texts in trees:
            path = own.folder / f"{name}.{language}.yaml"
            overlay = read_file(path, str(path), self._report)
            for where, node in untranslated(tree, overlay, texts):
                if _is_prose(node):
                    hint = f"write it into {path.name}"
                    self._report.at("MF107", _text_node(node), f"{where} is not there in {_LANGUAGES[language]}", hint)

    def _same_pages(self, other: Lesson) -> None:
        own, text = self._lesson.pages, other.text
        if len(own) != len(other.pages):
            hint = f"it has {len(other.pages)} pages, and the other {len(own)}"
            self._report.add("MF124", text.place(1), "the two languages have not the same pages", hint)
            return
        for one, page in zip(own, other.pages, strict=True):
            mine, theirs = ([(fence.word, fence.options) for fence in two.fences] for two in (one, page))
            if mine != theirs:
                words = ", ".join(word for word, _options in mine) or "none"
                hint = f"the fences of this page in the other language: {words}"
                self._report.add("MF124", text.place(page.line), f"page {page.number} has other fences", hint)

    # pages

    def _pages(self, lesson: Lesson) -> None:
        for page in lesson.pages:
            found = self._excerpts(lesson, page)
            if found is not None:
                self._fits(lesson, page, found)
        self._ending(lesson)

    def _excerpts(self, lesson: Lesson, page: Page) -> dict[int, Excerpt] | None:
        quiz = lesson.quiz
        asks = {item.id: item.ask for item in quiz.items} if quiz is not None else {}
        found: dict[int, Excerpt] = {}
        whole = self._good
        for fence in page.fences if self._good else ():
            try:
                found[fence.line] = excerpt(fence, self._worlds, lesson.scenario, asks)
            except ExcerptError as error:
                place = lesson.text.place(fence.line + error.line, error.column)
                self._report.add("MF102", place, str(error), error.hint, error.width)
                whole = False
            except MailflowError as error:
                self._report.add("MF102", lesson.text.place(fence.line + 1), str(error), "look at what it names")
                whole = False
        return found if whole else None

    def _fits(self, lesson: Lesson, page: Page, found: dict[int, Excerpt]) -> None:
        lines = page_lines(page, found)
        place = lesson.text.place(page.line)
        if len(lines) > ROWS:
            message = f"page {page.number} has {len(lines)} lines, and {ROWS} fit"
            self._report.add("MF103", place, message, "end it earlier with a line ---, or say less")
        wide = next((text_of(line) for line in lines if len(text_of(line)) > COLUMNS), None)
        if wide is not None:
            message = f"page {page.number} has a line of {len(wide)} columns, and {COLUMNS} fit: {wide[:20]}..."
            self._report.add("MF103", place, message, "shorten the table or the code")

    def _ending(self, lesson: Lesson) -> None:
        last = lesson.pages[-1]
        items = sum(len(block.items) for block in last.blocks if isinstance(block, Items))
        if items < REFERENCES:
            hint = "end the lesson with a list of three: RFC section, manual page, book"
            self._report.add("MF125", lesson.text.place(last.line), f"the last page names {items} references", hint)
        text = "\n".join(lesson.text.source.lines).casefold()
        if not any(word in text for word in _LECTURE):
            hint = "add a page on what the lecture says, and what it leaves out"
            self._report.add("MF109", lesson.text.place(last.line), "no page speaks of the lecture", hint)

    # questions and labs

    def _quiz(self, quiz: Quiz) -> None:
        seen: dict[str, str] = {}
        for item in quiz.items:
            node = item.node
            assert isinstance(node, Mapping)
            if item.skill not in self._lesson.head.skills:
                hint = suggest(item.skill, self._lesson.head.skills)
                self._report.at(
                    "MF108", node.values["skill"], f"the lesson teaches no skill {quoted(item.skill)}", hint
                )
            key = next((query for query in query_nodes(node)), None)
            text = f"{item.scenario}: {item.key}"
            if item.key is not None and text in seen and key is not None:
                hint = "ask something else, or take one of the two away"
                self._report.at("MF110", key, f"{seen[text]} asks the world the same", hint)
            seen.setdefault(text, item.id)
            self._whys(item)

    def _whys(self, item: Item) -> None:
        if not self._good or not item.options or item.type == "match":
            return
        kind = TYPES[item.type]
        found = kind.found(item, self._worlds)
        for problem in kind.problems(item, found, self._worlds):
            if problem.rule == "MF105":
                self._report.at(problem.rule, place_of(item, problem), problem.message, problem.hint)

    def _lab(self, name: str) -> None:
        try:
            path, _called = find_scenario(name, self._lesson.folder, mailflow_path=self._path)
            tree = read_file(path, str(path), self._report)
        except (UsageError, ScenarioError):
            return  # `_named` has said so
        for trap in _items(tree, "traps"):
            myth = trap.values.get("myth") if isinstance(trap, Mapping) else None
            if isinstance(myth, Scalar) and myth.text not in myths():
                message = f"no misconception is called {quoted(myth.text)}"
                self._report.at("MF106", myth, message, suggest(myth.text, myths(), otherwise=REGISTER))
        for language in _LANGUAGES:
            own = tree.values.get("language")
            beside = path.with_name(f"{path.stem}.{language}.yaml")
            if language != (own.text if isinstance(own, Scalar) else "en") and not beside.is_file():
                where = Place(file_source(beside), 1, 1)
                message = f"the lab {name} is not there in {_LANGUAGES[language]}"
                self._report.add("MF107", where, message, f"write {beside.name}")


def _items(tree: Mapping, noun: str) -> Iterator[Node]:
    found = find(tree, ("lab", noun))
    yield from found.items if isinstance(found, Sequence) else ()


def _is_prose(node: Node) -> bool:
    """Whether a text has words to translate: codes, addresses and names of the wire have none."""
    text = _text_node(node)
    return isinstance(text, Scalar) and (" " in text.text.strip() or bool(_WORD.fullmatch(text.text.strip())))


def _text_node(node: Node) -> Node:
    return node.items[1] if isinstance(node, Sequence) and len(node.items) == 2 else node
