"""Recursive resolution over an Internet of dictionaries: from the root, with cache, and against liars."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.protocol.dns.cache import Cache, Entry, Trust
from simulator.protocol.dns.front import ClientQuery, Front, Refusal
from simulator.protocol.dns.message import AA, QR, RA, RD, Message, Rcode, RRset, question, rrset_text, to_name
from simulator.protocol.dns.resolver import Resolution, Resolver
from simulator.protocol.dns.wire import make_query, parse, render
from tests.protocol.dns.worlds import ALPHA, BETA, HINTS, ROOT, SECOND, TLD, Internet, internet


class Watcher:
    """Writes down what a cache does."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def stored(self, entry: Entry) -> object:
        self.lines.append(f"store {entry.qname} {entry.qtype} {entry.ttl} {entry.answer}")
        return len(self.lines)

    def hit(self, entry: Entry, now: int) -> None:
        self.lines.append(f"hit {entry.qname} {entry.qtype} {entry.remaining(now)}")

    def expired(self, entry: Entry, now: int) -> None:
        self.lines.append(f"expire {entry.qname} {entry.qtype}")


class World:
    """A resolver in a little Internet."""

    def __init__(self, net: Internet | None = None) -> None:
        self.net = net if net is not None else internet()
        self.watcher = Watcher()
        self.cache = Cache(self.watcher)
        self.resolver = Resolver(HINTS, self.cache)

    def ask(self, name: str, qtype: str = "A") -> Resolution:
        self.net.asked.clear()
        return self.net.run(self.resolver.resolve(question(name, qtype), self.net.now))

    def text(self, name: str, qtype: str = "A") -> str:
        resolution = self.ask(name, qtype)
        return resolution.rcode.name + " " + rrset_text(*(e.rrset for e in resolution.entries if e.rrset))


def test_the_first_question_walks_down_from_the_root_and_the_second_is_answered_from_the_cache() -> None:
    world = World()
    resolution = world.ask("beta.example", "MX")
    assert [line[:3] for line in world.net.asked] == [
        (ROOT, "beta.example", "MX"),
        (TLD, "beta.example", "MX"),
        (BETA, "beta.example", "MX"),
    ]
    assert (resolution.queries, resolution.entries[0].answer) == (3, "10 mx.beta.example.")
    again = world.ask("Beta.Example", "MX")
    assert (again.queries, world.net.asked, again.entries) == (0, [], resolution.entries)
    assert again.records == (resolution.entries[0].record,)


def test_the_closest_known_servers_are_asked_and_the_records_that_led_there_are_named() -> None:
    world = World()
    world.ask("beta.example", "MX")
    generator = world.resolver.resolve(question("mx.beta.example", "A"), world.net.now)
    ask = next(generator)
    assert (ask.address, ask.server, ask.zone) == (BETA, "ns.beta.example.", "beta.example.")
    stores = [world.watcher.lines[int(str(number)) - 1] for number in ask.because]
    assert stores == ["store beta.example NS 300 ns.beta.example.", f"store ns.beta.example A 300 {BETA}"]


def test_the_watcher_hears_of_every_store_hit_and_expiry() -> None:
    world = World()
    world.ask("beta.example", "MX")
    world.ask("beta.example", "MX")
    world.net.now += 400 * SECOND
    world.ask("beta.example", "MX")
    lines = world.watcher.lines
    assert lines[:5] == [
        "store example NS 300 a.nic.example.",
        f"store a.nic.example A 300 {TLD}",
        "store beta.example NS 300 ns.beta.example.",
        f"store ns.beta.example A 300 {BETA}",
        "store beta.example MX 300 10 mx.beta.example.",
    ]
    assert lines[5] == "hit beta.example MX 300"
    assert "expire beta.example MX" in lines[6:]
    assert lines.count("store beta.example MX 300 10 mx.beta.example.") == 2


def test_a_fold_of_what_the_watcher_heard_equals_the_cache_at_every_time() -> None:
    world = World()
    for name, qtype in (("beta.example", "MX"), ("no.alpha.example", "A"), ("mail.alpha.example", "TXT"), ("mail.alpha.example", "A")):  # fmt: skip
        world.ask(name, qtype)
        world.net.now += 25 * SECOND
    stores = [line.split(" ", 4) for line in world.watcher.lines if line.startswith("store")]
    for later in (0, 20, 40, 200, 250, 280, 500):
        now = world.net.now + later * SECOND
        content = {(entry.qname, entry.qtype) for entry in world.cache.entries(now)}
        assert content <= {(name, qtype) for _, name, qtype, _, _ in stores}
        assert all(now < entry.expires_at for entry in world.cache.entries(now))
    assert world.cache.entries(world.net.now + 1000 * SECOND) == ()


