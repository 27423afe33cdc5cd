"""The spamd protocol: both sides against each other, against what spamc writes, and against broken peers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import LimitExceeded, LocalProtocolError, RemoteProtocolError
from simulator.limits import SPAMD_HEADER_OCTETS, SPAMD_MESSAGE_OCTETS
from simulator.protocol.spamd import (
    EX_PROTOCOL,
    TABLE,
    WITH_CONTENT,
    Reply,
    Request,
    SpamdClient,
    SpamdServer,
    encode_reply,
    points,
)

LETTER = b"Subject: hi\r\n\r\nHello\r\n"
SPAM = Reply(spam=True, score=157, threshold=50, content=b"GTUBE,MISSING_DATE")
CHUNKS = st.lists(st.integers(1, 30), min_size=1, max_size=8)


def ask(octets: bytes, *, sizes: list[int] | None = None, ended: bool = False) -> tuple[SpamdServer, Request | None]:
    """Feed a server in pieces; its one event."""
    server = SpamdServer()
    sizes = sizes or [len(octets) or 1]
    event, turn = None, 0
    while octets:
        size = sizes[turn % len(sizes)]
        server.receive_data(octets[:size])
        octets = octets[size:]
        turn += 1
        event = event or server.next_event()
    if ended:
        server.receive_end()
        event = event or server.next_event()
    return server, event


def hear(client: SpamdClient, octets: bytes, *, sizes: list[int] | None = None, ended: bool = False) -> Reply | None:
    sizes = sizes or [len(octets) or 1]
    event, turn = None, 0
    while octets:
        size = sizes[turn % len(sizes)]
        client.receive_data(octets[:size])
        octets = octets[size:]
        turn += 1
        event = event or client.next_event()
    if ended:
        client.receive_end()
        event = event or client.next_event()
    return event


def request(command: str = "CHECK", content: bytes = LETTER, *more: str) -> bytes:
    lines = [f"{command} SPAMC/1.5", f"Content-length: {len(content)}", *more, "", ""]
    return "\r\n".join(lines).encode() + content


# --- good conversations ----------------------------------------------------------------------------------------------


@given(st.sampled_from(sorted(WITH_CONTENT)), st.binary(max_size=200), CHUNKS, CHUNKS)
def test_client_and_server_understand_each_other_in_every_chunking(
    command: str, content: bytes, there: list[int], back: list[int]
) -> None:
    client = SpamdClient()
    client.send(command, content, "boris")
    server, event = ask(client.data_to_send(), sizes=there)
    assert event == Request(command=command, version="1.5", user="boris", content=content)
    server.reply(SPAM)
    assert server.closing
    reply = hear(client, server.data_to_send(), sizes=back)
    expected = b"" if command == "CHECK" else SPAM.content
    assert reply == Reply(spam=True, score=157, threshold=50, content=expected)
    assert client.next_event() is None and server.next_event() is None


def test_a_ping_is_answered_by_the_core() -> None:
    client = SpamdClient()
    client.send("PING")
    assert client.data_to_send() == b"PING SPAMC/1.5\r\n\r\n"
    server, event = ask(b"PING SPAMC/1.2\r\n\r\n")
    assert event == Request(command="PING", version="1.2", reply=Reply(message="PONG"))
    octets = server.data_to_send()
    assert octets == b"SPAMD/1.5 0 PONG\r\n" and server.closing
    assert hear(client, octets) == Reply(message="PONG")


def test_skip_is_answered_by_silence() -> None:
    server, event = ask(b"SKIP SPAMC/1.5\r\n\r\n")
    assert event is not None and event.reply is not None
    assert server.data_to_send() == b"" and server.closing


@pytest.mark.parametrize(
    ("command", "octets"),
    [
        ("CHECK", b"SPAMD/1.1 0 EX_OK\r\nSpam: True ; 15.7 / 5.0\r\n\r\n"),
        ("SYMBOLS", b"SPAMD/1.1 0 EX_OK\r\nContent-length: 18\r\nSpam: True ; 15.7 / 5.0\r\n\r\nGTUBE,MISSING_DATE"),
        ("PROCESS", b"SPAMD/1.1 0 EX_OK\r\nContent-length: 18\r\nSpam: True ; 15.7 / 5.0\r\n\r\nGTUBE,MISSING_DATE"),
    ],
)
def test_replies_have_spamds_form(command: str, octets: bytes) -> None:
    assert encode_reply(command, SPAM) == octets


def test_old_clients_get_the_old_form() -> None:
    server, event = ask(b"SYMBOLS SPAMC/1.2\r\nContent-length: 22\r\n\r\n" + LETTER)
    assert event is not None and event.content == LETTER
    server.reply(SPAM)
    assert server.data_to_send() == b"SPAMD/1.1 0 EX_OK\r\nSpam: True ; 15.7 / 5.0\r\n\r\nGTUBE,MISSING_DATE"
    server, _ = ask(b"PROCESS SPAMC/1.2\r\nContent-length: 22\r\n\r\n" + LETTER)
    server.reply(SPAM)
    assert server.data_to_send() == b"SPAMD/1.1 0 EX_OK\r\nContent-length: 18\r\n\r\nGTUBE,MISSING_DATE"


def test_without_a_length_the_letter_ends_where_the_peer_closes() -> None:
    octets = b"CHECK SPAMC/1.0\r\n\r\n" + LETTER
    assert ask(octets)[1] is None
    event = ask(octets, ended=True)[1]
    assert event is not None and event.content == LETTER


def test_unknown_fields_are_ignored_names_fold_case_and_a_bare_lf_ends_a_line() -> None:
    _, event = ask(b"CHECK SPAMC/1.5\nX-Future: yes\nCONTENT-LENGTH : 2\nuser: anna\n\nhi")
    assert event == Request(command="CHECK", version="1.5", user="anna", content=b"hi")


def test_what_follows_the_request_is_not_looked_at() -> None:
    server, event = ask(request() + b"PING SPAMC/1.5\r\n\r\n")
    assert event is not None and event.content == LETTER
    server.reply(SPAM)
    server.receive_data(b"PING SPAMC/1.5\r\n\r\n")
    assert server.next_event() is None
    assert server.data_to_send().count(b"SPAMD") == 1


def test_the_table_says_what_is_legal() -> None:
    server, _ = ask(request())
    assert server.legal_now() == tuple(TABLE["request"])
    server.reply(SPAM)
    assert server.legal_now() == ()


# --- broken clients --------------------------------------------------------------------------------------------------

REFUSED = {
    "no version": b"CHECK\r\n\r\n",
    "lower case": b"check SPAMC/1.5\r\n\r\n",
    "http": b"GET / HTTP/1.1\r\n\r\n",
    "binary": b"\x00\x1b[31m\xff\r\n",
    "unknown": b"EXPLODE SPAMC/1.5\r\n\r\n",
    "tell": b"TELL SPAMC/1.5\r\n\r\n",
    "no colon": b"CHECK SPAMC/1.5\r\nContent-length 5\r\n\r\n",
    "no name": b"CHECK SPAMC/1.5\r\n: 5\r\n\r\n",
    "bad length": b"CHECK SPAMC/1.5\r\nContent-length: five\r\n\r\n",
    "negative length": b"CHECK SPAMC/1.5\r\nContent-length: -5\r\n\r\n",
    "huge length": b"CHECK SPAMC/1.5\r\nContent-length: 99999999999\r\n\r\n",
    "compressed": b"CHECK SPAMC/1.5\r\nCompress: zlib\r\nContent-length: 1\r\n\r\nx",
    "bad user": b"CHECK SPAMC/1.5\r\nUser: a b\x1b\r\nContent-length: 1\r\n\r\nx",
    "long line": b"CHECK SPAMC/1.5\r\nX: " + b"x" * SPAMD_HEADER_OCTETS + b"\r\n\r\n",
    "long first line": b"C" * (SPAMD_HEADER_OCTETS + 1),
    "many fields": b"CHECK SPAMC/1.5\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(100)) + b"\r\n",
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_broken_request_is_refused_and_closed(case: str) -> None:
    for sizes in ([7], [len(REFUSED[case])]):
        server, event = ask(REFUSED[case], sizes=sizes)
        assert event is not None and event.reply is not None and event.reply.code == EX_PROTOCOL
        octets = server.data_to_send()
        assert octets.startswith(b"SPAMD/1.0 76 Bad header line: ") and octets.endswith(b"\r\n")
        assert all(32 <= octet < 127 for octet in octets[:-2])
        assert server.closing
        with pytest.raises(LocalProtocolError):
            server.reply(SPAM)


@pytest.mark.parametrize("octets", [b"", b"CHE", b"CHECK SPAMC/1.5\r\nContent-le", request()[:-1]])
def test_an_end_in_the_middle_is_refused(octets: bytes) -> None:
    server, event = ask(octets, ended=True)
    assert event is not None and event.reply is not None and event.reply.code == EX_PROTOCOL
    assert server.closing


def test_a_short_letter_is_refused_in_spamds_words() -> None:
    server, _ = ask(b"CHECK SPAMC/1.5\r\nContent-length: 9\r\n\r\nhi", ended=True)
    words = b"SPAMD/1.0 76 Bad header line: (Content-Length mismatch: Expected 9 bytes, got 2 bytes)\r\n"
    assert server.data_to_send() == words


def test_a_letter_without_length_and_end_is_cut_off() -> None:
    server = SpamdServer()
    server.receive_data(b"CHECK SPAMC/1.5\r\n\r\n" + b"x" * (SPAMD_MESSAGE_OCTETS + 1))
    event = server.next_event()
    assert event is not None and event.reply is not None and event.reply.code == EX_PROTOCOL


@given(st.binary(max_size=120), CHUNKS)
def test_every_chunking_of_any_octets_gives_the_same_answer(octets: bytes, sizes: list[int]) -> None:
    one, first = ask(octets, ended=True)
    other, second = ask(octets, sizes=sizes, ended=True)
    assert first == second and one.data_to_send() == other.data_to_send()


def test_a_reply_needs_a_request() -> None:
    server = SpamdServer()
    with pytest.raises(LocalProtocolError, match="no request"):
        server.reply(SPAM)


# --- the client's own rules, and broken servers ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "content", "user"),
    [
        ("TELL", b"", None),
        ("check", b"", None),
        ("CHECK", b"x" * (SPAMD_MESSAGE_OCTETS + 1), None),
        ("CHECK", b"", "a\r\nb"),
    ],
)
def test_a_client_sends_nothing_that_would_be_refused(command: str, content: bytes, user: str | None) -> None:
    client = SpamdClient()
    with pytest.raises(LocalProtocolError):
        client.send(command, content, user)
    assert client.data_to_send() == b""


def test_a_client_asks_once() -> None:
    client = SpamdClient()
    client.send("PING")
    with pytest.raises(LocalProtocolError):
        client.send("PING")


def asked(command: str) -> SpamdClient:
    client = SpamdClient()
    client.send(command, LETTER)
    return client


@pytest.mark.parametrize(
    ("octets", "score", "threshold", "spam"),
    [
        (b"Spam: True ; 15 / 5", 150, 50, True),
        (b"Spam: False ; -0.25 / 5.0", -2, 50, False),
        (b"spam: Yes;6.59/4.5", 65, 45, True),
    ],
)
def test_verdicts_of_real_filters_are_read(octets: bytes, score: int, threshold: int, spam: bool) -> None:
    reply = hear(asked("CHECK"), b"SPAMD/1.1 0 EX_OK\r\n" + octets + b"\r\n\r\n")
    assert reply == Reply(spam=spam, score=score, threshold=threshold)


def test_a_body_without_a_length_ends_with_the_connection() -> None:
    octets = b"SPAMD/1.1 0 EX_OK\r\nSpam: True ; 15.7 / 5.0\r\n\r\nGTUBE\r\n"
    assert hear(asked("SYMBOLS"), octets) is None
    reply = hear(asked("SYMBOLS"), octets, ended=True)
    assert reply is not None and reply.content == b"GTUBE\r\n"


def test_an_error_is_a_reply_too() -> None:
    reply = hear(asked("CHECK"), b"SPAMD/1.0 76 Bad header line: (no)\r\n")
    assert reply == Reply(code=76, message="Bad header line: (no)")


@pytest.mark.parametrize(
    "octets",
    [
        b"220 mx.beta.example ESMTP\r\n",
        b"SPAMD/1.1 0 EX_\x1b[31mOK\r\n",
        b"SPAMD/1.1 0 EX_OK\r\nSpam: perhaps\r\n\r\n",
        b"SPAMD/1.1 0 EX_OK\r\nSpam True\r\n\r\n",
        b"SPAMD/1.1 0 EX_OK\r\nContent-length: x\r\n\r\n",
    ],
)
def test_a_broken_reply_is_a_typed_error(octets: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        hear(asked("REPORT"), octets, ended=True)


@pytest.mark.parametrize(
    "octets", [b"", b"SPAMD/1.1", b"SPAMD/1.1 0 EX_OK\r\nSp", b"SPAMD/1.1 0 EX_OK\r\nContent-length: 9\r\n\r\nx"]
)
def test_an_unfinished_reply_is_a_typed_error(octets: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        hear(asked("REPORT"), octets, ended=True)


@pytest.mark.parametrize(
    "octets", [b"S" * (SPAMD_HEADER_OCTETS + 1), b"SPAMD/1.1 0 EX_OK\r\nContent-length: 99999999999\r\n\r\n"]
)
def test_an_endless_reply_is_given_up(octets: bytes) -> None:
    with pytest.raises(LimitExceeded):
        hear(asked("REPORT"), octets)


@pytest.mark.parametrize(("tenths", "shown"), [(0, "0.0"), (50, "5.0"), (-1, "-0.1"), (10_000, "1000.0")])
def test_points_are_shown_with_one_decimal(tenths: int, shown: str) -> None:
    assert points(tenths) == shown
