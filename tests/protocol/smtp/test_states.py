"""The table is the whole truth: every command in every state, on the server and on the client, on every face."""

import pytest

from simulator.errors import LocalProtocolError
from simulator.protocol.smtp import (
    FACES,
    RELAY,
    SUBMISSION,
    TABLE,
    Face,
    SmtpClient,
    SmtpServer,
    State,
    commands,
    legal_now,
    replies,
    reply,
)
from simulator.protocol.smtp.client import ReplyReceived
from simulator.protocol.smtp.states import COMMANDS, IN_TRANSACTION, NOT_COMMANDS, state_after
from tests.protocol.smtp.runner import Policy, serve, server_for

LINES = {
    "EHLO": b"EHLO c.example\r\n",
    "HELO": b"HELO c.example\r\n",
    "LHLO": b"LHLO c.example\r\n",
    "MAIL": b"MAIL FROM:<carol@beta.test>\r\n",
    "RCPT": b"RCPT TO:<bob@alpha.test>\r\n",
    "DATA": b"DATA\r\n",
    "RSET": b"RSET\r\n",
    "NOOP": b"NOOP\r\n",
    "VRFY": b"VRFY bob@alpha.test\r\n",
    "EXPN": b"EXPN bob@alpha.test\r\n",
    "HELP": b"HELP\r\n",
    "BDAT": b"BDAT 3\r\nx\r\n",
    "QUIT": b"QUIT\r\n",
    "STARTTLS": b"STARTTLS\r\n",
    "AUTH": b"AUTH PLAIN AGFsaWNlQGFscGhhLnRlc3QAYWxpY2UtcHc=\r\n",
}
CASES = [(face, state, verb) for face in FACES.values() for state in State for verb in sorted(COMMANDS)]
COMMANDING = (State.GREETED, State.READY, State.MAIL, State.RCPT, State.CHUNKS)


def server_in(face: Face, state: State) -> tuple[SmtpServer, Policy]:
    """Bring a server to a state by talking to it; AUTH in clear is allowed, so that no gate hides the table."""
    if state is State.CONNECTED:
        server = SmtpServer(hostname="mail.alpha.test", face=face, tls_available=True, auth_mechanisms=("PLAIN",))
        server.greet(reply(554, "", "no service"))
        server.data_to_send()
        return server, Policy(server)
    server = server_for(f"face={face.name} tls clear auth=PLAIN offers=all")
    policy = Policy(server)
    if face.needs_auth and state in IN_TRANSACTION:
        serve(server, policy, LINES["EHLO"] + LINES["AUTH"])
    path = {
        State.GREETED: b"",
        State.READY: LINES[face.hello[0]],
        State.MAIL: LINES[face.hello[0]] + LINES["MAIL"],
        State.RCPT: LINES[face.hello[0]] + LINES["MAIL"] + LINES["RCPT"],
        State.DATA: LINES[face.hello[0]] + LINES["MAIL"] + LINES["RCPT"] + LINES["DATA"],
        State.CHUNKS: LINES[face.hello[0]] + LINES["MAIL"] + LINES["RCPT"] + LINES["BDAT"],
        State.HANDSHAKE: LINES[face.hello[0]] + LINES["STARTTLS"],
        State.CLOSED: LINES["QUIT"],
    }
    serve(server, policy, path[state])
    return server, policy


def offered(face: Face, state: State, verb: str) -> bool:
    """Whether policy and configuration of this test let the command through where the table allows it."""
    if verb in ("EHLO", "HELO", "LHLO"):
        return verb in face.hello
    if verb == "STARTTLS":
        return not face.implicit_tls
    return verb != "MAIL" or not face.needs_auth or state in IN_TRANSACTION


@pytest.mark.parametrize(("face", "state", "verb"), CASES, ids=lambda value: getattr(value, "name", value))
def test_the_server_moves_as_the_table_says_and_otherwise_stays(face: Face, state: State, verb: str) -> None:
    server, policy = server_in(face, state)
    if face.implicit_tls and state is State.HANDSHAKE:
        assert server.state is State.READY  # there is no way into this state
        return
    assert server.state is state
    said = serve(server, policy, LINES[verb])
    if state in (State.DATA, State.HANDSHAKE, State.CLOSED):
        assert (said, server.state) == (b"", state)
    elif verb in TABLE[state] and offered(face, state, verb):
        assert said[:1] in b"23"
        assert server.state is TABLE[state][verb]
    else:
        assert said[:1] == b"5"
        assert server.state is state
        assert server.errors == (2 if state is State.CONNECTED else 1)


@pytest.mark.parametrize("state", COMMANDING)
def test_what_is_legal_now_is_what_is_not_answered_with_503(state: State) -> None:
    server, _ = server_in(RELAY, state)
    for verb in sorted(COMMANDS):
        fresh, policy = server_in(RELAY, state)
        said = serve(fresh, policy, LINES[verb])
        ordered = not said.startswith((b"503 5.5.1 Error: ", b"554 5.5.1 Error: no", b"500"))
        assert (verb in server.legal_now()) is ordered, verb


@pytest.mark.parametrize("verb", sorted({"MAIL", "RCPT", "DATA", "VRFY", "EXPN", "AUTH"}))
@pytest.mark.parametrize("code", [450, 550])
def test_a_refusal_leaves_the_state_as_it_is(verb: str, code: int) -> None:
    before = {
        "MAIL": State.READY,
        "AUTH": State.READY,
        "RCPT": State.MAIL,
        "DATA": State.RCPT,
        "VRFY": State.MAIL,
        "EXPN": State.MAIL,
    }[verb]
    server, _ = server_in(RELAY, before)
    server.receive_data(LINES[verb])
    event = server.next_event()
    assert event is not None
    assert event.reply is None
    server.reply(reply(code, "", "no"))
    assert server.state is before