def test_ttl_counts_down_and_no_record_outlives_it() -> None:
    world = World()
    front = Front()
    world.ask("mail.alpha.example")
    start = world.cache.entries(world.net.now)[-1].stored_at
    asked = question("mail.alpha.example", "A")
    query = front.read(make_query(asked, 5, rd=True))
    assert isinstance(query, ClientQuery)
    for elapsed, ttl in ((0, 300), (999_999, 300), (1_000_000, 299), (299_999_999, 1)):
        resolution = world.resolver.cached(asked, start + elapsed)
        assert resolution is not None
        octets, served = front.answer(query, b"\0\5", resolution, start + elapsed)
        message = parse(octets)
        assert (message.answer[0].ttl, served.ttl) == (ttl, ttl)
        assert message.flags == QR | RD | RA
    assert world.resolver.cached(asked, start + 300_000_000) is None


def test_a_denied_name_is_remembered_for_every_type_and_a_denied_type_for_itself() -> None:
    world = World()
    assert world.text("no.alpha.example", "MX").startswith("NXDOMAIN")
    assert world.ask("no.alpha.example", "TXT").queries == 0
    resolution = world.ask("mail.alpha.example", "TXT")
    assert (resolution.rcode, resolution.entries[0].negative) == (Rcode.NOERROR, "NODATA")
    assert world.ask("mail.alpha.example", "TXT").queries == 0
    assert world.ask("mail.alpha.example", "A").queries == 1
    world.net.now += 61 * SECOND
    assert world.ask("no.alpha.example", "TXT").queries == 1


def test_a_denial_from_the_cache_carries_the_soa_with_its_ttl_counted_down() -> None:
    world = World()
    front = Front()
    resolution = world.ask("no.alpha.example", "MX")
    query = front.read(make_query(question("no.alpha.example", "MX"), 5, rd=True))
    assert isinstance(query, ClientQuery)
    message = parse(front.answer(query, b"\0\5", resolution, world.net.now + 10 * SECOND)[0])
    assert (message.rcode, message.answer, message.authority[0].ttl) == (3, (), 50)


def test_aliases_are_followed_across_zones() -> None:
    world = World()
    assert world.text("far.alpha.example") == "NOERROR www.beta.example., 203.0.113.80"
    assert world.text("www.alpha.example") == "NOERROR mail.alpha.example., 192.0.2.25"
    assert world.ask("www.alpha.example").queries == 0


def test_an_alias_of_nothing_is_nxdomain_and_both_halves_are_cached() -> None:
    world = World()
    resolution = world.ask("hop.alpha.example")
    assert (resolution.rcode, len(resolution.entries)) == (Rcode.NXDOMAIN, 2)
    assert world.ask("hop.alpha.example").queries == 0


@pytest.mark.parametrize("name", ["a.alpha.example", "x.alpha.example"])
def test_aliases_in_a_ring_are_servfail(name: str) -> None:
    resolution = World().ask(name)
    assert resolution.rcode == Rcode.SERVFAIL
    assert "alias" in resolution.reason


def test_a_server_without_glue_is_looked_up_on_the_way() -> None:
    world = World()
    assert world.text("www.glueless.example") == "NOERROR 192.0.2.80"


def test_servers_that_name_each_other_are_servfail_after_few_queries() -> None:
    world = World()
    resolution = world.ask("www.loop1.example")
    assert resolution.rcode == Rcode.SERVFAIL
    assert resolution.queries < 10


def test_a_lame_server_is_servfail_and_says_which_zone() -> None:
    world = World()
    resolution = world.ask("www.lame.example")
    assert (resolution.rcode, "lame.example." in resolution.reason) == (Rcode.SERVFAIL, True)


def test_a_silent_server_is_asked_three_times_and_then_it_is_servfail() -> None:
    world = World()
    resolution = world.ask("www.dead.example")
    assert resolution.rcode == Rcode.SERVFAIL
    assert [line[0] for line in world.net.asked].count("203.0.113.254") == 3
    assert world.net.now < 10 * SECOND


def test_after_a_silent_server_the_next_one_answers() -> None:
    world = World()
    assert world.text("www.pair.example") == "NOERROR 192.0.2.81"
    assert [line[0] for line in world.net.asked].count("203.0.113.254") == 1


