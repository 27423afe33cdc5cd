"""Connections and datagrams over the simulated network, as a program sees them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine.base_kinds import NOTE
from simulator.engine.stream import StreamTimeout
from simulator.engine.trace import AT, CAUSE, KIND, value
from simulator.engine.transport import Datagram
from tests.engine.pair import SECOND, A, B, Pair, hear


def test_a_connection_costs_one_round_trip_and_half_of_one_more_to_the_server() -> None:
    pair = Pair()
    times: list[int] = []
    pair.network.listen("b", 8, lambda stream: times.append(pair.env.now))
    pair.connect(port=8)
    pair.env.advance(40_000)
    assert len(pair.opened) == 1
    assert times == []
    pair.env.advance()
    assert times == [60_000]
    stream = pair.opened[0]
    assert (str(stream.local), str(stream.remote), stream.local_loop) == (f"{A}:40000", f"{B}:8", False)


@pytest.mark.parametrize(
    ("address", "port", "result", "time", "words"),
    [
        (B, 9, "refused", 40_000, "Connection refused"),
        ("192.0.2.99", 7, "unreachable", 40_000, "No route to host"),
        ("192.0.2.3", 7, "timeout", 30 * SECOND, "Connection timed out"),
    ],
)
def test_refused_unreachable_and_unanswered_are_told_apart(
    address: str, port: int, result: str, time: int, words: str
) -> None:
    pair = Pair()
    pair.network.add_host("c", ("192.0.2.3",))
    pair.network.take_down("c")
    pair.connect(address, port)
    pair.env.advance()
    (error,) = pair.failures
    assert (error.result, pair.env.now) == (result, time)
    assert str(error) == f"connect to {address} port {port}: {words}"
    assert value(pair.env.trace.records[-1], "result") == result


def test_a_host_that_fails_under_the_first_packet_answers_nothing() -> None:
    pair = Pair()
    pair.connect(timeout=SECOND)
    fault = pair.env.trace.write(NOTE, ("fault",), cause=None, origin="x:2")
    pair.env.call_later(10_000, lambda _: pair.network.take_down("b", fault))
    pair.env.advance()
    assert pair.env.now == SECOND
    assert pair.env.trace.records[-1][10] == (fault[0],)


def test_a_round_trip_longer_than_the_time_allowed_is_a_time_out() -> None:
    pair = Pair(latency=20 * SECOND)
    pair.connect()
    pair.env.advance()
    assert (pair.failures[0].result, pair.env.now) == ("timeout", 30 * SECOND)


def test_an_attempt_that_was_given_up_moves_no_clock_and_opens_nothing() -> None:
    pair = Pair()
    pair.network.take_down("b")
    pair.connect().cancel()
    pair.env.advance()
    assert pair.env.now == 0
    assert "tcp.connect" not in pair.kinds()


def test_the_loopback_is_the_host_itself() -> None:
    pair = Pair()
    pair.network.listen("a", 24, pair.accepted.append)
    pair.connect("127.0.0.1", 24)
    pair.env.advance()
    assert pair.opened[0].local_loop
    assert pair.env.now == 90


def test_a_chunk_arrives_whole_after_the_latency_and_for_its_own_reason() -> None:
    pair = Pair()
    one, other = pair.both()
    causes: list[object] = []
    other.on_data = lambda octets: causes.append((pair.env.cause[KIND].name, pair.env.now, octets))  # type: ignore[index]
    start = pair.env.now
    one.send(b"x" * 100_000)
    pair.env.trace.write(NOTE, ("noise",))
    pair.env.advance()
    assert causes == [("tcp.data", start + 20_000, b"x" * 100_000)]


def test_bandwidth_makes_chunks_queue_and_keeps_their_order() -> None:
    pair = Pair(bandwidth=8_000)
    one, other = pair.both()
    heard = hear(other)
    start = pair.env.now
    for octets in (b"a" * 1_000, b"b", b"c" * 500):
        one.send(octets)
    back = hear(one)
    other.send(b"z" * 1_000)
    pair.env.advance()
    assert [(time - start, octets[:1]) for time, octets in heard] == [
        (1_020_000, b"a"),
        (1_021_000, b"b"),
        (1_521_000, b"c"),
    ]
    assert back[0][0] - start == 1_020_000, "the other direction is free"


@settings(max_examples=50, deadline=None)
@given(
    chunks=st.lists(st.tuples(st.binary(min_size=1, max_size=300), st.integers(0, 50_000)), max_size=30),
    bandwidth=st.sampled_from([None, 8_000, 1_000_000]),
)
def test_chunks_of_any_size_arrive_in_order(chunks: list[tuple[bytes, int]], bandwidth: int | None) -> None:
    pair = Pair(bandwidth=bandwidth)
    one, other = pair.both()
    heard = hear(other)
    delay = 0
    for octets, wait in chunks:
        delay += wait
        pair.env.call_later(delay, one.send, octets)
    pair.env.call_later(delay, lambda _: one.close())
    ends: list[int] = []
    other.on_close = lambda how: ends.append(len(heard))
    pair.env.advance()
    assert [octets for _, octets in heard] == [octets for octets, _ in chunks]
    assert ends == [len(chunks)]
    assert one.unsent == 0


def test_a_half_closed_connection_still_carries_the_other_direction() -> None:
    pair = Pair()
    one, other = pair.both()
    heard = hear(one)
    ends: list[str] = []
    other.on_close = ends.append
    one.close()
    one.send(b"too late")
    pair.env.advance()
    other.send(b"still here")
    other.close()
    pair.env.advance()
    assert (ends, [octets for _, octets in heard]) == (["fin"], [b"still here"])
    assert (pair.network.open_sessions, pair.network.streams) == ({}, {})


def test_a_reset_ends_both_sides_and_what_is_under_way_is_lost() -> None:
    pair = Pair()
    one, other = pair.both()
    heard, ends = hear(one), []
    other.on_close = ends.append
    other.send(b"under way")
    one.reset()
    pair.env.advance()
    assert (heard, ends, other.closed) == ([], ["reset"], True)
    assert "tcp.lost" in pair.kinds()
    other.send(b"nothing")
    assert (pair.network.open_sessions, pair.network.streams) == ({}, {})


def test_a_host_that_goes_down_says_nothing_and_hears_nothing() -> None:
    pair = Pair()
    one, other = pair.both()
    heard = hear(one)
    ends: list[str] = []
    other.on_close, one.on_close = ends.append, ends.append
    one.send(b"under way")
    broken = pair.network.take_down("b")
    assert broken == (other,)
    other.send(b"from the grave")
    other.close()
    for stream in broken:
        stream.end("down")
    pair.env.advance()
    assert (heard, ends, one.closed) == ([], ["down"], False)
    assert pair.network.listening("b") == ()
    pair.network.bring_up("b")
    one.close()
    pair.env.advance()
    assert (pair.network.open_sessions, pair.network.streams) == ({}, {})
    assert "tcp.lost" in pair.kinds()


def test_ports_and_addresses_cannot_be_taken_twice() -> None:
    pair = Pair()
    takes: list[Callable[[], object]] = [
        lambda: pair.network.listen("b", 7, pair.accepted.append),
        lambda: pair.network.add_host("c", (A,)),
        lambda: (pair.network.bind("b", 53, print), pair.network.bind("b", 53, print)),
    ]
    for take in takes:
        with pytest.raises(ValueError, match=r"in use|same address"):
            take()


def test_a_datagram_arrives_or_is_lost_and_the_trace_knows_why() -> None:
    pair = Pair()
    got: list[Datagram] = []
    pair.network.bind("b", 53, got.append)
    sent = pair.network.send_datagram("a", b"question", B, 53, 5_000)
    pair.network.send_datagram("a", b"nobody", B, 54, 5_000)
    pair.network.send_datagram("a", b"nowhere", "192.0.2.99", 53, 5_000)
    pair.env.advance()
    fault = pair.env.trace.write(NOTE, ("fault",), cause=None, origin="x:2")
    pair.network.take_down("b", fault)
    pair.network.send_datagram("a", b"down", B, 53, 5_000)
    pair.env.advance()
    assert got == [Datagram(b"question", A, 5_000, B, 53)]
    lost = [record for record in pair.env.trace.records if record[KIND].name == "udp.lost"]
    assert [(record[AT], value(record, "reason")) for record in lost] == [
        ("a", "no way"),
        ("b", "nobody listens"),
        ("b", "b is down"),
    ]
    assert lost[-1][10] == (fault[0],)
    assert lost[1][CAUSE] == sent[0] + 1


def test_a_link_that_is_down_loses_what_is_sent() -> None:
    pair = Pair()
    one, other = pair.both()
    heard = hear(other)
    link = pair.network.topology.links[0]
    link.up = False
    pair.network.topology.changed()
    one.send(b"lost")
    pair.connect(timeout=SECOND)
    pair.env.advance()
    assert (heard, pair.failures[0].result) == ([], "timeout")
    link.up = True
    pair.network.topology.changed()
    one.send(b"found")
    pair.env.advance()
    assert [octets for _, octets in heard] == [b"found"]


def test_each_wait_for_octets_has_its_own_deadline_and_reason() -> None:
    pair = Pair()
    opener, answerer = pair.both()
    env, begin = pair.env, pair.env.now

    def story() -> Any:
        got = [(yield opener.receive(10 * SECOND))]
        env.trace.write(NOTE, ("waits again",), at="a")
        try:
            yield opener.receive(10 * SECOND)
        except StreamTimeout:
            got.append((env.now - begin, value(env.cause, "text")))  # type: ignore[arg-type]
        try:
            yield opener.receive(SECOND)
        except StreamTimeout:
            got.append(env.now - begin)
        return got

    results = pair.spawn(story())
    env.call_later(4 * SECOND - 20_000, lambda _: answerer.send(b"soon"))
    env.advance()
    assert results == [[b"soon", (14 * SECOND, "waits again"), 15 * SECOND]]


def test_a_shorter_wait_is_not_held_up_by_the_timer_of_a_longer_one() -> None:
    pair = Pair()
    opener, answerer = pair.both()
    env, begin = pair.env, pair.env.now

    def story() -> Any:
        yield opener.receive(300 * SECOND)
        try:
            yield opener.receive(2 * SECOND)
        except StreamTimeout:
            return env.now - begin

    results = pair.spawn(story())
    env.call_later(SECOND - 20_000, lambda _: answerer.send(b"soon"))
    env.advance()
    assert results == [3 * SECOND] and env.now == begin + 3 * SECOND


def test_a_timer_that_nobody_needs_any_more_moves_no_clock() -> None:
    pair = Pair()
    opener, answerer = pair.both()

    def story() -> Any:
        yield opener.receive(300 * SECOND)
        opener.close()

    pair.spawn(story())
    answerer.send(b"bye")
    pair.env.advance()
    answerer.close()
    pair.env.advance()
    assert pair.env.now < SECOND