@pytest.mark.parametrize("code", [250, 452, 554])
def test_the_end_of_data_ends_the_transaction_whatever_the_reply(code: int) -> None:
    server, _ = server_in(RELAY, State.DATA)
    server.receive_data(b"x\r\n.\r\n")
    assert server.next_event() is not None
    server.reply(reply(code, "", "x"))
    assert server.state is State.READY
    assert server.reverse_path is None
    assert server.recipients == []


def test_every_state_but_the_last_can_be_left_and_every_target_is_a_state() -> None:
    assert set(TABLE) == set(State)
    assert all(TABLE[state] for state in State if state is not State.CLOSED)
    assert legal_now(State.CLOSED) == ()
    reached = {target for moves in TABLE.values() for target in moves.values()}
    assert reached == set(State) - {State.CONNECTED}
    assert set(NOT_COMMANDS) == {"GREETING", "TLS", "DATA-END", "BDAT-LAST"}
    assert state_after(State.READY, "RCPT") is State.READY


BUILD = {
    "EHLO": commands.ehlo("c.example"),
    "HELO": commands.helo("c.example"),
    "LHLO": commands.lhlo("c.example"),
    "MAIL": commands.mail("carol@beta.test"),
    "RCPT": commands.rcpt("bob@alpha.test"),
    "DATA": commands.data(),
    "DATA-END": commands.content(b"x\r\n"),
    "RSET": commands.rset(),
    "NOOP": commands.noop(),
    "VRFY": commands.vrfy("bob@alpha.test"),
    "EXPN": commands.expn("bob@alpha.test"),
    "HELP": commands.help_(),
    "BDAT": commands.chunks(b"x\r\ny\r\n", size=3)[0],
    "BDAT-LAST": commands.chunks(b"x\r\n")[0],
    "QUIT": commands.quit_(),
    "STARTTLS": commands.starttls(),
    "AUTH": commands.auth_plain("alice@alpha.test", "alice-pw"),
}


def client_in(face: Face, state: State) -> SmtpClient:
    """Bring a client to a state by answering it."""
    client = SmtpClient(hostname="c.example", face=face, auth_in_clear=True)
    hello = face.hello[0]
    path = {
        State.CONNECTED: [],
        State.GREETED: [],
        State.READY: [hello],
        State.MAIL: [hello, "MAIL"],
        State.RCPT: [hello, "MAIL", "RCPT"],
        State.DATA: [hello, "MAIL", "RCPT", "DATA"],
        State.CHUNKS: [hello, "MAIL", "RCPT", "BDAT"],
        State.HANDSHAKE: [hello, "STARTTLS"],
        State.CLOSED: ["QUIT"],
    }
    answer(client, b"554 no\r\n" if state is State.CONNECTED else b"220 hi\r\n")
    for verb in path[state]:
        client.send(BUILD[verb])
        greeting = b"250-x\r\n250-AUTH PLAIN\r\n250-EXPN\r\n250-CHUNKING\r\n250 STARTTLS\r\n"
        answer(client, greeting if verb == hello else {"DATA": b"354 go\r\n"}.get(verb, b"250 ok\r\n"))
    return client


def answer(client: SmtpClient, octets: bytes) -> ReplyReceived:
    client.receive_data(octets)
    event = client.next_event()
    assert event is not None
    return event


@pytest.mark.parametrize("verb", sorted(BUILD))
@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("face", FACES.values(), ids=lambda face: face.name)
def test_the_client_sends_what_the_table_allows_and_nothing_else(face: Face, state: State, verb: str) -> None:
    client = client_in(face, state)
    assert client.state is state
    client.data_to_send()
    allowed = verb in TABLE[state] and (verb not in ("EHLO", "HELO", "LHLO") or verb in face.hello)
    assert (verb in client.legal_now()) is allowed
    if allowed:
        client.send(BUILD[verb])
        assert client.data_to_send() == BUILD[verb].octets
        return
    with pytest.raises(LocalProtocolError):
        client.send(BUILD[verb])
    assert client.data_to_send() == b""


def test_calls_out_of_turn_are_refused_locally() -> None:
    server = SmtpServer(hostname="h")
    server.receive_data(b"NOOP\r\n")
    assert server.next_event() is None  # the greeting comes first
    with pytest.raises(LocalProtocolError):
        server.reply(replies.OK)
    server.greet()
    for call in (server.greet, server.tls_started):
        with pytest.raises(LocalProtocolError):
            call()
    with pytest.raises(LocalProtocolError):
        server.hang_up(replies.OK)


def test_a_reply_must_fit_its_command() -> None:
    server, _ = server_in(RELAY, State.RCPT)
    server.receive_data(LINES["DATA"])
    assert server.next_event() is not None
    with pytest.raises(LocalProtocolError):
        server.reply(replies.OK)
    server.reply(replies.START_DATA)
    assert server.state is State.DATA


def test_only_what_is_built_can_be_offered() -> None:
    with pytest.raises(LocalProtocolError, match="BINARYMIME"):
        SmtpServer(hostname="h", offers=("BINARYMIME",))
    with pytest.raises(LocalProtocolError, match="GSSAPI"):
        SmtpServer(hostname="h", face=SUBMISSION, auth_mechanisms=("GSSAPI",))
