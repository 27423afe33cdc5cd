"""Whatever the octets and however they are cut, the server gives the same events and the same replies, and never fails."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.errors import RemoteProtocolError
from simulator.protocol.octets import LineBuffer
from simulator.protocol.smtp import Command, Credentials, SecretWanted, SmtpClient, SmtpServer, commands, syntax
from simulator.protocol.smtp.client import ReplyReceived
from simulator.protocol.smtp.syntax import _split_line, _split_odd_line, read_line, read_lines
from tests.protocol.smtp.runner import Policy, server_for

WORDS = [
    b"EHLO c.example\r\n",
    b"LHLO c.example\r\n",
    b"helo c\r\n",
    b"MAIL FROM:<carol@beta.test> SIZE=30\r\n",
    b"MAIL FROM:<>\r\n",
    b"RCPT TO:<bob@alpha.test>\r\n",
    b"RCPT TO:<erin@alpha.test>\r\n",
    b"RCPT TO:<nobody@alpha.test>\r\n",
    b"DATA\r\n",
    b"Hello\r\n",
    b"..\r\n",
    b".\r\n",
    b"\r\n.\r\n",
    b"\n.\r\n",
    b"\r\n.\n",
    b"x" * 120,
    b"\r",
    b"\n",
    b"\x00\xff",
    b"RSET\r\n",
    b"NOOP\r\n",
    b"VRFY bob\r\n",
    b"AUTH PLAIN AGFsaWNlQGFscGhhLnRlc3QAYWxpY2UtcHc=\r\n",
    b"AUTH PLAIN\r\n",
    b"AGEAYg==\r\n",
    b"*\r\n",
    b"STARTTLS\r\n",
    b"BDAT 5\r\na\r\nb\r\n",
    b"BDAT 3 LAST\r\nc\r\n",
    b"BDAT 90\r\n",
    b"BDAT 1 LAST\r\n\n",
    b"BDAT x\r\n",
    b"MAIL FROM:<\xd0\xbf@beta.test> SMTPUTF8 RET=FULL\r\n",
    b"RCPT TO:<bob@alpha.test> NOTIFY=NEVER ORCPT=rfc822;a+2Bb\r\n",
    b"AUTH LOGIN\r\n",
    b"AUTH CRAM-MD5\r\n",
    b"YWxpY2VAYWxwaGEudGVzdCBiZTg1YjQwYzRlZWUyMDUxMDdhOTViZjNjNTRlMjhkZQ==\r\n",
    b"AUTH SCRAM-SHA-256 biwsbj1hbGljZUBhbHBoYS50ZXN0LHI9eA==\r\n",
    b"HELP\r\n",
    b"ETRN alpha.test\r\n",
    b"QUIT\r\n",
    b"z" * 1300 + b"\r\n",
]
START = b"EHLO c.example\r\nLHLO c.example\r\nMAIL FROM:<carol@beta.test>\r\nRCPT TO:<bob@alpha.test>\r\nDATA\r\n"
STREAM = st.tuples(st.sampled_from([b"", START]), st.lists(st.sampled_from(WORDS), max_size=25)).map(
    lambda pair: pair[0] + b"".join(pair[1])
)
CUTS = st.lists(st.integers(0, 3000), max_size=15)
OPTIONS = st.sampled_from(
    [
        "size=100",
        "face=submission clear auth=PLAIN size=100",
        "face=lmtp size=100 errors=5",
        "face=submission tls auth=PLAIN",
        "size=100 offers=all",
        "face=lmtp size=100 offers=all",
        "face=submissions auth=LOGIN,CRAM-MD5,SCRAM-SHA-256 offers=all",
    ]
)


def cut(octets: bytes, cuts: list[int]) -> list[bytes]:
    edges = sorted({0, len(octets), *(edge for edge in cuts if edge < len(octets))})
    return [octets[a:b] for a, b in pairwise(edges)]


def outcome(options: str, chunks: list[bytes]) -> tuple[list[object], bytes, SmtpServer]:
    server = server_for(options)
    policy, events, said = Policy(server), list[object](), server.data_to_send()
    for chunk in chunks:
        server.receive_data(chunk)
        while (event := server.next_event()) is not None:
            events.append(event)
            if event.reply is None:
                assert server.next_event() is None, "a command was given out before the last one was answered"
                policy.answer(event)
        said += server.data_to_send()
    return events, said, server


@settings(deadline=None)
@given(OPTIONS, STREAM, CUTS)
def test_every_chunking_gives_the_same_events_and_replies(options: str, octets: bytes, cuts: list[int]) -> None:
    events, said, server = outcome(options, [octets])
    again, repeated, other = outcome(options, cut(octets, cuts))
    assert again == events
    assert repeated == said
    assert (other.state, other.errors) == (server.state, server.errors)


@settings(deadline=None)
@given(OPTIONS, STREAM, CUTS, st.integers(1, 5))
def test_it_is_all_the_same_when_more_has_come_before_the_first_is_asked_for(
    options: str, octets: bytes, cuts: list[int], together: int
) -> None:
    server = server_for(options)
    policy, events, said = Policy(server), list[object](), server.data_to_send()
    waiting = cut(octets, cuts)
    while waiting:
        for chunk in waiting[:together]:
            server.receive_data(chunk)
        del waiting[:together]
        while (event := server.next_event()) is not None:
            events.append(event)
            if waiting:
                server.receive_data(waiting.pop(0))
            if event.reply is None:
                policy.answer(event)
    assert (events, said + server.data_to_send()) == outcome(options, [octets])[:2]


@settings(deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=8).map(b"".join))
def test_a_chunk_that_is_read_at_once_gives_the_commands_of_its_lines(octets: bytes) -> None:
    lines = read_lines(octets)
    buffer, one_by_one = LineBuffer(len(octets)), list[Command]()
    buffer.feed(octets)
    try:
        while (line := buffer.next_line()) is not None:
            one_by_one.append(read_line(line))
    except RemoteProtocolError:
        assert lines is None
        return
    if len(buffer) or not octets:
        assert lines is None
    else:
        assert lines == tuple(reversed(one_by_one))
        assert b"".join(command.octets for command in one_by_one) == octets


@settings(deadline=None)
@given(OPTIONS, STREAM)
def test_every_event_has_one_final_reply_and_no_reply_holds_a_control_octet(options: str, octets: bytes) -> None:
    events, said, server = outcome(options, [octets])
    lines = said.split(b"\r\n")
    assert lines.pop() == b""
    assert all(0x20 <= octet < 0x7F for line in lines for octet in line)
    final = [line for line in lines if line[3:4] != b"-"]
    if not server.face.reply_each:
        commands_seen = [event for event in events if not isinstance(event, SecretWanted)]
        assert len(final) == len(commands_seen) + 1  # the greeting


@settings(deadline=None)
@given(OPTIONS, st.binary(max_size=300))
def test_no_octets_make_the_server_fail(options: str, octets: bytes) -> None:
    outcome(options, [octets, b"\r\n.\r\n"])


def test_the_password_stays_out_of_the_representation() -> None:
    events, _, _ = outcome(
        "face=submissions auth=PLAIN", [WORDS[0], b"AUTH PLAIN AGFsaWNlQGFscGhhLnRlc3QAYWxpY2UtcHc=\r\n"]
    )
    assert isinstance(events[1], Credentials)
    assert events[1].password == "alice-pw"
    assert "alice-pw" not in repr(events)
    assert "YWxpY2UtcHc" not in repr(commands.auth_plain("alice@alpha.test", "alice-pw"))


def replies_of(chunks: list[bytes]) -> list[ReplyReceived]:
    client = SmtpClient(hostname="c.example")
    client.receive_data(b"220 hi\r\n")
    assert client.next_event() is not None
    client.send(client.hello())
    client.receive_data(b"250-x\r\n250 PIPELINING\r\n")
    assert client.next_event() is not None
    for command in (commands.mail("a@b.test"), commands.rcpt("c@d.test"), commands.data()):
        client.send(command)
    seen = []
    for chunk in chunks:
        client.receive_data(chunk)
        while (event := client.next_event()) is not None:
            seen.append(event)
    return seen


@settings(deadline=None)
@given(CUTS.map(lambda cuts: [edge % 90 for edge in cuts]))
def test_the_client_reads_the_same_replies_from_every_chunking(cuts: list[int]) -> None:
    octets = b"250 2.1.0 Ok\r\n550-5.1.1 no\r\n550 5.1.1 such user\r\n554 5.5.1 no valid recipients\r\n"
    seen = replies_of(cut(octets, cuts))
    assert [(event.verb, event.reply.code, event.reply.enhanced) for event in seen] == [
        ("MAIL", 250, "2.1.0"),
        ("RCPT", 550, "5.1.1"),
        ("DATA", 554, "5.5.1"),
    ]
    assert seen[1].reply.lines == ("no", "such user")


@settings(deadline=None)
@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=40))
def test_a_line_of_printable_ascii_is_split_as_any_other(text: str) -> None:
    line = text.encode()
    assert _split_line(line) == _split_odd_line(line)


@pytest.mark.parametrize(
    "octets",
    [
        b"AUTH PLAIN AGEAc2VjcmV0\r\n",
        b"EHLO a.example\r\nAUTH LOGIN\r\nYQ==\r\nc2VjcmV0\r\n",
        b"c2VjcmV0\r\n",
        b"secret\r\n",
    ],
)
def test_what_may_be_a_password_is_not_remembered(octets: bytes) -> None:
    lines = syntax.read_lines(octets)
    before = syntax._line_again.cache_info().currsize
    assert syntax.read_lines(octets) == lines
    assert octets not in syntax.read_before
    for said in lines or ():
        if not said.octets.startswith(b"EHLO"):
            assert syntax.read_line(said.octets[:-2]) is not syntax.read_line(said.octets[:-2])
    assert syntax._line_again.cache_info().currsize == before
