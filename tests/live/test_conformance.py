"""What every way into a world must do alike: the simulated link and a real socket pass the same tests."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from simulator.engine.trace import value
from tests.live.transports import Way, way_in

KINDS = ("link", "socket")

SMTP = (
    b"EHLO elsewhere.example\r\n",
    b"MAIL FROM:<gleb@guest.example> SIZE=100\r\nRCPT TO:<olga@open.example>\r\nRCPT TO:<nobody@open.example>\r\n",
    b"DATA\r\n",
    b"From: <gleb@guest.example>\r\nSubject: replayed\r\n\r\nThe same octets.\r\n..one dot\r\n.\r\n",
    b"NOOP\r\nBOGUS\r\nMAIL\r\nQUIT\r\n",
)
SUBMISSION = (b"EHLO pc.example\r\n", b"AUTH PLAIN\r\n", b"MAIL FROM:<olga@open.example>\r\n", b"QUIT\r\n")
POP3 = (b"CAPA\r\n", b"USER olga@open.example\r\n", b"STAT\r\nNOOP\r\n", b"QUIT\r\n")
IMAP = (
    b"a1 CAPABILITY\r\n",
    b"a2 LOGIN olga@open.example open-sesame\r\n",
    b"a3 SELECT INBOX\r\nbad\r\n",
    b"a4 LOGOUT\r\n",
)
SESSIONS = {"smtp": (25, SMTP), "submission": (587, SUBMISSION), "pop3": (110, POP3), "imap": (143, IMAP)}

Recorded = list[tuple[bytes, bytes]]


async def recorded(port: int, says: tuple[bytes, ...]) -> Recorded:
    """A session over the simulated link: what was said, and what was heard before the next was said."""
    async with way_in("link") as way:
        talk = await way.talk("house", port)
        session = [(b"", await talk.hear(1 << 20))]
        for octets in says:
            await talk.say(octets)
            session.append((octets, await talk.hear(1 << 20)))
        assert await talk.hear() == b""
        return session


@pytest.mark.parametrize("name", SESSIONS)
async def test_a_recorded_session_gives_equal_octets_through_link_and_socket(name: str) -> None:
    session = await recorded(*SESSIONS[name])
    assert sum(len(heard) for _, heard in session) > 200
    async with way_in("socket") as way:
        talk = await way.talk("house", SESSIONS[name][0])
        for say, heard in session:
            await talk.say(say)
            assert await talk.hear(len(heard)) == heard
        assert await talk.hear() == b""


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [1, 7, 4_096])
async def test_every_chunking_gives_the_same_octets(kind: str, size: int) -> None:
    session = await recorded(25, SMTP)
    said, heard = b"".join(say for say, _ in session), b"".join(answer for _, answer in session)
    async with way_in(kind) as way:
        talk = await way.talk("house", 25)
        for start in range(0, len(said), size):
            await talk.say(said[start : start + size])
        assert await talk.hear() == heard


@pytest.mark.parametrize("kind", KINDS)
async def test_who_has_said_everything_still_gets_every_answer(kind: str) -> None:
    async with way_in(kind) as way:
        talk = await way.talk("house", 25)
        await talk.say(b"EHLO elsewhere.example\r\nNOOP\r\n")
        await talk.end()
        heard = await talk.hear()
        assert heard.startswith(b"220 ") and heard.endswith(b"250 2.0.0 Ok\r\n")


@pytest.mark.parametrize("kind", KINDS)
async def test_a_broken_connection_ends_its_session_and_leaves_nothing_open(kind: str) -> None:
    async with way_in(kind) as way:
        talk = await way.talk("house", 25)
        await talk.say(b"EHLO elsewhere.example\r\nMAIL FROM:<a@elsewhere.example>\r\n")
        await way.until(lambda: bool(way.world.network.open_sessions))
        await talk.cut()
        await way.until(lambda: not way.world.network.open_sessions)
        assert not entered(way) and not way.world.hosts["house"].sessions


@pytest.mark.parametrize("kind", KINDS)
async def test_a_letter_of_a_million_octets_arrives_whole(kind: str) -> None:
    body = b"every octet is real, and there are many\r\n" * 25_000
    async with way_in(kind) as way:
        talk = await way.talk("house", 25)
        await talk.say(b"HELO x.example\r\nMAIL FROM:<>\r\nRCPT TO:<rita@open.example>\r\nDATA\r\n")
        for start in range(0, len(body), 100_000):
            await talk.say(body[start : start + 100_000])
        await talk.say(b".\r\nQUIT\r\n")
        heard = await talk.hear()
        assert b"250 2.0.0 Ok: queued as" in heard
        assert entered(way)[0] > len(body)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_client_that_reads_nothing_is_not_answered_without_end(kind: str) -> None:
    async with way_in(kind) as way:
        talk = await way.talk("house", 25)
        talk.read_no_more()
        with contextlib.suppress(TimeoutError):
            for _ in range(40):
                await asyncio.wait_for(talk.say(b"HELP\r\nNOOP\r\n" * 20_000), 1)
        written = sum(len(value(one, "octets")) for one in way.records("tcp.data") if value(one, "direction") == "<")
        assert written < 8_000_000


def entered(way: Way) -> list[int]:
    """The sizes of the letters that went into a queue."""
    return [value(record, "size") for record in way.records("queue.enter")]
