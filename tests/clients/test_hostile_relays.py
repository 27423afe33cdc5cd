"""No server can hang our relay or our way to a delivery agent, or have it believe that a letter was taken."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.nodes.queue import Entry, Outcome, Queued
from simulator.nodes.relay import Relay
from tests.clients.hostile import DRIPS, FLOOD, Hostile, ends, hostile_world
from tests.nodes.mail_world import MINUTE, SECOND, MailWorld


def relayed(**how: Any) -> tuple[MailWorld, Hostile]:
    """Let Anna's server relay to such a server; the letter waits, with a reason."""
    world, server = tried(**how)
    assert world.ask("queue.sent | count") == 0
    assert world.ask("queue.defer | count") + world.ask("queue.fail | count") >= 1
    return world, server


def tried(*, to: tuple[str, ...] = ("boris@beta.example",), **how: Any) -> tuple[MailWorld, Hostile]:
    """Let Anna's server try to relay to such a server once; the attempt comes to an end."""
    world, server = hostile_world(25, **how)
    world.send(*to)
    world.env.advance(10 * MINUTE)
    assert server.streams and server.streams[0].closed
    assert not world.ask("alert | count")
    return world, server


@pytest.mark.parametrize("drip", DRIPS)
def test_a_dripping_server_holds_no_relay(drip: bytes) -> None:
    relayed(drip=drip)


@pytest.mark.parametrize("at", [b"EHLO", b"MAIL", b"DATA", b"."])
def test_a_reply_without_end_holds_no_relay(at: bytes) -> None:
    codes = {b"EHLO": b"250", b"MAIL": b"250", b"RCPT": b"250", b"DATA": b"354", b".": b"250"}

    def answer(line: bytes) -> bytes:
        verb = line.split(b" ")[0].split(b":")[0]
        code = codes.get(verb, b"")
        return (code + b"-more\r\n") * 5000 if verb == at else code + b" ok\r\n" if code else b""

    relayed(greeting=b"220 hi\r\n", answer=answer)


@pytest.mark.parametrize("greeting", [FLOOD, b"220-" + FLOOD, b"220-x\r\n" * 30_000, b"\r\n" * 90_000])
def test_a_flood_in_place_of_a_greeting_is_refused(greeting: bytes) -> None:
    world, _ = relayed(greeting=greeting)
    assert world.ask("smtp.reply from=mx-beta | count") == 0


@pytest.mark.parametrize(
    ("verb", "said"),
    [
        (b"EHLO", b"250 a\r\n250 b\r\n"),
        (b"EHLO", b"250-a\r\n550 b\r\n"),
        (b"EHLO", b"999 a\r\n"),
        (b"EHLO", b"354 go on\r\n"),
        (b"MAIL", b"334 eA==\r\n"),
        (b"RCPT", b"250 ok\r\n250 ok\r\n354 go\r\n250 taken\r\n"),
        (b"DATA", b"250 taken already\r\n"),
        (b"DATA", b"354 go\r\n354 go\r\n"),
    ],
)
def test_an_smtp_server_that_answers_wrongly_gets_no_letter_believed(verb: bytes, said: bytes) -> None:
    codes = {b"EHLO": b"250 ok\r\n", b"MAIL": b"250 ok\r\n", b"RCPT": b"250 ok\r\n", b"DATA": b"354 go\r\n"}

    def answer(line: bytes) -> bytes:
        word = line.split(b" ")[0].split(b":")[0]
        return said if word == verb else codes.get(word, b"")

    relayed(greeting=b"220 hi\r\n", answer=answer)


@pytest.mark.parametrize(
    "greeting",
    [
        b"220 hi\r\n250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n250 taken\r\n",
        b"220 hi\r\n250-ok\r\n250 PIPELINING\r\n550 no\r\n221 bye\r\n",
        b"220 hi\r\n" + b"250 ok\r\n" * 5000,
    ],
)
def test_a_server_that_answers_before_it_is_asked_holds_no_relay(greeting: bytes) -> None:
    tried(greeting=greeting)


PIPELINES = b"250-hi\r\n250 PIPELINING\r\n"


ALONE = b"250 hi\r\n"


BOTH = ("boris@beta.example", "olga@beta.example")


@pytest.mark.parametrize("hello", [PIPELINES, ALONE])
@pytest.mark.parametrize(
    "answers",
    [
        {b"MAIL": b"550 no\r\n"},
        {b"MAIL": b"421 bye\r\n"},
        {b"MAIL": b"421 bye\r\n", b"RCPT": b"421 bye\r\n", b"DATA": b"421 bye\r\n"},
        {b"RCPT": b"550 no\r\n"},
        {b"RCPT": b"421 bye\r\n"},
        {b"RCPT": b"354 go\r\n"},
        {b"DATA": b"421 bye\r\n"},
        {b"DATA": b"503 no\r\n"},
        {b"DATA": b""},
        {b"RCPT": b"", b"DATA": b""},
        {b".": b"421 bye\r\n"},
        {b".": b"354 more\r\n"},
        {b".": b""},
    ],
)
def test_whatever_is_refused_in_a_group_of_commands_no_letter_counts_as_sent(
    hello: bytes, answers: dict[bytes, bytes]
) -> None:
    usual = {
        b"EHLO": hello,
        b"MAIL": b"250 ok\r\n",
        b"RCPT": b"250 ok\r\n",
        b"DATA": b"354 go\r\n",
        b".": b"250 ok\r\n",
    }

    def answer(line: bytes) -> bytes:
        return (usual | answers).get(line.split(b" ")[0].split(b":")[0], b"")

    _, server = relayed(greeting=b"220 hi\r\n", answer=answer, to=BOTH)
    refused = {b"MAIL", b"RCPT"} & set(answers)
    assert b"Lunch?" not in server.heard or not refused


@pytest.mark.parametrize(
    ("answers", "states"),
    [
        ({b".": b"250 one\r\n"}, {"deferred"}),
        ({b".": b"250 one\r\n552 two\r\n250 three\r\n"}, {"sent", "failed"}),
        ({b".": b"250 one\r\n" + FLOOD}, {"deferred"}),
        ({b"LHLO": b"500 what\r\n"}, {"deferred"}),
        ({b"LHLO": b"250-x\r\n" * 200}, {"deferred"}),
        ({b"RCPT": b"421 bye\r\n"}, {"deferred"}),
        ({b"DATA": b"250 taken\r\n"}, {"deferred"}),
    ],
)
def test_a_delivery_agent_that_answers_wrongly_is_believed_for_what_it_said(
    answers: dict[bytes, bytes], states: set[str]
) -> None:
    usual = {b"LHLO": PIPELINES, b"MAIL": b"250 ok\r\n", b"RCPT": b"250 ok\r\n", b"DATA": b"354 go\r\n"}

    def answer(line: bytes) -> bytes:
        return (usual | answers).get(line.split(b" ")[0].split(b":")[0], b"")

    world, server = hostile_world(24, greeting=b"220 hi\r\n", answer=answer)
    queued = [Queued(address) for address in BOTH]
    entry = Entry("1A", "anna@alpha.example", b"Subject: x\r\n\r\nGood day.\r\n", None, 0, queued)
    host, outcomes = world.hosts["mx-beta"], list[Outcome]()
    world.at(
        SECOND,
        lambda: host.spawn(
            Relay(host, ("beta.example",)).carry(entry, "beta.example", queued), outcomes.extend, name="x"
        ),
    )
    ends(world, server)
    assert len(outcomes) == 2 and {one.status for one in outcomes} == states
