"""What an authoritative server says, case by case (RFC 1034, 4.3.2; RFC 4592; RFC 2308)."""

from __future__ import annotations

import struct

import pytest

from simulator.protocol.dns.authority import Authority
from simulator.protocol.dns.message import AA, RA, RD, Message, question
from simulator.protocol.dns.wire import make_query, parse
from simulator.protocol.dns.zone import parse_zone
from tests.protocol.dns.worlds import zone_text

ZONE = zone_text(
    "alpha.example.",
    "@ NS ns",
    "ns A 192.0.2.53",
    "@ MX 20 mx2",
    "@ MX 10 mx1",
    "mx1 A 192.0.2.11",
    "mx1 AAAA 2001:db8::11",
    "mx2 A 192.0.2.12",
    "www CNAME web",
    "web A 192.0.2.80",
    "far CNAME mx.beta.example.",
    "off CNAME www.elsewhere.invalid.",
    "gone CNAME nothing",
    "ring1 CNAME ring2",
    "ring2 CNAME ring1",
    "*.wild A 192.0.2.77",
    "*.wild MX 5 mx1",
    "host.wild TXT here",
    "*.alias CNAME web",
    "deep.under.sub A 192.0.2.90",
    "child NS ns.child",
    "child NS ns.outside.invalid.",
    "ns.child A 192.0.2.99",
    "ns.child AAAA 2001:db8::99",
)
BETA = zone_text("beta.example.", "@ NS ns.alpha.example.", "mx A 203.0.113.25", "ten CNAME ten.alpha.example.")
SERVER = Authority([parse_zone(ZONE, "alpha.example"), parse_zone(BETA, "beta.example")])


def _ask(name: str, qtype: str) -> Message:
    answered = SERVER.respond(make_query(question(name, qtype), 99, rd=True))
    assert answered is not None
    octets, served = answered
    message = parse(octets)
    assert (message.id, message.flags & RA, message.flags & RD) == (99, 0, RD)
    assert served.aa == bool(message.flags & AA)
    assert served.count == sum(len(rrset.rdatas) for rrset in message.answer)
    return message


def _lines(section: object) -> list[str]:
    return [f"{rrset.name} {rrset.ttl} {rdata}" for rrset in section for rdata in rrset.rdatas]  # type: ignore[attr-defined]


_CASES = [
    ("alpha.example", "MX", 0, ["alpha.example. 300 20 mx2.alpha.example.", "alpha.example. 300 10 mx1.alpha.example."]),
    ("WWW.alpha.example", "A", 0, ["WWW.alpha.example. 300 web.alpha.example.", "web.alpha.example. 300 192.0.2.80"]),
    ("www.alpha.example", "CNAME", 0, ["www.alpha.example. 300 web.alpha.example."]),
    ("far.alpha.example", "A", 0, ["far.alpha.example. 300 mx.beta.example.", "mx.beta.example. 300 203.0.113.25"]),
    ("off.alpha.example", "A", 0, ["off.alpha.example. 300 www.elsewhere.invalid."]),
    ("gone.alpha.example", "A", 3, ["gone.alpha.example. 300 nothing.alpha.example."]),
    ("www.alpha.example", "MX", 0, ["www.alpha.example. 300 web.alpha.example."]),
    ("foo.wild.alpha.example", "A", 0, ["foo.wild.alpha.example. 300 192.0.2.77"]),
    ("a.b.wild.alpha.example", "MX", 0, ["a.b.wild.alpha.example. 300 5 mx1.alpha.example."]),
    ("foo.wild.alpha.example", "TXT", 0, []),
    ("host.wild.alpha.example", "A", 0, []),
    ("x.host.wild.alpha.example", "A", 3, []),
    ("wild.alpha.example", "A", 0, []),
    ("*.wild.alpha.example", "A", 0, ["*.wild.alpha.example. 300 192.0.2.77"]),
    ("y.alias.alpha.example", "A", 0, ["y.alias.alpha.example. 300 web.alpha.example.", "web.alpha.example. 300 192.0.2.80"]),
    ("under.sub.alpha.example", "A", 0, []),
    ("nope.alpha.example", "A", 3, []),
    ("web.alpha.example", "AAAA", 0, []),
]  # fmt: skip


@pytest.mark.parametrize(("name", "qtype", "rcode", "answer"), _CASES)
def test_answers_are_as_the_algorithm_says(name: str, qtype: str, rcode: int, answer: list[str]) -> None:
    message = _ask(name, qtype)
    assert message.flags & AA
    assert (message.rcode, _lines(message.answer)) == (rcode, answer)


@pytest.mark.parametrize("name", ["nope.alpha.example", "x.host.wild.alpha.example", "gone.alpha.example"])
def test_a_denial_carries_the_soa_with_the_negative_ttl(name: str) -> None:
    (soa,) = _ask(name, "A").authority
    assert (str(soa.name), soa.ttl, soa.type) == ("alpha.example.", 60, 6)


