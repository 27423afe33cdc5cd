"""Folds of the trace equal the state of the nodes, on every shipped scenario and at any event."""

from __future__ import annotations

import random
from typing import Any

import pytest

from simulator.engine.base_kinds import NOTE, TCP_CLOSE, TCP_CONNECT, TCP_DATA
from simulator.engine.environment import Environment
from simulator.engine.kinds import Record
from simulator.records import kinds_access, kinds_dns, kinds_queue
from simulator.records.folds import History
from simulator.records.moment import Moment
from tests.acceptance.folds import differences
from tests.acceptance.outside import SHIPPED


@pytest.mark.parametrize("scenario", SHIPPED)
def test_folds_equal_the_real_state_on_every_shipped_scenario(scenario: str) -> None:
    assert differences(scenario, earlier=20) == []


def long_trace(count: int) -> list[Record]:
    """A trace of every kind that a fold knows, made up by chance."""
    env = Environment(seed=5)
    write, chance = env.trace.write, random.Random(5)

    def step(number: int) -> None:
        host, box, uid = f"h{chance.randrange(3)}", f"u{chance.randrange(3)}@x", chance.randrange(40)
        queue_id, address, session = f"Q{chance.randrange(30)}", f"r{chance.randrange(3)}@y", chance.randrange(50)
        device = chance.random() < 0.3
        choices: list[Any] = [
            (kinds_queue.QUEUE_ENTER, (queue_id, "s@x", ("r0@y", "r1@y", "r2@y"), number)),
            (kinds_queue.QUEUE_ATTEMPT, (queue_id, "y", (address,), number % 7)),
            (kinds_queue.QUEUE_SENT, (queue_id, address, "mx", "250 ok")),
            (kinds_queue.QUEUE_DEFER, (queue_id, address, "later", number, 1)),
            (kinds_queue.QUEUE_FAIL, (queue_id, address, "no")),
            (kinds_queue.QUEUE_REMOVE, (queue_id,)),
            (kinds_access.MAILBOX_APPEND, (box, "INBOX", uid, 9, (), "/f", device)),
            (kinds_access.MAILBOX_FLAGS, (box, "INBOX", uid, ("\\Seen",), device)),
            (kinds_access.MAILBOX_EXPUNGE, (box, "INBOX", uid, device)),
            (
                kinds_dns.DNS_CACHE,
                (box, "MX", chance.choice(("store", "hit", "expire")), chance.randrange(4), False, "a"),
            ),
            (TCP_CONNECT, (25, "1", "2", chance.choice(("connected", "refused")), False)),
            (TCP_DATA, (b"abc", chance.choice("<>"), 3, chance.random() < 0.2, "", b"")),
            (TCP_CLOSE, (chance.choice(("fin", "fin", "reset", "down")),)),
            (NOTE, ("nothing",)),
        ]
        kind, values = chance.choice(choices)
        write(kind, values, at=host, frm=host, to="z", session=session, letter=1)

    for number in range(count):
        env.call_later(number * 1_000, step, number)
    env.advance()
    return env.trace.records


def test_any_event_is_the_same_with_and_without_checkpoints_before_it() -> None:
    records = long_trace(9_000)
    history = History(records)
    borders = [n for border in range(0, 9_000, 2_000) for n in (border - 1, border, border + 1) if n >= 0]
    for n in [9_000, *borders, 1_234, 8_999, 0]:
        assert history.at(n) == naive(records, n)


def naive(records: list[Record], n: int) -> Moment:
    """The fold from the beginning, in pieces too short for a checkpoint."""
    history = History(records)
    history._extend = lambda n: None  # type: ignore[method-assign]
    return history.at(n)


def test_steps_on_and_back_find_the_same_as_a_fold_from_the_beginning() -> None:
    records = long_trace(2_100)
    history = History(records)
    for n in (1_990, 1_991, 1_995, 1_994, 1_996, 1_999, 2_000, 1_999, 2_001, 2_050, 3, 4, 2_050, 1_930, 1_929, 1_800):
        assert history.at(n) == naive(records, n)


def test_a_moment_is_a_copy_that_later_events_do_not_change() -> None:
    records = long_trace(3_000)
    history = History(records)
    before = history.at(2_500)
    text = repr(before)
    history.at(3_000)
    history.at(2_501)
    assert repr(before) == text


def test_a_trace_may_grow_under_its_history() -> None:
    records = long_trace(5_000)
    growing = records[:1_500]
    history = History(growing)
    history.at(1_500)
    growing += records[1_500:]
    assert history.at(5_000) == History(records).at(5_000)


def test_there_is_no_event_before_the_first_or_after_the_last() -> None:
    history = History(long_trace(3))
    assert history.at(0).t == 0
    for n in (-1, 4):
        with pytest.raises(IndexError, match="the trace has 3 events"):
            history.at(n)


def test_a_moment_says_when_it_is_and_what_has_expired_by_then() -> None:
    env = Environment()
    env.trace.write(kinds_dns.DNS_CACHE, ("x", "A", "store", 2, False, "192.0.2.1"), at="r")
    env.call_later(2_000_000, lambda _: env.trace.write(NOTE, ("later",)))
    env.advance()
    history = History(env.trace.records)
    assert [entry.expires for entry in history.at(1).caches["r"]] == [2_000_000]
    assert (history.at(2).t, history.at(2).caches) == (2_000_000, {})
