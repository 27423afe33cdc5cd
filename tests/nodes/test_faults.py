"""Hosts that fail at any moment of a delivery: no letter is lost, none doubled beyond what is allowed, queues drain."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine.base_kinds import TCP_CLOSE
from simulator.engine.trace import KIND, T
from simulator.nodes.resolver import Resolver
from tests.acceptance.folds import of_fold, of_nodes
from tests.nodes.mail_world import MINUTE, SECOND, MailWorld

BORIS = "boris@beta.example"
CRASHED = ("mail-alpha", "mx-beta", "resolver", "ns")


def told(world: MailWorld) -> bool:
    """Whether Anna's mail program was told that her letter is taken over."""
    return bool(world.programs["pc-anna"].box.keys("Sent"))


@cache
def moments(spam: bool) -> tuple[int, ...]:
    """Every time at which something happens in an undisturbed delivery."""
    world = MailWorld(spam=spam)
    world.send(BORIS)
    return tuple(sorted({record[T] for record in world.run().records if record[T] >= SECOND}))


def deliver_with_a_fault(host: str, begin: int, *, spam: bool, down: int = 20 * MINUTE) -> MailWorld:
    """One letter, and a host that is down for a while from `begin` on."""
    world = MailWorld(spam=spam)
    world.send(BORIS)
    world.fails(host, begin, begin + down)
    return world


@settings(max_examples=60, deadline=None)
@given(data=st.data(), host=st.sampled_from(CRASHED), spam=st.booleans(), offset=st.integers(-1, 1))
def test_no_letter_is_lost_or_doubled_whenever_a_host_fails(
    data: st.DataObject, host: str, spam: bool, offset: int
) -> None:
    begin = data.draw(st.sampled_from(moments(spam))) + offset
    world = deliver_with_a_fault(host, begin, spam=spam).run()
    came = len(world.letters(BORIS))
    lost = sum(record[KIND] is TCP_CLOSE and record[12] != "fin" for record in world.records)
    assert came >= told(world), "a letter that was taken over arrives"
    assert came <= 1 + lost
    assert came >= 1 or world.programs["pc-anna"].box.keys("Outbox"), "else its writer still has it"
    for server in world.servers.values():
        assert not server.queue.entries, "the queue drains after recovery"


@settings(max_examples=25, deadline=None)
@given(data=st.data(), host=st.sampled_from((*CRASHED, "pc-boris")), reads=st.sampled_from(["imaps", "pop3s"]))
def test_folds_equal_the_nodes_through_a_crash_and_recovery(data: st.DataObject, host: str, reads: str) -> None:
    begin = data.draw(st.integers(SECOND, 3 * SECOND))
    world = MailWorld(reads=reads)
    world.send(BORIS)
    world.do("fetch", 2 * SECOND)
    world.do("fetch", 40 * MINUTE)
    world.fails(host, begin, begin + data.draw(st.sampled_from([SECOND, 10 * MINUTE])))
    from simulator.records.folds import History

    history = History(world.records)
    while world.env.peek() != float("inf"):
        before = len(world.records)
        world.env.step()
        if len(world.records) > before:
            assert of_fold(history.at(len(world.records))) == of_nodes(world)  # type: ignore[arg-type]
    world.run()


def test_a_writers_device_that_dies_says_nothing_more() -> None:
    for begin in moments(False):
        world = deliver_with_a_fault("pc-anna", begin, spam=False).run()
        fault = world.ask("fault state=begins | first n")
        after = [record for record in world.records[fault:] if record[3] == "pc-anna"]
        assert {record[KIND].name for record in after} <= {"tcp.close", "tcp.lost", "fault", "udp.lost"}


def test_overlapping_faults_of_one_host_hold_until_the_last_has_ended() -> None:
    world = MailWorld()
    world.fails("mx-beta", SECOND, 10 * MINUTE)
    world.fails("mx-beta", 2 * SECOND, 20 * MINUTE)
    world.send(BORIS, when=3 * SECOND)
    world.run()
    assert world.ask("deliver | first t") > 20 * MINUTE


def test_an_attempt_after_a_crash_names_the_recovery_and_keeps_its_number() -> None:
    world = MailWorld()
    world.send(BORIS)
    world.env.advance()
    begin = world.ask("tcp.connect port=25 | first t") + 1
    world = deliver_with_a_fault("mail-alpha", begin, spam=False).run()
    ends = world.ask("fault state=ends | first n")
    assert world.ask("queue.attempt at=mail-alpha | list attempt") == (1, 1)
    assert world.ask("queue.attempt at=mail-alpha | last also") == (ends,)
    assert len(world.letters(BORIS)) == 1


def test_a_resolver_that_fails_loses_its_cache_and_the_trace_says_so() -> None:
    world = deliver_with_a_fault("resolver", 5 * SECOND, spam=False, down=SECOND).run()
    (service,) = [one for one in world.hosts["resolver"].services if isinstance(one, Resolver)]
    assert service.cache.entries(int(world.env.now)) == ()
    assert world.ask("dns.cache action=expire | count") > 0


def test_the_lock_of_a_maildrop_is_given_back_when_its_client_died() -> None:
    world = MailWorld(reads="pop3s", leave_on_server=True)
    world.send(BORIS)
    world.do("fetch", MINUTE)
    world.env.advance(MINUTE)
    while not world.ask("pop3.reply verb=PASS | count"):
        world.env.step()
    now = int(world.env.now)
    world.fails("pc-boris", now + 1, now + 2 * SECOND)
    world.do("fetch", now + 5 * SECOND)
    world.do("fetch", now + 12 * MINUTE)
    world.run()
    assert world.ask("mua.notice | list text") == (
        "mail was not fetched: PASS was refused: Mailbox is locked by another POP3 session.",
    )
    assert world.programs["pc-boris"].box.keys("INBOX") == (1,)


@pytest.mark.parametrize("reads", ["imaps", "pop3s"])
@pytest.mark.parametrize("host", ["mx-beta", "pc-boris"])
def test_a_fetch_that_is_cut_anywhere_leaves_nothing_open_and_the_next_one_works(reads: str, host: str) -> None:
    world = MailWorld(reads=reads)
    world.send(BORIS)
    world.do("fetch", MINUTE)
    times = sorted({record[T] for record in world.run().records if record[T] > MINUTE})
    for begin in times[:: max(len(times) // 15, 1)]:
        world = MailWorld(reads=reads)
        world.send(BORIS)
        world.do("fetch", MINUTE)
        world.fails(host, begin, begin + SECOND)
        world.do("fetch", 60 * MINUTE)
        world.run()
        assert world.programs["pc-boris"].box.keys("INBOX")[-1:] in ((1,), (2,))


def test_a_lost_connection_does_not_empty_an_imap_device() -> None:
    world = MailWorld()
    world.send(BORIS)
    world.do("fetch", MINUTE)
    world.do("fetch", 2 * MINUTE)
    world.env.advance(2 * MINUTE)
    while world.ask(f"imap.command verb=FETCH t>{2 * MINUTE} | count") < 1:
        world.env.step()
    now = int(world.env.now)
    world.fails("mx-beta", now, now + SECOND)
    world.run()
    assert world.programs["pc-boris"].box.keys("INBOX") == (1,)
