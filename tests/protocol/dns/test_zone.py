"""Zone text to zones, and every mistake at its line and word."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.protocol.dns.message import CNAME, MX, SOA, TXT, A, to_name
from simulator.protocol.dns.zone import parse_zone, read_zone
from simulator.protocol.dns.zone_text import ZoneSyntaxError

HEAD = "$TTL 300\n@ IN SOA ns hostmaster 1 3600 600 86400 60\n@ IN NS ns\nns IN A 192.0.2.53\n"


def _only(lines: str) -> ZoneSyntaxError:
    problems = read_zone(HEAD + lines, "beta.example").problems
    assert len(problems) == 1, [str(problem) for problem in problems]
    return problems[0]


def test_relative_names_blank_owners_origin_ttl_and_parentheses_are_read() -> None:
    zone = parse_zone(
        "$TTL 1h\n"
        "@ SOA ns hostmaster ( 2024032301 ; serial\n"
        "      3600 600\n"
        "      86400 300 )\n"
        "  NS ns\n"
        "  1m IN MX 10 mx ; comment\n"
        "  IN 1m MX 20 other.example.\n"
        "$ORIGIN sub.beta.example.\n"
        "www A 192.0.2.1\n"
        '@ TXT "a;b" c\n'
        "ns.beta.example. A 192.0.2.53\n"
        "mx.beta.example. A 192.0.2.25\n",
        "beta.example",
    )
    mx = zone.rrset(to_name("beta.example"), MX)
    assert mx is not None
    assert [str(rdata) for rdata in mx.rdatas] == ["10 mx.beta.example.", "20 other.example."]
    assert mx.ttl == 60
    www = zone.rrset(to_name("www.sub.beta.example"), A)
    assert www is not None
    assert www.ttl == 3600
    text = zone.rrset(to_name("sub.beta.example"), TXT)
    assert text is not None
    assert str(text.rdatas[0]) == '"a;b" "c"'
    assert zone.serial == 2024032301
    assert zone.name == "beta.example"
    assert [record.line for record in zone.records] == [2, 5, 6, 7, 9, 10, 11, 12]


def test_without_a_ttl_line_the_last_ttl_and_then_the_soa_minimum_hold() -> None:
    zone = parse_zone("@ SOA ns h 1 2 3 4 77\n@ NS ns\nns 9 A 192.0.2.1\nb A 192.0.2.2\n", "x.example")
    assert [record.ttl for record in zone.records] == [77, 77, 9, 9]


def test_the_negative_ttl_is_the_smaller_of_soa_ttl_and_minimum() -> None:
    assert parse_zone(HEAD, "beta.example").negative.ttl == 60
    assert parse_zone(HEAD.replace("$TTL 300", "$TTL 30"), "beta.example").negative.ttl == 30


_MISTAKES = [
    (
        "@ MX ten mx",
        5,
        6,
        'MX preference "ten" is not a number',
        "write a number such as 20; the smallest is tried first",
    ),
    ("@ IN MX 70000 ns", 5, 9, "MX preference 70000 is too large", "65535"),
    ("@ MX ns", 5, 6, "MX has no preference", "MX 10 ns"),
    ("@ MX 10", 5, 3, "MX has no exchange", "MX 10 mail"),
    ("@ MX 10 192.0.2.1", 5, 9, "is an address, not a name", "A record"),
    ("@ MX 10 ns extra", 5, 12, '"extra" is too much', "MX 10 mail"),
    ("www A 300.1.2.3", 5, 7, 'A address "300.1.2.3"', "192.0.2.25"),
    ("www A 2001:db8::1", 5, 7, "A cannot hold the IPv6 address", "AAAA"),
    ("www A ns.beta.example.", 5, 7, "is not an address", "CNAME"),
    ("www AAA 192.0.2.1", 5, 5, '"AAA" is not a record type', "did you mean AAAA?"),
    ("www IN", 5, 5, "no type", "www IN A"),
    ("MX 10 mail", 5, 7, '"mail" is not a record type', "start the line with a name"),
    ("www CH A 192.0.2.1", 5, 5, "class CH", "IN"),
    ("www.other.example. A 192.0.2.1", 5, 1, "outside zone beta.example.", "beta.example."),
    ("ns A 192.0.2.53", 5, 4, "the same record as in line 4", "remove"),
    ("ns 60 A 192.0.2.54", 5, 7, "TTL 60 differs from 300 in line 4", "RFC 2181"),
    ("www CNAME ns\nwww A 192.0.2.1", 5, 5, "has a CNAME and also A", "stands alone"),
    ("www CNAME ns\nwww CNAME ns2", 6, 5, "a second CNAME", "one CNAME"),
    ("@ SOA ns hostmaster 2 3600 600 86400 60", 5, 3, "a second SOA", "remove"),
    ("sub SOA ns hostmaster 2 3600 600 86400 60", 5, 5, "not the zone's own name", "@"),
    ("x..y A 192.0.2.1", 5, 1, "cannot be a domain name", "label"),
    (f"{'a' * 64} A 192.0.2.1", 5, 1, "cannot be a domain name", "63"),
    ("почта A 192.0.2.1", 5, 1, "outside ASCII", "xn--80a1acny"),
    ('t TXT "open', 5, 7, "not closed", '"'),
    ("@ MX ( 10 ns", 5, 6, '"(" is never closed', '")"'),
    ("@ MX 10 ns )", 5, 12, '")" without "("', '"("'),
    ("$INCLUDE other.zone", 5, 1, "$INCLUDE is not supported", "write the records out"),
    ("$TTL soon", 5, 6, 'TTL "soon" is not a time', "300"),
    ("www 99999999999 A 192.0.2.1", 5, 5, "too large", "2147483647"),
    ("s SRV 0 1 imaps ns", 5, 11, 'SRV port "imaps" is not a number', "65535"),
    ("t TXT " + '"' + "a" * 256 + '"', 5, 7, "more than 255 characters", "several quoted texts"),
    ("x LOC nonsense", 5, 7, "LOC cannot be read", ""),
    ("x ANY 1", 5, 3, "ANY is not a type of a record", "A, AAAA"),
]


@pytest.mark.parametrize(("lines", "line", "column", "message", "hint"), _MISTAKES)
def test_a_mistake_is_shown_at_its_word_with_what_to_write(
    lines: str, line: int, column: int, message: str, hint: str
) -> None:
    problem = _only(lines + "\n")
    assert (problem.line, problem.column, problem.severity) == (line, column, "error")
    assert message in problem.message
    assert hint in problem.hint
    with pytest.raises(ZoneSyntaxError):
        parse_zone(HEAD + lines + "\n", "beta.example")


_WARNINGS = [
    ("@ MX 10 www\nwww CNAME ns", "which is a CNAME"),
    ("@ MX 10 gone", "has no address in this zone"),
    ("sub NS ns.sub", "has no address in this zone"),
    ("@ MX 10 mx.beta.example\nmx.beta.example.beta.example. A 192.0.2.1", "has no final dot"),
    ("t TXT v=spf1 mx -all", "3 texts, with no space"),
]


@pytest.mark.parametrize(("lines", "message"), _WARNINGS)
def test_what_loads_but_makes_mail_stumble_is_a_warning(lines: str, message: str) -> None:
    reading = read_zone(f"{HEAD}{lines}\n", "beta.example")
    assert reading.zone is not None
    (problem,) = reading.problems
    assert problem.severity == "warning"
    assert message in problem.message


def test_a_zone_needs_soa_ns_and_an_address_of_its_server() -> None:
    messages = [problem.message for problem in read_zone("$TTL 5\nwww A 192.0.2.1\n", "beta.example").problems]
    assert messages == ["zone beta.example. has no SOA record", "zone beta.example. has no NS record"]
    problem = read_zone("$TTL 5\n@ SOA ns h 1 2 3 4 5\n@ NS ns\n", "beta.example").problems[0]
    assert (problem.severity, problem.line) == ("error", 3)


def test_all_mistakes_are_told_at_once_in_order_of_lines() -> None:
    problems = read_zone(HEAD + "a A x\n\nb MX ten c\n  ; comment\nd AAA 1\n", "beta.example").problems
    assert [problem.line for problem in problems] == [5, 7, 9]


def test_a_mistake_in_the_middle_of_parentheses_has_the_line_of_its_word() -> None:
    problem = read_zone("@ SOA ns hostmaster (\n 1\n 3600\n six\n 86400\n 60 )\n", "beta.example").problems[0]
    assert (problem.line, problem.column, problem.message) == (4, 2, 'SOA retry "six" is not a time')


def test_every_type_that_dnspython_knows_may_stand_in_a_zone() -> None:
    zone = parse_zone(
        HEAD + f'_25._tcp.mx TLSA 3 1 1 {"ab" * 32}\n@ CAA 0 issue "ca.example"\n_imaps._tcp SRV 0 1 993 ns\n'
        "mx SSHFP 1 1 123456789abcdef67890123456789abcdef67890\nodd TYPE65400 \\# 2 abcd\n",
        "beta.example",
    )
    assert len(zone.records) == 8


def test_names_above_a_record_exist_even_without_records_of_their_own() -> None:
    zone = parse_zone(HEAD + "a.b.c A 192.0.2.1\n", "beta.example")
    assert to_name("c.beta.example") in zone.existing
    assert to_name("d.beta.example") not in zone.existing


def test_the_root_zone_can_be_written() -> None:
    zone = parse_zone("$TTL 9\n. SOA a. b. 1 2 3 4 5\n. NS a.root.\na.root. A 192.0.2.1\nexample. NS a.root.\n", ".")
    assert zone.name == "."
    assert zone.cuts == {to_name("example")}
    assert set(zone.nodes[zone.origin]) == {SOA, 2}
    assert CNAME not in zone.nodes[zone.origin]


def test_a_problem_survives_pickling() -> None:
    problem = _only("@ MX ten ns\n")
    again = pickle.loads(pickle.dumps(problem))
    assert (str(again), again.line, again.column) == (str(problem), problem.line, problem.column)


@settings(deadline=None)
@given(st.text(alphabet=st.sampled_from('@$TLORIGNSAMX10.;()"\\ \t\n\r{}é\x00\x1b'), max_size=200))
def test_any_text_is_read_or_refused_with_a_position(text: str) -> None:
    reading = read_zone(text, "beta.example")
    lines = text.count("\n") + 1
    assert reading.zone is not None or reading.problems
    assert all(1 <= problem.line <= lines for problem in reading.problems)


@settings(deadline=None)
@given(
    st.text(max_size=100), st.sampled_from(["A", "MX 10", "TXT", "SRV 0 0", "CAA 0 issue", "TLSA 3 1", "LOC", "TYPE9"])
)
def test_any_rdata_is_read_or_refused_with_a_position(text: str, rtype: str) -> None:
    reading = read_zone(f"{HEAD}x {rtype} {text}", "beta.example")
    assert all(problem.line >= 1 for problem in reading.problems)
