"""The application in Textual: keys, the Russian layout, the mouse, resizing, typing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot

from simulator.text import language
from simulator.tui.actions import ACTIONS
from simulator.tui.app import WorldApp
from simulator.tui.view import View
from simulator.tui.walk import Walk
from simulator.tui.widgets import Board
from tests.tui.handmade import HandRun
from tests.tui.screen import drawn, running, seen

Steps = Callable[[WorldApp, Pilot[Any]], Awaitable[None]]


def play(view: View, steps: Steps, *, width: int = 80, height: int = 24) -> None:
    """Run the application and let `steps` press keys."""

    async def body() -> None:
        async with running(view, width, height) as (app, pilot):
            await steps(app, pilot)

    asyncio.run(body())


def pressed(view: View, *keys: str) -> str:
    """Press keys and give back the screen."""
    shown: list[str] = []

    async def steps(app: WorldApp, pilot: Pilot[Any]) -> None:
        await pilot.press(*keys)
        await pilot.pause()
        shown.append(seen(app))

    play(view, steps)
    return shown[0]


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_the_terminal_shows_exactly_what_was_drawn(run: HandRun, size: tuple[int, int]) -> None:
    async def steps(app: WorldApp, pilot: Pilot[Any]) -> None:
        for key in ("n", "n", "pagedown", "3", "x", "z", "z", "k", "k", "f1", "escape", "b", "2", "enter"):
            await pilot.press(key)
            await pilot.pause()
            assert seen(app) == drawn(app.view, *size), key

    play(View(Walk(run)), steps, width=size[0], height=size[1])


def test_every_key_of_the_table_does_its_action(run: HandRun, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    monkeypatch.setattr(View, "act", lambda self, action_id: done.append(action_id))

    async def steps(app: WorldApp, pilot: Pilot[Any]) -> None:
        for action in ACTIONS:
            for key in action.all_keys():
                done.clear()
                await pilot.press(key)
                assert done == [action.id], key

    play(View(Walk(run)), steps)


def test_next_and_back_by_arrows_letters_and_the_russian_layout(view: View) -> None:
    start = view.walk.cursor
    pressed(view, "right", "n", "т")
    assert view.walk.cursor > start
    pressed(view, "left", "b", "и")
    assert view.walk.cursor == start


def test_home_and_end_keep_to_what_was_reached(view: View) -> None:
    pressed(view, "pagedown", "pagedown")
    reached = view.walk.cursor
    pressed(view, "home")
    assert view.walk.cursor == 1
    pressed(view, "end")
    assert view.walk.cursor == reached


def test_space_plays_until_space(view: View, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.tui.app._PLAY_SECONDS", 0.02)
    start = view.walk.cursor

    async def steps(app: WorldApp, pilot: Pilot[Any]) -> None:
        await pilot.press("space")
        await pilot.pause(0.3)
        await pilot.press("space")
        stopped = view.walk.cursor
        await pilot.pause(0.2)
        assert start < stopped == view.walk.cursor

    play(view, steps)
    assert not view.playing


def test_panes_by_number_and_tab(view: View) -> None:
    for number in "134562":
        pressed(view, number)
        assert view.active == int(number)
    pressed(view, "tab")
    assert view.active == 3
    pressed(view, "shift+tab", "shift+tab")
    assert view.active == 1


def test_zoom_gives_the_pane_the_window_and_out_takes_it_back(view: View) -> None:
    assert "1 Map" not in pressed(view, "3", "z")
    assert "1 Map" in pressed(view, "q")
    assert not view.leaving


def test_why_tells_the_story_and_enter_goes_there(run: HandRun) -> None:
    walk = Walk(run)
    view = View(walk)
    for _ in range(6):
        walk.stage_step(1)
    screen = pressed(view, "k")
    assert "Why e90?" in screen
    assert "mailflow why 'hand-made#queue.remove/1'" in screen
    pressed(view, "down", "down", "enter")
    assert not view.telling
    assert walk.cursor < 90


def test_why_ends_at_a_line_of_the_scenario(view: View) -> None:
    pressed(view, "pagedown", "pagedown")
    assert "hand.yaml:20" in pressed(view, "k")


def test_enter_opens_a_fold_and_enter_closes_it(view: View) -> None:
    count = len(view.walk.rows)
    pressed(view, "home", "enter")
    assert len(view.walk.rows) == count + 2
    pressed(view, "enter")
    assert len(view.walk.rows) == count


def test_the_filter_is_tried_while_it_is_typed_and_keeps_its_text(view: View) -> None:
    pressed(view, "pagedown", "pagedown", "pagedown", "pagedown", "end")
    screen = pressed(view, "slash", *"smtp.reply code=354")
    assert "1 found so far" in screen
    assert "354" in screen
    screen = pressed(view, "enter")
    assert "--where 'smtp.reply code=354'" in screen
    assert "═ / smtp.reply code=354 ═" in screen, "that a filter is on can be seen"
    assert view.walk.record[12] == 354, "the cursor is on the hit"
    pressed(view, "escape")
    assert view.walk.filter is None
    assert "smtp.reply code=354" in pressed(view, "f6")


def test_a_wrong_filter_says_what_is_meant(view: View) -> None:
    screen = pressed(view, "slash", *"smtp.replay")
    assert "did you mean smtp.reply" in screen
    screen = pressed(view, *["backspace"] * 3, *"ly", "enter")
    assert view.filtering is None


def test_the_filter_can_be_edited_in_the_middle_and_pasted_into(view: View) -> None:
    pressed(view, "slash", *"deliver", "home", "delete", *"d", "end")
    assert view.walk.filter is not None

    async def steps(app: WorldApp, pilot: Pilot[Any]) -> None:
        app.post_message(events.Paste(" size>1\n"))
        await pilot.pause()
        assert view.filtering is not None
        assert view.filtering.text == "deliver size>1 "

    play(view, steps)


def test_the_palette_finds_every_action_kind_and_reached_stage(view: View) -> None:
    screen = pressed(view, "ctrl+p", *"fog")
    assert "Fog" in screen
    pressed(view, "enter")
    assert not view.walk.fog
    screen = pressed(view, "ctrl+p", *"stage delivery", "enter")
    assert view.walk.index.stage(view.walk.cursor) == "delivery"
    pressed(view, "ctrl+p", *"queue.defer", "enter")
    assert view.walk.filter is not None
    assert view.walk.filter.pattern == "queue.defer"


def test_copy_shows_and_copies_link_query_or_line(view: View, monkeypatch: pytest.MonkeyPatch) -> None:
    copied: list[str] = []
    monkeypatch.setattr(WorldApp, "copy_to_clipboard", lambda self, text: copied.append(text))
    screen = pressed(view, "y")
    assert "hand-made#action/1" in screen
    screen = pressed(view, "y")
    assert "copied: hand-made#action/1" in screen
    pressed(view, "y", "down", "enter")
    pressed(view, "y", "down", "down", "enter")
    assert copied[0] == "hand-made#action/1"
    assert copied[1] == "action do=send"
    assert copied[2].endswith("anna@alpha.example: send")


def test_save_writes_text_and_json_lines_and_asks_before_it_replaces(
    view: View, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "JSON lines" in pressed(view, "o")
    assert "saved hand-made.txt" in pressed(view, "enter")
    pressed(view, "o", "down", "enter")
    lines = (tmp_path / "hand-made.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == view.walk.total + 1
    (tmp_path / "hand-made.txt").write_text("mine", encoding="utf-8")
    screen = pressed(view, "o", "enter")
    assert "hand-made.txt exists already" in screen
    pressed(view, "enter")
    assert (tmp_path / "hand-made.txt").read_text(encoding="utf-8") == "mine"
    assert (tmp_path / "hand-made-2.txt").exists()
    pressed(view, "o", "enter", "down", "enter")
    assert "lunch" in (tmp_path / "hand-made.txt").read_text(encoding="utf-8")


def test_save_writes_the_log_a_capture_and_diagrams(tmp_path: Path) -> None:
    from simulator.scenario import loading, world
    from simulator.tui.saving import FORMS, write

    walk = Walk(world.run(loading.load("ten-lines")))
    for form, _name, end in FORMS:
        assert write(walk, form, tmp_path / f"it.{end}", replace=False) == (tmp_path / f"it.{end}").stat().st_size > 0
    log = (tmp_path / "it.log").read_text(encoding="utf-8").splitlines()
    assert len(log) == sum(record[2].name == "log.line" for record in walk.records)
    assert "qmgr" in log[1]
    assert (tmp_path / "it.pcapng").read_bytes()[:4] == b"\x0a\x0d\x0d\x0a"
    assert (tmp_path / "it.mmd").read_text(encoding="utf-8").startswith("sequenceDiagram")
    assert "<svg" in (tmp_path / "it.svg").read_text(encoding="utf-8")


def test_help_opens_scrolls_and_closes(view: View) -> None:
    screen = pressed(view, "f1")
    assert "PgDn" in screen
    assert "a refusal or a failure" in screen
    pressed(view, "pagedown", "escape")
    assert view.dialog is None
    assert not view.leaving


def test_the_language_is_switched_on_the_spot(view: View) -> None:
    assert "1 Карта" in pressed(view, "f2")
    assert language() == "ru"
    assert "1 Map" in pressed(view, "f2")


def test_themes_go_round_and_colours_off_stays_off(run: HandRun) -> None:
    view = View(Walk(run))
    names = [view.theme]
    for _ in range(3):
        pressed(view, "f3")
        names.append(view.theme)
    assert names == ["dark", "light", "terminal", "dark"]
    plain = View(Walk(run), no_color=True)
    assert "NO_COLOR" in pressed(plain, "f3")
    assert plain.theme == "terminal"


@pytest.mark.parametrize("key", ["q", "й", "escape", "ctrl+c"])
def test_the_way_out_ends_the_application(view: View, key: str) -> None:
    async def steps(app: WorldApp, pilot: Pilot[Any]) -> None:
        await pilot.press(key)
        await pilot.pause()
        assert app._exit

    play(view, steps)


def clicked(view: View, x: int, y: int, *, times: int = 1, width: int = 80, height: int = 24) -> str:
    shown: list[str] = []

    async def steps(app: WorldApp, pilot: Pilot[Any]) -> None:
        for _ in range(times):
            await pilot.click(offset=(x, y))
            await pilot.pause()
        shown.append(seen(app))

    play(view, steps, width=width, height=height)
    return shown[0]


def place(screen: str, word: str) -> tuple[int, int]:
    y = next(number for number, row in enumerate(screen.splitlines()) if word in row)
    return screen.splitlines()[y].index(word), y


def test_a_click_opens_a_tab_an_event_and_an_action(view: View) -> None:
    pressed(view, "pagedown", "pagedown", "n", "n")
    screen = drawn(view, 80, 24)
    assert "[3 Wire]" in clicked(view, *place(screen, "3 Wire"))
    pressed(view, "2")
    x, y = place(drawn(view, 80, 24), "e9 ")
    clicked(view, x, y)
    assert view.walk.cursor == 9
    clicked(view, *place(drawn(view, 80, 24), "Next"))
    assert view.walk.cursor == 10
    assert "Help" in clicked(view, *place(drawn(view, 80, 24), "F1 Help")).splitlines()[2]


def test_a_click_on_a_stage_goes_there_once_it_was_reached(view: View) -> None:
    x, y = place(drawn(view, 80, 24), "delivery")
    assert "still in the fog" in clicked(view, x, y)
    pressed(view, *["pagedown"] * 5, "home")
    clicked(view, *place(drawn(view, 80, 24), "relay"))
    assert view.walk.index.stage(view.walk.cursor) == "routing"


def test_a_click_in_a_dialog_chooses_and_on_its_frame_closes(view: View) -> None:
    pressed(view, "y")
    x, y = place(drawn(view, 80, 24), "query")
    assert "copied: action do=send" in clicked(view, x, y)
    pressed(view, "y")
    clicked(view, 5, 2)
    assert view.dialog is None


def test_a_click_on_a_cause_opens_it(view: View) -> None:
    pressed(view, "pagedown", "n")
    x, y = place(drawn(view, 80, 24), "why ")
    before = view.walk.cursor
    clicked(view, x, y)
    assert view.walk.cursor < before


def test_the_wheel_scrolls_the_pane_under_the_mouse(view: View) -> None:
    view.walk.toggle_fog()
    pressed(view, "ctrl+p", "escape")
    before = drawn(view, 80, 24)
    x, y = place(before, "e4 ")

    async def steps(app: WorldApp, pilot: Pilot[Any]) -> None:
        down = events.MouseScrollDown(
            widget=None,
            x=x,
            y=y,
            delta_x=0,
            delta_y=1,
            button=0,
            shift=False,
            meta=False,
            ctrl=False,
            screen_x=x,
            screen_y=y,
        )
        app.on_mouse_scroll_down(down)
        await pilot.pause()
        assert view.tops[2] == 3
        assert view.walk.cursor == 4

    play(view, steps)


def test_a_resize_keeps_the_event_and_a_tiny_window_comes_back(view: View) -> None:
    async def steps(app: WorldApp, pilot: Pilot[Any]) -> None:
        await pilot.press("pagedown", "n")
        at = view.walk.cursor
        for size in ((120, 40), (50, 15), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.pause(0.3)
            assert seen(app) == drawn(view, *size)
        assert view.walk.cursor == at

    play(view, steps)


def test_the_first_frame_is_the_whole_screen_and_is_drawn_once(view: View) -> None:
    made: list[tuple[int, int]] = []
    app = WorldApp(view)
    paint = app.desk.paint
    app.desk.paint = lambda *size: made.append(size) or paint(*size)  # type: ignore[method-assign,func-returns-value]

    async def steps() -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            assert seen(app) == drawn(view, 80, 24)
            assert made == [(80, 24)]

    asyncio.run(steps())


def test_only_rows_that_changed_are_painted(view: View) -> None:
    async def steps(app: WorldApp, pilot: Pilot[Any]) -> None:
        await pilot.press("pagedown", "pagedown", "n", "n", "n")
        board = app.screen.query_one(Board)
        painted: list[Any] = []
        board.refresh = lambda *regions, **more: painted.extend(regions)  # type: ignore[assignment,method-assign]
        lines = list(board.lines)
        lines[3] = lines[4]
        board.show(lines, view.theme)
        assert [(region.y, region.height) for region in painted] == [(3, 1)]

    play(view, steps)
