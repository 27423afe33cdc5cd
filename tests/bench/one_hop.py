"""Letters per second over one hop with a new connection each: ours with the trace kept, and smtplib -> aiosmtpd."""

from __future__ import annotations

import smtplib
import socket
from statistics import median
from typing import Any

from aiosmtpd.controller import Controller

from simulator.engine.environment import Environment
from simulator.engine.transport import Network
from simulator.mailstore.store import MailStore
from simulator.nodes.host import Host
from simulator.nodes.internet import Internet
from simulator.nodes.mta import Mta
from simulator.nodes.queue import Entry, Queue, Queued
from simulator.nodes.relay import Hop, Relay
from simulator.protocol.smtp import RELAY
from tests.bench.measure import Row, wall_ms

__all__ = ["rows"]

_LETTERS = 200
_TIMES = 5
_LETTER = (
    b"From: anna@alpha.example\r\nTo: boris@beta.example\r\nSubject: Lunch?\r\nDate: Sat, 23 Mar 2024 18:30:00 +0500\r\n"
    b"Message-ID: <1@alpha.example>\r\n\r\n" + b"lunch today at half past twelve?\r\n" * 17
)
_SENDER, _RECIPIENT = "anna@alpha.example", "boris@beta.example"


class _Keeps(Queue):
    """A queue that takes letters and leaves them where they are."""

    def _first_try(self, entry: Entry) -> None:
        """The hop ends here."""


class _OneHop:
    """A relay on one host and an MTA on another; nobody has a resolver, as aiosmtpd asks for no names either."""

    def __init__(self) -> None:
        env = Environment(seed=1)
        self.internet = Internet(env, Network(env), start=1_700_000_000_000_000)
        a, b = self._host("a", "192.0.2.1"), self._host("b", "192.0.2.2")
        self.relay = Relay(a, ("alpha.example",))
        store = MailStore("b", seed="1")
        store.accounts.add_domain("beta.example")
        store.add_account(_RECIPIENT, "secret", 0)
        self.queue = _Keeps(b, Relay(b, ("beta.example",)))
        b.add(Mta(b, ("beta.example",), store, self.queue, {"relay": RELAY.port}))

    def _host(self, name: str, address: str) -> Host:
        self.internet.network.add_host(name, (address,))
        return Host(self.internet, name, addresses=(address,), hostname=f"{name}.example")

    def send(self) -> None:
        """Let the letters go, each over a connection of its own."""
        for number in range(_LETTERS):
            self.internet.env.cause = None
            self.relay.host.spawn(self._hop(number), name="hop")
            self.internet.env.advance(self.internet.env.now + 1_000_000)

    def _hop(self, number: int) -> Any:
        recipients = [Queued(_RECIPIENT)]
        entry = Entry(f"{number:X}", _SENDER, _LETTER, number + 1, 0, recipients)
        stream = yield self.relay.host.network.connect("a", "192.0.2.2", RELAY.port)
        yield from self.relay.hand_over(stream, RELAY, entry, recipients, hop=Hop("b", "b", "off"))


class _Sink:
    """A handler for aiosmtpd that keeps the letters, as our queue does."""

    def __init__(self) -> None:
        self.letters: list[bytes] = []

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:
        self.letters.append(envelope.content)
        return "250 Ok"


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def _yardstick(port: int) -> None:
    for _ in range(_LETTERS):
        with smtplib.SMTP("127.0.0.1", port, local_hostname="a.example") as client:
            client.sendmail(_SENDER, [_RECIPIENT], _LETTER)


def rows() -> list[Row]:
    """Ours against the yardstick, by the clock on the wall."""
    ours = [wall_ms(_OneHop().send, times=1) for _ in range(_TIMES)]
    controller = Controller(_Sink(), hostname="127.0.0.1", port=_free_port())
    controller.start()
    try:
        theirs = wall_ms(lambda: _yardstick(controller.port), times=_TIMES)
    finally:
        controller.stop()
    mine = median(ours)
    note = f"{_LETTERS / mine * 1e3:.0f} letters a second, smtplib -> aiosmtpd {_LETTERS / theirs * 1e3:.0f}"
    return [Row("letters a second against smtplib -> aiosmtpd", theirs / mine, 2, 4, "x", more=True, note=note)]
