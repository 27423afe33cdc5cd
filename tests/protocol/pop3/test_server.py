"""The POP3 server: its table exhausted, its events, its limits, every chunking alike."""

from __future__ import annotations

from base64 import b64encode
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator import limits
from simulator.errors import LocalProtocolError, RemoteProtocolError
from simulator.protocol import sasl
from simulator.protocol.pop3 import (
    Begun,
    Command,
    Failed,
    LoggedIn,
    Login,
    Pop3Client,
    Pop3Server,
    Refused,
    Reply,
    SecretAsked,
    State,
    Update,
    Updated,
    apop_digest,
)
from simulator.protocol.pop3.table import AFTER_ERR, COMMANDS, TABLE, after, legal

from .dialogue import LETTER, PASSWORD, USER, FakeMaildrop, Session

TIMESTAMP = "<532a.c.6b04f2a8@mail.alpha.test>"
PLAIN = b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode()
ARGUMENTS = {
    "USER": f" {USER}",
    "PASS": f" {PASSWORD}",
    "APOP": f" {USER} {apop_digest(TIMESTAMP, PASSWORD)}",
    "AUTH": f" PLAIN {PLAIN}",
    "RETR": " 1",
    "DELE": " 1",
    "TOP": " 1 0",
}
WAY_THERE = {
    State.AUTHORIZATION: (),
    State.USER_NAMED: ("USER",),
    State.TRANSACTION: ("USER", "PASS"),
    State.UPDATE: ("USER", "PASS", "QUIT"),
    State.CLOSED: ("QUIT",),
}
EVERY_CASE = [(state, verb) for state in State for verb in sorted(COMMANDS | {"FROB", "LAST"})]


def session_in(state: State) -> Session:
    session = Session(apop=True, tls_available=True)
    for verb in WAY_THERE[state]:
        session.say(verb + ARGUMENTS.get(verb, ""))
    assert session.server.state is state
    session.events.clear()
    return session


@pytest.mark.parametrize(("state", "verb"), EVERY_CASE)
def test_a_command_is_carried_out_exactly_where_the_table_has_it(state: State, verb: str) -> None:
    session = session_in(state)
    allowed = verb in session.server.legal_now()
    answer = session.say(verb.lower() + ARGUMENTS.get(verb, ""))
    if state in (State.UPDATE, State.CLOSED):
        assert answer == b"" and session.server.closed
    elif allowed:
        assert answer.startswith(b"+OK")
        assert session.server.state is TABLE[state][verb]
    else:
        assert answer.startswith(b"-ERR")
        assert session.server.state is state


@pytest.mark.parametrize(("state", "verb"), EVERY_CASE)
def test_only_ok_moves_but_for_the_rows_of_after_err(state: State, verb: str) -> None:
    assert after(state, verb, ok=False) is AFTER_ERR.get((state, verb), state)
    assert after(state, verb, ok=True) is TABLE[state].get(verb, state)


def test_every_state_is_reachable() -> None:
    assert {target for row in TABLE.values() for target in row.values()} == set(State)
    assert legal(State.CLOSED) == ()


def test_a_deletion_acts_at_quit_and_never_before() -> None:
    session = session_in(State.TRANSACTION)
    session.say("DELE 2")
    assert len(session.drop.letters) == 3
    assert session.say("QUIT") == b"+OK Logging out, messages deleted.\r\n"
    assert list(session.drop.letters) == [1, 3]
    assert session.events[-1] == Update(deleted=(2,))


def test_a_lost_connection_or_a_shutdown_deletes_nothing() -> None:
    session = session_in(State.TRANSACTION)
    session.say("DELE 2")
    session.server.shut_down("Disconnected for inactivity.")
    assert session.server.data_to_send() == b"-ERR [SYS/TEMP] Disconnected for inactivity.\r\n"
    assert session.say("QUIT") == b""
    assert len(session.drop.letters) == 3


def test_a_failed_update_is_told_and_ends_the_session() -> None:
    session = session_in(State.TRANSACTION)
    session.update_fails = True
    assert session.say("QUIT") == b"-ERR [SYS/TEMP] Some deleted messages not removed.\r\n"
    assert session.server.closed


def test_a_quit_with_an_argument_is_no_quit() -> None:
    session = session_in(State.TRANSACTION)
    assert session.say("QUIT now").startswith(b"-ERR")
    assert session.server.state is State.TRANSACTION
    assert session.say("NOOP") == b"+OK\r\n"


def test_a_password_keeps_its_spaces_and_is_masked() -> None:
    session = session_in(State.USER_NAMED)
    session.say("PASS  two  spaces ")
    (login,) = session.events
    assert isinstance(login, Login)
    assert (login.user, login.password, login.masked, login.reply) == (USER, " two  spaces ", "***", None)


def test_an_answered_command_comes_with_its_reply_and_the_octets_that_follow() -> None:
    session = session_in(State.TRANSACTION)
    sent = session.say("RETR 1")
    (command,) = session.events
    assert isinstance(command, Command)
    assert (command.verb, command.argument, command.reply) == ("RETR", "1", f"+OK {len(LETTER)} octets")
    assert command.octets == len(sent) - len(command.reply) - 2