def test_when_nothing_answers_the_client_hears_servfail_within_twelve_seconds() -> None:
    world = World()
    world.net.silent = {ROOT, TLD, ALPHA, BETA}
    assert world.ask("www.alpha.example").rcode == Rcode.SERVFAIL
    assert world.net.now <= 12 * SECOND


def test_a_truncated_answer_is_asked_for_again_over_tcp() -> None:
    world = World()
    resolution = world.ask("big.alpha.example", "TXT")
    assert [line[3] for line in world.net.asked] == [False, False, False, True]
    assert resolution.entries[0].rrset is not None
    assert len(resolution.entries[0].rrset.rdatas) == 12


def test_a_record_with_ttl_zero_is_used_once_and_not_kept() -> None:
    world = World()
    assert world.text("brief.alpha.example") == "NOERROR 192.0.2.99"
    assert world.ask("brief.alpha.example").queries == 1


def test_glue_is_never_given_to_a_client_as_an_answer() -> None:
    world = World()
    world.ask("beta.example", "MX")
    resolution = world.ask("ns.beta.example", "A")
    assert resolution.queries == 1
    assert resolution.entries[0].trust == Trust.AUTHORITATIVE


def test_any_gives_all_sets_and_is_asked_each_time() -> None:
    world = World()
    assert {entry.qtype for entry in world.ask("beta.example", "ANY").entries} == {"SOA", "NS", "MX"}
    assert world.ask("beta.example", "ANY").queries == 1


def _set(name: str, qtype: str, *data: str, ttl: int = 300) -> RRset:
    import dns.rdata

    asked = question(name, qtype)
    return RRset(
        name=asked.name, type=asked.type, ttl=ttl, rdatas=tuple(dns.rdata.from_text("IN", qtype, text) for text in data)
    )


def _forge(net: Internet, address: str, change: object) -> None:
    """Make a server change its honest answers."""
    authority = net.authorities[address]

    def lie(query: bytes) -> bytes:
        answered = authority.respond(query)
        assert answered is not None
        message: Message = change(parse(answered[0]))  # type: ignore[operator]
        return render(message)

    net.forged[address] = lie


def test_records_outside_the_zone_that_was_asked_are_not_believed() -> None:
    world = World()
    poison = (_set("mail.alpha.example", "A", "203.0.113.66"), _set("alpha.example", "NS", "ns.beta.example."))
    _forge(
        world.net, BETA, lambda m: replace(m, answer=m.answer + poison[:1], authority=poison[1:], additional=poison[:1])
    )
    assert world.text("beta.example", "MX") == "NOERROR 10 mx.beta.example."
    assert world.text("mail.alpha.example") == "NOERROR 192.0.2.25"
    assert not any("203.0.113.66" in line for line in world.watcher.lines)


def test_an_alias_out_of_the_zone_is_looked_up_where_it_belongs() -> None:
    world = World()
    answer = (_set("mx.beta.example", "CNAME", "mail.alpha.example."), _set("mail.alpha.example", "A", "203.0.113.66"))
    _forge(world.net, BETA, lambda m: replace(m, answer=answer))
    assert world.text("mx.beta.example") == "NOERROR mail.alpha.example., 192.0.2.25"


def test_glue_for_others_than_the_servers_of_the_referral_is_not_believed() -> None:
    world = World()
    _forge(
        world.net,
        TLD,
        lambda m: replace(m, additional=(*m.additional, _set("mail.alpha.example", "A", "203.0.113.66"))),
    )
    assert world.text("mail.alpha.example") == "NOERROR 192.0.2.25"


@pytest.mark.parametrize(
    "change",
    [
        lambda m: replace(m, flags=m.flags & ~AA),
        lambda m: replace(m, rcode=5, answer=()),
        lambda m: replace(m, flags=m.flags & ~AA, answer=(), authority=(_set("example", "NS", "a.nic.example."),)),
        lambda m: replace(m, flags=m.flags & ~AA, answer=(), authority=(_set("beta.example", "NS", "ns.beta.example."),)),
        lambda m: replace(m, flags=m.flags & ~AA, answer=(), authority=(_set("gamma.example", "NS", "ns.beta.example."),)),
    ],
)  # fmt: skip
def test_an_answer_without_authority_and_a_referral_that_leads_nowhere_are_lame(change: object) -> None:
    world = World()
    _forge(world.net, BETA, change)
    assert world.ask("beta.example", "MX").rcode == Rcode.SERVFAIL