def test_a_positive_answer_names_the_servers_and_all_addresses_a_before_aaaa() -> None:
    message = _ask("alpha.example", "MX")
    assert _lines(message.authority) == ["alpha.example. 300 ns.alpha.example."]
    assert _lines(message.additional) == [
        "mx2.alpha.example. 300 192.0.2.12",
        "mx1.alpha.example. 300 192.0.2.11",
        "ns.alpha.example. 300 192.0.2.53",
        "mx1.alpha.example. 300 2001:db8::11",
    ]


@pytest.mark.parametrize("name", ["child.alpha.example", "www.child.alpha.example", "ns.child.alpha.example"])
def test_below_a_cut_comes_a_referral_with_glue_and_without_aa(name: str) -> None:
    message = _ask(name, "A")
    assert (message.flags & AA, message.answer) == (0, ())
    assert _lines(message.authority) == [
        "child.alpha.example. 300 ns.child.alpha.example.",
        "child.alpha.example. 300 ns.outside.invalid.",
    ]
    assert _lines(message.additional) == [
        "ns.child.alpha.example. 300 192.0.2.99",
        "ns.child.alpha.example. 300 2001:db8::99",
    ]


def test_a_ring_of_aliases_ends() -> None:
    message = _ask("ring1.alpha.example", "A")
    assert len(message.answer) == 2


def test_outside_the_zones_it_refuses() -> None:
    message = _ask("www.gamma.example", "A")
    assert (message.rcode, message.flags & AA, message.answer, message.authority) == (5, 0, (), ())


@pytest.mark.parametrize("qtype", ["AXFR", "IXFR"])
def test_zone_transfers_are_refused(qtype: str) -> None:
    assert _ask("alpha.example", qtype).rcode == 5


def test_any_gives_every_set_in_the_order_of_the_zone() -> None:
    assert [rrset.type for rrset in _ask("alpha.example", "ANY").answer] == [6, 2, 15]


def test_without_edns_in_the_query_there_is_none_in_the_answer() -> None:
    answered = SERVER.respond(make_query(question("alpha.example", "MX"), 1, rd=False, payload=0))
    assert answered is not None
    assert parse(answered[0]).edns is None


def test_a_second_asker_gets_the_same_octets_under_its_own_id_and_a_changed_zone_is_seen_at_once() -> None:
    server = Authority([parse_zone(ZONE, "alpha.example")])
    first = server.respond(make_query(question("web.alpha.example", "A"), 1, rd=False))
    second = server.respond(make_query(question("web.alpha.example", "A"), 2, rd=False))
    assert first is not None
    assert second is not None
    assert (second[0][:2], second[0][2:]) == (b"\0\2", first[0][2:])
    assert second[1] is first[1]
    server.load(parse_zone(ZONE.replace("192.0.2.80", "192.0.2.81"), "alpha.example"))
    third = server.respond(make_query(question("web.alpha.example", "A"), 3, rd=False))
    assert third is not None
    assert third[1].answer == "192.0.2.81"


def test_what_was_served_is_told_for_the_record() -> None:
    answered = SERVER.respond(make_query(question("alpha.example", "MX"), 1, rd=False))
    assert answered is not None
    served = answered[1]
    assert (served.qname, served.qtype, served.rcode, served.zone) == (
        "alpha.example",
        "MX",
        "NOERROR",
        "alpha.example",
    )
    assert (served.answer, served.ttl) == ("20 mx2.alpha.example., 10 mx1.alpha.example.", 300)
    denied = SERVER.respond(make_query(question("no.alpha.example", "MX"), 1, rd=False))
    assert denied is not None
    assert (denied[1].rcode, denied[1].ttl, denied[1].answer) == ("NXDOMAIN", 60, "")


def _header(flags: int, counts: tuple[int, int, int, int], tail: bytes = b"") -> bytes:
    return struct.pack("!HHHHHH", 7, flags, *counts) + tail


def test_what_is_no_query_gets_a_bare_header_or_nothing() -> None:
    name = b"\5alpha\7example\0\0\1\0\1"
    assert SERVER.respond(b"\0\1\0") is None
    assert SERVER.respond(_header(0x8000, (1, 0, 0, 0), name)) is None
    for octets, rcode in (
        (_header(0x2000, (1, 0, 0, 0), name), 4),
        (_header(0x0100, (1, 0, 0, 0), b"\5alp"), 1),
        (_header(0x0100, (2, 0, 0, 0), name * 2), 1),
        (_header(0x0100, (0, 0, 0, 0)), 1),
        (_header(0x0100, (1, 0, 0, 0), b"\xc0\x0c\0\1\0\1"), 1),
    ):
        answered = SERVER.respond(octets)
        assert answered is not None
        assert (len(answered[0]), answered[0][:2], answered[0][3] & 0x0F) == (12, b"\0\7", rcode)
        assert answered[0][2] & 0x80


def test_a_glue_record_alone_does_not_make_an_authoritative_answer() -> None:
    assert not _ask("ns.child.alpha.example", "AAAA").flags & AA