def test_what_cannot_be_read_is_never_shown() -> None:
    session = session_in(State.USER_NAMED)
    session.say("PASSWORD secret")
    session.say("PASS\tsecret")
    assert [event.masked for event in session.events] == ["***", "***"]


def test_nothing_is_read_while_policy_is_asked() -> None:
    server = Pop3Server()
    server.receive_data(b"USER u\r\nPASS p\r\nSTAT\r\n")
    server.next_event()
    assert isinstance(server.next_event(), Login)
    assert server.next_event() is None
    with pytest.raises(LocalProtocolError):
        server.reply(Updated())
    server.reply(LoggedIn(FakeMaildrop()))
    with pytest.raises(LocalProtocolError):
        server.reply(Refused())
    assert isinstance(server.next_event(), Command)
    assert server.data_to_send().endswith(b"+OK Logged in.\r\n+OK 3 135\r\n")


def test_an_answer_after_shut_down_comes_too_late() -> None:
    server = Pop3Server()
    server.receive_data(b"USER u\r\nPASS p\r\n")
    server.next_event()
    server.next_event()
    server.data_to_send()
    server.shut_down("Bye.")
    server.reply(Refused())
    assert server.data_to_send() == b"-ERR [SYS/TEMP] Bye.\r\n"


def test_three_failed_logins_end_the_session() -> None:
    session = Session()
    for _ in range(limits.FAILED_LOGINS):
        session.say(f"USER {USER}")
        assert session.say("PASS wrong") == b"-ERR [AUTH] Authentication failed.\r\n"
    assert session.server.closed


def test_twenty_errors_end_the_session() -> None:
    session = Session()
    for _ in range(limits.ERRORS_CLOSE):
        session.say("FROB")
    assert session.server.closed and session.server.errors == limits.ERRORS_CLOSE


def test_a_line_over_the_limit_is_refused_and_the_next_one_read() -> None:
    session = session_in(State.TRANSACTION)
    session.take()
    session.feed(b"NOOP" + b" " * limits.POP3_LINE_OCTETS + b"\r\nNOOP\r\n")
    assert session.take() == b"-ERR Input line too long.\r\n+OK\r\n"


def test_no_password_in_clear_where_login_is_disabled() -> None:
    session = Session(login_allowed=False)
    assert b"USER" not in session.say("CAPA")
    assert session.say(f"USER {USER}").startswith(b"-ERR [AUTH]")


STREAMS = [
    "".join(
        line[3:].replace("\\r", "\r") + "\r\n" for line in file.read_text("utf-8").splitlines() if line[:3] == "C: "
    )
    for file in sorted(Path(__file__).with_name("dialogues").glob("*.txt"))
]


def outcome(octets: bytes, places: list[int]) -> tuple[bytes, list[object]]:
    session = Session()
    edges = [0, *sorted({place % (len(octets) + 1) for place in places}), len(octets)]
    for start, end in pairwise(edges):
        if start < end:
            session.feed(octets[start:end])
    return session.output, list(session.events)


@given(stream=st.sampled_from(STREAMS), places=st.lists(st.integers(0, 2000), max_size=40))
@settings(max_examples=80, deadline=None)
def test_every_chunking_gives_the_same_replies_and_events(stream: str, places: list[int]) -> None:
    octets = stream.encode("utf-8")
    assert outcome(octets, places) == outcome(octets, []) == outcome(octets, list(range(len(octets))))


@given(noise=st.binary(max_size=400), places=st.lists(st.integers(0, 400), max_size=10))
@settings(max_examples=150, deadline=None)
def test_noise_is_refused_alike_and_never_echoed(noise: bytes, places: list[int]) -> None:
    said, events = outcome(noise, places)
    assert (said, events) == outcome(noise, [])
    assert not set(said) - set(range(0x20, 0x7F)) - {13, 10}


def test_apops_digest_is_that_of_the_rfc() -> None:
    digest = apop_digest("<1896.697170952@dbc.mtview.ca.us>", "tanstaaf")
    assert digest == "c4c9334bac560ecc979e58001b3e22fb"  # RFC 1939, 7


def test_apop_asks_for_the_password_and_then_for_the_maildrop() -> None:
    session = Session(apop=True)
    assert session.take() == f"+OK POP3 server ready. {TIMESTAMP}\r\n".encode()
    assert session.say(f"APOP {USER} {'0' * 32}") == b"-ERR [AUTH] Authentication failed.\r\n"
    assert session.say("APOP nobody " + apop_digest(TIMESTAMP, "")) == b"-ERR [AUTH] Authentication failed.\r\n"
    session.events.clear()
    assert session.say("APOP" + ARGUMENTS["APOP"].upper().replace(USER.upper(), USER)) == b"+OK Logged in.\r\n"
    begun, asked, login = session.events
    assert isinstance(begun, Begun) and (begun.verb, begun.masked) == ("APOP", f"{USER} ***")
    assert asked == SecretAsked(mechanism="APOP", user=USER)
    assert isinstance(login, Login) and (login.user, login.mechanism, login.verified) == (USER, "APOP", True)


