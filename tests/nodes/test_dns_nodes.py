"""Name servers, resolvers and stubs as hosts of a simulated Internet, and the records that they write."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from simulator.engine.base_kinds import FAULT, UDP_DATA, WORLD
from simulator.engine.trace import ALSO, AT, CAUSE, FROM, KIND, TO, VALUES, N, value
from simulator.nodes.stub import Step, trace_steps
from simulator.protocol.dns.message import QR, question
from simulator.protocol.dns.wire import parse, render
from simulator.protocol.dns.zone import parse_zone
from simulator.records.folds import History
from simulator.records.moment import CacheEntry
from tests.nodes.dns_world import RESOLVER, SECOND, World
from tests.protocol.dns import worlds

if TYPE_CHECKING:
    from simulator.engine.transport import Datagram


def test_a_host_asks_its_resolver_and_the_resolver_asks_from_the_root_down() -> None:
    world = World()
    result = world.ask("beta.example", "MX")
    assert (result.status, result.exchangers, result.server) == ("ok", ((10, "mx.beta.example"),), RESOLVER)
    queries = [(q[FROM], q[TO], value(q, "rd"), value(q, "transport")) for q in world.records("dns.query")]
    assert queries == [
        ("pc", "resolver", True, "udp"),
        ("resolver", "root", False, "udp"),
        ("resolver", "tld", False, "udp"),
        ("resolver", "ns-beta", False, "udp"),
    ]
    answers = [
        (a[FROM], a[TO], value(a, "aa"), value(a, "answer"), value(a, "ttl")) for a in world.records("dns.answer")
    ]
    assert answers == [
        ("root", "resolver", False, "", 300),
        ("tld", "resolver", False, "", 300),
        ("ns-beta", "resolver", True, "10 mx.beta.example.", 300),
        ("resolver", "pc", False, "10 mx.beta.example.", 300),
    ]
    assert result.elapsed_us == 8 * 20_000


def test_each_answer_names_the_query_by_id_and_every_chain_of_causes_ends_in_the_question() -> None:
    world = World()
    world.ask("beta.example", "MX")
    queries, answers = world.records("dns.query"), world.records("dns.answer")
    assert [value(a, "id") for a in answers] == [value(q, "id") for q in (*queries[1:], queries[0])]
    assert len({value(q, "id") for q in queries}) == 4
    hop = ["udp.data", "dns.answer", "udp.data", "dns.query"]
    assert world.chain(world.records("udp.data")[-1]) == [
        "udp.data", "dns.answer", *hop, *hop, *hop, "udp.data", "dns.query", "world"
    ]  # fmt: skip


def test_an_authoritative_answer_depends_on_its_zone_and_a_cached_one_on_what_stored_it() -> None:
    world = World()
    world.ask("beta.example", "MX")
    world.ask("beta.example", "MX")
    (authoritative,) = world.records("dns.answer", at="ns-beta")
    assert authoritative[ALSO] == (world.zones["beta.example"][N],)
    (stored,) = world.records("dns.cache", action="store", qname="beta.example", qtype="MX")
    (hit,) = world.records("dns.cache", action="hit")
    assert hit[ALSO] == (stored[N],)
    first, second = world.records("dns.answer", at="resolver")
    assert first[ALSO] == second[ALSO] == (stored[N],)
    assert world.chain(second) == ["dns.answer", "udp.data", "dns.query", "world"]
    assert world.chain(stored)[:3] == ["dns.cache", "udp.data", "dns.answer"]


def test_a_query_to_a_known_server_depends_on_the_cache_entries_that_led_there() -> None:
    world = World()
    world.ask("beta.example", "MX")
    world.ask("mx.beta.example", "A")
    query = world.records("dns.query", to="ns-beta", qname="mx.beta.example")[0]
    stores = [world.env.trace.records[n - 1] for n in query[ALSO]]
    assert [(value(s, "qname"), value(s, "qtype")) for s in stores] == [
        ("beta.example", "NS"),
        ("ns.beta.example", "A"),
    ]


def test_ttls_count_down_between_two_askers() -> None:
    world = World()
    world.ask("mail.alpha.example")
    world.env.call_later(10 * SECOND, lambda _: None)
    world.env.advance()
    assert world.ask("mail.alpha.example", host=world.other).records[0].ttl == 290


def test_two_hosts_that_ask_the_same_at_once_share_one_search() -> None:
    world = World()
    results = [world.start("beta.example", "MX"), world.start("BETA.example", "MX", host=world.other)]
    world.env.advance()
    assert [result[0].exchangers for result in results] == [((10, "mx.beta.example"),)] * 2
    assert len(world.records("dns.query", at="resolver")) == 3
    first, second = world.records("dns.answer", at="resolver")
    assert (first[TO], second[TO]) == ("pc", "mail")
    assert world.chain(second) == ["dns.answer", "udp.data", "dns.query", "world"]
    assert world.records("dns.answer", at="ns-beta")[0][N] < max(second[ALSO])


def test_ids_and_ports_are_random_but_the_same_for_the_same_seed() -> None:
    def run(seed: int) -> list[tuple[Any, ...]]:
        world = World(seed)
        world.ask("beta.example", "MX")
        return [(value(d, "octets"), value(d, "source_port")) for d in world.records("udp.data")]

    assert run(1) == run(1)
    assert run(1) != run(2)
    ports = [port for _, port in run(1) if port != 53]
    assert len(set(ports)) == 4
    assert all(port >= 49_152 for port in ports)


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("no.beta.example", "nxdomain"),
        ("mail.alpha.example", "ok"),
        ("mx.beta.example", "ok"),
        ("www.lame.example", "servfail"),
        ("a.alpha.example", "servfail"),
        ("bad..name", "nxdomain"),
    ],
)
def test_every_outcome_is_a_typed_result(name: str, status: str) -> None:
    assert World().ask(name).status == status
    assert World().ask("mail.alpha.example", "TXT").status == "nodata"


def test_a_large_answer_comes_over_tcp_at_both_steps() -> None:
    world = World()
    result = world.ask("big.alpha.example", "TXT")
    assert (len(result.texts), result.tcp) == (12, True)
    assert [(q[AT], value(q, "transport")) for q in world.records("dns.query", qname="big.alpha.example")] == [
        ("pc", "udp"),
        ("resolver", "udp"),
        ("resolver", "udp"),
        ("resolver", "udp"),
        ("resolver", "tcp"),
        ("pc", "tcp"),
    ]
    assert [value(a, "tc") for a in world.records("dns.answer", at="ns-alpha")] == [True, False]
    assert world.internet.network.open_sessions == {}


def test_a_dead_server_costs_two_seconds_and_then_the_next_one_is_asked() -> None:
    world = World()
    result = world.ask("www.pair.example")
    assert result.addresses == ("192.0.2.81",)
    assert 2 * SECOND < result.elapsed_us < 3 * SECOND


def test_a_resolver_that_is_down_is_a_time_out_after_two_attempts() -> None:
    world = World()
    world.hosts["resolver"].fail(world.env.trace.write(FAULT, ("host-down", "resolver", "begins"), origin="x.yaml:3"))
    result = world.ask("beta.example", "MX")
    assert (result.status, world.env.now, len(world.records("dns.query"))) == ("timeout", 10 * SECOND, 2)


def test_a_resolver_that_comes_back_has_forgotten_everything_and_the_trace_says_so() -> None:
    world = World()
    world.ask("beta.example", "MX")
    known = len(world.resolver.cache.entries(int(world.env.now)))
    world.hosts["resolver"].fail(world.env.trace.write(FAULT, ("host-down", "resolver", "begins"), origin="x.yaml:3"))
    assert len(world.records("dns.cache", action="expire")) == known > 0
    world.hosts["resolver"].recover()
    assert world.ask("beta.example", "MX").found
    assert len(world.records("dns.query", to="root")) == 2


def test_a_resolver_that_fails_in_the_middle_of_a_search_leaves_no_port_bound() -> None:
    world = World()
    results = world.start("beta.example", "MX")
    world.env.advance(until=50_000)
    world.hosts["resolver"].fail(None)
    world.hosts["resolver"].recover()
    world.env.advance()
    assert results[0].found
    assert list(world.env.waiting()) == []


def test_when_all_servers_are_down_the_client_hears_servfail() -> None:
    world = World()
    world.hosts["root"].fail(None)
    result = world.ask("beta.example", "MX")
    assert (result.status, result.temporary) == ("servfail", True)
    assert len(world.records("dns.query", to="root")) == 3


def test_a_forged_answer_with_a_wrong_id_or_from_elsewhere_is_not_believed() -> None:
    world = World()
    network = world.internet.network
    honest = network.bound["ns-beta", 53]

    def lie(datagram: Datagram) -> None:
        message = parse(datagram.octets)
        for change in ({"id": message.id ^ 1}, {"question": question("evil.example", "MX")}):
            forged = render(replace(message, flags=message.flags | QR, rcode=3, **change))
            network.send_datagram("ns-beta", forged, datagram.source_address, datagram.source_port, 53)
        right = render(replace(message, flags=message.flags | QR, rcode=3))
        network.send_datagram("ns-beta", right, datagram.source_address, datagram.source_port, 5353)
        network.send_datagram("ns-alpha", right, datagram.source_address, datagram.source_port, 53)
        honest(datagram)

    network.bound["ns-beta", 53] = lie
    assert world.ask("beta.example", "MX").exchangers == ((10, "mx.beta.example"),)


def test_recursion_that_is_not_desired_is_refused_unless_the_cache_knows() -> None:
    world = World()
    assert world.ask("beta.example", "MX", rd=False).status == "refused"
    world.ask("beta.example", "MX")
    assert world.ask("beta.example", "MX", rd=False).found


def test_a_name_server_can_be_asked_directly_and_refuses_what_it_does_not_serve() -> None:
    world = World()
    assert world.ask("beta.example", "MX", server=worlds.BETA).found
    assert world.ask("alpha.example", "MX", server=worlds.BETA).status == "refused"
    assert world.ask("alpha.example", "MX", server=worlds.TLD).status == "error"
    assert world.ask("beta.example", "MX", server=worlds.BETA, tcp=True).tcp


def test_a_changed_zone_is_served_at_once_and_seen_by_the_resolver_when_the_old_answer_expires() -> None:
    world = World()
    world.ask("beta.example", "MX")
    old = world.servers["ns-beta"].authority.zones[0]
    action = world.env.trace.write(WORLD, ("zone", "beta.example", "edited"), origin="x.yaml:20")
    world.servers["ns-beta"].load(parse_zone(old.text.replace("MX 10 mx", "MX 5 www"), "beta.example"), action)
    assert world.ask("beta.example", "MX").exchangers == ((10, "mx.beta.example"),)
    world.env.call_later(300 * SECOND, lambda _: None)
    world.env.advance()
    assert world.ask("beta.example", "MX").exchangers == ((5, "www.beta.example"),)
    assert world.records("dns.answer", at="ns-beta")[-1][ALSO] == (action[N],)


def test_a_fold_of_the_trace_equals_the_cache_at_every_event() -> None:
    world = World()
    seen: list[tuple[int, int, tuple[CacheEntry, ...]]] = []

    def look(_: object) -> None:
        seen.append((world.env.trace.count, int(world.env.now), _content(world)))
        if world.env.now < 700 * SECOND:
            world.env.call_later(7 * SECOND + 13, look)

    def begin(asked: tuple[str, str]) -> None:
        world.start(*asked)

    for delay, name, qtype in (
        (0, "beta.example", "MX"),
        (30, "no.alpha.example", "A"),
        (45, "www.alpha.example", "MX"),
        (80, "no.alpha.example", "A"),
        (310, "beta.example", "MX"),
        (400, "far.alpha.example", "A"),
    ):
        world.env.call_later(delay * SECOND, begin, (name, qtype))
    world.env.call_later(1, look)
    world.env.advance()
    history = History(world.env.trace.records)
    assert len(seen) > 90
    assert max(len(content) for _, _, content in seen) > 8
    for n, now, content in seen:
        folded = history.at(n).caches.get("resolver", ())
        assert tuple(entry for entry in folded if entry.expires > now) == content, (n, now)


def _content(world: World) -> tuple[CacheEntry, ...]:
    return tuple(
        CacheEntry(
            qname=entry.qname,
            qtype=entry.qtype,
            answer=entry.answer,
            expires=entry.expires_at,
            negative=bool(entry.negative),
        )
        for entry in world.resolver.cache.entries(int(world.env.now))
    )


def test_the_steps_of_a_trace_go_from_the_root_to_the_answer() -> None:
    world = World()
    steps: list[Step] = []

    def story() -> Any:
        steps.extend((yield from trace_steps(world.client, "beta.example", "MX")))

    world.client.spawn(story(), name="dig")
    world.env.advance()
    assert [step.server for step in steps] == ["", "a.root-servers.net", "a.nic.example", "ns.beta.example"]
    assert steps[-1].result.exchangers == ((10, "mx.beta.example"),)


def test_garbage_to_port_53_stops_nothing() -> None:
    world = World()
    network = world.internet.network
    for octets in (b"", b"x", b"\0" * 12, b"\xff" * 40, b"\0\1\1\0\0\1" + b"\0" * 6 + b"\x3f"):
        for server in (worlds.BETA, RESOLVER):
            network.send_datagram("pc", octets, server, 53, 40_000)
    world.env.advance()
    assert {value(a, "rcode") for a in world.records("dns.answer")} <= {"FORMERR", "NOTIMP"}
    assert world.records("alert") == []
    assert world.ask("beta.example", "MX").found


def test_an_exception_of_ours_is_an_alert_and_the_server_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    authority = world.servers["ns-beta"].authority
    honest = authority.respond
    monkeypatch.setattr(authority, "respond", lambda *_: 1 / 0)
    assert world.ask("beta.example", "MX").status == "servfail"
    assert value(world.records("alert")[0], "text") == "ZeroDivisionError: division by zero"
    monkeypatch.setattr(authority, "respond", honest)
    assert world.ask("beta.example", "MX").found


def test_a_host_without_a_resolver_gets_an_error_at_once() -> None:
    world = World()
    world.client.resolver = None
    assert world.ask("beta.example", "MX").status == "error"
    assert world.records("dns.query") == []


def test_every_datagram_is_a_wire_message_written_after_its_record() -> None:
    world = World()
    world.ask("beta.example", "MX")
    for record in world.records("udp.data"):
        assert record[KIND] is UDP_DATA
        said = world.env.trace.records[record[CAUSE] - 1]
        assert said[KIND].name in ("dns.query", "dns.answer")
        message = parse(record[VALUES])
        assert (message.id, message.question is not None) == (value(said, "id"), True)
