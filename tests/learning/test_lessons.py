"""Lesson folders: finding, reading, pages with live excerpts, both languages, and what validate and test say of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from simulator.errors import Diagnostic, ScenarioError, UsageError
from simulator.learning.checks import prove
from simulator.learning.excerpts import Lines, Prediction, Step, Words
from simulator.learning.finding import catalogue, every, find_lesson
from simulator.learning.lesson import load_lesson
from simulator.learning.lint import is_lesson, lessons_in, uncovered, validate
from simulator.learning.pages import Code, Heading, Items, Paragraph, Quote, Table, read_pages
from simulator.learning.progress import Progress
from simulator.learning.rendering import page_lines, text_of
from simulator.learning.schema import KINDS, schema_text
from simulator.learning.sessions import LessonSession
from simulator.text import set_language
from tests.conftest import ROOT
from tests.learning.example import CHOICE, FILES, HEAD, LAB, LESSON, QUIZ, SCENARIO, WORLD, lesson_folder


def caret(found: Diagnostic) -> str:
    """The characters that the caret covers."""
    return found.source[found.column - 1 : found.column - 1 + found.width]


# finding


def test_lessons_are_found_here_then_on_the_path_in_the_order_of_their_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lesson_folder(tmp_path / "a", number=2)
    other = lesson_folder(tmp_path / "b", {"lesson.yaml": LESSON.replace("small-lesson", "other")}, number=1)
    other.rename(other.with_name("01-other"))
    monkeypatch.chdir(tmp_path / "a")
    path = str(tmp_path / "b" / "lessons")
    found = [(one.number, one.id, one.where) for one in every(mailflow_path=path) if one.where != "shipped"]
    assert found == [(1, "other", "path"), (2, "small-lesson", "here")]
    for name in (
        "2",
        "small-lesson",
        "02-small-lesson",
        "lessons/02-small-lesson",
        "lessons/02-small-lesson/lesson.yaml",
    ):
        assert find_lesson(name).id == "small-lesson"
    with pytest.raises(UsageError, match="did you mean small-lesson"):
        find_lesson("smal-lesson")


def test_the_list_of_lessons_speaks_the_language_and_survives_a_broken_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lesson_folder(tmp_path)
    broken = lesson_folder(tmp_path, {"lesson.yaml": "title: [\n"}, number=2)
    broken.rename(broken.with_name("02-broken"))
    monkeypatch.chdir(tmp_path)
    mine = [one for one in catalogue(lang="ru") if one.found.where == "here"]
    assert mine[0].title == "Маленький урок"
    assert mine[0].skills == ("назвать этапы",)
    assert "lesson.yaml:" in mine[1].title


# pages


def test_markdown_is_cut_into_pages_and_blocks() -> None:
    text = "# A *b*\n\none `two`\nthree\n\n* x\n  1. y\n\n> said\n\n    code\n\n| a | b |\n|---|---|\n| c | d |\n\n---\n\nnext\n"
    first, second = read_pages(text)
    kinds = [type(block) for block in first.blocks]
    assert kinds == [Heading, Paragraph, Items, Quote, Code, Table]
    assert first.heading == "A b"
    assert [text_of(line) for line in page_lines(first, {})] == [
        "A b", "", "one two three", "", "* x", "  1. y", "", "| said", "", "    code", "", "a  b", "-  -", "c  d",
    ]  # fmt: skip
    assert second.line == 18


def test_a_rule_of_hyphens_inside_a_fence_ends_no_page() -> None:
    assert len(read_pages("```\n---\n```\n")) == 1


def test_words_wrap_and_keep_their_styles() -> None:
    (page,) = read_pages("**bold** and `code`, then " + "word " * 30)
    lines = page_lines(page, {}, 40)
    assert all(len(text_of(line)) <= 40 for line in lines)
    assert text_of(lines[0]).startswith("bold and code, then word")
    assert [(span.text, span.style) for span in lines[0][:1]] == [("bold", "strong")]


def test_control_characters_of_a_page_are_shown_and_not_obeyed() -> None:
    (page,) = read_pages("a \u202e b\n\n    c\x9bd\n")
    shown = "".join(text_of(line) for line in page_lines(page, {}))
    assert "\u202e" not in shown
    assert "\\u202e" in shown


def test_fences_are_answered_by_the_run(tmp_path: Path) -> None:
    session = LessonSession.open(lesson_folder(tmp_path))
    found = list(session.page(1).excerpts.values())
    assert [type(one) for one in found] == [Lines, Step, Prediction, Words]
    assert isinstance(found[0], Lines)
    assert found[0].lines[0].text.startswith("250 2.1.5")
    assert session.page(1).steps[0].link == "#deliver/1"
    assert session.page(1).predictions[0].item == "who-asks"
    assert [term.key for term in session.page(1).words] == ["envelope", "bounce"]
    lines = [text_of(line) for line in session.page(1).lines()]
    assert any("mail-beta > mail-alpha" in line for line in lines)
    assert not any("smtp.reply verb" in line for line in lines)


def test_a_lesson_opens_where_it_was_left(tmp_path: Path) -> None:
    made, progress = lesson_folder(tmp_path), Progress(tmp_path / "home")
    session = LessonSession.open(made, progress=progress)
    assert session.number == 1
    assert session.turn(2).number == 2
    assert session.turn(9).number == 2
    assert LessonSession.open(made, progress=Progress(tmp_path / "home")).number == 2
    with pytest.raises(UsageError, match="2 pages"):
        session.page(3)


def test_a_quiz_goes_on_where_it_was_left(tmp_path: Path) -> None:
    made = lesson_folder(tmp_path)
    quiz = LessonSession.open(made, progress=Progress(tmp_path / "home")).quiz()
    assert quiz is not None
    wrong = next(one.label for one in quiz.question("who-asks").choices if one.id == "pc-anna")
    quiz.answer("who-asks", wrong, "certain")
    again = LessonSession.open(made, progress=Progress(tmp_path / "home")).quiz()
    assert again is not None
    assert (again.states["who-asks"].tries, again.next_open()) == (1, "who-asks")
    feedback = again.answer("who-asks", ("mail-alpha",))
    assert (feedback.points, again.next_open(), again.score().points) == (0.5, None, 0.5)
    assert feedback.review == 1


def test_feedback_comes_in_its_order_and_hides_the_key_while_a_try_is_open(tmp_path: Path) -> None:
    quiz = LessonSession.open(lesson_folder(tmp_path)).quiz()
    assert quiz is not None
    first = quiz.answer("who-asks", ("pc-anna",))
    assert (first.done, first.value, first.observed) == (False, "", ())
    second = quiz.answer("who-asks", ("pc-anna",))
    assert (second.done, second.value, second.points) == (True, "The server", 0.0)
    lines = list(second.lines())
    order = [
        lines.index(next(line for line in lines if word in line))
        for word in (
            "Your answer: The program",
            "The world: The server",
            "MX",
            "It asks for an address only.",
            "dns.query qname",
        )
    ]
    assert order == sorted(order)
    assert second.observed[0].link.endswith("#dns.query/5") or "#dns.query/" in second.observed[0].link


def test_hints_cost_nothing_and_the_solution_ends_the_item(tmp_path: Path) -> None:
    quiz = LessonSession.open(lesson_folder(tmp_path)).quiz()
    assert quiz is not None
    hint = quiz.hint("who-asks")
    assert hint is not None
    assert hint.text == "Look at the ladder."
    assert quiz.hint("who-asks") is None
    shown = quiz.solution("who-asks")
    assert (shown.done, shown.points, shown.value) == (True, 0.0, "The server")
    assert quiz.answer("who-asks", ("mail-alpha",)).points == 0.0


def test_a_lesson_speaks_russian(tmp_path: Path) -> None:
    set_language("ru")
    try:
        session = LessonSession.open(lesson_folder(tmp_path), lang="ru")
        assert session.lesson.head.title == "Маленький урок"
        assert session.page(1).page.heading == "Одно письмо"
        assert "конверт" in " ".join(text_of(line) for line in session.page(1).lines())
        quiz = session.quiz()
        assert quiz is not None
        assert quiz.question("who-asks").ask == "Кто спросил MX?"
        assert quiz.answer("who-asks", ("pc-anna",)).why == "Она спрашивает только адрес."
    finally:
        set_language("en")


def test_a_lesson_without_a_language_falls_back_to_the_authors(tmp_path: Path) -> None:
    made = lesson_folder(tmp_path, {"lesson.ru.md": None, "quiz.ru.yaml": None, "lesson.ru.yaml": None})
    session = LessonSession.open(made, lang="ru")
    assert session.page(1).page.heading == "One letter"


# validate


def test_a_good_lesson_has_no_mistake_and_is_proved(tmp_path: Path) -> None:
    made = lesson_folder(tmp_path)
    assert validate(made) == ()
    proof = prove(made, seeds=2)
    assert proof.good
    assert (proof.items, proof.labs, proof.seeds) == (1, 1, 2)


@pytest.mark.parametrize("name", ["", "lesson.yaml", "quiz.yaml", "quiz.ru.yaml", "lesson.en.md"])
def test_any_file_of_a_lesson_names_it(tmp_path: Path, name: str) -> None:
    made = lesson_folder(tmp_path, {"lesson.yaml": LESSON.replace("minutes: 5", "minutes: soon")})
    assert is_lesson(made / name)
    assert not is_lesson(made / "small.yaml")
    (found,) = validate(made / name)
    assert (found.rule, caret(found)) == ("MF025", "soon")


def test_a_folder_of_lessons_gives_them_in_order_and_what_they_leave_out(tmp_path: Path) -> None:
    first, second = lesson_folder(tmp_path), lesson_folder(tmp_path, number=2)
    assert lessons_in(tmp_path / "lessons") == (first, second)
    assert lessons_in(first) == lessons_in(first / "lesson.yaml") == ()
    assert uncovered([load_lesson(first)]) == ("S0", "S2", "S3", "S4", "S5", "S6", "S7", "homework")


MISTAKES = [
    ("quiz.yaml", "type: choice", "type: choise", "MF024", "choise"),
    ("quiz.yaml", "type: choice", "type: tipe", "MF024", "tipe"),
    ("quiz.yaml", "first from", "first frm", "MF050", "frm"),
    ("quiz.yaml", "client-looks-up-mx", "client-looks-up", "MF106", "client-looks-up"),
    ("quiz.yaml", "is: pc-anna", "is: mail-alpha", "MF037", "mail-alpha"),
    ("quiz.yaml", "skill: path.stages", "skil: path.stages", "MF020", "skil"),
    ("quiz.yaml", "skill: path.stages", "skill: Path", "MF030", "Path"),
    ("quiz.yaml", "lesson: small-lesson", "lesson: other", "MF121", "other"),
    ("quiz.yaml", "scenario: small", "scenario: smal", "MF121", "smal"),
    ("quiz.yaml", "items:", "pass: most\nitems:", "MF025", "most"),
    ("quiz.yaml", "mailflow-quiz: 1", "mailflow-quiz: 2", "MF029", "2"),
    ("quiz.yaml", "show: dns.query", "show: dns.qery", "MF050", "dns.qery"),
    ("quiz.ru.yaml", "pc-anna:", "pc-ana:", "MF049", "pc-ana"),
    ("quiz.ru.yaml", "    ask: Кто", "    type: choice\n    ask: Кто", "MF048", "type"),
    ("lesson.yaml", "lecture: [S1]", "lecture: [S9]", "MF024", "S9"),
    ("lesson.yaml", "scenarios: [small]", "scenarios: [smal]", "MF121", "smal"),
    ("lesson.yaml", "labs: [broken]", "labs: [small]", "MF121", "small"),
    ("lesson.yaml", "labs: [broken]", "labs: [broken]\nneeds: [nothing]", "MF121", "nothing"),
    ("lesson.yaml", "title: A small lesson", "titel: A small lesson", "MF020", "titel"),
    ("lesson.en.md", "smtp.reply verb=RCPT", "smtp.reply verv=RCPT", "MF102", "verv=RCPT"),
    ("lesson.en.md", "smtp.reply verb=RCPT", "smtp.reply verb=NOOP", "MF102", "smtp.reply verb=NOOP from=mail-beta"),
    ("lesson.en.md", "#deliver/1", "#delivr/1", "MF102", "delivr"),
    ("lesson.en.md", "#deliver/1", "#deliver/99", "MF102", "#deliver/99"),
    ("lesson.en.md", "envelope, bounce", "envelop, bounce", "MF102", "envelop"),
    ("lesson.en.md", "\nwho-asks", "\nwho-ask", "MF102", "who-ask"),
    ("broken.yaml", "any-server-takes-any-letter", "any-server", "MF106", "any-server"),
    ("small.yaml", "do: fetch", "do: fetsh", "MF024", "fetsh"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new", "rule", "word"), MISTAKES)
def test_a_mistake_is_pointed_at(tmp_path: Path, name: str, old: str, new: str, rule: str, word: str) -> None:
    text = FILES[name]
    assert old in text
    found = [one for one in validate(lesson_folder(tmp_path, {name: text.replace(old, new, 1)})) if one.rule == rule]
    assert found
    assert Path(found[0].file).name == name
    assert caret(found[0]) == word
    assert found[0].hint


@pytest.mark.parametrize("name", ["lesson.ru.md", "lesson.ru.yaml", "quiz.ru.yaml", "broken.ru.yaml"])
def test_a_missing_file_of_a_language_is_named(tmp_path: Path, name: str) -> None:
    found = validate(lesson_folder(tmp_path, {name: None}))
    assert [(one.rule, Path(one.file).name) for one in found] == [("MF107", name)]


def test_a_text_that_is_not_translated_is_pointed_at_in_the_authors_file(tmp_path: Path) -> None:
    made = lesson_folder(
        tmp_path, {"quiz.ru.yaml": FILES["quiz.ru.yaml"].replace(", why: Она спрашивает только адрес.", "")}
    )
    (found,) = validate(made)
    assert (found.rule, Path(found.file).name) == ("MF107", "quiz.yaml")
    assert "items.who-asks.options.pc-anna.why" in found.message


def test_all_mistakes_come_at_once(tmp_path: Path) -> None:
    text = (
        HEAD + CHOICE.replace("first from", "first frm") + CHOICE.replace("who-asks", "b").replace("choice", "choise")
    )
    found = validate(lesson_folder(tmp_path, {"quiz.yaml": text, "lesson.yaml": LESSON.replace("[S1]", "[S9]")}))
    assert {"MF050", "MF024"} <= {one.rule for one in found}
    assert len(found) >= 3


@pytest.mark.parametrize("text", ["", "- a\n", "a: [", "!!python/object:os.system {}\n", "x: \x07\n", "a: 1\na: 2\n"])
@pytest.mark.parametrize("name", ["lesson.yaml", "quiz.yaml", "quiz.ru.yaml"])
def test_a_hostile_file_is_refused_with_a_place(tmp_path: Path, name: str, text: str) -> None:
    found = validate(lesson_folder(tmp_path, {name: text}))
    assert any(Path(one.file).name == name and one.rule.startswith("MF0") for one in found)


def test_a_lesson_with_a_broken_query_does_not_open_and_says_where(tmp_path: Path) -> None:
    made = lesson_folder(tmp_path, {"quiz.yaml": QUIZ.replace("first from", "first frm")})
    with pytest.raises(ScenarioError) as caught:
        LessonSession.open(made)
    assert [one.rule for one in caught.value.diagnostics] == ["MF050"]


def test_a_lab_alone_is_proved_like_a_lesson(tmp_path: Path) -> None:
    made = lesson_folder(tmp_path, {"broken.yaml": WORLD + LAB.replace("at-least: 2", "at-least: 3")})
    proof = prove(made / "broken.yaml", seeds=1)
    assert [one.rule for one in proof.diagnostics] == ["MF120"]
    assert "twice" in proof.diagnostics[0].message
    assert prove(made / "small.yaml", seeds=1).good


def test_a_key_that_changes_with_the_seed_is_found_over_the_seeds(tmp_path: Path) -> None:
    params = "params:\n  more: {choose: [boris@beta.example, nobody@beta.example]}\n"
    world = SCENARIO.replace("people:", params + "people:").replace("to: [boris@beta.example]", "to: ['${more}']")
    item = CHOICE.replace("who-asks", "size").replace("choice", "number").split("    options:")[0]
    item += "    answer-from: deliver | first size\n    skill: path.stages\n"
    made = lesson_folder(tmp_path, {"small.yaml": world, "quiz.yaml": HEAD + item})
    found = [one for one in prove(made, seeds=6).diagnostics if one.rule == "MF115"]
    assert len(found) == 1, "said once, not once a seed"


@pytest.mark.parametrize("kind", KINDS)
def test_the_committed_schema_is_the_one_of_the_code(kind: str, update_golden: bool) -> None:
    committed = ROOT / "lessons" / f"{kind}.schema.json"
    if update_golden:
        committed.write_text(schema_text(kind), encoding="utf-8")
    assert committed.read_text(encoding="utf-8") == schema_text(kind)
    assert json.loads(schema_text(kind))["$schema"].startswith("https://json-schema.org/")
