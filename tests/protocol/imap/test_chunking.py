"""However the stream is cut, the server says the same and the client understands the same."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.protocol.imap.client import ImapClient

from .dialogue import Session

DIALOGUES = Path(__file__).with_name("dialogues")


def client_octets(name: str) -> bytes:
    lines = (DIALOGUES / name).read_text(encoding="utf-8").splitlines()
    sent = [line[3:].replace("\\r", "\r") for line in lines if line.startswith("C: ")]
    return "".join(line + "\r\n" for line in sent).encode("utf-8")


STREAMS = [client_octets(file.name) for file in sorted(DIALOGUES.glob("*.txt"))]
STREAMS.append(b"a1 NOOP\na2 NOOP " + b"x" * 9000 + b"\r\na3 NOOP\r\na4 LOGIN {3}\r\nab\ncd\r\n\n\r\na5 NOOP\r\n")


def outcome(chunks: list[bytes]) -> tuple[bytes, list[object]]:
    session = Session()
    for chunk in chunks:
        session.feed(chunk)
    return session.output, list(session.events)


def cut(octets: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted({place % (len(octets) + 1) for place in places}), len(octets)]
    return [octets[start:end] for start, end in pairwise(edges) if start < end]


@given(stream=st.sampled_from(STREAMS), places=st.lists(st.integers(0, 20_000), max_size=30))
@settings(max_examples=60, deadline=None)
def test_every_chunking_gives_the_same_replies_and_events(stream: bytes, places: list[int]) -> None:
    assert outcome(cut(stream, places)) == outcome([stream])


def test_octet_by_octet_gives_the_same_replies_and_events() -> None:
    for stream in STREAMS:
        assert outcome([stream[at : at + 1] for at in range(len(stream))]) == outcome([stream])


@given(stream=st.binary(max_size=400), places=st.lists(st.integers(0, 400), max_size=10))
@settings(max_examples=150, deadline=None)
def test_noise_is_refused_alike_and_never_echoed(stream: bytes, places: list[int]) -> None:
    said, events = outcome(cut(stream, places))
    assert (said, events) == outcome([stream])
    assert not set(said) - set(range(0x20, 0x7F)) - {13, 10}


SERVER_SAYS = (
    b"* OK [CAPABILITY IMAP4rev1] hi\r\n"
    b"* 2 EXISTS\r\n"
    b"* 1 FETCH (UID 7 FLAGS (\\Seen) BODY[] {13}\r\n a1 OK x\r\n) \x00)\r\n"
    b"* X-NEW (1 2)\r\na1 OK [X y] done\r\n"
)


def understood(chunks: list[bytes]) -> list[object]:
    client = ImapClient()
    events: list[object] = []
    for chunk in chunks:
        client.receive_data(chunk)
        while (event := client.next_event()) is not None:
            events.append(event)
            if len(events) == 1:
                client.login("a", "b")
    return events


@given(places=st.lists(st.integers(0, len(SERVER_SAYS)), max_size=12))
@settings(max_examples=60, deadline=None)
def test_every_chunking_is_understood_the_same(places: list[int]) -> None:
    events = understood(cut(SERVER_SAYS, places))
    assert events == understood([SERVER_SAYS])
    assert len(events) == 2
