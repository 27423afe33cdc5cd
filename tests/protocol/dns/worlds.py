"""Zones and little Internets that several tests use."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.protocol.dns.authority import Authority
from simulator.protocol.dns.resolver import Answered, Ask, Outcome, Resolution, Unanswered
from simulator.protocol.dns.wire import make_query, matches
from simulator.protocol.dns.zone import parse_zone

if TYPE_CHECKING:
    from collections.abc import Generator

    from simulator.protocol.dns.message import Question

REFERENCE = Path(__file__).resolve().parents[4] / "shared" / "reference"
SECOND = 1_000_000

# The zones behind the golden transcripts, rebuilt from the answers in them.
_ALNUM = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_HALF = _ALNUM.index("l") + 1
_KEY = (
    f'"v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA{_ALNUM * 2}{_ALNUM[:_HALF]}"',
    f'"{_ALNUM[_HALF:]}{_ALNUM}QIDAQAB"',
)
ALPHA_TEST = f"""\
$TTL 3600
@       IN SOA ns1 hostmaster 2024010101 7200 3600 1209600 300
@       IN NS  ns1
@       IN MX  10 mx1
@       IN MX  20 mx2
@       IN A   192.0.2.10
@       IN TXT "v=spf1 mx ip4:192.0.2.0/24 -all"
ns1     IN A   192.0.2.53
mx1     IN A   192.0.2.11
mx1     IN AAAA 2001:db8::11
mx2     IN A   192.0.2.12
mail    IN A   192.0.2.13
www     IN CNAME mail
nullmx  IN MX  0 .
*.wild  IN A   192.0.2.77
deleg   IN NS  ns.deleg
ns.deleg IN A  192.0.2.99
_dmarc  IN TXT "v=DMARC1; p=quarantine; rua=mailto:dmarc@alpha.test"
sel1._domainkey IN TXT ( {_KEY[0]}
                         {_KEY[1]} )
