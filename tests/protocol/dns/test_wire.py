"""Octets of messages: round trips, truncation, patches, and garbage."""

from __future__ import annotations

import struct

import dns.message
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.errors import LocalProtocolError
from simulator.protocol.dns.authority import Authority
from simulator.protocol.dns.front import Front, Refusal
from simulator.protocol.dns.message import (
    TC,
    DnsFormatError,
    name_text,
    question,
    question_text,
    reverse_name,
    to_name,
    to_type,
)
from simulator.protocol.dns.stub import result_of
from simulator.protocol.dns.wire import StreamReader, make_query, matches, parse, to_stream, ttl_places, with_ttls
from simulator.protocol.dns.zone import parse_zone
from tests.protocol.dns.worlds import ALPHA_TEST, with_big

AUTHORITY = Authority([parse_zone(with_big(ALPHA_TEST), "alpha.test")])
QUERY = make_query(question("alpha.test", "MX"), 4711, rd=True)
_RESPONSE = AUTHORITY.respond(QUERY)
assert _RESPONSE is not None
ANSWER = _RESPONSE[0]


def test_dnspython_reads_our_query_and_our_answer() -> None:
    query = dns.message.from_wire(QUERY)
    assert (query.id, str(query.question[0]), query.payload) == (4711, "alpha.test. IN MX", 1232)
    answer = dns.message.from_wire(ANSWER)
    assert answer.is_response is not None
    assert query.is_response(answer)
    assert [str(rdata) for rdata in answer.answer[0]] == ["10 mx1.alpha.test.", "20 mx2.alpha.test."]


def test_letter_case_of_the_question_comes_back() -> None:
    query = make_query(question("ALPHA.Test", "MX"), 1, rd=False)
    answered = AUTHORITY.respond(query)
    assert answered is not None
    assert b"\5ALPHA\4Test" in answered[0]
    assert answered[1].qname == "alpha.test"
    assert make_query(question("alpha.test", "MX"), 1, rd=False) != query


@pytest.mark.parametrize(
    ("change", "belongs"),
    [
        (lambda answer: answer, True),
        (lambda answer: b"\0\0" + answer[2:], False),
        (lambda answer: answer[:2] + bytes([answer[2] & 0x7F]) + answer[3:], False),
        (lambda answer: answer.replace(b"\5alpha\4test", b"\5alphb\4test", 1), False),
        (lambda answer: answer.replace(b"\5alpha\4test", b"\5ALPHA\4test", 1), True),
        (lambda answer: answer.replace(b"\4test\0\0\x0f", b"\4test\0\0\x01", 1), False),
        (lambda answer: answer[:11], False),
        (lambda answer: answer[:20], False),
        (lambda answer: answer[:3] + b"\1" + bytes(8), True),
        (lambda answer: answer[:3] + b"\0" + bytes(8), False),
    ],
)
def test_an_answer_belongs_to_its_query_only_if_id_name_and_type_agree(change: object, belongs: bool) -> None:
    assert matches(QUERY, change(ANSWER)) is belongs  # type: ignore[operator]


def test_what_does_not_fit_sets_tc_and_stays_below_the_limit() -> None:
    asked = question("big.alpha.test", "TXT")
    small = AUTHORITY.respond(make_query(asked, 1, rd=False, payload=0))
    whole = AUTHORITY.respond(make_query(asked, 1, rd=False, payload=0), "tcp")
    assert small is not None
    assert whole is not None
    message = parse(small[0])
    assert len(small[0]) <= 512
    assert message.flags & TC
    assert small[1].tc
    assert 0 < small[1].count == len(message.answer[0].rdatas) < 10
    assert not parse(whole[0]).flags & TC
    assert len(parse(whole[0]).answer[0].rdatas) == 10


@pytest.mark.parametrize(("payload", "limit"), [(0, 512), (100, 512), (600, 600), (4096, 1232)])
def test_edns_decides_how_large_a_datagram_may_be(payload: int, limit: int) -> None:
    zone = parse_zone(ALPHA_TEST + "".join(f'b TXT "{n} {"z" * 90}"\n' for n in range(30)), "alpha.test")
    answered = Authority([zone]).respond(make_query(question("b.alpha.test", "TXT"), 1, rd=False, payload=payload))
    assert answered is not None
    assert limit - 120 < len(answered[0]) <= limit


