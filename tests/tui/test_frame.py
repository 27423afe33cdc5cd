"""The screen as text: snapshots in both sizes and languages, small windows, ASCII, hostile text."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from rich.cells import cell_len

from simulator.engine.query import parse
from simulator.text import set_language
from simulator.tui.actions import ACTIONS
from simulator.tui.canvas import Canvas, Route
from simulator.tui.frame import merged, paint
from simulator.tui.view import View
from simulator.tui.walk import Walk
from tests.tui.handmade import HandRun
from tests.tui.screen import drawn

SNAPSHOTS = Path(__file__).parent / "snapshots"
SIZES = {"80x24": (80, 24), "120x40": (120, 40)}
PLACES = {
    "start": ("action", ()),
    "refusal": ("smtp.reply code=450", ()),
    "tls": ("smtp.command verb=MAIL from=pc-anna", ()),
    "why": ("deliver", ("why",)),
    "wire": ("smtp.reply code=354", ("pane-3",)),
    "hex": ("smtp.reply code=354", ("hex",)),
    "boxes": ("queue.defer", ("pane-5",)),
    "palette": ("action", ("palette", "type:fog")),
    "help": ("action", ("help",)),
}


def at(run: HandRun, query: str, *actions: str) -> View:
    walk = Walk(run)
    walk.go(parse(query).hits(walk.records)[0][0])
    view = View(walk)
    for action in actions:
        if action.startswith("type:"):
            view.type_dialog("", action.removeprefix("type:"))
        else:
            view.act(action)
    return view


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("place", PLACES)
def test_the_screen_looks_as_it_did(run: HandRun, place: str, size: str, language: str, update_golden: bool) -> None:
    set_language(language)
    query, actions = PLACES[place]
    text = drawn(at(run, query, *actions), *SIZES[size])
    path = SNAPSHOTS / f"{place}-{size}-{language}.txt"
    if update_golden:
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_no_snapshot_is_left_over() -> None:
    names = {f"{place}-{size}-{language}.txt" for place in PLACES for size in SIZES for language in ("en", "ru")}
    assert {path.name for path in SNAPSHOTS.glob("*.txt")} == names


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("size", [(60, 18), (61, 19), (79, 23), (80, 24), (99, 40), (100, 32), (120, 40), (200, 60)])
def test_every_size_is_filled_and_keeps_help_and_the_way_out(
    run: HandRun, size: tuple[int, int], language: str
) -> None:
    set_language(language)
    view = at(run, "smtp.reply code=450")
    for action in ("pane-3", "pane-4", "pane-5", "pane-2", "zoom", "zoom", "why", "why", "palette"):
        text = drawn(view, *size)
        lines = text.splitlines()
        assert len(lines) == size[1]
        if view.dialog is None:
            assert "F1 " in lines[-1] and "^P " in lines[-1] and " q " in lines[-1]
        view.act(action)


@pytest.mark.parametrize("size", [(1, 1), (10, 3), (59, 30), (120, 17), (50, 15)])
def test_a_small_window_says_so_and_offers_plain_mode(view: View, size: tuple[int, int]) -> None:
    text = drawn(view, *size)
    assert "2 Ladder" not in text
    if size >= (50, 15):
        assert "60 x 18" in text
        assert "mailflow play hand-made --plain" in text


def test_ascii_draws_nothing_beyond_ascii(run: HandRun) -> None:
    view = at(run, "smtp.command verb=MAIL from=pc-anna")
    view.ascii_only = True
    for size in SIZES.values():
        for action in ("pane-1", "pane-3", "pane-5", "why", "why", "help"):
            view.act(action)
            assert drawn(view, *size).isascii()
            view.dialog = None


def test_signs_tell_refusal_tls_and_loss_without_colour(run: HandRun) -> None:
    ladder = drawn(at(run, "smtp.reply code=450"), 120, 40)
    assert "<─! 450 4.2.0" in ladder
    assert "═══ MAIL FROM" in drawn(at(run, "smtp.command verb=MAIL from=pc-anna"), 80, 24)
    assert "x datagram lost" in drawn(at(run, "udp.lost"), 80, 24)


def test_control_octets_and_markup_of_a_letter_are_shown_not_obeyed(run: HandRun) -> None:
    view = at(run, "message.header name=Subject")
    for action in ("pane-6", "zoom", "zoom", "why", "why", "copy"):
        view.act(action)
        text = drawn(view, 120, 40)
        assert "\x1b" not in text and "\x07" not in text
    assert r"\x1b]0;x\x07[/red] lunch?" in drawn(at(run, "message.header name=Subject"), 120, 40)


def test_no_password_is_on_any_pane(run: HandRun) -> None:
    view = at(run, "smtp.command verb=AUTH")
    for action in ("pane-3", "hex", "hex", "tls", "tls", "pane-6", "zoom", "pane-3", "zoom", "why", "copy"):
        view.act(action)
        text = drawn(view, 120, 40)
        assert "correct-horse" not in text
        assert "AGFubmFAYWxwaGEuZXhhbXBsZQBjb3JyZWN0LWhvcnNl" not in text
        assert "41 47 46 75 62 6d 46" not in text


def test_the_stage_bar_has_the_five_of_the_lecture(run: HandRun) -> None:
    set_language("ru")
    line = drawn(at(run, "smtp.reply code=450"), 80, 24).splitlines()[1]
    places = [line.index(word) for word in ("создание", "отправка", "пересылка", "доставка", "получение")]
    assert places == sorted(places)


def test_wide_characters_do_not_move_the_frame(run: HandRun) -> None:
    view = at(run, "smtp.reply code=450")
    view.message = "邮件 " * 60
    view.clipboard = None
    view.act("palette")
    view.type_dialog("", "邮件邮件")
    for width, height in SIZES.values():
        for made in merged(paint(view, width, height), height)[:-2]:
            assert cell_len(made.text) == width


@pytest.mark.parametrize("seed", range(6))
def test_no_order_of_actions_breaks_the_screen(run: HandRun, seed: int) -> None:
    chance = Random(seed)
    view = View(Walk(run))
    names = [action.id for action in ACTIONS if action.id != "save"]
    for _ in range(150):
        if view.dialog is not None or view.filtering is not None:
            key = chance.choice(["up", "down", "escape", "escape", "x", "enter", "backspace"])
            take = view.type_dialog if view.dialog is not None else view.type_filter
            if not (key == "enter" and view.dialog is not None):
                take(key, key if len(key) == 1 else None)
        else:
            view.act(chance.choice(names))
        width, height = chance.choice([(80, 24), (120, 40), (60, 18), (100, 32), (40, 10)])
        for made in merged(paint(view, width, height), height)[:-2]:
            assert cell_len(made.text) == width


def test_the_event_stays_when_the_window_changes(run: HandRun) -> None:
    view = at(run, "smtp.reply code=450")
    for size in ((80, 24), (120, 40), (50, 15), (80, 24)):
        drawn(view, *size)
    assert view.walk.record[12] == 450
    assert "> e78" in drawn(view, 80, 24)


def test_a_link_past_a_host_writes_its_port_beside_it_and_never_on_it() -> None:
    canvas = Canvas(60)
    hosts = {"[pc-anna]": 2, "[mail-alpha]": 22, "[mx-beta]": 45}
    for name, x in hosts.items():
        canvas.put(x, 0, name)
    routes = [Route(x, x + len(name), x + len(name), 0) for name, x in hosts.items()]
    canvas.connect(routes[0], routes[2], "25", "─", "active")
    text = canvas.lines()[0].text
    assert all(name in text for name in hosts) and "25" in text
    canvas.connect(routes[0], routes[2], "a label that is far too long for it", "─", "active")
    assert all(name in canvas.lines()[0].text for name in hosts)
