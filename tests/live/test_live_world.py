"""A live world from inside: whose clock counts, who is ended when something breaks, and what is written down."""

from __future__ import annotations

import asyncio
import ssl
import time

import pytest

from simulator import limits
from simulator.engine.trace import FROM, ORIGIN, SESSION, value
from simulator.errors import MailflowError, UsageError
from simulator.keys.live_authority import LiveAuthority
from simulator.live.clock import AT_ONCE
from simulator.live.places import houses
from simulator.live.world import CLIENT, authority, build_live, live_scenario
from simulator.nodes.mta import Mta
from simulator.scenario.loading import load
from simulator.scenario.world import World
from tests.live.transports import Way, way_in

PACES = (1.0, 10_000.0, AT_ONCE)


def live_world() -> World:
    """A world with real keys and chance."""
    return build_live(live_scenario(load("open-house"), timeline=False), authority())


# Time


@pytest.mark.parametrize("pace", PACES)
async def test_a_silent_client_may_be_silent_as_long_on_the_wall_at_any_speed(pace: float) -> None:
    async with way_in("socket", pace=pace) as way:
        talk = await way.talk("house", 25)
        await talk.hear(20)
        await asyncio.sleep(0.2)  # half an hour at the second pace, when a simulated client would be cut off
        await talk.say(b"NOOP\r\nQUIT\r\n")
        assert b"221 2.0.0 Bye" in await talk.hear()


@pytest.mark.parametrize("pace", PACES)
async def test_a_client_that_is_silent_too_long_is_told_so(pace: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "IDLE_SMTP_US", 100_000)
    async with way_in("socket", pace=pace) as way:
        begin = time.monotonic()
        heard = await (await way.talk("house", 25)).hear()
        assert b"\r\n421 4.4.2 " in heard
        assert 0.05 < time.monotonic() - begin < 5


async def test_the_clock_follows_the_wall() -> None:
    async with way_in("socket", pace=100.0) as way:
        before = int(way.world.env.now)
        await asyncio.sleep(0.1)
        await (await way.talk("house", 25)).hear(4)
        assert 9_000_000 < int(way.world.env.now) - before < 100_000_000


async def test_nothing_waits_at_the_highest_speed() -> None:
    async with way_in("socket", pace=AT_ONCE) as way:
        happened: list[int] = []
        way.world.env.call_later(3_600_000_000, happened.append, 1)
        begin = time.monotonic()
        await (await way.talk("house", 25)).hear(4)
        await way.until(lambda: bool(happened))
        assert time.monotonic() - begin < 2


# What breaks


async def test_a_fault_of_ours_ends_its_session_with_421_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("made by the test")

    async with way_in("socket") as way:
        other = await way.talk("house", 25)
        greeting = await other.hear(4)
        monkeypatch.setattr(Mta, "vrfy", broken)
        talk = await way.talk("house", 25)
        await talk.say(b"EHLO x.example\r\nVRFY olga\r\n")
        assert b"\r\n421 " in await talk.hear()
        assert [value(one, "text") for one in way.records("alert")] == ["ZeroDivisionError: made by the test"]
        await other.say(b"QUIT\r\n")
        assert greeting == b"220 " and b"221 " in await other.hear()


async def test_a_fault_outside_all_sessions_is_recorded_and_the_clock_goes_on() -> None:
    def broken(_: object) -> None:
        raise ZeroDivisionError("made by the test")

    async with way_in("socket") as way:
        way.world.env.call_later(0, broken)
        talk = await way.talk("house", 25)
        assert await talk.hear(4) == b"220 "
        assert len(way.records("alert")) == 1


async def test_too_many_clients_are_turned_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.live.plug.LIVE_CONNECTIONS_PER_ADDRESS", 3)
    async with way_in("socket") as way:
        inside = [await way.talk("house", 25) for _ in range(3)]
        assert [await talk.hear(4) for talk in inside] == [b"220 "] * 3
        assert await (await way.talk("house", 25)).hear() == b""
        await inside[0].say(b"QUIT\r\n")
        await inside[0].hear()
        await way.until(lambda: len(way.joined.plugs) < 3 if way.joined else False)
        assert await (await way.talk("house", 25)).hear(4) == b"220 "


# What is written down


