"""Captures: packets that a real stack could have sent, read by a reader of our own and by tshark."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine.kinds import Record
from simulator.engine.query import parse
from simulator.engine.stream import Stream
from simulator.engine.topology import Link
from simulator.engine.trace import KIND, SESSION, N, value
from simulator.export.pcapng import Capture, capture
from tests.engine.pair import SECOND, B, Pair
from tests.export.blocks import Packet, read
from tests.export.judge import SCENARIOS, WRONG, fields, run, tshark
from tests.nodes.mail_world import MailWorld

SIX = "2001:db8::1", "2001:db8::2"


def packets(records: Iterable[Record]) -> list[Packet]:
    return read(capture(list(records)).octets).packets


def saved(path: Path, made: Capture) -> Path:
    path.write_bytes(made.octets)
    return path


def said(found: list[Packet], port: int) -> tuple[bytes, bytes]:
    """Put both directions of the one connection to `port` together again, by their numbers."""
    streams = []
    for outward in (True, False):
        mine = [packet for packet in found if (packet.ports[1] == port) == outward]
        begin = next(packet.sequence for packet in mine if "S" in packet.flags) + 1
        stream = bytearray()
        for packet in mine:
            place = (packet.sequence - begin) % 2**32
            if packet.payload:
                assert place == len(stream), "no hole and nothing twice"
                stream += packet.payload
        streams.append(bytes(stream))
    return streams[0], streams[1]


def talk(pair: Pair, *steps: tuple[str, Callable[[Stream], object]]) -> list[Record]:
    """Open a connection and let its sides act one after the other."""
    opened, accepted = pair.both()
    for number, (side, step) in enumerate(steps):
        stream = opened if side == "a" else accepted
        pair.env.call_later(SECOND * (number + 1), lambda _, stream=stream, step=step: step(stream))
    pair.env.advance()
    return pair.env.trace.records


def shorthand(found: list[Packet]) -> list[str]:
    """Each packet as who sent it, its flags and how much it carries."""
    return [f"{'a' if p.ports[0] >= 40_000 else 'b'}{p.flags}{len(p.payload) or ''}" for p in found]


# --- what a stack would send --------------------------------------------------------------------------------------


def test_a_connection_begins_acknowledges_and_ends_as_tcp_does() -> None:
    records = talk(
        Pair(),
        ("a", lambda stream: stream.send(b"ping")),
        ("b", lambda stream: stream.send(b"pong")),
        ("a", lambda stream: stream.close()),
        ("b", lambda stream: stream.close()),
    )
    found = packets(records)
    assert shorthand(found) == ["aS", "bSA", "aA", "aPA4", "bA", "bPA4", "aA", "aFA", "bA", "bFA", "aA"]
    assert said(found, 7) == (b"ping", b"pong")
    assert [packet.t for packet in found[:3]] == [0, 20_000, 40_000]
    assert found[4].t - found[3].t == 20_000, "acknowledged when it was there"
    assert found[-1].acknowledges == (found[-2].sequence + 1) % 2**32


def test_an_answer_in_the_same_instant_carries_the_acknowledgement() -> None:
    pair = Pair()
    opened, accepted = pair.both()
    accepted.on_data = lambda octets: accepted.send(b"pong")
    opened.send(b"ping")
    pair.env.advance()
    found = packets(pair.env.trace.records)
    assert shorthand(found) == ["aS", "bSA", "aA", "aPA4", "bPA4", "aA"]
    assert found[4].acknowledges == (found[3].sequence + 4) % 2**32


def test_octets_that_cross_acknowledge_only_what_had_arrived() -> None:
    pair = Pair()
    opened, accepted = pair.both()
    opened.send(b"ping")
    pair.env.call_later(5_000, lambda _: accepted.send(b"pong"))
    pair.env.advance()
    ping, pong = (next(p for p in packets(pair.env.trace.records) if p.payload == w) for w in (b"ping", b"pong"))
    assert pong.acknowledges == ping.sequence


@pytest.mark.parametrize(
    ("address", "port", "expected", "times"),
    [
        (B, 9, ["aS", "bRA"], [0, 20_000]),
        ("192.0.2.99", 7, ["aS"], [0]),
        ("192.0.2.3", 7, ["aS"], [0]),
    ],
)
def test_refused_and_unanswered_connections(address: str, port: int, expected: list[str], times: list[int]) -> None:
    pair = Pair()
    pair.network.add_host("c", ("192.0.2.3",))
    pair.network.take_down("c")
    pair.connect(address, port)
    pair.env.advance()
    found = packets(pair.env.trace.records)
    assert shorthand(found) == expected
    assert [packet.t for packet in found] == times


def test_after_a_reset_nobody_acknowledges_anything() -> None:
    pair = Pair()
    opened, accepted = pair.both()
    opened.send(b"ping")
    pair.env.call_later(1_000, lambda _: accepted.reset())
    pair.env.advance()
    assert shorthand(packets(pair.env.trace.records)) == ["aS", "bSA", "aA", "aPA4", "bRA"]


def test_a_host_that_failed_says_nothing_more() -> None:
    pair = Pair()
    opened, _accepted = pair.both()
    pair.network.take_down("b")
    opened.send(b"ping")
    pair.env.advance()
    opened.close()
    pair.env.advance()
    assert shorthand(packets(pair.env.trace.records)) == ["aS", "bSA", "aA", "aPA4", "aFA"]


@pytest.mark.parametrize("addresses", [("192.0.2.1", "192.0.2.2"), SIX])
def test_a_long_chunk_is_cut_into_segments(addresses: tuple[str, str]) -> None:
    pair = Pair()
    pair.network.add_host("c", addresses[:1] if ":" in addresses[0] else ("192.0.2.7",))
    pair.network.add_host("d", addresses[1:] if ":" in addresses[0] else ("192.0.2.8",))
    target = pair.network.addresses("d")[0]
    taken: list[Stream] = []
    pair.network.listen("d", 7, taken.append)
    long = bytes(range(256)) * 40

    def story() -> object:
        stream = yield pair.network.connect("c", target, 7)
        stream.send(long)

    pair.spawn(story())
    pair.env.advance()
    found = packets(pair.env.trace.records)
    most = 1440 if ":" in target else 1460
    sizes = [len(packet.payload) for packet in found if packet.payload]
    assert sizes == [most] * (len(long) // most) + [len(long) % most]
    assert said(found, 7) == (long, b"")
    assert all(packet.target in (target, found[0].source) for packet in found)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.binary(min_size=1, max_size=4000), st.integers(0, 30_000)), max_size=8
    ),
    st.sampled_from(["", "a", "b"]),
)
def test_whatever_is_said_can_be_put_together_again(steps: list[tuple[str, bytes, int]], hangs_up: str) -> None:
    pair = Pair()
    opened, accepted = pair.both()
    sides, when = {"a": opened, "b": accepted}, 0
    for side, octets, pause in steps:
        when += pause
        pair.env.call_later(when, lambda _, side=side, octets=octets: sides[side].send(octets))
    if hangs_up:
        pair.env.call_later(when + 1, lambda _: sides[hangs_up].close())
    pair.env.advance()
    found = packets(pair.env.trace.records)
    whole = {side: b"".join(octets for who, octets, _ in steps if who == side) for side in "ab"}
    assert said(found, 7) == (whole["a"], whole["b"])
    assert [packet.t for packet in found] == sorted(packet.t for packet in found)
    last = {side: [p for p in found if (p.ports[1] == 7) == (side == "a")][-1] for side in "ab"}
    for side, other in ("ab", "ba"):
        ended = len(whole[other]) + (hangs_up == other) + 1
        begin = next(p.sequence for p in found if "S" in p.flags and (p.ports[1] == 7) == (other == "a"))
        assert last[side].acknowledges == (begin + ended) % 2**32, "all that came is acknowledged in the end"


# --- what stands around the packets ---------------------------------------------------------------------------------


def test_a_capture_tells_hosts_times_and_events() -> None:
    trace = run("first-letter")
    made = read(capture(trace.records, epoch=trace.scenario.start_us).octets)
    assert made.names["192.0.2.25"] == "mail-alpha"
    assert made.names["127.0.0.1"] == "localhost.mx-beta"
    assert made.interfaces == ["links", "loopback of mx-beta"]
    assert made.packets[0].t >= trace.scenario.start_us
    known = {f"e{record[N]}" for record in trace.records}
    for packet in made.packets:
        head, _, rest = packet.comment.partition(" ")
        assert (rest if head == "acknowledges" else head) in known
    assert any(packet.comment.endswith("beta.example MX ?") for packet in made.packets)
    assert not any("horse" in packet.comment or "AGFubm" in packet.comment for packet in made.packets)


def test_sealed_octets_are_on_the_wire_and_their_secrets_in_the_file() -> None:
    trace = run("first-letter")
    made = read(capture(trace.records).octets)
    wire = b"".join(packet.payload for packet in made.packets if 993 in packet.ports)
    assert b"LOGIN" not in wire
    sessions = [record for record in trace.records if record[KIND].name == "tls.established"]
    assert made.secrets == "".join(value(record, "secrets").decode() for record in sessions)
    assert made.secrets.count("CLIENT_TRAFFIC_SECRET_0 ") == len(sessions)


def test_each_host_has_a_loopback_of_its_own() -> None:
    world = MailWorld()
    world.send("boris@beta.example")
    world.send("anna@alpha.example", by="pc-boris", when=100 * SECOND)
    world.run()
    made = read(capture(world.records).octets)
    loops = {address: name for address, name in made.names.items() if address.startswith("127.")}
    assert loops == {"127.0.0.1": "localhost.mx-beta", "127.0.0.2": "localhost.mail-alpha"}


def test_a_query_chooses_whole_connections_and_single_datagrams() -> None:
    records = run("first-letter").records
    found = read(capture(records, parse("filter.spam").hits(records)).octets)
    assert found.packets == []
    greeted = parse("smtp.reply code=220 text~mx.beta").hits(records)
    found = read(capture(records, greeted).octets)
    assert {25} == {port for packet in found.packets for port in packet.ports if port < 40_000}
    assert shorthand(found.packets)[0] == "aS"
    asked = parse("dns.query qtype=MX").hits(records)
    found = read(capture(records, asked).octets)
    assert len(found.packets) == len(asked)
    assert all(packet.protocol == 17 for packet in found.packets)


def test_what_cannot_be_shown_is_named() -> None:
    records = run("first-letter").records
    sessions = {record[SESSION] for record in records if record[KIND].name == "tls.established"}
    bare = [_without(record, "sealed") for record in records]
    made = capture(bare)
    assert set(made.in_clear) == sessions
    assert b"a1 LOGIN boris@beta.example" in made.octets
    beheaded = [record for record in records if record[KIND].name != "tcp.connect"]
    assert set(capture(beheaded).left_out) == {record[SESSION] for record in records if record[SESSION]}


def _without(record: Record, name: str) -> Record:
    place = record[KIND].index(name)
    return record if place is None else (*record[:place], b"", *record[place + 1 :])


def test_ends_of_different_versions_of_ip_are_left_out() -> None:
    pair = Pair()
    pair.network.add_host("six", SIX[:1])
    pair.network.listen("six", 7, lambda stream: stream.send(b"hello"))
    pair.connect(SIX[0], 7)
    pair.env.advance()
    made = capture(pair.env.trace.records)
    assert (made.packets, made.left_out) == (0, (1,))


def test_the_same_trace_gives_the_same_packets_but_for_tls() -> None:
    records = run("lecture").records
    assert capture(records).octets == capture(records).octets


# --- tshark -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_tshark_finds_nothing_wrong_with_any_shipped_scenario(scenario: str, tmp_path: Path) -> None:
    trace = run(scenario)
    made = capture(trace.records, epoch=trace.scenario.start_us)
    assert (made.in_clear, made.left_out) == ((), ())
    path = saved(tmp_path / "x.pcapng", made)
    assert tshark(path, "-Y", WRONG) == ""
    assert len(tshark(path).splitlines()) == made.packets
    good = 'udp.checksum.status == "Good" || tcp.checksum.status == "Good"'
    assert len(tshark(path, "-Y", good).splitlines()) == made.packets


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_tshark_finds_nothing_wrong_with_a_trace_without_sealed_octets(scenario: str, tmp_path: Path) -> None:
    path = saved(tmp_path / "x.pcapng", capture([_without(record, "sealed") for record in run(scenario).records]))
    assert tshark(path, "-Y", WRONG) == ""


def test_tshark_decrypts_tls_and_reads_every_protocol(tmp_path: Path) -> None:
    path = saved(tmp_path / "x.pcapng", capture(run("pop3-and-imap").records))
    secret = {row[0] for row in fields(path, "tls && imap", "imap.request.command") if row[0]}
    assert {"LOGIN", "SELECT", "FETCH", "LOGOUT"} <= {word for words in secret for word in words.split(",")}
    pop = fields(path, "tls && pop", "pop.request.command", "pop.request.parameter")
    assert ["USER", "boris@beta.example"] in pop and ["RETR", "1"] in pop
    smtp = [row for row in fields(path, "tls && smtp", "smtp.req.command", "tcp.dstport") if row[0]]
    verbs = {verb for row in smtp for verb in row[0].split(",")}
    assert verbs >= {"EHLO", "AUTH", "MAIL", "RCPT", "DATA"} and {row[1] for row in smtp} == {
        "587"
    }  # QUIT ends content
    subjects = fields(path, "imf", "imf.subject", "tcp.srcport", "tcp.dstport")
    assert {port for row in subjects for port in row[1:]} >= {"587", "25", "993"}
    assert len({row[0] for row in subjects}) == 1
    asked = fields(path, "dns.flags.response == 0", "dns.qry.name", "dns.qry.type")
    assert ["beta.example", "15"] in asked


def test_tshark_shows_names_and_comments(tmp_path: Path) -> None:
    trace = run("first-letter")
    path = saved(tmp_path / "x.pcapng", capture(trace.records, epoch=trace.scenario.start_us))
    assert "pc-anna" in tshark(path, "-N", "n", "-Y", "tcp.port == 587")
    comments = [row[0] for row in fields(path, "frame", "frame.comment")]
    assert all(comments) and any(comment.endswith("250 2.1.0 Ok (65)") for comment in comments)
    assert fields(path, "frame.number == 1", "frame.time_epoch")[0][0].startswith(
        str(trace.scenario.start_us // SECOND)
    )


def test_tshark_finds_nothing_wrong_with_failures(tmp_path: Path) -> None:
    pair = Pair(bandwidth=1_000_000)
    pair.network.add_host("c", ("192.0.2.3",))
    pair.network.topology.add_link(Link(("a", "c"), 1_000))
    pair.network.listen("c", 7, lambda stream: stream.reset())
    for number, (address, port) in enumerate([(B, 9), ("192.0.2.99", 7), ("192.0.2.3", 7), (B, 7)]):
        pair.env.call_later(number * SECOND, lambda _, address=address, port=port: pair.connect(address, port))
    pair.env.advance(40 * SECOND)
    pair.opened[-1].send(b"x" * 3_000_000)
    pair.env.advance(41 * SECOND)
    pair.network.take_down("b")
    pair.env.advance()
    path = saved(tmp_path / "x.pcapng", capture(pair.env.trace.records))
    assert tshark(path, "-Y", WRONG) == ""
    assert len(fields(path, "tcp.flags.reset == 1", "tcp.stream")) == 2
