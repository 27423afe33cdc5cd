"""Stepping, folds, fog, filter, marks and links of a walk."""

from __future__ import annotations

import pytest

from simulator.engine.query import parse
from simulator.engine.trace import KIND
from simulator.errors import QueryError
from simulator.tui.walk import Walk
from tests.tui.handmade import HandRun, long_run


def kind(walk: Walk) -> str:
    return str(walk.record[KIND].name)


def find(walk: Walk, query: str) -> int:
    return int(parse(query).hits(walk.records)[0][0])


def test_a_walk_begins_after_the_setting_up_of_the_world(walk: Walk) -> None:
    assert kind(walk) == "action"
    assert walk.folded(1) == 2


def test_forward_and_back_are_inverse(walk: Walk) -> None:
    path = [walk.cursor]
    while walk.step(1):
        path.append(walk.cursor)
    assert path == sorted(set(path))
    back = [walk.cursor]
    while walk.step(-1):
        back.append(walk.cursor)
    assert back[::-1][back[::-1].index(path[0]) :] == path


def test_every_event_belongs_to_exactly_one_row(walk: Walk) -> None:
    owned = [n for row in walk.rows for n in range(row, row + walk.folded(row) + 1)]
    assert owned == list(range(1, walk.total + 1))


def test_octets_of_a_dialogue_are_folded_under_what_they_say(walk: Walk) -> None:
    shown = {walk.records[n - 1][KIND].name for n in walk.rows}
    assert not shown & {"udp.data", "log.line", "lookup"}
    assert "smtp.command" in shown and "tls.established" in shown


def test_opening_a_fold_makes_its_events_rows_and_closing_hides_them(walk: Walk) -> None:
    walk.go(find(walk, "smtp.reply code=220 verb=STARTTLS"))
    before = list(walk.rows)
    count = walk.folded(walk.cursor)
    assert count == 3
    assert walk.toggle_fold(walk.cursor)
    assert len(walk.rows) == len(before) + count
    walk.step(1)
    assert kind(walk) == "tcp.data"
    walk.step(-1)
    assert walk.toggle_fold(walk.cursor)
    assert walk.rows == before


def test_going_to_a_folded_event_unfolds_it(walk: Walk) -> None:
    n = find(walk, "log.line")
    walk.go(n)
    assert walk.cursor == n
    assert n in walk.rows


def test_stages_forward_and_back(walk: Walk) -> None:
    names = []
    for _ in range(5):
        walk.stage_step(1)
        names.append(walk.index.stage(walk.cursor))
    assert names == ["compose", "submission", "routing", "transfer", "delivery"]
    walk.step(1)
    walk.stage_step(-1)
    assert (kind(walk), walk.index.stage(walk.cursor)) == ("stage", "delivery")
    walk.stage_step(-1)
    assert walk.index.stage(walk.cursor) == "transfer"


def test_after_the_last_stage_comes_the_end_and_before_the_first_the_beginning(walk: Walk) -> None:
    for _ in range(9):
        walk.stage_step(1)
    assert walk.cursor == walk.rows[-1]
    for _ in range(9):
        walk.stage_step(-1)
    assert walk.cursor == walk.rows[0]


def test_fog_hides_what_was_not_reached_and_keeps_what_was(walk: Walk) -> None:
    assert walk.visible() == 2
    walk.stage_step(1)
    reached = walk.visible()
    walk.first()
    assert walk.visible() == reached
    walk.last()
    assert walk.position() == reached - 1
    walk.toggle_fog()
    assert walk.visible() == len(walk.rows)


def test_a_filter_leaves_the_hits_and_steps_among_them(walk: Walk) -> None:
    walk.set_filter("smtp.reply code=250")
    assert walk.visible() == 0
    walk.step(1)
    assert kind(walk) == "smtp.reply"
    first = walk.cursor
    walk.step(1)
    assert walk.cursor > first
    walk.step(-1)
    assert walk.cursor == first


def test_back_before_the_first_hit_stays_and_lifts_no_fog(walk: Walk) -> None:
    walk.set_filter("deliver")
    before = (walk.cursor, walk.reached)
    assert not walk.step(-1)
    assert (walk.cursor, walk.reached) == before


def test_a_wrong_filter_says_what_to_do_and_changes_nothing(walk: Walk) -> None:
    rows = walk.rows
    with pytest.raises(QueryError, match=r"did you mean.*smtp\.reply"):
        walk.set_filter("smtp.replay")
    assert walk.rows is rows
    assert walk.filter is None


def test_a_blank_filter_shows_all_and_its_text_is_kept(walk: Walk) -> None:
    walk.set_filter("deliver")
    walk.set_filter("  ")
    assert walk.filter is None
    assert walk.filter_text == "deliver"


def test_going_where_the_filter_does_not_reach_takes_it_off(walk: Walk) -> None:
    walk.set_filter("deliver")
    walk.go(find(walk, "queue.enter"))
    assert walk.filter is None
    assert kind(walk) == "queue.enter"


def test_marks_are_visited_in_turn(walk: Walk) -> None:
    assert not walk.next_mark()
    marked = []
    for _ in range(2):
        walk.stage_step(1)
        walk.toggle_mark()
        marked.append(walk.cursor)
    assert [walk.next_mark() and walk.cursor for _ in range(3)] == [marked[0], marked[1], marked[0]]
    walk.toggle_mark()
    assert walk.marks == [marked[1]]


def test_links_and_queries_lead_back_to_the_event(run: HandRun) -> None:
    walk = Walk(run, name="hand-made?seed=7")
    for n in walk.rows:
        walk.go(n)
        name, _, ordinal = walk.link().partition("#")[2].rpartition("/")
        hits = parse(name).hits(walk.records)
        assert hits[int(ordinal) - 1] is walk.record
        assert walk.record in parse(walk.query()).hits(walk.records)
    assert walk.link().startswith("hand-made?seed=7#")


def test_the_moment_goes_back_with_the_cursor(walk: Walk) -> None:
    walk.go(find(walk, "mailbox.append"))
    assert walk.moment().mailboxes
    walk.go(find(walk, "queue.defer"))
    moment = walk.moment()
    assert not moment.mailboxes
    assert moment.queues["mail-alpha"][0].recipients[0].state == "deferred"


def test_clocks_show_the_time_of_the_world(walk: Walk) -> None:
    assert walk.clock(0) == "18:30:00.000"
    assert walk.clock(302_310_000, digits=0) == "18:35:02"


def test_tls_counts_from_the_handshake_on(walk: Walk) -> None:
    assert not walk.index.under_tls(find(walk, "smtp.command verb=STARTTLS"))
    assert walk.index.under_tls(find(walk, "smtp.command verb=AUTH"))


def test_a_step_costs_the_same_in_a_long_trace() -> None:
    walk = Walk(long_run(20_000))
    walk.go(10_000)
    touched = []
    records = walk.records

    class Counting(list):  # type: ignore[type-arg]
        def __getitem__(self, at):  # type: ignore[no-untyped-def]
            touched.append(at)
            return records[at]

    walk.records = Counting()
    walk.index.records = walk.records
    walk.step(1)
    walk.link()
    walk.pair()
    assert len(touched) < 50
