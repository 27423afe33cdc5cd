"""Our authority and our layout against BIND and dig: the golden transcripts come out character for character.

The server cookie, which we do not offer, is put into our answer from the transcript before it is printed.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from simulator.protocol.dns import presentation
from simulator.protocol.dns.authority import Authority
from simulator.protocol.dns.cache import Cache, Entry, Trust
from simulator.protocol.dns.front import ClientQuery, Front
from simulator.protocol.dns.message import Edns, RRset, question, reverse_name
from simulator.protocol.dns.resolver import Resolver
from simulator.protocol.dns.wire import make_query, parse, render
from simulator.protocol.dns.zone import parse_zone
from tests.protocol.dns.worlds import ALPHA_TEST, REFERENCE, REVERSE_4, REVERSE_6, golden, with_big

_TRANSCRIPTS = {
    "dns-a.txt": ("alpha.test", "A"),
    "dns-aaaa.txt": ("mx1.alpha.test", "AAAA"),
    "dns-any.txt": ("alpha.test", "ANY"),
    "dns-badvers.txt": ("alpha.test", "SOA"),
    "dns-cname.txt": ("www.alpha.test", "A"),
    "dns-mx.txt": ("alpha.test", "MX"),
    "dns-nodata.txt": ("mail.alpha.test", "MX"),
    "dns-norecurse.txt": ("alpha.test", "MX"),
    "dns-ns.txt": ("alpha.test", "NS"),
    "dns-nullmx.txt": ("nullmx.alpha.test", "MX"),
    "dns-nxdomain.txt": ("nope.alpha.test", "A"),
    "dns-ptr.txt": (reverse_name("192.0.2.11"), "PTR"),
    "dns-ptr6.txt": (reverse_name("2001:db8::11"), "PTR"),
    "dns-referral.txt": ("x.deleg.alpha.test", "A"),
    "dns-refused.txt": ("elsewhere.example", "A"),
    "dns-soa.txt": ("alpha.test", "SOA"),
    "dns-tcp.txt": ("alpha.test", "MX"),
    "dns-truncated.txt": ("big.alpha.test", "TXT"),
    "dns-txt-dkim-long.txt": ("sel1._domainkey.alpha.test", "TXT"),
    "dns-txt-dmarc.txt": ("_dmarc.alpha.test", "TXT"),
    "dns-txt-spf.txt": ("alpha.test", "TXT"),
    "dns-wildcard.txt": ("foo.wild.alpha.test", "A"),
}

# BIND 9.18 looks for earlier names only near the start of each name; we compress all that can be (RFC 1035, 4.1.4).
_OCTETS_SAVED = {"dns-wildcard.txt": 10, "dns-txt-dkim-long.txt": 10, "dns-ptr6.txt": 24}


def _text(name: str) -> str:
    text = golden(name)
    if text is None:
        pytest.skip(f"the golden transcript {name} is not beside this checkout, in {REFERENCE / 'golden'}")
    return text


def _authority() -> Authority:
    return Authority(
        (
            parse_zone(with_big(ALPHA_TEST), "alpha.test"),
            parse_zone(REVERSE_4, "2.0.192.in-addr.arpa"),
            parse_zone(REVERSE_6, "8.b.d.0.1.0.0.2.ip6.arpa"),
        )
    )


def _query(name: str, text: str) -> bytes:
    """The query that dig sent, but for its client cookie."""
    command = text.partition("\n")[0]
    number = int(re.search(r", id: (\d+)", text).group(1))  # type: ignore[union-attr]
    rd = "+norecurse" not in command
    query = make_query(question(*_TRANSCRIPTS[name]), number, rd=rd, payload=0 if "+noedns" in command else 1232)
    if "+edns=1" in command:
        message = parse(query)
        query = render(replace(message, edns=Edns(payload=1232, version=1)))
    return query


def _with_cookie(octets: bytes, text: str) -> bytes:
    cookie = re.search(r"; COOKIE: ([0-9a-f]+)", text)
    if cookie is None:
        return octets
    message = parse(octets)
    assert message.edns is not None
    return render(replace(message, edns=replace(message.edns, options=((10, bytes.fromhex(cookie.group(1))),))))


def _ours(name: str, text: str) -> str:
    transport = "tcp" if "(TCP)" in text else "udp"
    answered = _authority().respond(_query(name, text), transport)  # type: ignore[arg-type]
    assert answered is not None
    exchange = presentation.Exchange(
        octets=_with_cookie(answered[0], text),
        server="127.0.0.1",
        port=10053,
        elapsed_ms=int(re.search(r"Query time: (\d+)", text).group(1)),  # type: ignore[union-attr]
        when=re.search(r"WHEN: (.*)", text).group(1),  # type: ignore[union-attr]
        transport=transport,  # type: ignore[arg-type]
    )
    command = text.partition("\n")[0].removeprefix("$ dig ")
    return presentation.full(exchange, command=command, one_server=True, version="9.18.49-1~deb12u3-Debian")


@pytest.mark.parametrize("name", sorted(_TRANSCRIPTS))
def test_our_answer_prints_as_binds_answer_does(name: str) -> None:
    text = _text(name)
    theirs = text.partition("\n")[2].strip("\n")
    ours = _ours(name, text).strip("\n")
    if name == "dns-truncated.txt":
        theirs = theirs.replace("tc rd ad;", "tc rd;")  # BIND echoes AD in an answer it cuts; RFC 4035 3.1.6 says clear
    if name == "dns-norecurse.txt":  # BIND turns the order of a set round; ours is the zone's
        assert sorted(ours.splitlines()) == sorted(theirs.splitlines())
        return
    saved = _OCTETS_SAVED.get(name, 0)
    assert ours == re.sub(r"(?<=rcvd: )\d+", lambda size: str(int(size.group()) - saved), theirs)


def test_short_form_prints_as_digs_does() -> None:
    text = _text("dns-short-mx.txt")
    answered = _authority().respond(make_query(question("alpha.test", "MX"), 1, rd=True))
    assert answered is not None
    assert presentation.short(answered[0]) == text.partition("\n")[2].rstrip("\n") + "\n"


_LECTURE = REFERENCE / "lecture-dns.json"


def _lecture_answer(number: int) -> tuple[dict[str, object], bytes]:
    """A printed answer of the lecture, out of a resolver whose cache holds its records."""
    if not _LECTURE.exists():
        pytest.skip(f"the lecture's answers are not beside this checkout: {_LECTURE}")
    printed = json.loads(_LECTURE.read_text(encoding="utf-8"))["answers"][number]
    name, _, qtype = printed["question"].split()
    lines = "".join(f"{name} {printed['ttl']} IN {qtype} {data}\n" for data in printed["rdata"])
    zone = parse_zone(f"$TTL 60\n@ SOA ns.{name} h.{name} 1 2 3 4 5\n@ NS ns.invalid.\n{lines}", name)
    asked = question(name, qtype)
    rrset = zone.rrset(asked.name, asked.type)
    assert isinstance(rrset, RRset)
    cache = Cache()
    cache.store(
        Entry(name=rrset.name, type=rrset.type, ttl=rrset.ttl, stored_at=0, trust=Trust.AUTHORITATIVE, rrset=rrset), 0
    )
    front = Front()
    query = front.read(make_query(asked, 13137, rd=True))
    assert isinstance(query, ClientQuery)
    resolution = Resolver((), cache).cached(asked, 0)
    assert resolution is not None
    return printed, front.answer(query, (13137).to_bytes(2, "big"), resolution, 0)[0]


@pytest.mark.parametrize("number", range(5))
def test_the_lectures_answers_have_the_printed_size_order_and_ttl(number: int) -> None:
    printed, octets = _lecture_answer(number)
    message = parse(octets)
    assert len(octets) == printed["size"]
    assert [str(rdata) for rdata in message.answer[0].rdatas] == printed["rdata"]
    assert message.answer[0].ttl == printed["ttl"]
    assert (message.authority, message.additional) == ((), ())


def test_the_lectures_first_answer_prints_with_the_printed_sections() -> None:
    _, octets = _lecture_answer(0)
    exchange = presentation.Exchange(
        octets=octets, server="192.168.1.1", elapsed_ms=11, when="Sat Mar 23 18:43:02 +05 2024"
    )
    assert presentation.full(exchange, command="mx gmail.com").splitlines() == [
        "",
        "; <<>> DiG 9.18-mailflow <<>> mx gmail.com",
        ";; global options: +cmd",
        ";; Got answer:",
        ";; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: 13137",
        ";; flags: qr rd ra; QUERY: 1, ANSWER: 5, AUTHORITY: 0, ADDITIONAL: 1",
        "",
        ";; OPT PSEUDOSECTION:",
        "; EDNS: version: 0, flags:; udp: 1232",
        ";; QUESTION SECTION:",
        ";gmail.com.\t\t\tIN\tMX",
        "",
        ";; ANSWER SECTION:",
        "gmail.com.\t\t1708\tIN\tMX\t5 gmail-smtp-in.l.google.com.",
        "gmail.com.\t\t1708\tIN\tMX\t40 alt4.gmail-smtp-in.l.google.com.",
        "gmail.com.\t\t1708\tIN\tMX\t30 alt3.gmail-smtp-in.l.google.com.",
        "gmail.com.\t\t1708\tIN\tMX\t20 alt2.gmail-smtp-in.l.google.com.",
        "gmail.com.\t\t1708\tIN\tMX\t10 alt1.gmail-smtp-in.l.google.com.",
        "",
        ";; Query time: 11 msec",
        ";; SERVER: 192.168.1.1#53(192.168.1.1) (UDP)",
        ";; WHEN: Sat Mar 23 18:43:02 +05 2024",
        ";; MSG SIZE  rcvd: 161",
        "",
    ]