async def test_the_trace_has_what_a_client_said_under_tls_as_it_can_be_read() -> None:
    async with way_in("socket", live_world()) as way:
        trust = ssl.create_default_context(cadata=way.world.internet.authority.ca_pem.decode())
        port = way.ports[("house", 993)]
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trust, server_hostname="localhost")
        writer.write(b"a LOGOUT\r\n")
        assert b"a OK" in await asyncio.wait_for(reader.read(), 10)
        said = [one for one in way.records("tcp.data") if one[FROM] == CLIENT]
        assert b"a LOGOUT\r\n" in [value(one, "octets") for one in said]
        assert all(value(one, "tls") for one in said)
        assert value(said[0], "flight") == "client-hello"


async def test_every_chain_of_a_live_run_ends_at_the_host_that_stands_for_clients() -> None:
    async with way_in("socket", live_world()) as way:
        talk = await way.talk("house", 25)
        await talk.say(
            b"HELO x.example\r\nMAIL FROM:<>\r\nRCPT TO:<rita@open.example>\r\nDATA\r\n\r\nhello\r\n.\r\nQUIT\r\n"
        )
        await talk.hear()
        await way.until(lambda: bool(way.records("deliver")))
        by_n = {record[0]: record for record in way.world.env.trace.records}
        record = way.records("deliver")[0]
        while record[9] is not None:
            record = by_n[record[9]]
        assert record[ORIGIN] == "mailflow live" and record[SESSION] is None


# What no seed decides


def test_live_worlds_foretell_nothing() -> None:
    first, second = live_world(), live_world()
    draws = [world.env.random("queue/house").getrandbits(64) for world in (first, first, second)]
    assert len(set(draws)) == 3
    assert first.internet.authority.ca_pem != second.internet.authority.ca_pem
    assert abs(first.internet.epoch - time.time_ns() // 1_000) < 60_000_000


def test_an_authority_that_was_kept_is_the_same_one() -> None:
    made = authority()
    assert authority(made.pem).ca_pem == made.ca_pem
    with pytest.raises(MailflowError):
        LiveAuthority(0, 1, kept=b"nothing of the kind")


def test_the_first_house_can_be_chosen_and_must_exist() -> None:
    scenario = load("open-house")
    assert [house.domain for house in houses(scenario)] == ["open.example", "guest.example"]
    assert [house.domain for house in houses(scenario, "mx-guest")] == ["guest.example", "open.example"]
    with pytest.raises(UsageError, match="house, mx-guest"):
        houses(scenario, "mx")
    with pytest.raises(UsageError):
        houses(load("lecture"))


# Real clients that wait, and that read slowly

HELLO = b"HELO x.example\r\nMAIL FROM:<>\r\nRCPT TO:<rita@open.example>\r\nDATA\r\n\r\nhello\r\n.\r\nQUIT\r\n"
LOGIN = b"a LOGIN rita@open.example correct-horse\r\nb SELECT INBOX\r\n"


async def by_tls(way: Way) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection to IMAP over TLS, with the certificate checked."""
    trust = ssl.create_default_context(cadata=way.world.internet.authority.ca_pem.decode())
    port = way.ports[("house", 993)]
    return await asyncio.open_connection("127.0.0.1", port, ssl=trust, server_hostname="localhost")


async def test_a_waiting_client_hears_of_a_letter_when_it_arrives() -> None:
    async with way_in("socket", live_world(), pace=1.0) as way:
        reader, writer = await by_tls(way)
        writer.write(LOGIN + b"c IDLE\r\n")
        await asyncio.wait_for(reader.readuntil(b"+ idling\r\n"), 10)
        talk = await way.talk("house", 25)
        await talk.say(HELLO)
        assert b"250 2.0.0 Ok: queued" in await talk.hear()
        await asyncio.wait_for(reader.readuntil(b"* 1 EXISTS\r\n"), 10)
        writer.close()


async def test_a_client_that_asks_for_much_and_reads_late_gets_every_octet_in_order() -> None:
    body = b"".join(b"line %07d\r\n" % number for number in range(150_000))
    async with way_in("socket", live_world(), pace=1.0) as way:
        store = way.world.servers["house"].store
        store.deliver("rita@open.example", b"Subject: big\r\n\r\n" + body, way.world.internet.epoch)
        reader, writer = await by_tls(way)
        writer.write(LOGIN + b"f FETCH 1 BODY.PEEK[TEXT]\r\n" * 6 + b"z LOGOUT\r\n")
        await asyncio.sleep(0.3)
        got = await asyncio.wait_for(reader.read(), 60)
        assert got.count(body) == 6 and b"z OK" in got
