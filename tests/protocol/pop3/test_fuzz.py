"""Mutated POP3 sessions by the thousand (a million with --long): typed errors only, bounded buffers, chunks alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator import limits
from simulator.errors import RemoteProtocolError
from simulator.protocol import sasl
from simulator.protocol.pop3 import Command, Failed, Login, Pop3Client, Update
from tests.protocol.imap.mutation import cut, mutants

from .dialogue import Session

FILES = [file.read_text("utf-8").splitlines() for file in sorted(Path(__file__).with_name("dialogues").glob("*.txt"))]
CLIENT_SAID = [
    "".join(line[3:].replace("\\r", "\r") + "\r\n" for line in lines if line[:3] == "C: ").encode() for lines in FILES
]
SERVER_SAID = ["".join(line[3:] + "\r\n" for line in lines if line[:3] == "S: ").encode() for lines in FILES]


def played(chunks: list[bytes]) -> tuple[bytes, list[object], int]:
    """Give what a server said, its events, and the most octets it held."""
    session = Session(apop=True, mechanisms=sasl.MECHANISMS)
    held = 0
    for chunk in chunks:
        session.feed(chunk)
        held = max(held, len(session.server._lines))
    return session.output, list(session.events), held


@pytest.mark.parametrize("part", range(4))
def test_no_mutated_session_breaks_a_server(part: int, long: bool) -> None:
    for stream, chance in mutants(CLIENT_SAID, 250_000 if long else 700, part):
        said, events, held = played(cut(stream, chance))
        assert held <= limits.AUTH_LINE_OCTETS + len(stream), stream
        assert not set(said) - set(range(0x20, 0x7F)) - {13, 10}, stream
        assert (said, events) == played([stream])[:2], stream
        answers = [event for event in events if isinstance(event, Command | Failed | Login | Update)]
        assert said.count(b"\r\n") >= len(answers)


def test_no_mutated_server_breaks_our_client(long: bool) -> None:
    for stream, chance in mutants(SERVER_SAID, 250_000 if long else 1500, 9):
        client = Pop3Client(content_limit=5000)
        try:
            for chunk in cut(stream, chance):
                client.receive_data(chunk)
                while client.next_event() is not None:
                    if client.legal_now():
                        client.send(chance.choice(client.legal_now()), chance.choice(["", "1"]))
        except RemoteProtocolError:
            continue
        assert len(client._lines) <= len(stream)
