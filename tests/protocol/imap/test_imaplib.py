"""Python's imaplib, which nobody here wrote, against the server core over a loopback socket."""

from __future__ import annotations

import imaplib
import socket
import threading
from collections.abc import Iterator

import pytest

from .dialogue import ACCOUNTS, Session
from .fake import MULTIPART, PLAIN


def serve(listener: socket.socket) -> None:
    connection, _ = listener.accept()
    session = Session()
    with connection:
        connection.sendall(session.take())
        while not session.server.closed and (octets := connection.recv(7)):
            session.feed(octets)
            connection.sendall(session.take())


@pytest.fixture
def judge() -> Iterator[imaplib.IMAP4]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        yield imaplib.IMAP4("127.0.0.1", listener.getsockname()[1], timeout=10)
        thread.join(10)
        assert not thread.is_alive()


def test_imaplib_logs_in_reads_flags_searches_and_removes(judge: imaplib.IMAP4) -> None:
    with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
        judge.login("bob@alpha.test", "wrong")
    assert judge.login("bob@alpha.test", ACCOUNTS["bob@alpha.test"])[0] == "OK"
    assert len(judge.list()[1]) == 5
    assert judge.status("INBOX", "(MESSAGES UNSEEN)")[1] == [b"INBOX (MESSAGES 3 UNSEEN 2)"]
    assert judge.select("INBOX") == ("OK", [b"3"])
    assert judge.fetch("2", "(UID BODY.PEEK[])")[1][0] == (b"2 (UID 2 BODY[] {%d}" % len(MULTIPART), MULTIPART)
    assert judge.fetch("1", "(RFC822)")[1][0] == (b"1 (RFC822 {%d}" % len(PLAIN), PLAIN)
    judge.literal = "Привет".encode()
    assert judge.search("UTF-8", "TEXT") == ("OK", [b"2"])
    assert judge.uid("SEARCH", "UNSEEN")[1] == [b"2 3"]
    assert judge.store("1:2", "+FLAGS", "\\Deleted")[0] == "OK"
    assert judge.expunge() == ("OK", [b"1", b"1"])
    assert judge.noop()[0] == "OK"
    assert judge.close()[0] == "OK"
    assert judge.logout()[0] == "BYE"


def test_imaplib_finds_nothing_where_there_is_nothing(judge: imaplib.IMAP4) -> None:
    judge.login("bob@alpha.test", ACCOUNTS["bob@alpha.test"])
    assert judge.select("Missing")[0] == "NO"
    assert judge.select('"Work.&BB8EQAQ4BDIENQRC-"', readonly=True) == ("OK", [b"0"])
    assert judge.search(None, "ALL") == ("OK", [b""])
    judge.unselect()
    judge.logout()
