"""The rest of our client: mailboxes, APPEND, COPY, MOVE, IDLE, quotas, SASL, STARTTLS and what may not follow it."""

from __future__ import annotations

import pytest

from simulator.errors import LocalProtocolError, RemoteProtocolError
from simulator.protocol import sasl
from simulator.protocol.imap.client import (
    Completed,
    Condition,
    Enabled,
    Exists,
    Expunge,
    Fetch,
    Greeting,
    Idling,
    ImapClient,
    ListEntry,
    Quota,
    QuotaRoots,
    Subscription,
    Unsolicited,
)
from simulator.protocol.imap.server import ImapServer, LoggedIn, Login, Refused, SecretAsked
from simulator.protocol.imap.table import State

from .dialogue import ACCOUNTS
from .fake import PLAIN, golden_store
from .test_pair import Pair

BOB = "bob@alpha.test"


@pytest.fixture
def pair() -> Pair:
    pair = Pair()
    assert pair.done(pair.client.login(BOB, ACCOUNTS[BOB])).ok
    return pair


def test_mailboxes_come_and_go(pair: Pair) -> None:
    client = pair.client
    assert pair.done(client.create("Счета")).ok
    assert pair.done(client.create("Счета")).condition.code == "ALREADYEXISTS"
    assert pair.done(client.rename("Счета", "Bills & more")).ok
    assert pair.done(client.subscribe("Bills & more")).ok
    assert [entry.name for entry in pair.done(client.lsub()).of(Subscription)] == ["Bills & more", "Sent"]
    assert pair.done(client.subscribe("Bills & more", wanted=False)).ok
    assert pair.done(client.select("Bills & more")).ok
    assert pair.done(client.delete("Bills & more")).ok
    assert client.state is pair.session.server.state is State.AUTHENTICATED
    assert "Bills & more" not in [entry.name for entry in pair.done(client.list()).of(ListEntry)]


def test_letters_are_appended_copied_and_moved(pair: Pair) -> None:
    client = pair.client
    done = pair.done(client.append("Sent", PLAIN, flags=["\\Seen"], internal_date=1_767_225_600_000_000))
    assert done.code("APPENDUID") == "1795486339 1"
    assert pair.done(client.append("Missing", PLAIN)).condition.code == "TRYCREATE"
    pair.done(client.select("INBOX"))
    assert pair.done(client.copy("1:2", "Sent")).code("COPYUID") == "1795486339 1:2 2:3"
    moved = pair.done(client.move("3", "Work", by_uid=True))
    assert (moved.code("COPYUID"), moved.of(Expunge)) == ("1795486339 3 1", (Expunge(3),))
    pair.done(client.select("Sent"))
    first = pair.done(client.fetch("1", "(FLAGS INTERNALDATE BODY.PEEK[])")).of(Fetch)[0]
    assert (first.flags, first.internal_date) == ({"\\Seen"}, "01-Jan-2026 00:00:00 +0000")
    assert first.sections["BODY[]"] == PLAIN


def test_quotas_are_asked_for_and_bite(pair: Pair) -> None:
    pair.session.store.limit = 2048
    done = pair.done(pair.client.get_quota_root("INBOX"))
    assert done.of(QuotaRoots) == (QuotaRoots("INBOX", ("User quota",)),)
    assert dict(done.of(Quota)[0].resources) == {"STORAGE": (0, 2)}
    assert pair.done(pair.client.get_quota("Other")).condition.code == "NONEXISTENT"
    assert pair.done(pair.client.append("Sent", b"x" * 2048)).condition.code == "OVERQUOTA"


def test_idle_hears_until_done(pair: Pair) -> None:
    client, inbox = pair.client, pair.session.store.boxes["INBOX"]
    pair.done(client.select("INBOX"))
    with pytest.raises(LocalProtocolError):
        client.done()
    client.idle()
    assert isinstance(pair.turn(), Idling)
    inbox.append(PLAIN)
    pair.session.server.push()
    pair.session.pump()
    assert pair.turn() == Unsolicited(Exists(4))
    with pytest.raises(LocalProtocolError):
        client.noop()
    client.done()
    done = pair.turn()
    while not isinstance(done, Completed):
        done = pair.turn()
    assert done.ok and done.verb == "IDLE" and not client.idling
    assert pair.done(client.noop()).ok


def test_the_client_says_who_it_is_and_what_it_can_bear(pair: Pair) -> None:
    assert pair.done(pair.client.id([("name", "mail\\"), ("version", '"1"')])).ok
    assert pair.done(pair.client.id()).ok
    assert pair.done(pair.client.namespace()).ok
    assert pair.done(pair.client.enable("UTF8=ACCEPT")).of(Enabled) == (Enabled(("UTF8=ACCEPT",)),)
    assert "Work.Привет" in [entry.name for entry in pair.done(pair.client.list()).of(ListEntry)]
    for attempt in (lambda: pair.client.id([("a", "b\r\n")]), lambda: pair.client.enable("A B"), pair.client.enable):
        with pytest.raises(LocalProtocolError):
            attempt()


@pytest.mark.parametrize("capabilities", [("SASL-IR",), ()])
def test_plain_goes_with_the_command_or_after_it(capabilities: tuple[str, ...]) -> None:
    pair = Pair()
    pair.client.capabilities = capabilities
    assert pair.done(pair.client.authenticate(sasl.PlainClient(BOB, ACCOUNTS[BOB]))).ok
    assert pair.client.state is State.AUTHENTICATED
    assert "UIDPLUS" in pair.client.capabilities


