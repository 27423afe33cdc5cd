"""A small world written by hand: one letter, one refusal, one lost datagram, TLS and a mailbox.

The screens are tested on it, so that they do not change when the simulator learns something new.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from simulator.engine import base_kinds as base
from simulator.engine.environment import Environment
from simulator.engine.jsonlines import header
from simulator.engine.kinds import Kind, Record
from simulator.records import kinds_access as access
from simulator.records import kinds_dns as dns
from simulator.records import kinds_message as message
from simulator.records import kinds_queue as queue
from simulator.records import kinds_smtp as smtp
from simulator.scenario import model

START = 1_711_200_600_000_000  # 2024-03-23 13:30:00 UTC, 18:30 in +05:00
MS = 1_000
HEADER = "From: Anna <anna@alpha.example>\r\nSubject: \x1b]0;x\x07[/red] lunch?\r\n\r\n"


@dataclass(frozen=True, slots=True)
class HandRun:
    """What the screens need of a run."""

    scenario: model.Scenario
    env: Environment

    @property
    def records(self) -> list[Record]:
        return self.env.trace.records

    @property
    def header(self) -> str:
        return header(self.scenario.id, self.scenario.seed, {})


@dataclass(slots=True)
class Hand:
    """Writes records one after the other, each caused by the one before unless told otherwise."""

    env: Environment = field(default_factory=Environment)
    last: Record | None = None

    def wait(self, us: int) -> None:
        self.env.call_later(us, lambda _: None)
        self.env.advance()

    def write(self, kind: Kind, *values: Any, leaf: bool = False, **common: Any) -> Record:
        cause = common.pop("cause", self.last)
        values += tuple(missing.type() for missing in kind.fields[len(values) :])  # fields that came later
        record = self.env.trace.write(kind, values, cause=cause, leaf=leaf, **common)
        if not leaf:
            self.last = record
        return record

    def said(self, session: int, frm: str, to: str, octets: bytes, direction: str, *, tls: bool = False) -> None:
        sealed = b"\x17\x03\x03" + bytes(len(octets) + 19) if tls else b""
        size = len(octets) + (22 if tls else 0)
        self.write(
            base.TCP_DATA, octets, direction, size, tls, "", sealed, at=frm, frm=frm, to=to, session=session, leaf=True
        )

    def talk(
        self, kinds: tuple[Kind, Kind], session: int, hosts: tuple[str, str], *steps: Any, tls: bool = False
    ) -> None:
        """Write a dialogue: each step is (verb, address, argument, code, enhanced, text)."""
        client, server = hosts
        for verb, address, argument, code, enhanced, text in steps:
            if verb != "CONNECT":
                line = f"{verb} {argument}".strip().encode() + b"\r\n"
                self.said(session, client, server, line, ">", tls=tls)
                self.wait(3 * MS)
                self.write(kinds[0], verb, address, argument, at=server, frm=client, to=server, session=session)
            reply = f"{code} {enhanced + ' ' if enhanced else ''}{text}".encode() + b"\r\n"
            self.write(kinds[1], code, enhanced, verb, text, address, at=server, frm=server, to=client, session=session)
            self.said(session, server, client, reply, "<", tls=tls)
            self.wait(3 * MS)


def scenario() -> model.Scenario:
    """The scenario that goes with the records."""
    people = (
        model.Person(address="anna@alpha.example", name="Anna", password="correct-horse", origin="hand.yaml:5"),
        model.Person(address="boris@beta.example", name="Boris", password="battery-staple", origin="hand.yaml:6"),
    )
    hosts = (
        model.Host(id="pc-anna", kind="client", addresses=("198.51.100.10",), user="anna@alpha.example"),
        model.Host(id="mail-alpha", kind="mail-server", addresses=("192.0.2.25",), domains=("alpha.example",)),
        model.Host(id="mx-beta", kind="mail-server", addresses=("203.0.113.25",), domains=("beta.example",)),
        model.Host(id="pc-boris", kind="client", addresses=("203.0.113.77",), user="boris@beta.example"),
        model.Host(id="resolver", kind="resolver", addresses=("198.51.100.53",)),
        model.Host(id="ns", kind="name-server", addresses=("192.0.2.53",), serves=("alpha.example", "beta.example")),
        model.Host(id="ns-root", kind="name-server", addresses=("192.0.2.1",), serves=(".",), implied=True),
    )
    send = model.Action(at_us=0, do="send", who="anna@alpha.example", to=("boris@beta.example",), origin="hand.yaml:20")
    return model.Scenario(
        id="hand-made", title="One letter by hand", summary="", language="en", start_us=START, offset_minutes=300, seed=1,
        params={}, people=people, hosts=hosts, links=(), zones=(), timeline=(send,), faults=(), expect=(),
    )  # fmt: skip


def hand_run() -> HandRun:
    """Write the whole world."""
    hand = Hand()
    for what, name in (("host", "pc-anna"), ("host", "mail-alpha"), ("zone", "beta.example")):
        hand.write(base.WORLD, what, name, "", at=name, cause=None, origin="hand.yaml:10", leaf=True)
    action = hand.write(
        base.ACTION, "send", "anna@alpha.example", "", at="pc-anna", cause=None, letter=1, origin="hand.yaml:20"
    )
    _submission(hand, action)
    _routing(hand)
    _transfer(hand)
    _delivery(hand)
    return HandRun(scenario(), hand.env)


def _stage(hand: Hand, name: str, protocol: str, **common: Any) -> None:
    hand.write(message.STAGE, name, "boris@beta.example", message.ACTORS[name], protocol, stage=name, **common)


def _connect(hand: Hand, session: int, frm: str, to: str, port: int, result: str = "connected") -> None:
    local = frm == to
    hand.write(
        base.TCP_CONNECT,
        port,
        "192.0.2.25",
        f"198.51.100.10:{40000 + session}",
        result,
        local,
        at=frm,
        frm=frm,
        to=to,
        session=session,
    )


def _submission(hand: Hand, action: Record) -> None:
    _stage(hand, "compose", "", at="pc-anna", cause=action, letter=1)
    for name, value in (
        ("From", "anna@alpha.example"),
        ("To", "boris@beta.example"),
        ("Subject", "\x1b]0;x\x07[/red] lunch?"),
    ):
        hand.write(message.MESSAGE_HEADER, name, value, value, "written", "MUA", "", at="pc-anna")
    _stage(hand, "submission", "submission", at="pc-anna")
    _connect(hand, 1, "pc-anna", "mail-alpha", 587)
    kinds, hosts = (smtp.SMTP_COMMAND, smtp.SMTP_REPLY), ("pc-anna", "mail-alpha")
    hand.talk(kinds, 1, hosts, ("CONNECT", "", "", 220, "", "mail.alpha.example ESMTP"))
    hand.talk(kinds, 1, hosts, ("EHLO", "", "pc-anna.alpha.example", 250, "", "mail.alpha.example\nSIZE\nSTARTTLS"))
    hand.talk(kinds, 1, hosts, ("STARTTLS", "", "", 220, "2.0.0", "Go ahead"))
    for flight, frm, to, way in (
        ("client-hello", "pc-anna", "mail-alpha", ">"),
        ("server-hello", "mail-alpha", "pc-anna", "<"),
    ):
        hand.write(
            base.TCP_DATA, b"", way, 517, False, flight, b"\x16\x03\x01", at=frm, frm=frm, to=to, session=1, leaf=True
        )
    hand.write(
        smtp.TLS_ESTABLISHED, "TLSv1.3", "mail.alpha.example", "mail.alpha.example", "Mailflow CA", "submission",
        at="mail-alpha", frm="pc-anna", to="mail-alpha", session=1,
    )  # fmt: skip
    secret = b64encode(b"\0anna@alpha.example\0correct-horse").decode()
    steps = (
        ("AUTH", "", f"PLAIN {secret}", 235, "2.7.0", "Authentication successful"),
        ("MAIL", "anna@alpha.example", "FROM:<anna@alpha.example> SIZE=120", 250, "2.1.0", "Ok"),
        ("RCPT", "boris@beta.example", "TO:<boris@beta.example>", 250, "2.1.5", "Ok"),
        ("DATA", "", "", 354, "", "End data with <CR><LF>.<CR><LF>"),
    )
    hand.talk(kinds, 1, hosts, *steps, tls=True)
    hand.said(1, "pc-anna", "mail-alpha", HEADER.encode() + b"See you at noon.\r\n.\r\n", ">", tls=True)
    hand.wait(3 * MS)
    hand.write(
        smtp.SMTP_DATA,
        120,
        "anna@alpha.example",
        ("boris@beta.example",),
        at="mail-alpha",
        frm="pc-anna",
        to="mail-alpha",
        session=1,
    )


def _routing(hand: Hand) -> None:
    hand.write(
        queue.QUEUE_ENTER, "4F1C2", "anna@alpha.example", ("boris@beta.example",), 320, at="mail-alpha", session=1
    )
    hand.write(
        smtp.SMTP_REPLY,
        250,
        "2.0.0",
        "DATA-END",
        "Ok: queued as 4F1C2",
        "",
        at="mail-alpha",
        frm="mail-alpha",
        to="pc-anna",
        session=1,
    )
    hand.said(1, "mail-alpha", "pc-anna", b"250 2.0.0 Ok: queued as 4F1C2\r\n", "<", tls=True)
    hand.write(
        queue.LOG_LINE,
        "postfix/qmgr",
        "4F1C2: from=<anna@alpha.example>, size=320 (queue active)",
        at="mail-alpha",
        leaf=True,
    )
    hand.write(base.TCP_CLOSE, "fin", at="pc-anna", frm="pc-anna", session=1, leaf=True)
    hand.write(base.TCP_CLOSE, "fin", at="mail-alpha", frm="mail-alpha", session=1, leaf=True)
    _stage(hand, "routing", "dns", at="mail-alpha")
    _question(hand, "mail-alpha", "resolver", "")
    _question(hand, "resolver", "ns-root", "")
    _question(hand, "ns-root", "resolver", "ns.alpha.example")
    _question(hand, "resolver", "ns", "")
    _question(hand, "ns", "resolver", "10 mx.beta.example.")
    hand.write(
        dns.DNS_CACHE, "beta.example", "MX", "store", 300, False, "10 mx.beta.example.", at="resolver", leaf=True
    )
    _question(hand, "resolver", "mail-alpha", "10 mx.beta.example.")
    hand.write(queue.ROUTE, "beta.example", "mx", ("mx.beta.example",), "4F1C2", at="mail-alpha")


def _question(hand: Hand, frm: str, to: str, answer: str) -> None:
    values: tuple[Any, ...] = ("beta.example", "MX", 4660, "udp", True)
    kind = dns.DNS_QUERY
    if answer:
        values, kind = ("beta.example", "MX", 4660, "NOERROR", True, False, 1, answer, 300, "udp"), dns.DNS_ANSWER
    hand.write(kind, *values, at=frm, frm=frm, to=to)
    hand.write(
        base.UDP_DATA,
        b"\x12\x34\x01\x00",
        ">",
        53,
        40000,
        "198.51.100.53",
        "192.0.2.25",
        at=frm,
        frm=frm,
        to=to,
        leaf=True,
    )
    hand.wait(20 * MS)


def _transfer(hand: Hand) -> None:
    _stage(hand, "transfer", "smtp", at="mail-alpha")
    hand.write(queue.QUEUE_ATTEMPT, "4F1C2", "beta.example", ("boris@beta.example",), 1, at="mail-alpha")
    kinds, hosts = (smtp.SMTP_COMMAND, smtp.SMTP_REPLY), ("mail-alpha", "mx-beta")
    _connect(hand, 2, *hosts, 25)
    hand.talk(
        kinds, 2, hosts,
        ("CONNECT", "", "", 220, "", "mx.beta.example ESMTP"),
        ("EHLO", "", "mail.alpha.example", 250, "", "mx.beta.example"),
        ("MAIL", "anna@alpha.example", "FROM:<anna@alpha.example>", 250, "2.1.0", "Ok"),
        ("RCPT", "boris@beta.example", "TO:<boris@beta.example>", 450, "4.2.0", "Greylisted, see you in 5 minutes"),
    )  # fmt: skip
    hand.write(
        queue.QUEUE_DEFER, "4F1C2", "boris@beta.example", "450 4.2.0 Greylisted", 302_000_000, 1, at="mail-alpha"
    )
    hand.write(base.UDP_LOST, 53, "nobody listens", at="resolver", leaf=True)
    hand.write(base.TCP_CLOSE, "fin", at="mail-alpha", frm="mail-alpha", session=2, leaf=True)


def _delivery(hand: Hand) -> None:
    hand.wait(300_000_000)
    hand.write(queue.QUEUE_ATTEMPT, "4F1C2", "beta.example", ("boris@beta.example",), 2, at="mail-alpha")
    hand.write(queue.FILTER_SPAM, "ham", "0.1", "5.0", ("SHORT",), "7A001", at="mx-beta", stage="filtering")
    _stage(hand, "delivery", "lmtp", at="mx-beta")
    hand.write(queue.LOOKUP, "SELECT 1 FROM accounts", "accounts", at="mx-beta", leaf=True)
    hand.write(queue.DELIVER, "boris@beta.example", "boris@beta.example", "new/1.eml", 520, at="mx-beta")
    hand.write(access.MAILBOX_APPEND, "boris@beta.example", "INBOX", 1, 520, (), "new/1.eml", at="mx-beta")
    hand.write(queue.QUEUE_SENT, "4F1C2", "boris@beta.example", "mx-beta", "250 2.0.0 Ok", at="mail-alpha")
    hand.write(queue.QUEUE_REMOVE, "4F1C2", at="mail-alpha")


def long_records(count: int) -> Iterable[tuple[Kind, tuple[Any, ...], dict[str, Any]]]:
    """Give the material of a long trace: one session of commands and replies, with their octets."""
    for number in range(count // 4):
        line = f"NOOP {number}\r\n".encode()
        yield base.TCP_DATA, (line, ">", len(line), False, "", b""), {"frm": "mail-alpha", "to": "mx-beta"}
        yield smtp.SMTP_COMMAND, ("NOOP", "", str(number)), {"frm": "mail-alpha", "to": "mx-beta"}
        yield smtp.SMTP_REPLY, (250, "2.0.0", "NOOP", "Ok", ""), {"frm": "mx-beta", "to": "mail-alpha"}
        yield base.TCP_DATA, (b"250 2.0.0 Ok\r\n", "<", 14, False, "", b""), {"frm": "mx-beta", "to": "mail-alpha"}


def long_run(count: int) -> HandRun:
    """A run of `count` records."""
    hand = Hand()
    hand.write(base.ACTION, "send", "anna@alpha.example", "", at="pc-anna", cause=None, origin="hand.yaml:20")
    _connect(hand, 1, "mail-alpha", "mx-beta", 25)
    for kind, values, common in long_records(count):
        hand.write(kind, *values, at="mx-beta", session=1, **common)
    return HandRun(scenario(), hand.env)
