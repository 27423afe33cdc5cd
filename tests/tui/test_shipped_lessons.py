"""Every shipped lesson from home to solved lab: by keyboard alone in Russian at 80x24, in plain mode, and in tmux."""

from __future__ import annotations

import asyncio
import io
import re
import time
from pathlib import Path

import pytest

from simulator.learning.finding import Found, every, shipped_folder
from simulator.text import set_language
from simulator.tui.app import DeskApp
from simulator.tui.desk import Desk
from simulator.tui.home import open_session
from simulator.tui.lab_place import LabPlace
from simulator.tui.lesson_place import LessonPlace
from simulator.tui.plain_desk import PlainDesk
from simulator.tui.plain_home import LessonLevel
from simulator.tui.quiz_place import QuizPlace
from tests.acceptance.outside import terminal
from tests.tui.desks import learner_in, screen
from tests.tui.solving import answer_keys, answer_lines, repair_keys, repair_lines, solution

LESSONS = [found for found in every() if found.folder.resolve().is_relative_to(shipped_folder().resolve())]


@pytest.mark.parametrize("found", LESSONS, ids=lambda found: found.id)
def test_a_lesson_by_keyboard_alone_in_russian(tmp_path: Path, found: Found) -> None:
    set_language("ru")
    desk = Desk(learner_in(tmp_path))
    assert desk.learner is not None
    session = open_session(desk.learner, found.folder)
    desk.push(LessonPlace(desk, session))
    pages = len(session.lesson.pages)

    async def body() -> None:
        app = DeskApp(desk)
        async with app.run_test(size=(80, 24)) as pilot:
            for page in range(1, pages + 1):
                await pilot.pause()
                assert f"страница {page} из {pages}" in screen(desk)
                await pilot.press("space")
            place = desk.top
            assert isinstance(place, QuizPlace)
            while not place.over:
                assert place.draft is not None
                await pilot.press(*answer_keys(place.draft, solution(place.quiz, place.item)))
                await pilot.press("enter", *(["enter"] if place.item.type == "dig" else []), "2")
                assert "Верно." in screen(desk), (place.item.id, screen(desk))
                await pilot.press("n")
            assert place.quiz.score().points == len(place.items)
            assert "Зачтено" in screen(desk)
            if not session.lesson.head.labs:
                return
            await pilot.press("enter")
            lab = desk.top
            assert isinstance(lab, LabPlace)
            await pilot.press(*repair_keys(lab.lab))
            await pilot.press("f5")
            assert lab.lab.result is not None and lab.lab.result.solved, screen(desk)

    asyncio.run(body())


@pytest.mark.parametrize("found", LESSONS, ids=lambda found: found.id)
def test_a_lesson_in_plain_mode_in_russian(tmp_path: Path, found: Found) -> None:
    set_language("ru")
    learner = learner_in(tmp_path)
    session = open_session(learner, found.folder)
    quiz = session.quiz()
    assert quiz is not None
    lines = ["n"] * (len(session.lesson.pages) - 1) + ["quiz"]
    for item in quiz.items:
        lines += [*answer_lines(quiz, item), "2", ""]
    if session.lesson.head.labs:
        lines += ["lab", *repair_lines(session.lab()), "run"]
    output = io.StringIO()
    desk = PlainDesk(learner)
    desk.run(LessonLevel(desk, session), io.StringIO("\n".join(lines) + "\n"), output)
    text = output.getvalue()
    assert all(page.heading in text for page in session.lesson.pages)
    assert text.count("Верно.") == len(quiz.items)
    assert not session.lesson.head.labs or "Решено: все цели достигнуты" in text


@pytest.mark.skipif(not LESSONS, reason="no lesson is shipped")
@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_lesson_01_in_a_real_terminal(tmp_path: Path, size: tuple[int, int]) -> None:
    learner = learner_in(tmp_path)
    session = open_session(learner, LESSONS[0].folder)
    pages = len(session.lesson.pages)
    with terminal(f"MAILFLOW_HOME={tmp_path}/in-tmux mailflow --lang ru", *size) as it:
        it.wait_for("Продолжить", seconds=30)
        it.press("Enter")
        for page in range(1, pages + 1):
            text = it.wait_for(rf"{page} из {pages}", seconds=20)
            assert all(len(line) <= size[0] for line in text.splitlines())
            it.press("Space")
        it.wait_for("Вопрос 1")
        it.press("Escape")
        it.wait_for(rf"{pages} из {pages}")
        it.type("ц")
        it.wait_for("2 Обмен")
        it.press("c")
        it.wait_for("Кому")
        it.type("boris@beta.example")
        it.press("F5")
        it.wait_for("ваше письмо")
        it.press("q", "q")
        it.wait_for(rf"{pages} из {pages}")
        it.press("l")
        it.wait_for("Задание")
        it.press("F5")
        it.wait_for("отказ: e")
        it.press("q", "q", "q")
        it.wait_for("Выйти из mailflow")
        it.type("н")
        end = time.monotonic() + 10
        while not re.search(r"shell>\s*\Z", it.screen()) and time.monotonic() < end:
            time.sleep(0.1)
        assert re.search(r"shell>\s*\Z", it.screen())