def test_apop_without_a_timestamp_is_refused() -> None:
    session = Session()
    assert b"<" not in session.take()
    assert session.say("APOP a " + "0" * 32) == b"-ERR [AUTH] APOP is not offered here.\r\n"


def test_auth_is_begun_and_may_fail_before_policy_is_asked() -> None:
    session = Session()
    assert session.say("AUTH PLAIN") == b"+ \r\n"
    assert session.say("*") == b"-ERR Authentication aborted by client.\r\n"
    assert session.events == [
        Begun(verb="AUTH", argument="PLAIN", masked="PLAIN"),
        Failed(verb="AUTH", reply="-ERR Authentication aborted by client."),
    ]
    assert session.server.failed_logins == 0
    assert session.say("AUTH PLAIN !").startswith(b"-ERR [AUTH] Invalid base64")
    assert session.server.failed_logins == 1
    session.say("AUTH PLAIN")
    session.feed(b"x" * (limits.AUTH_LINE_OCTETS + 1) + b"\r\nCAPA\r\n")
    assert b"-ERR Input line too long.\r\n+OK\r\nCAPA\r\n" in session.take()


def test_a_long_response_is_read_though_a_long_command_is_not() -> None:
    session = Session()
    session.say("AUTH PLAIN")
    assert session.say(b64encode(b"\0a\0" + b"x" * 3000).decode()) == b"-ERR [AUTH] Authentication failed.\r\n"


def test_stls_forgets_what_came_in_clear_and_then_lets_in() -> None:
    session = Session(login_allowed=False, tls_available=True)
    capabilities = session.say("CAPA")
    assert b"STLS\r\n" in capabilities and b"SASL" not in capabilities and b"USER" not in capabilities
    assert session.say("AUTH PLAIN").startswith(b"-ERR [AUTH] Plaintext")
    session.say("AUTH FROB")
    session.feed(b"STLS\r\nCAPA\r\n")
    assert session.take().endswith(b"+OK Begin TLS negotiation now.\r\n")
    session.feed(b"CAPA\r\nUS")
    assert session.take() == b""
    session.server.tls_started()
    assert session.say("CAPA").endswith(b"USER\r\nSASL PLAIN\r\n.\r\n")
    assert session.say("STLS") == b"-ERR TLS is already active.\r\n"
    assert session.say(f"AUTH PLAIN {PLAIN}") == b"+OK Logged in.\r\n"
    with pytest.raises(LocalProtocolError):
        session.server.tls_started()


def test_no_secret_is_given_where_none_is_asked() -> None:
    server = Pop3Server()
    with pytest.raises(LocalProtocolError):
        server.provide("x")


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-256", "APOP"])
@pytest.mark.parametrize("password", [PASSWORD, "wrong"])
def test_our_client_logs_in_by_every_mechanism(mechanism: str, password: str) -> None:
    session = Session(apop=True, mechanisms=sasl.MECHANISMS)
    client = Pop3Client()
    client.receive_data(session.take())
    client.next_event()
    if mechanism == "APOP":
        client.apop(USER, password)
    else:
        client.authenticate(sasl.client_exchange(mechanism, USER, password, nonce="c1"))
    reply = None
    for _ in range(8):
        session.feed(client.data_to_send())
        client.receive_data(session.take())
        reply = client.next_event()
        if reply is not None:
            break
    assert isinstance(reply, Reply) and reply.ok is (password == PASSWORD)
    assert client.state is session.server.state


@pytest.mark.parametrize("reply", [b"+OK welcome\r\n", b"+ dj14\r\n+ dj14\r\n"])
def test_a_server_that_did_not_prove_itself_is_not_believed(reply: bytes) -> None:
    client = Pop3Client()
    client.receive_data(b"+OK hello\r\n")
    client.next_event()
    client.authenticate(sasl.client_exchange("SCRAM-SHA-256", "anna", "geheim", nonce="c1"))
    client.receive_data(reply)
    with pytest.raises(RemoteProtocolError):
        client.next_event()


def test_our_client_starts_tls_and_takes_nothing_said_in_clear_after_it() -> None:
    client = Pop3Client()
    client.receive_data(b"+OK hello\r\n")
    client.next_event()
    with pytest.raises(LocalProtocolError):
        client.apop("anna", "geheim")
    client.send("STLS")
    client.receive_data(b"+OK begin\r\n+OK injected\r\n")
    with pytest.raises(RemoteProtocolError, match="clear"):
        client.next_event()
    other = Pop3Client()
    other.receive_data(b"+OK hello\r\n")
    other.next_event()
    other.send("STLS")
    other.receive_data(b"+OK begin\r\n")
    assert isinstance(other.next_event(), Reply)
    with pytest.raises(LocalProtocolError):
        other.send("CAPA")
    other.tls_started()
    other.send("AUTH")
    other.receive_data(b"+OK\r\nPLAIN\r\n.\r\n")
    listed = other.next_event()
    assert isinstance(listed, Reply) and listed.lines() == (b"PLAIN",)
    assert other.state is State.AUTHORIZATION
