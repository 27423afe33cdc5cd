"""The desk inside Textual: every key of the tables arrives, and a whole lesson by keyboard alone, in Russian at 80x24."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot

from simulator.text import set_language
from simulator.tui.app import DeskApp
from simulator.tui.desk import Desk
from simulator.tui.desk_actions import on
from simulator.tui.drafts import _Chosen, _Matched, _Ordered
from simulator.tui.home import Home
from simulator.tui.lab_place import LabPlace
from simulator.tui.lesson_place import LessonPlace
from simulator.tui.quiz_place import QuizPlace
from simulator.tui.world_place import WorldPlace
from tests.tui.desk_files import RIGHT
from tests.tui.desks import home_desk, lesson_desk, press, screen

Steps = Callable[[DeskApp, Pilot[Any]], Awaitable[None]]


def seen(app: DeskApp) -> str:
    """What the running application shows, read from Textual's compositor."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips) + "\n"


def play(desk: Desk, steps: Steps, size: tuple[int, int] = (80, 24)) -> None:
    """Run the application and let `steps` press keys."""

    async def body() -> None:
        app = DeskApp(desk)
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await steps(app, pilot)

    asyncio.run(body())


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_the_terminal_shows_exactly_what_was_drawn(by_hand: Path, size: tuple[int, int]) -> None:
    async def steps(app: DeskApp, pilot: Pilot[Any]) -> None:
        for key in ("enter", "space", "b", "p", "a", "enter", "2", "q", "t", "h", "f1", "escape", "q", "l", "e", "q"):
            await pilot.press(key)
            await pilot.pause()
            assert seen(app) == screen(app.desk, *size), key

    play(home_desk(by_hand), steps, size)


@pytest.mark.parametrize("name", ["home", "lesson", "lab", "compose"])
def test_every_key_of_a_table_does_its_action(by_hand: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = home_desk(by_hand)
    ways = {"home": (), "lesson": ("enter",), "lab": ("l",), "compose": ("s", "enter", "c")}
    press(desk, *ways[name])
    done: list[str] = []
    monkeypatch.setattr(type(desk.top), "act", lambda self, action_id: done.append(action_id))
    monkeypatch.setattr(type(desk.top), "typing", lambda self, key, typed: False)

    async def steps(app: DeskApp, pilot: Pilot[Any]) -> None:
        for action in on(name):
            for key in action.all_keys():
                done.clear()
                await pilot.press(key)
                assert done == [action.id], key

    play(desk, steps)


def test_the_mouse_wheel_paste_and_resizing_reach_the_screen_on_top(by_hand: Path) -> None:
    desk = press(lesson_desk(by_hand), "f4")

    async def steps(app: DeskApp, pilot: Pilot[Any]) -> None:
        app.post_message(events.Paste("que\nue"))
        await pilot.pause()
        assert "que ue" in seen(app)
        await pilot.press("ctrl+u")
        await pilot.click(offset=(5, 4))
        await pilot.pause()
        await pilot.resize_terminal(120, 40)
        await pilot.pause()
        assert seen(app) == screen(app.desk, 120, 40)
        await pilot.resize_terminal(40, 10)
        await pilot.pause()
        assert "40 x 10" in seen(app)

    play(desk, steps)


def test_the_editor_gets_the_terminal_and_gives_it_back(by_hand: Path) -> None:
    desk = press(lesson_desk(by_hand), "l")
    assert desk.learner is not None
    desk.learner.edit = lambda text, name: text.replace("203.0.113.99", "203.0.113.25")

    async def steps(app: DeskApp, pilot: Pilot[Any]) -> None:
        await pilot.press("E", "f5")
        await pilot.pause()
        assert "Solved" in seen(app)

    play(desk, steps)


def test_f3_and_no_color_reach_every_screen(by_hand: Path) -> None:
    desk = home_desk(by_hand)
    for wanted in ("light", "terminal", "dark"):
        press(desk, "f3")
        assert desk.theme == wanted
    press(desk, "enter", "w", "f3", "q")
    assert desk.theme == "light"
    plain = Desk(desk.learner, no_color=True)
    plain.push(Home(plain))
    press(plain, "f3")
    assert plain.theme == "terminal" and "NO_COLOR" in screen(plain)


# A whole lesson by keyboard, in Russian


async def _choose(pilot: Pilot[Any], draft: _Chosen, wanted: tuple[str, ...]) -> None:
    keys = dict(zip("abcdefgh", "фисвуапр", strict=True))
    for choice in draft.question.choices:
        if choice.id in wanted:
            await pilot.press(keys[choice.label])


async def _order(pilot: Pilot[Any], draft: _Ordered, wanted: tuple[str, ...]) -> None:
    for at, name in enumerate(wanted):
        here = [row.id for row in draft.rows].index(name)
        await pilot.press(*["up"] * len(wanted), *["down"] * here, "space", *["up"] * (here - at), "space")


async def _match(pilot: Pilot[Any], draft: _Matched) -> None:
    pairs = {"25": "server to server", "587": "submission with STARTTLS", "993": "IMAP inside TLS"}
    letters = {choice.id: choice.label for choice in draft.question.choices}
    await pilot.press(*(letters[pairs[row.id]] for row in draft.question.rows))


async def _answer(pilot: Pilot[Any], place: QuizPlace) -> None:
    draft, name = place.draft, place.item.id
    if isinstance(draft, _Chosen):
        await _choose(pilot, draft, RIGHT[name])
    elif isinstance(draft, _Ordered):
        await _order(pilot, draft, RIGHT[name])
    elif isinstance(draft, _Matched):
        await _match(pilot, draft)
    elif name == "why-queue":
        await pilot.press(*"ждёт", "enter", "ф", "и")
    else:
        typed = {"attempts": "2", "sender": "anna@alpha.example", "code": "354", "moment": "e43"}[name]
        await pilot.press(*typed)
    await pilot.press("enter", "2")


def test_a_whole_lesson_by_keyboard_alone_in_russian_at_80x24(by_hand: Path) -> None:
    set_language("ru")
    desk = home_desk(by_hand)

    async def steps(app: DeskApp, pilot: Pilot[Any]) -> None:
        await pilot.press("enter")
        for page in (1, 2, 3):
            await pilot.pause()
            assert f"страница {page} из 3" in seen(app)
            await pilot.press("space")
        for number in range(1, 11):
            place = app.desk.top
            assert isinstance(place, QuizPlace) and f"{number} из 10" in seen(app)
            await _answer(pilot, place)
            await pilot.pause()
            assert "Верно." in seen(app), place.item.id
            await pilot.press("enter")
            if isinstance(app.desk.top, WorldPlace):
                await pilot.press("escape", "т")
        await pilot.pause()
        assert "Баллы: 10 из 10" in seen(app) and "Зачтено" in seen(app)
        await pilot.press("enter")
        assert isinstance(app.desk.top, LabPlace)
        await pilot.press("у", *["down"] * 5, "end", *["left"] * 20, "backspace", "backspace", *"25", "f5")
        await pilot.pause()
        assert "Решено" in seen(app)
        await pilot.press("й")
        assert isinstance(app.desk.top, LessonPlace)
        await pilot.press("й")
        await pilot.pause()
        assert "пройдено 1 из 1" in seen(app) and "10/10" in seen(app)
        assert all(len(text) <= 80 for text in seen(app).splitlines())

    play(desk, steps)
