"""Reading from a connection: by tasks, held back, and to its end."""

from __future__ import annotations

from typing import Any

from simulator.engine.stream import StreamTimeout
from simulator.engine.task import spawn
from tests.engine.pair import SECOND, Pair


def test_a_task_reads_what_came_and_the_end() -> None:
    pair = Pair()
    one, other = pair.both()

    def story() -> Any:
        found = [(yield other.receive(SECOND))]
        found.append((yield other.receive(SECOND)))
        found.append((yield other.receive(SECOND)))
        return found

    results = pair.spawn(story())
    one.send(b"first")
    pair.env.call_later(100_000, lambda _: (one.send(b"second"), one.close()))
    pair.env.advance()
    assert results == [[b"first", b"second", b""]]
    assert pair.env.now < SECOND, "timers that lost move no clock"


def test_chunks_that_nobody_waited_for_come_together_with_the_cause_of_the_last() -> None:
    pair = Pair()
    one, other = pair.both()
    one.send(b"first ")
    one.send(b"second")
    last = pair.env.trace.records[-1]
    pair.env.advance()
    causes: list[object] = []

    def story() -> Any:
        octets = yield other.receive(SECOND)
        causes.append(pair.env.cause)
        return octets

    assert pair.spawn(story()) == [b"first second"]
    assert causes == [last]


def test_a_read_that_timed_out_or_was_abandoned_swallows_nothing() -> None:
    pair = Pair()
    one, other = pair.both()

    def reader() -> Any:
        return (yield other.receive(SECOND))

    late = pair.spawn(reader())
    pair.env.advance()
    assert isinstance(late[0], StreamTimeout)
    spawn(pair.env, reader()).cancel()
    one.send(b"for the next")
    pair.env.advance()
    assert pair.spawn(reader()) == [b"for the next"]


def test_a_held_side_takes_nothing_and_its_peer_knows_how_much_waits() -> None:
    pair = Pair()
    one, other = pair.both()
    heard: list[bytes] = []
    causes: list[int] = []
    other.on_data = lambda octets: (heard.append(octets), causes.append(pair.env.cause[0]))  # type: ignore[index,func-returns-value]
    drained: list[int] = []
    other.hold()
    sent = []
    for _ in range(5):
        one.send(b"x" * 65_536)
        sent.append(len(pair.env.trace))
    assert one.unsent == 5 * 65_536
    pair.env.advance()
    assert (heard, one.unsent) == ([], 5 * 65_536)
    one.on_drained = lambda: drained.append(one.unsent)
    other.release()
    assert (len(heard), one.unsent, drained, causes) == (5, 0, [0], sent)


def test_holding_again_while_releasing_keeps_the_rest() -> None:
    pair = Pair()
    one, other = pair.both()
    heard: list[bytes] = []

    def careful(octets: bytes) -> None:
        heard.append(octets)
        other.hold()

    other.on_data = careful
    other.hold()
    for octets in (b"1", b"2", b"3"):
        one.send(octets)
    pair.env.advance()
    for expected in ([b"1"], [b"1", b"2"], [b"1", b"2", b"3"]):
        other.release()
        assert heard == expected


def test_the_end_does_not_overtake_what_is_held() -> None:
    pair = Pair()
    one, other = pair.both()
    log: list[object] = []
    other.on_data = log.append
    other.on_close = log.append
    other.hold()
    one.send(b"last words")
    one.close()
    pair.env.advance()
    assert log == []
    other.release()
    assert log == [b"last words", "fin"]


def test_a_task_may_read_from_a_side_that_was_held() -> None:
    pair = Pair()
    one, other = pair.both()
    other.hold()
    one.send(b"waits")
    pair.env.advance()
    other.release()

    def reader() -> Any:
        return (yield other.receive(SECOND))

    assert pair.spawn(reader()) == [b"waits"]