def test_ttls_are_counted_down_in_place() -> None:
    places = ttl_places(ANSWER)
    octets = with_ttls(ANSWER, places, [7] * len(places))
    message = parse(octets)
    assert octets[:2] == ANSWER[:2]
    assert {rrset.ttl for rrset in (*message.answer, *message.authority, *message.additional)} == {7}
    assert with_ttls(ANSWER, places, ()) == ANSWER


@settings(deadline=None)
@given(st.lists(st.binary(min_size=0, max_size=40), max_size=5), st.integers(1, 7))
def test_messages_over_tcp_survive_every_chunking(messages: list[bytes], size: int) -> None:
    stream = b"".join(map(to_stream, messages))
    reader = StreamReader()
    got = []
    for at in range(0, len(stream), size):
        reader.receive_data(stream[at : at + size])
        while (message := reader.next_message()) is not None:
            got.append(message)
    assert got == messages


def _mutations() -> st.SearchStrategy[bytes]:
    def mutate(data: tuple[bytes, list[tuple[int, int]], int]) -> bytes:
        base, changes, length = data
        octets = bytearray(base)
        for at, value in changes:
            octets[at % len(octets)] = value
        return bytes(octets[: length % (len(octets) + 1)])

    changes = st.lists(st.tuples(st.integers(0, 300), st.integers(0, 255)), max_size=6)
    return st.tuples(st.sampled_from([QUERY, ANSWER]), changes, st.integers(0, 400)).map(mutate)


GARBAGE = st.one_of(st.binary(max_size=80), _mutations(), st.binary(max_size=60).map(lambda tail: QUERY[:12] + tail))


@settings(deadline=None)
@given(GARBAGE)
def test_garbage_raises_nothing_but_a_format_error(octets: bytes) -> None:
    try:
        message = parse(octets)
    except DnsFormatError:
        return
    assert message.size == len(octets)


@settings(deadline=None)
@given(GARBAGE)
def test_servers_answer_garbage_with_a_good_message_or_not_at_all(octets: bytes) -> None:
    answered = AUTHORITY.respond(octets)
    if answered is not None:
        answer = parse(answered[0])
        assert struct.pack("!H", answer.id) == octets[:2]
        assert answer.rcode in (0, 1, 3, 4, 5, 16)
        assert len(answered[0]) <= 1232
    read = Front().read(octets)
    assert not isinstance(read, Refusal) or read.octets[:2] == octets[:2]


@settings(deadline=None)
@given(GARBAGE)
def test_a_stub_makes_a_typed_result_of_garbage(octets: bytes) -> None:
    padded = octets.ljust(12, b"\0")
    assert result_of(question("alpha.test", "MX"), QUERY, padded).status in (
        "ok", "nodata", "nxdomain", "servfail", "refused", "error"
    )  # fmt: skip
    assert matches(QUERY, octets) in (True, False)


@settings(deadline=None)
@given(GARBAGE)
def test_what_can_be_read_is_written_and_read_again_as_the_same(octets: bytes) -> None:
    from dataclasses import replace

    from simulator.protocol.dns.wire import render

    try:
        message = parse(octets)
    except DnsFormatError:
        return
    again = parse(render(message))
    assert replace(again, size=0) == replace(message, size=0, flags=again.flags)


def test_words_for_questions_names_and_types() -> None:
    assert question_text(question("Beta.Example.", "mx")) == "beta.example MX"
    assert name_text(to_name(".")) == "."
    assert reverse_name("192.0.2.25") == "25.2.0.192.in-addr.arpa."
    assert reverse_name("2001:db8::1").endswith(".8.b.d.0.1.0.0.2.ip6.arpa.")


@pytest.mark.parametrize("bad", ["a..b", "x" * 64, "", "." * 300])
def test_a_name_that_cannot_be_is_refused_in_words(bad: str) -> None:
    with pytest.raises(LocalProtocolError, match="cannot be a domain name"):
        to_name(bad)


def test_a_type_or_address_that_cannot_be_is_refused_in_words() -> None:
    with pytest.raises(LocalProtocolError, match="not a record type"):
        to_type("MXX")
    with pytest.raises(LocalProtocolError, match="not an address"):
        reverse_name("192.0.2")
