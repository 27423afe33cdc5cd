"""Mutated IMAP sessions by the thousand (a million with --long): typed errors only, bounded buffers, chunks alike."""

from __future__ import annotations

import random

import pytest

from simulator import limits
from simulator.errors import LocalProtocolError, RemoteProtocolError
from simulator.protocol.imap.client import Completed, ImapClient
from simulator.protocol.imap.server import Answered, Command, ImapServer, LoggedIn, Login, Refused, SecretAsked

from .dialogue import ACCOUNTS
from .fake import golden_store
from .mutation import cut, mutants
from .test_chunking import DIALOGUES, STREAMS

LIMIT = 20_000
ROOM = LIMIT + limits.IMAP_LINE_AFTER_LOGIN_OCTETS * 2
SERVER_SAID = [
    b"".join(line[3:].encode() + b"\r\n" for line in file.read_text("utf-8").splitlines() if line.startswith("S: "))
    for file in sorted(DIALOGUES.glob("*.txt"))
]


def played(chunks: list[bytes]) -> tuple[bytes, list[object], int]:
    """Give what a server said, its events, and the most octets it held."""
    mechanisms = ("PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-256")
    server = ImapServer(mechanisms=mechanisms, nonce="n1", append_limit=LIMIT, tls_available=True)
    store = golden_store()
    said, events, held = server.data_to_send(), [], 0
    for chunk in chunks:
        server.receive_data(chunk)
        while (event := server.next_event()) is not None:
            events.append(event)
            if isinstance(event, Login):
                good = event.verified if event.verified is not None else ACCOUNTS.get(event.user) == event.password
                server.reply(LoggedIn(store) if good else Refused())
            elif isinstance(event, SecretAsked):
                server.provide(ACCOUNTS.get(event.user))
            elif isinstance(event, Answered) and event.verb == "STARTTLS" and event.status == "OK":
                return said + server.data_to_send(), events, held
        held = max(held, len(server._framer))
        said += server.data_to_send()
        if server.closed:
            break
    return said, events, held


def one_answer_each(events: list[object]) -> bool:
    """Each command has one final response, but for one that goes on or that BYE cut off."""
    waiting: list[Command] = []
    for event in events:
        if isinstance(event, Command):
            waiting.append(event)
        elif isinstance(event, Answered) and event.status != "BYE":
            waiting.remove(next(one for one in waiting if one.tag == event.tag))
    return len(waiting) <= 1


@pytest.mark.parametrize("part", range(4))
def test_no_mutated_session_breaks_a_server(part: int, long: bool) -> None:
    for stream, chance in mutants(STREAMS, 250_000 if long else 400, part):
        said, events, held = played(cut(stream, chance))
        assert said.isascii() or b"ENABLE" in stream.upper() or b"FETCH" in stream.upper(), stream
        assert held <= ROOM + len(stream), stream
        assert one_answer_each(events), stream
        whole, alike, _ = played([stream])
        assert (said, events) == (whole, alike) or _stopped_early(events, alike), stream


def _stopped_early(cut_up: list[object], whole: list[object]) -> bool:
    """TLS begins where the stream is cut; what came with it in one chunk is dropped, not judged here."""
    return any(isinstance(one, Answered) and one.verb == "STARTTLS" and one.status == "OK" for one in [*cut_up, *whole])


def test_no_mutated_server_breaks_our_client(long: bool) -> None:
    for stream, chance in mutants(SERVER_SAID, 250_000 if long else 1500, 9):
        client = ImapClient(literal_limit=10_000)
        try:
            for chunk in cut(stream, chance):
                client.receive_data(chunk)
                _go_on(client, chance)
        except RemoteProtocolError:
            continue
        assert len(client._framer) <= len(stream)


def _go_on(client: ImapClient, chance: random.Random) -> None:
    while (event := client.next_event()) is not None:
        assert not isinstance(event, Completed) or event.tag
        legal = client.legal_now()
        if not legal:
            continue
        try:
            client.send(chance.choice(legal))
        except LocalProtocolError:
            client.send("NOOP")
