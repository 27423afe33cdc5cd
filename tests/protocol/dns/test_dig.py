"""dig, which nobody here wrote, asks our authority over loopback; what it prints is what we print.

Skips, and says so, where dig (Debian: bind9-dnsutils) is not installed.
"""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from simulator.protocol.dns import presentation
from simulator.protocol.dns.authority import Authority
from simulator.protocol.dns.front import ClientQuery, Front
from simulator.protocol.dns.resolver import Resolver
from simulator.protocol.dns.wire import StreamReader, to_stream
from simulator.protocol.dns.zone import parse_zone
from tests.protocol.dns.worlds import ALPHA_TEST, HINTS, REVERSE_4, REVERSE_6, internet, with_big, without_ids

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulator.protocol.dns.message import Transport

DIG = shutil.which("dig")
pytestmark = pytest.mark.skipif(DIG is None, reason="dig is not installed (Debian: apt install bind9-dnsutils)")


class Server:
    """A UDP and a TCP socket on one loopback port, answered by a function; keeps the last answer."""

    def __init__(self, respond: object) -> None:
        self._respond = respond
        self.last = b""
        self.transport: Transport = "udp"
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._tcp.bind(("127.0.0.1", 0))
        self.port = self._tcp.getsockname()[1]
        self._udp.bind(("127.0.0.1", self.port))
        self._tcp.listen()
        for serve in (self._serve_udp, self._serve_tcp):
            threading.Thread(target=serve, daemon=True).start()

    def _answer(self, octets: bytes, transport: Transport) -> bytes | None:
        answer: bytes | None = self._respond(octets, transport)  # type: ignore[operator]
        if answer is not None:
            self.last, self.transport = answer, transport
        return answer

    def _serve_udp(self) -> None:
        while True:
            try:
                octets, address = self._udp.recvfrom(4096)
            except OSError:
                return
            answer = self._answer(octets, "udp")
            if answer is not None:
                self._udp.sendto(answer, address)

    def _serve_tcp(self) -> None:
        while True:
            try:
                connection, _ = self._tcp.accept()
            except OSError:
                return
            with connection:
                self._serve_connection(connection)

    def _serve_connection(self, connection: socket.socket) -> None:
        reader = StreamReader()
        while octets := connection.recv(4096):
            reader.receive_data(octets)
            while (query := reader.next_message()) is not None:
                connection.sendall(to_stream(self._answer(query, "tcp") or b""))

    def close(self) -> None:
        self._udp.close()
        self._tcp.shutdown(socket.SHUT_RDWR)
        self._tcp.close()


