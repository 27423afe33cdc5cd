"""Each command of our client cores, given to Dovecot and Postfix; and our IMAP server's answers beside Dovecot's."""

from __future__ import annotations

import ssl
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from simulator.keys.live_authority import LiveAuthority
from simulator.live.world import authority
from simulator.protocol import sasl
from simulator.protocol.imap.client import (
    Completed,
    Exists,
    Fetch,
    Idling,
    ImapClient,
    ListEntry,
    Search,
    Status,
    Unsolicited,
)
from simulator.protocol.pop3 import Pop3Client
from simulator.protocol.smtp import LMTP, SUBMISSION, Face, Reply, SmtpClient, commands
from tests.clients.servers import Servers, serving
from tests.clients.wire import Wire
from tests.protocol.imap import corpus, loopback

NAME, USER, PASSWORD = "mx.beta.example", "boris@beta.example", 'p w"\\{}'
LETTER = b"From: <a@b.example>\r\nSubject: a letter\r\n\r\n.dot\r\n..two\r\nbody\r\n"


@pytest.fixture(scope="module")
def issuer() -> LiveAuthority:
    """Whose certificate the servers show."""
    return authority()


@pytest.fixture(scope="module")
def servers(issuer: LiveAuthority) -> Iterator[Servers]:
    """Postfix and Dovecot."""
    with (
        tempfile.TemporaryDirectory(prefix="mailflow-cores-") as folder,
        serving(Path(folder), issuer.issue((NAME,)), "beta.example", {USER: PASSWORD}, {}) as found,
    ):
        yield found


@pytest.fixture
def trust(issuer: LiveAuthority) -> ssl.SSLContext:
    """What checks it."""
    return ssl.create_default_context(cadata=issuer.ca_pem.decode())


@pytest.fixture
def imap(servers: Servers, trust: ssl.SSLContext) -> Iterator[Wire]:
    """A session of Boris's by IMAP, under STARTTLS."""
    wire = Wire(ImapClient(), servers.ports["imap"], trust)
    with closing(wire):
        wire.event()
        wire.core.starttls()
        assert wire.event().ok
        wire.secure(NAME)
        done(wire, wire.core.capability)
        wire.core.authenticate(sasl.client_exchange("PLAIN", USER, PASSWORD))
        assert wire.event().ok
        yield wire
        wire.core.logout()
        assert wire.event().ok


def done(wire: Wire, command: Any, *arguments: Any, **options: Any) -> Completed:
    """Give a command and wait for its completion, which is OK."""
    command(*arguments, **options)
    event = wire.event()
    while not isinstance(event, Completed):
        event = wire.event()
    assert event.ok, event
    return event


def test_every_imap_command_is_understood(imap: Wire) -> None:
    core: ImapClient = imap.core
    done(imap, core.id, [("name", "mailflow")])
    done(imap, core.namespace)
    done(imap, core.create, "Работа и R&D")
    done(imap, core.subscribe, "Работа и R&D")
    assert any(entry.name == "Работа и R&D" for entry in done(imap, core.list).of(ListEntry))
    done(imap, core.append, "INBOX", LETTER, flags=("\\Seen",), internal_date=1_700_000_000_000_000)
    done(imap, core.append, "INBOX", LETTER.replace(b"a letter", "письмо".encode()))
    assert done(imap, core.status, "INBOX").of(Status)[0].counts["MESSAGES"] == 2
    done(imap, core.examine, "INBOX")
    done(imap, core.unselect)
    done(imap, core.select, "INBOX")
    assert done(imap, core.search, 'SUBJECT "letter"').of(Search)[0].numbers == (1,)
    assert done(imap, core.search, 'SUBJECT "письмо"').of(Search)[0].numbers == (2,)
    (fetched,) = done(imap, core.fetch, "1", "(FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE BODY.PEEK[])").of(
        Fetch
    )
    assert fetched.sections["BODY[]"] == LETTER and fetched.size == len(LETTER)
    assert fetched.envelope is not None and fetched.envelope.subject == b"a letter"
    done(imap, core.store, "2", "+FLAGS", ("\\Flagged", "$Label"))
    done(imap, core.copy, "1", "Работа и R&D")
    done(imap, core.move, "1", "Работа и R&D", by_uid=True)
    done(imap, core.store, "1", "+FLAGS.SILENT", ("\\Deleted",))
    done(imap, core.expunge)
    done(imap, core.noop)
    done(imap, core.close)
    assert done(imap, core.status, "Работа и R&D").of(Status)[0].counts["MESSAGES"] == 2
    done(imap, core.rename, "Работа и R&D", "Older")
    done(imap, core.delete, "Older")


def test_idle_hears_of_a_letter_that_comes_by_lmtp(imap: Wire, servers: Servers, trust: ssl.SSLContext) -> None:
    done(imap, imap.core.select, "INBOX")
    imap.core.idle()
    assert isinstance(imap.event(), Idling)
    wire = Wire(SmtpClient(hostname="c.example", face=LMTP), servers.ports["lmtp"], trust)
    with closing(wire):
        wire.event()
        for command in (
            wire.core.hello(),
            commands.mail(""),
            commands.rcpt(USER),
            commands.data(),
            commands.content(LETTER),
        ):
            assert said(wire, command).code < 400
    event = imap.event()
    while not (isinstance(event, Unsolicited) and isinstance(event.data, Exists)):
        event = imap.event()
    imap.core.done()
    assert isinstance(imap.event(), Completed | Unsolicited)


