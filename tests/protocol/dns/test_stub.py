"""A stub's look-ups: attempts, TCP after TC, and results that a program can decide by."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.protocol.dns import stub
from simulator.protocol.dns.authority import Authority
from simulator.protocol.dns.message import Message, question
from simulator.protocol.dns.stub import LookupResult, Send, lookup, result_of
from simulator.protocol.dns.wire import make_query, parse, render, ttl_places, with_ttls
from simulator.protocol.dns.zone import parse_zone
from tests.protocol.dns.worlds import ALPHA_TEST, with_big

AUTHORITY = Authority([parse_zone(with_big(ALPHA_TEST, tuple(range(40))), "alpha.test")])


def _run(name: str, qtype: str, *, lost: int = 0, tcp_lost: bool = False) -> tuple[LookupResult, list[Send]]:
    """Look a name up; the first `lost` messages get no answer."""
    random = Random(1)
    generator = lookup(question(name, qtype), lambda: random.randrange(65536))
    sent: list[Send] = []
    answer: bytes | None = None
    try:
        while True:
            send = generator.send(answer) if sent else next(generator)
            sent.append(send)
            answered = AUTHORITY.respond(send.octets, "tcp" if send.tcp else "udp")
            gone = len(sent) <= lost or (send.tcp and tcp_lost)
            answer = None if gone or answered is None else answered[0]
    except StopIteration as stop:
        result = stop.value
        assert isinstance(result, LookupResult)
        return result, sent


def test_exchangers_come_with_the_smallest_preference_first() -> None:
    result, sent = _run("alpha.test", "MX")
    assert result.found
    assert result.exchangers == ((10, "mx1.alpha.test"), (20, "mx2.alpha.test"))
    assert len(sent) == 1
    assert (result.query, result.tcp, result.null_mx) == (sent[0].octets, False, False)


def test_a_null_mx_is_told_from_no_mx() -> None:
    assert _run("nullmx.alpha.test", "MX")[0].null_mx
    none = _run("mail.alpha.test", "MX")[0]
    assert (none.status, none.null_mx, none.found, none.temporary) == ("nodata", False, False, False)


def test_values_of_each_type_are_for_programs() -> None:
    assert _run("www.alpha.test", "A")[0].addresses == ("192.0.2.13",)
    assert [record.type for record in _run("www.alpha.test", "A")[0].records] == ["CNAME", "A"]
    assert _run("alpha.test", "NS")[0].names == ("ns1.alpha.test",)
    assert _run("alpha.test", "TXT")[0].texts == ("v=spf1 mx ip4:192.0.2.0/24 -all",)
    (key,) = _run("sel1._domainkey.alpha.test", "TXT")[0].texts
    assert key.startswith("v=DKIM1; k=rsa; p=MIIB")
    assert " " not in key[16:]
    (soa,) = _run("alpha.test", "SOA")[0].of_type("SOA")
    assert (soa.owner, soa.ttl, soa.values[0]) == ("alpha.test", 3600, soa.text)


@pytest.mark.parametrize(
    ("name", "status", "temporary"),
    [("nope.alpha.test", "nxdomain", False), ("x.example", "refused", True), ("x.deleg.alpha.test", "error", True)],
)
def test_no_answer_has_a_status_that_says_whether_to_wait(name: str, status: str, temporary: bool) -> None:
    result = _run(name, "A")[0]
    assert (result.status, result.temporary) == (status, temporary)


def test_an_answer_that_was_cut_is_asked_for_over_tcp() -> None:
    result, sent = _run("big.alpha.test", "TXT")
    assert [send.tcp for send in sent] == [False, True]
    assert (len(result.records), result.tcp) == (40, True)


def test_after_a_lost_message_it_asks_again_with_another_id_and_then_gives_up() -> None:
    result, sent = _run("alpha.test", "MX", lost=1)
    assert (result.status, len(sent)) == ("ok", 2)
    assert sent[0].octets[:2] != sent[1].octets[:2]
    assert sent[0].octets[2:] == sent[1].octets[2:]
    result, sent = _run("alpha.test", "MX", lost=9)
    assert (result.status, result.temporary, result.octets, len(sent)) == ("timeout", True, b"", 2)


def test_when_tcp_fails_after_tc_it_is_a_time_out() -> None:
    assert _run("big.alpha.test", "TXT", tcp_lost=True)[0].status == "timeout"


@pytest.mark.parametrize(("rcode", "status"), [(2, "servfail"), (4, "error"), (5, "refused"), (9, "error")])
def test_every_rcode_has_a_status(rcode: int, status: str) -> None:
    asked = question("alpha.test", "MX")
    message: Message = replace(parse(make_query(asked, 1, rd=True)), flags=0x8180, rcode=rcode)
    result = result_of(asked, b"", render(message))
    assert (result.status, result.temporary) == (status, True)


_TTLS = st.one_of(st.integers(0, 3), st.integers(0, 2**32 - 1))


@settings(deadline=None)
@given(
    st.sampled_from(
        [("alpha.test", "MX"), ("www.alpha.test", "A"), ("nope.alpha.test", "A"), ("big.alpha.test", "TXT")]
    ),
    st.lists(st.one_of(_TTLS, st.lists(_TTLS, min_size=60, max_size=60)), min_size=1, max_size=4),
)
def test_an_answer_says_the_same_whatever_was_read_before(asked: tuple[str, str], times: list[int | list[int]]) -> None:
    first, _ = _run(*asked)
    places = ttl_places(first.octets)
    for ttls in times:
        octets = with_ttls(first.octets, places, ttls if isinstance(ttls, list) else [ttls] * len(places))
        after = result_of(question(*asked), first.query, octets)
        stub._latest.clear()
        alone = result_of(question(*asked), first.query, octets)
        assert after == alone
