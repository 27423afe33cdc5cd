"""Clients that nobody here wrote against the server core over a loopback socket: imaplib, curl, mbsync."""

from __future__ import annotations

import imaplib
import re
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from .dialogue import ACCOUNTS, Session
from .fake import BARE, MULTIPART, PLAIN

TUID = re.compile(rb"(?m)^X-TUID: .*\n")  # the mark by which mbsync finds its own letters
MBSYNC = """
IMAPAccount a
Host 127.0.0.1
Port {port}
User bob@alpha.test
PassCmd "cat {folder}/password"
SSLType None
AuthMechs LOGIN

IMAPStore far
Account a

MaildirStore near
Path {folder}/mail/
Inbox {folder}/mail/INBOX
SubFolders Verbatim

Channel c
Far :far:
Near :near:
Patterns *
Create Near
Sync Pull
SyncState *
"""


def serve(listener: socket.socket, session: Session) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.sendall(session.take())
        while not session.server.closed and (octets := connection.recv(7)):
            session.feed(octets)
            connection.sendall(session.take())


@pytest.fixture
def port() -> Iterator[int]:
    """Give the port of a server that takes one connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener, Session()), daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(10)
        assert not thread.is_alive()


@pytest.fixture
def judge(port: int) -> imaplib.IMAP4:
    return imaplib.IMAP4("127.0.0.1", port, timeout=10)


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


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs Debian's curl")
def test_curl_reads_a_letter(port: int) -> None:
    user = f"bob@alpha.test:{ACCOUNTS['bob@alpha.test']}"
    url = f"imap://127.0.0.1:{port}/INBOX;MAILINDEX=1"
    done = subprocess.run(["curl", "-s", "-m", "20", "-u", user, url], capture_output=True, check=True, timeout=30)
    assert done.stdout == PLAIN


@pytest.mark.skipif(shutil.which("mbsync") is None, reason="needs Debian's isync")
def test_mbsync_pulls_every_letter_once(port: int, tmp_path: Path) -> None:
    (tmp_path / "password").write_text(ACCOUNTS["bob@alpha.test"] + "\n", encoding="utf-8")
    (tmp_path / "mail").mkdir()
    (tmp_path / "rc").write_text(MBSYNC.format(port=port, folder=tmp_path), encoding="utf-8")
    subprocess.run(["mbsync", "-c", str(tmp_path / "rc"), "c"], capture_output=True, check=True, timeout=30)
    pulled = sorted(tmp_path.glob("mail/INBOX/*/*,U=*"))
    assert sorted(file.name.partition(":2,")[2] for file in pulled) == ["", "F", "S"]
    letters = [TUID.sub(b"", file.read_bytes()).replace(b"\n", b"\r\n") for file in pulled]
    assert sorted(letters) == sorted([BARE, MULTIPART, PLAIN])
    assert (tmp_path / "mail" / "Work" / "&BB8EQAQ4BDIENQRC-").is_dir()
