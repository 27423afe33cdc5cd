"""Python's own mail clients against a running world: letters in, letters out."""

from __future__ import annotations

import imaplib
import poplib
import smtplib
import socket
import time
from contextlib import closing

from tests.live.house import House

__all__ = ["fetched", "handed_in", "letter", "line_of", "popped", "wait_for"]


def letter(subject: str, to: str, sender: str = "somebody@elsewhere.example", text: str = "Good day.") -> bytes:
    """A small letter."""
    return f"From: <{sender}>\r\nTo: <{to}>\r\nSubject: {subject}\r\n\r\n{text}\r\n".encode()


def handed_in(house: House, subject: str, *, frm: int = 0, to: str | None = None, text: str = "Good day.") -> None:
    """Submit a letter as the `frm`-th user, over STARTTLS with a password."""
    sender, password = house.users[frm]
    recipient = to or house.users[0][0]
    with smtplib.SMTP("127.0.0.1", house.port("submission"), timeout=20) as client:
        client.starttls(context=house.trust())
        client.login(sender, password)
        client.sendmail(sender, [recipient], letter(subject, recipient, sender, text))


def fetched(house: House, subject: str, user: int = 0) -> bytes | None:
    """The letter with that subject in a user's INBOX, by IMAP over TLS; None if there is none."""
    address, password = house.users[user]
    with imaplib.IMAP4_SSL("127.0.0.1", house.port("imaps"), ssl_context=house.trust(), timeout=20) as client:
        client.login(address, password)
        client.select("INBOX", readonly=True)
        found = client.search(None, "SUBJECT", f'"{subject}"')[1][0].split()
        if not found:
            return None
        data = client.fetch(found[-1], "(BODY.PEEK[])")[1][0]
        assert isinstance(data, tuple)
        return data[1]


def wait_for(house: House, subject: str, user: int = 0, seconds: float = 60) -> bytes:
    """The letter with that subject, when it has arrived."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = fetched(house, subject, user)
        if found is not None:
            return found
        time.sleep(0.1)
    raise AssertionError(f"no letter with the subject {subject!r} came")


def popped(house: House, user: int = 0) -> list[bytes]:
    """All letters of a user, by POP3 over TLS; they stay on the server."""
    address, password = house.users[user]
    client = poplib.POP3_SSL("127.0.0.1", house.port("pop3s"), context=house.trust(), timeout=20)
    client.user(address)
    client.pass_(password)
    letters = [b"\r\n".join(client.retr(number + 1)[1]) for number in range(client.stat()[0])]
    client.quit()
    return letters


def line_of(port: int, say: bytes = b"", seconds: float = 20) -> bytes:
    """What a server says to one who connects and says `say`: all octets until a line is whole."""
    with closing(socket.create_connection(("127.0.0.1", port), seconds)) as there:
        there.sendall(say)
        got = b""
        while not got.endswith(b"\n"):
            octets = there.recv(65536)
            if not octets:
                break
            got += octets
        return got