def test_every_pop3_command_is_understood(servers: Servers, trust: ssl.SSLContext, imap: Wire) -> None:
    done(imap, imap.core.append, "INBOX", LETTER)
    wire = Wire(Pop3Client(), servers.ports["pop3"], trust)

    def ask(verb: str, argument: str = "") -> Any:
        wire.core.send(verb, argument)
        reply = wire.event()
        assert reply.ok, reply
        return reply

    with closing(wire):
        wire.event()
        assert b"STLS" in ask("CAPA").lines()
        ask("STLS")
        wire.secure(NAME)
        wire.core.authenticate(sasl.client_exchange("PLAIN", USER, PASSWORD))
        assert wire.event().ok
        last = max(ask("UIDL").listing())
        assert ask("LIST").listing()[last] == str(len(LETTER))
        assert ask("RETR", str(last)).octets == LETTER
        assert ask("TOP", f"{last} 1").octets.endswith(b"\r\n\r\n.dot\r\n")
        for verb, argument in (("STAT", ""), ("NOOP", ""), ("DELE", str(last)), ("RSET", ""), ("QUIT", "")):
            ask(verb, argument)


def said(wire: Wire, command: commands.ClientCommand) -> Reply:
    """Say a command and give its reply."""
    wire.core.send(command)
    reply: Reply = wire.event().reply
    return reply


def submission(servers: Servers, trust: ssl.SSLContext, face: Face = SUBMISSION) -> Wire:
    """A session with Postfix, secured."""
    wire = Wire(SmtpClient(hostname="c.example", face=face), servers.ports["submission"], trust)
    wire.event()
    said(wire, wire.core.hello())
    said(wire, commands.starttls())
    wire.secure(NAME)
    said(wire, wire.core.hello())
    return wire


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_every_smtp_command_is_understood(servers: Servers, trust: ssl.SSLContext, mechanism: str) -> None:
    with closing(submission(servers, trust)) as wire:
        exchange = sasl.client_exchange(mechanism, USER, PASSWORD)
        reply = said(wire, commands.auth(mechanism, exchange.initial()))
        while reply.code == 334:
            reply = said(wire, commands.auth_response(exchange.step(sasl.decode_base64(reply.text.encode()))))
        assert reply.code == 235
        assert said(wire, commands.vrfy(USER)).code == 252
        assert said(wire, commands.noop()).code == 250
        for chunked in (True, False):
            assert said(wire, commands.mail(USER, size=len(LETTER))).code == 250
            assert said(wire, commands.rcpt("nobody@beta.example")).code == 550
            assert said(wire, commands.rcpt(USER)).code == 250
            if chunked:
                assert [said(wire, chunk).code for chunk in commands.chunks(LETTER, size=20)][-1] == 250
            else:
                assert said(wire, commands.data()).code == 354
                assert said(wire, commands.content(LETTER)).code == 250
        assert said(wire, commands.mail(USER)).code == 250
        assert said(wire, commands.rset()).code == 250
        assert said(wire, commands.quit_()).code == 221


# Our server beside Dovecot


def ours(letter: bytes, items: str) -> Fetch:
    """What our server says of a letter that our client appended to it."""
    session, client = loopback.ImapSession(loopback.new_store(), clear=False), ImapClient()
    client.receive_data(session.take())
    client.next_event()

    def answer(act: Callable[[], object]) -> Completed:
        act()
        event = None
        while event is None:
            session.receive(client.data_to_send())
            client.receive_data(session.take())
            event = client.next_event()
        assert isinstance(event, Completed) and event.ok, event
        return event

    answer(lambda: client.login(loopback.BOB, loopback.PASSWORD))
    answer(lambda: client.append("INBOX", letter))
    answer(lambda: client.select("INBOX"))
    (fetched,) = answer(lambda: client.fetch("1", items)).of(Fetch)
    return fetched


OTHERWISE = {
    "file name in pieces": "Dovecot joins the pieces of RFC 2231, 3; we give them as they are written",
    "type without subtype": "RFC 2045, 5.2: what is no type is text/plain; Dovecot gives an empty subtype",
}
"""Letters whose structure may be told in either way."""


def alike(structure: Any) -> Any:
    """A structure with what both forms mean alike: case of words, and one language with or without parentheses."""
    if isinstance(structure, bytes):
        return structure.lower()
    if not isinstance(structure, tuple):
        return structure
    return alike(structure[0]) if len(structure) == 1 else tuple(map(alike, structure))


@pytest.mark.parametrize("name", sorted(corpus.CORPUS))
def test_structure_envelope_and_sections_are_dovecots(imap: Wire, name: str) -> None:
    letter = corpus.octets(corpus.CORPUS[name])
    sections = (
        "BODY.PEEK[1] BODY.PEEK[1.MIME] BODY.PEEK[HEADER] BODY.PEEK[HEADER.FIELDS (SUBJECT X-NONE)] BODY.PEEK[TEXT]"
    )
    items = f"(ENVELOPE BODYSTRUCTURE RFC822.SIZE {sections} BODY.PEEK[TEXT]<3.20>)"
    code = done(imap, imap.core.append, "INBOX", letter).code("APPENDUID")
    assert code is not None
    done(imap, imap.core.select, "INBOX")
    (theirs,) = done(imap, imap.core.fetch, code.split()[1], items, by_uid=True).of(Fetch)
    mine = ours(letter, items)
    assert mine.envelope == theirs.envelope and mine.size == theirs.size
    assert name in OTHERWISE or alike(mine.structure) == alike(theirs.structure)
    assert mine.sections == theirs.sections