def test_a_wrong_password_is_told_and_the_exchange_forgotten() -> None:
    pair = Pair()
    refused = pair.done(pair.client.authenticate(sasl.PlainClient(BOB, "wrong")))
    assert refused.condition.code == "AUTHENTICATIONFAILED"
    assert pair.done(pair.client.noop()).ok


def test_a_challenge_that_cannot_be_answered_ends_the_exchange() -> None:
    client = greeted(b"* OK hello\r\n")
    client.authenticate(sasl.PlainClient("u", "p"))
    assert client.data_to_send() == b"a1 AUTHENTICATE PLAIN\r\n"
    client.receive_data(b"+ Zm9v\r\n")
    assert client.next_event() is None
    assert client.data_to_send() == b"*\r\n"


def greeted(octets: bytes) -> ImapClient:
    client = ImapClient()
    client.receive_data(octets)
    assert isinstance(client.next_event(), Greeting)
    return client


def test_no_password_goes_where_login_is_disabled() -> None:
    client = greeted(b"* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] hello\r\n")
    with pytest.raises(LocalProtocolError, match="STARTTLS"):
        client.login("u", "p")
    client.starttls()
    client.receive_data(b"a1 OK begin\r\n")
    assert isinstance(client.next_event(), Completed)
    with pytest.raises(LocalProtocolError):
        client.noop()
    assert client.legal_now() == ()
    client.tls_started()
    assert client.capabilities == ()
    assert client.login("u", "p") == "a2"
    with pytest.raises(LocalProtocolError):
        client.tls_started()


@pytest.mark.parametrize("later", [False, True])
def test_what_is_injected_in_clear_after_starttls_is_an_error(later: bool) -> None:
    client = greeted(b"* OK [CAPABILITY IMAP4rev1 STARTTLS] hello\r\n")
    client.starttls()
    client.receive_data(b"a1 OK begin\r\n" + (b"" if later else b"* PREAUTH hello\r\n"))
    if later:
        assert isinstance(client.next_event(), Completed)
        client.receive_data(b"* OK [CAPABILITY AUTH=PLAIN] hello\r\n")
    with pytest.raises(RemoteProtocolError, match="clear"):
        client.next_event()


def test_a_refused_starttls_leaves_the_connection_as_it_was() -> None:
    pair = Pair()
    assert not pair.done(pair.client.starttls()).ok
    assert pair.done(pair.client.noop()).ok


def test_a_letter_waits_for_the_servers_word() -> None:
    client = greeted(b"* PREAUTH hello\r\n")
    client.append("Sent", b"{5}\r\nabc\r\n", flags=["\\Seen"])
    assert client.data_to_send() == b"a1 APPEND Sent (\\Seen) {10}\r\n"
    client.receive_data(b"+ OK\r\n")
    assert client.next_event() is None
    assert client.data_to_send() == b"{5}\r\nabc\r\n\r\n"
    client.receive_data(b"a1 OK [APPENDUID 1 2] done\r\n")
    done = client.next_event()
    assert isinstance(done, Completed) and done.condition == Condition(
        status="OK", code="APPENDUID", argument="1 2", text="done"
    )


@pytest.mark.parametrize("octets", [b"", b"a\0b"])
def test_what_is_no_letter_is_not_sent(octets: bytes) -> None:
    client = greeted(b"* PREAUTH hello\r\n")
    with pytest.raises(LocalProtocolError):
        client.append("Sent", octets)
    with pytest.raises(LocalProtocolError):
        client.append("Sent", b"x", flags=["a b"])
    assert client.data_to_send() == b""


@pytest.mark.parametrize("mechanism", ["CRAM-MD5", "SCRAM-SHA-256"])
@pytest.mark.parametrize(("secret", "good"), [("geheim", True), ("other", False), (None, False)])
def test_mechanisms_that_show_no_password(mechanism: str, secret: str | None, good: bool) -> None:
    server = ImapServer(mechanisms=("PLAIN", mechanism), nonce="n1", hostname="mail.test", login_allowed=False)
    client = greeted(server.data_to_send())
    assert f"AUTH={mechanism}" in client.capabilities and "AUTH=PLAIN" not in client.capabilities
    client.authenticate(sasl.client_exchange(mechanism, "anna", "geheim", nonce="c1"))
    logins = []
    done = None
    for _ in range(10):
        server.receive_data(client.data_to_send() or b"")
        while (event := server.next_event()) is not None:
            if isinstance(event, SecretAsked):
                assert event.user == "anna"
                with pytest.raises(LocalProtocolError):
                    server.reply(Refused())
                server.provide(secret)
            elif isinstance(event, Login):
                logins.append(event.verified)
                with pytest.raises(LocalProtocolError):
                    server.provide(None)
                server.reply(LoggedIn(golden_store()) if event.verified else Refused())
        client.receive_data(server.data_to_send())
        done = client.next_event()
        if done is not None:
            break
    assert isinstance(done, Completed) and done.ok is good
    assert logins == [good]


def test_a_server_that_did_not_prove_itself_is_not_believed() -> None:
    client = greeted(b"* OK [CAPABILITY SASL-IR] hello\r\n")
    client.authenticate(sasl.client_exchange("SCRAM-SHA-256", "anna", "geheim", nonce="c1"))
    client.receive_data(b"a1 OK welcome\r\n")
    with pytest.raises(RemoteProtocolError, match="proved"):
        client.next_event()


def test_no_nonce_no_mechanism_that_needs_one() -> None:
    server = ImapServer(mechanisms=("PLAIN", "CRAM-MD5"))
    assert b"CRAM" not in server.data_to_send()
