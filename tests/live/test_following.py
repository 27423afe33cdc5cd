"""The world screen on a run that goes on: the same walk, filter and marks while the trace grows."""

from __future__ import annotations

from simulator.engine.trace import KIND
from simulator.scenario.loading import load
from simulator.scenario.world import Run, World, build
from simulator.tui.following import follow, live_view
from simulator.tui.view import View


def begun() -> tuple[World, View]:
    """A world that has just begun, and its screen."""
    scenario = load("first-letter")
    world = build(scenario)
    return world, live_view(Run(scenario, world, ()))


def test_who_stands_at_the_end_goes_along_with_the_run() -> None:
    world, view = begun()
    before = view.walk.cursor
    assert not follow(view, world.env.trace.records)
    world.env.advance()
    assert follow(view, world.env.trace.records)
    assert view.walk.total == len(world.env.trace.records)
    assert view.walk.cursor == view.walk.rows[-1] > before
    assert not follow(view, world.env.trace.records)


def test_who_looks_at_an_event_stays_there_with_filter_marks_and_folds() -> None:
    world, view = begun()
    while sum(record[KIND].name == "smtp.command" for record in world.env.trace.records) < 4:
        world.env.advance(world.env.peek())
    follow(view, world.env.trace.records)
    walk = view.walk
    walk.go(walk.start())
    walk.toggle_mark()
    unfolded = next(n for n in walk.rows if walk.folded(n))
    walk.toggle_fold(unfolded)
    walk.set_filter("smtp.command")
    some = len(walk.rows)
    at = walk.cursor
    world.env.advance()
    assert follow(view, world.env.trace.records)
    assert (walk.cursor, walk.marks, unfolded in walk.opened) == (at, [at], True)
    assert walk.filter_text == "smtp.command" and len(walk.rows) > some > 0


def test_every_pane_can_be_drawn_at_every_moment_of_a_run() -> None:
    world, view = begun()
    while world.env.peek() < float("inf"):
        world.env.advance(world.env.peek() + 200_000)
        follow(view, world.env.trace.records)
        assert all(view.content(pane, 80, 24).lines for pane in (1, 2, 3, 6))