def _dig(server: Server, words: str, *, expected: int = 0) -> str:
    assert DIG is not None
    command = [DIG, "@127.0.0.1", "-p", str(server.port), "+tries=1", "+timeout=3", "+nocookie", *words.split()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert (done.returncode, done.stderr) == (expected, "")
    return done.stdout


@pytest.fixture(scope="module")
def authority() -> Iterator[Server]:
    zones = (
        parse_zone(with_big(ALPHA_TEST, tuple(range(30))) + _MORE, "alpha.test"),
        parse_zone(REVERSE_4, "2.0.192.in-addr.arpa"),
        parse_zone(REVERSE_6, "8.b.d.0.1.0.0.2.ip6.arpa"),
    )
    core = Authority(zones)

    def respond(octets: bytes, transport: Transport) -> bytes | None:
        answered = core.respond(octets, transport)
        return None if answered is None else answered[0]

    server = Server(respond)
    yield server
    server.close()


_MORE = """\
_imaps._tcp SRV 0 1 993 mail
@ CAA 0 issue "ca.example"
odd\\.name A 192.0.2.90
quotes TXT "say \\"hi\\"; \\\\ \\200"
a-host-name-of-more-than-twenty-four-characters AAAA 2001:db8::1:0:0:1
x23chars-abc A 192.0.2.91
"""

_QUESTIONS = [
    "alpha.test MX",
    "alpha.test A +norecurse",
    "alpha.test A +noedns",
    "alpha.test SOA +tcp",
    "alpha.test ANY",
    "alpha.test NS",
    "www.alpha.test",
    "nope.alpha.test AAAA",
    "mail.alpha.test MX",
    "foo.wild.alpha.test TXT",
    "x.deleg.alpha.test A",
    "elsewhere.example A",
    "nullmx.alpha.test MX",
    "sel1._domainkey.alpha.test TXT",
    "_imaps._tcp.alpha.test SRV",
    "alpha.test CAA",
    r"odd\.name.alpha.test A",
    "quotes.alpha.test TXT",
    "a-host-name-of-more-than-twenty-four-characters.alpha.test AAAA",
    "x23chars-abc.alpha.test A",
    "big.alpha.test TXT",
    "big.alpha.test TXT +ignore +bufsize=700",
    "-x 192.0.2.11",
    "-x 2001:db8::11",
    "alpha.test SOA +edns=1 +noednsneg",
    "alpha.test A +dnssec",
    "alpha.test TYPE65400",
]


@pytest.mark.parametrize("words", _QUESTIONS)
def test_dig_prints_our_answer_as_we_do(authority: Server, words: str) -> None:
    theirs = _dig(authority, words)
    command = re.search(r"<<>> DiG (\S+) <<>> (.*)", theirs)
    assert command is not None, theirs
    exchange = presentation.Exchange(
        octets=authority.last, server="127.0.0.1", port=authority.port, transport=authority.transport
    )
    ours = presentation.full(
        exchange,
        command=command.group(2),
        one_server=True,
        retried=theirs.startswith(";; Truncated"),
        version=command.group(1),
    )
    assert without_ids(ours) == without_ids(theirs)


@pytest.mark.parametrize(
    "words", ["alpha.test MX", "www.alpha.test", "nope.alpha.test", "alpha.test TXT", "-x 192.0.2.11"]
)
def test_digs_short_form_is_ours(authority: Server, words: str) -> None:
    assert presentation.short(authority.last if _dig(authority, words) else b"") == _dig(authority, words + " +short")


_LOCAL_ROOT = """\
$TTL 600
.          SOA localhost. hostmaster.localhost. 1 2 3 4 5
.          NS  localhost.
localhost. A   127.0.0.1
alpha.test. NS localhost.
"""


def test_dig_prints_the_steps_of_a_trace_as_we_do() -> None:
    """Root and domain are on one server called localhost, whose address dig finds by itself."""
    core = Authority((parse_zone(_LOCAL_ROOT, "."),))
    steps: list[tuple[bytes, Transport]] = []

    def respond(octets: bytes, transport: Transport) -> bytes | None:
        answered = core.respond(octets, transport)
        if answered is None:
            return None
        steps.append((answered[0], transport))
        if len(steps) == 2:
            core.load(parse_zone(ALPHA_TEST, "alpha.test"))
        return answered[0]

    server = Server(respond)
    theirs = _dig(server, "-4 alpha.test MX +trace +nodnssec")
    server.close()
    command = re.search(r"<<>> DiG (\S+) <<>> (.*)", theirs)
    assert command is not None, theirs
    exchanges = [
        presentation.Exchange(octets=octets, server="127.0.0.1", port=server.port, host="localhost")
        for octets, _ in steps
    ]
    exchanges[0] = replace(exchanges[0], host="127.0.0.1")
    ours = presentation.trace(exchanges, command=command.group(2), one_server=True, version=command.group(1))
    timeless = re.compile(r"in \d+ ms")
    assert len(steps) == 3
    assert timeless.sub("in 0 ms", ours) == timeless.sub("in 0 ms", theirs)


def test_dig_tells_of_a_silent_server_as_we_do() -> None:
    server = Server(lambda octets, transport: None)
    theirs = _dig(server, "alpha.test MX +timeout=1", expected=9)
    server.close()
    command = re.search(r"<<>> DiG (\S+) <<>> (.*)", theirs)
    assert command is not None, theirs
    ours = presentation.no_answer(
        command=command.group(2),
        server="127.0.0.1",
        port=server.port,
        tries=1,
        one_server=True,
        version=command.group(1),
    )
    assert ours == theirs


@pytest.fixture(scope="module")
def recursive() -> Iterator[Server]:
    net = internet()
    resolver = Resolver(HINTS)
    front = Front()

    def respond(octets: bytes, transport: Transport) -> bytes | None:
        query = front.read(octets, transport)
        if not isinstance(query, ClientQuery):
            return None if query is None else query.octets
        return front.answer(query, octets[:2], net.run(resolver.resolve(query.question, net.now)), net.now)[0]

    server = Server(respond)
    yield server
    server.close()


@pytest.mark.parametrize(
    ("words", "status", "flags", "answer"),
    [
        ("beta.example MX", "NOERROR", "qr rd ra", ["10 mx.beta.example."]),
        ("far.alpha.example", "NOERROR", "qr rd ra", ["www.beta.example.", "203.0.113.80"]),
        ("no.alpha.example", "NXDOMAIN", "qr rd ra", []),
        ("www.lame.example", "SERVFAIL", "qr rd ra", []),
        ("www.glueless.example", "NOERROR", "qr rd ra", ["192.0.2.80"]),
    ],
)
def test_dig_gets_recursive_answers(recursive: Server, words: str, status: str, flags: str, answer: list[str]) -> None:
    text = _dig(recursive, words)
    assert f"status: {status}," in text
    assert f";; flags: {flags};" in text
    assert "WARNING" not in text
    assert presentation.short(recursive.last).splitlines() == answer