"""


REVERSE_4 = """\
$TTL 3600
@  IN SOA ns1.alpha.test. hostmaster.alpha.test. 1 7200 3600 1209600 300
@  IN NS  ns1.alpha.test.
11 IN PTR mx1.alpha.test.
"""
REVERSE_6 = REVERSE_4.replace("11 IN", "1.1" + ".0" * 22 + " IN")


def with_big(text: str, numbers: tuple[int, ...] = (13, 7, 5, 4, 1, 2, 3, 6, 8, 9)) -> str:
    """The zone with a TXT set that is too large for a datagram of 512 octets, as in dns-truncated.txt."""
    return text + "".join(f'big IN TXT "record {number} {"x" * 80}"\n' for number in numbers)


def zone_text(origin: str, *lines: str, ttl: int = 300, minimum: int = 60) -> str:
    """A zone with SOA and whatever else is given."""
    head = f"$TTL {ttl}\n@ IN SOA ns.{origin} hostmaster.{origin} 1 3600 600 86400 {minimum}\n"
    return head.replace("..", ".") + "".join(f"{line}\n" for line in lines)


class Internet:
    """Authorities by address; counts what is asked and can make servers silent, lame or lying."""

    def __init__(self, servers: dict[str, dict[str, str]]) -> None:
        self.authorities = {
            address: Authority(parse_zone(text, origin) for origin, text in zones.items())
            for address, zones in servers.items()
        }
        self.silent: set[str] = set()
        self.forged: dict[str, Any] = {}
        self.asked: list[tuple[str, str, str, bool]] = []
        self.now = 0
        self.round_trip = 10_000

    def answer(self, ask: Ask) -> Outcome:
        """What comes back for one question; time passes."""
        self.asked.append((ask.address, ask.question.qname, ask.question.qtype, ask.tcp))
        authority = self.authorities.get(ask.address)
        if ask.address in self.silent or (authority is None and ask.address not in self.forged):
            self.now += 2 * SECOND
            return Unanswered(self.now)
        self.now += self.round_trip
        query = make_query(ask.question, len(self.asked), rd=False)
        if ask.address in self.forged:
            octets = self.forged[ask.address](query)
        else:
            assert authority is not None
            made = authority.respond(query, "tcp" if ask.tcp else "udp")
            assert made is not None
            octets = made[0]
            assert matches(query, octets)
        return Answered(octets, self.now)

    def run(self, resolution: Generator[Ask, Outcome, Resolution]) -> Resolution:
        """Drive one resolution to its end."""
        try:
            ask = next(resolution)
            while True:
                ask = resolution.send(self.answer(ask))
        except StopIteration as stop:
            result = stop.value
            assert isinstance(result, Resolution)
            return result


ROOT = "198.41.0.4"
TLD = "192.5.6.30"
ALPHA = "192.0.2.53"
BETA = "203.0.113.53"
HINTS = (("a.root-servers.net.", ROOT),)


def internet() -> Internet:
    """Root, .example, alpha.example and beta.example, each on a server of its own."""
    return Internet(
        {
            ROOT: {
                ".": zone_text(
                    "root-servers.net.",
                    "@ NS a.root-servers.net.",
                    "example. NS a.nic.example.",
                    "a.nic.example. A " + TLD,
                    "a.root-servers.net. A " + ROOT,
                )
            },
            TLD: {
                "example": zone_text(
                    "nic.example.",
                    "@ NS a.nic",
                    "a.nic A " + TLD,
                    "alpha NS ns.alpha",
                    "ns.alpha A " + ALPHA,
                    "beta NS ns.beta",
                    "ns.beta A " + BETA,
                    "glueless NS ns.alpha",
                    "lame NS ns.beta",
                    "dead NS ns.dead",
                    "ns.dead A 203.0.113.254",
                    "pair NS ns.dead",
                    "pair NS ns.alpha",
                    "loop1 NS ns.loop2",
                    "loop2 NS ns.loop1",
                )
            },
            ALPHA: {
                "alpha.example": zone_text(
                    "alpha.example.",
                    "@ NS ns",
                    "ns A " + ALPHA,
                    "@ MX 10 mail",
                    "mail A 192.0.2.25",
                    "mail AAAA 2001:db8::25",
                    "www CNAME mail",
                    "far CNAME www.beta.example.",
                    "a CNAME b",
                    "b CNAME a",
                    "x CNAME x.beta.example.",
                    "hop CNAME gone",
                    "brief 0 A 192.0.2.99",
                    *(f'big TXT "{number} {"y" * 200}"' for number in range(12)),
                ),
                "glueless.example": zone_text("glueless.example.", "@ NS ns.alpha.example.", "www A 192.0.2.80"),
                "pair.example": zone_text(
                    "pair.example.", "@ NS ns.dead.example.", "@ NS ns.alpha.example.", "www A 192.0.2.81"
                ),
            },
            BETA: {
                "beta.example": zone_text(
                    "beta.example.",
                    "@ NS ns",
                    "ns A " + BETA,
                    "@ MX 10 mx",
                    "mx A 203.0.113.25",
                    "www A 203.0.113.80",
                    "x CNAME x.alpha.example.",
                )
            },
        }
    )


def golden(name: str) -> str | None:
    """The text of a golden transcript, or None where there is none."""
    path = REFERENCE / "golden" / name
    return path.read_text(encoding="utf-8") if path.exists() else None


def asked(name: str, qtype: str) -> Question:
    """A question from words."""
    from simulator.protocol.dns.message import question

    return question(name, qtype)


def without_ids(text: str) -> str:
    """dig's output without what differs from run to run."""
    text = re.sub(r", id: \d+", ", id: N", text)
    text = re.sub(r";; WHEN: .*", ";; WHEN: T", text)
    return re.sub(r";; Query time: \d+", ";; Query time: 0", text)