def test_a_denial_without_soa_is_used_and_not_remembered() -> None:
    world = World()
    _forge(world.net, BETA, lambda m: replace(m, authority=()))
    assert world.ask("no.beta.example").rcode == Rcode.NXDOMAIN
    assert world.ask("no.beta.example").queries == 1


@settings(deadline=None)
@given(st.lists(st.binary(max_size=60), min_size=1, max_size=3), st.booleans())
def test_garbage_from_a_server_is_servfail_and_nothing_else(pieces: list[bytes], headed: bool) -> None:
    world = World()

    def lie(query: bytes) -> bytes:
        piece = pieces[len(world.net.asked) % len(pieces)]
        return query[:2] + b"\x84\0" + query[4:12] + piece if headed else piece

    world.net.forged[BETA] = lie
    assert world.ask("beta.example", "MX").rcode in (Rcode.SERVFAIL, Rcode.NOERROR, Rcode.NXDOMAIN)


def test_less_trusted_data_do_not_replace_better() -> None:
    cache = Cache()
    rrset = _set("ns.beta.example", "A", BETA)
    forged = _set("ns.beta.example", "A", "203.0.113.66")

    def entry(data: RRset, trust: Trust) -> Entry:
        return Entry(name=data.name, type=data.type, ttl=300, stored_at=0, trust=trust, rrset=data)

    assert cache.store(entry(rrset, Trust.AUTHORITATIVE), 0)
    assert not cache.store(entry(forged, Trust.GLUE), 1)
    assert cache.entries(2)[0].answer == BETA
    later = 300 * SECOND
    assert cache.store(replace_stored(entry(forged, Trust.GLUE), later), later)


def replace_stored(entry: Entry, now: int) -> Entry:
    """The entry as if it had come at another time."""
    entry.stored_at = now
    return entry


def test_a_cache_keeps_nothing_longer_than_the_limits_say() -> None:
    cache = Cache()
    rrset = _set("x.example", "A", "192.0.2.1", ttl=9_999_999)
    cache.store(Entry(name=rrset.name, type=1, ttl=rrset.ttl, stored_at=0, trust=Trust.AUTHORITATIVE, rrset=rrset), 0)
    cache.store(
        Entry(
            name=to_name("y.example"), type=1, ttl=99_999, stored_at=0, trust=Trust.AUTHORITATIVE, rrset=None,
            negative="NODATA",
        ),
        0,
    )  # fmt: skip
    assert [entry.ttl for entry in cache.entries(0)] == [604_800, 10_800]
    cache.flush(0)
    assert cache.entries(0) == ()


def test_a_client_that_asks_in_no_usable_way_is_told_so() -> None:
    front = Front()
    good = make_query(question("beta.example", "MX"), 7, rd=True)
    transfer = front.read(make_query(question("beta.example", "AXFR"), 7, rd=True))
    assert isinstance(transfer, Refusal)
    assert (transfer.served.rcode, parse(transfer.octets).rcode) == ("REFUSED", 5)
    update = front.read(good[:2] + b"\x28" + good[3:])
    assert isinstance(update, Refusal)
    assert update.served.rcode == "NOTIMP"
    broken = front.read(good[:-1])
    assert isinstance(broken, Refusal)
    assert broken.served.rcode == "FORMERR"
    assert front.read(good[:2] + b"\x81" + good[3:]) is None
    query = front.read(good)
    assert isinstance(query, ClientQuery)
    assert parse(front.refuse(query, b"\0\7", Rcode.REFUSED)[0]).rcode == 5
    failed = Resolution(question=query.question, rcode=Rcode.SERVFAIL, reason="dead")
    octets, served = front.answer(query, b"\0\5", failed, 0)
    assert (parse(octets).rcode, served.rcode) == (2, "SERVFAIL")


def test_a_large_answer_to_a_client_is_cut_with_tc_over_udp_and_whole_over_tcp() -> None:
    world = World()
    front = Front()
    resolution = world.ask("big.alpha.example", "TXT")
    for transport, cut in (("udp", True), ("tcp", False)):
        query = front.read(make_query(question("big.alpha.example", "TXT"), 7, rd=True), transport)  # type: ignore[arg-type]
        assert isinstance(query, ClientQuery)
        octets, served = front.answer(query, b"\0\5", resolution, world.net.now)
        assert (served.tc, len(octets) > 1232) == (cut, not cut)
