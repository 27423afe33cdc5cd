"""Our client against our server, octets carried by hand."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.errors import LimitExceeded, LocalProtocolError, RemoteProtocolError
from simulator.protocol.imap import utf7
from simulator.protocol.imap.client import (
    Completed,
    Condition,
    Exists,
    Expunge,
    Fetch,
    Goodbye,
    Greeting,
    ImapClient,
    ListEntry,
    Other,
    Search,
    Status,
    Unsolicited,
)
from simulator.protocol.imap.client.responses import read
from simulator.protocol.imap.table import State
from simulator.protocol.imap.writing import nested

from .dialogue import ACCOUNTS, Session
from .fake import MULTIPART, PLAIN


class Pair:
    """A client and a server session joined by nothing but octets."""

    def __init__(self) -> None:
        self.session = Session()
        self.client = ImapClient()
        assert isinstance(self.turn(), Greeting)

    def turn(self) -> object:
        """Carry octets both ways until the client has an event."""
        for _ in range(20):
            self.client.receive_data(self.session.take() or b"")
            event = self.client.next_event()
            if event is not None:
                return event
            self.session.feed(self.client.data_to_send())
        raise AssertionError("no event")

    def done(self, _tag: str) -> Completed:
        completed = self.turn()
        assert isinstance(completed, Completed)
        return completed


@pytest.fixture
def pair() -> Pair:
    pair = Pair()
    assert pair.done(pair.client.login("bob@alpha.test", ACCOUNTS["bob@alpha.test"])).ok
    return pair


def test_a_whole_session(pair: Pair) -> None:
    client = pair.client
    names = [entry.name for entry in pair.done(client.list()).of(ListEntry)]
    assert names == ["Sent", "Work", "Work.Привет", "INBOX", "R&D"]
    assert pair.done(client.status("Work.Привет")).of(Status)[0].counts["MESSAGES"] == 0
    opened = pair.done(client.select("INBOX"))
    assert opened.of(Exists) == (Exists(3),)
    assert (opened.code("UIDNEXT"), opened.code("UIDVALIDITY"), opened.code("NOSUCH")) == ("4", "1795486339", None)
    (fetched,) = pair.done(client.fetch("2", "(UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODY.PEEK[])")).of(Fetch)
    assert fetched.sections["BODY[]"] == MULTIPART
    assert (fetched.uid, fetched.size, fetched.flags) == (2, len(MULTIPART), {"\\Flagged", "$Label"})
    assert fetched.envelope and fetched.envelope.from_ == ((b"Doe, Jane", None, b"jane", b"a.example"),)
    assert fetched.internal_date == "02-Jan-2026 00:00:00 +0000"
    assert pair.done(client.search('BODY "привет"')).of(Search) == (Search((2,)),)
    assert pair.done(client.search('OR (FROM "\\"café" SUBJECT x) (SUBJECT "КАФÉ")', by_uid=True)).of(Search) == (
        Search(()),
    )
    assert pair.done(client.store("1", "+FLAGS", ["\\Deleted"], by_uid=True)).of(Fetch)[0].flags == {
        "\\Seen",
        "\\Deleted",
    }
    assert pair.done(client.expunge()).of(Expunge) == (Expunge(1),)
    assert not pair.done(client.fetch("9", "UID")).ok
    assert pair.done(client.close()).ok and client.state is State.AUTHENTICATED
    assert pair.done(client.logout()).ok and client.state is State.LOGOUT
    assert pair.session.server.closed


def test_a_cyrillic_password_goes_as_a_literal() -> None:
    pair = Pair()
    assert pair.done(pair.client.login("иван@alpha.test", "пароль")).ok
    assert pair.client.legal_now()[:1] == ("CAPABILITY",)


def test_refused_logins_leave_both_sides_where_they_were() -> None:
    pair = Pair()
    completed = pair.done(pair.client.login("bob@alpha.test", "nil"))
    assert (completed.ok, completed.condition.code) == (False, "AUTHENTICATIONFAILED")
    assert pair.client.state is pair.session.server.state is State.NOT_AUTHENTICATED


@given(name=st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=40))
@settings(max_examples=150, deadline=None)
def test_mailbox_names_survive_the_wire(name: str) -> None:
    assert utf7.decode(utf7.encode(name)) == name


@pytest.mark.parametrize("octets", [b"&", b"&AAA", b"&BB8-&BEA-", b"&AGE-", b"\xd0\x9f", b"&2AA-", b"a\x00"])
def test_a_name_with_two_spellings_is_refused(octets: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        utf7.decode(octets)


@given(user=st.text(max_size=30), password=st.text(max_size=30))
@settings(max_examples=150, deadline=None)
def test_login_text_arrives_as_it_was_or_is_refused(user: str, password: str) -> None:
    pair = Pair()
    try:
        pair.client.login(user, password)
    except (LocalProtocolError, UnicodeEncodeError):
        assert set(user + password) & set("\r\n\x00") or any("\ud800" <= c <= "\udfff" for c in user + password)
        return
    pair.turn()
    logins = [(event.user, event.password) for event in pair.session.events if hasattr(event, "password")]
    assert logins == [(user, password)]


@pytest.mark.parametrize("text", ["a\r\nb LOGOUT", "a\nb", "a\rb", "a\x00b"])
def test_nothing_can_be_injected(pair: Pair, text: str) -> None:
    client = pair.client
    pair.done(client.select("INBOX"))
    attempts = (
        lambda: client.select(text),
        lambda: client.list("", text),
        lambda: client.status(text),
        lambda: client.status("INBOX", [text]),
        lambda: client.fetch(text, "UID"),
        lambda: client.fetch("1", f"BODY[HEADER.FIELDS ({{3}}\r\nabc {text})]"),
        lambda: client.fetch("1", text),
        lambda: client.store("1", text, ["x"]),
        lambda: client.store("1", "FLAGS", [text]),
        lambda: client.search(f'SUBJECT "{text}"'),
        lambda: client.expunge(text),
    )
    for attempt in attempts:
        with pytest.raises(LocalProtocolError):
            attempt()
    assert client.data_to_send() == b""


def talking(octets: bytes) -> ImapClient:
    client = ImapClient(literal_limit=1000)
    client.receive_data(b"* OK hello\r\n")
    assert isinstance(client.next_event(), Greeting)
    client.login("u", "p")
    client.receive_data(octets)
    return client


@pytest.mark.parametrize(
    "octets",
    [
        b"* 1 FETCH (BODY[] {99000000000}\r\n",
        b"* 1 FETCH (BODY[] {1001}\r\n",
        b"* OK " + b"x" * 1_100_000,
    ],
)
def test_a_server_that_sends_too_much_is_a_typed_error(octets: bytes) -> None:
    with pytest.raises(LimitExceeded):
        talking(octets).next_event()


@pytest.mark.parametrize(
    "octets",
    [
        b"b7 OK not yours\r\n",
        b"a1 FINE\r\n",
        b"\r\n",
        b"+ go on\r\n",
        b"* 1 FETCH (UID x)\r\n",
        b"* 1 FETCH (UID 1\r\n",
        b"* LIST () . x\r\n",
        b"* 1 FETCH (X " + b"(" * 200_000 + b"\r\n",
        b"* 99999999999 EXISTS\r\na1 BYE\r\n",
        b"a1 OK bare\n",
    ],
)
def test_a_server_that_speaks_no_imap_is_a_typed_error(octets: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        talking(octets).next_event()


@given(st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_noise_from_a_server_is_data_or_a_typed_error(octets: bytes) -> None:
    client = talking(b"* " + octets + b"\r\n")
    try:
        while client.next_event() is not None:
            pass
    except RemoteProtocolError:
        pass
    assert client.state in State


def test_bye_without_logout_is_a_goodbye() -> None:
    client = talking(b"* BYE shutting down\r\n")
    assert client.next_event() == Goodbye(Condition(status="BYE", code=None, argument="", text="shutting down"))
    assert client.state is State.LOGOUT


def test_unknown_data_and_data_without_a_command_are_put_up_with() -> None:
    client = talking(b"* FOO (1)\r\na1 OK\r\n* 3 EXISTS\r\n")
    completed = client.next_event()
    assert isinstance(completed, Completed) and completed.untagged == (Other(b"FOO (1)"),)
    assert client.next_event() == Unsolicited(Exists(3))


def test_structures_are_written_as_dovecot_writes_them_and_read_back() -> None:
    part = (b"text", b"plain", (b"charset", b"utf-8"), None, None, b"7bit", 11, 1)
    both = (part, part, b"alternative", (b"boundary", b"b"), None, None, None)
    written = nested(both)
    assert written.startswith(b'(("text" "plain" ("charset" "utf-8") NIL NIL "7bit" 11 1)("text" ')
    assert written.endswith(b' "alternative" ("boundary" "b") NIL NIL NIL)')
    fetched = read(b"* 1 FETCH (BODYSTRUCTURE %b UID 4)\r\n" % written)
    assert isinstance(fetched, Fetch) and fetched.structure == both and fetched.uid == 4


def test_the_fake_store_holds_what_it_was_given(pair: Pair) -> None:
    assert pair.session.store.boxes["INBOX"].messages()[0].octets() == PLAIN
