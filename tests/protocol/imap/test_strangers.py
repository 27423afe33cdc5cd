"""Clients that nobody here wrote against our server over the real store: imaplib, curl, mbsync both ways, mutt."""

from __future__ import annotations

import imaplib
import re
import shutil
import ssl
import subprocess
import time
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path

import pytest

from simulator.mailstore.quota import Quota
from simulator.mailstore.store import MailStore

from .corpus import CORPUS, octets
from .fake import MULTIPART, PLAIN
from .loopback import BOB, NOW, PASSWORD, ImapSession, Loopback, authority

TUID = re.compile(rb"(?m)^X-TUID: .*\r?\n")  # the mark by which mbsync finds its own letters
MBSYNC = """
IMAPAccount a
Host localhost
Port {port}
User bob@alpha.test
PassCmd "cat {folder}/password"
SSLType STARTTLS
CertificateFile {folder}/ca.pem
AuthMechs PLAIN

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
Create Both
Remove Both
Expunge Both
Sync All
SyncState *
CopyArrivalDate yes
"""
MUTTRC = """
set ssl_starttls = yes
set ssl_force_tls = yes
set certificate_file = {folder}/ca.pem
set ssl_verify_dates = yes
set imap_user = bob@alpha.test
set imap_pass = 'bob "pw\\'
set imap_authenticators = "plain"
set folder = imap://localhost:{port}/
set spoolfile = imap://localhost:{port}/INBOX
set header_cache =
set record =
set confirmappend = no
set delete = yes
set move = no
set mail_check = 1
set sleep_time = 0
"""


def fill(store: MailStore) -> None:
    store.deliver(BOB, PLAIN, NOW)
    store.append(BOB, "INBOX", MULTIPART, ("\\Flagged",), NOW + 1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "ca.pem").write_bytes(authority().ca_pem)
    (tmp_path / "password").write_text(PASSWORD + "\n", encoding="utf-8")
    return tmp_path


@pytest.fixture
def judge() -> Iterator[tuple[imaplib.IMAP4, Loopback]]:
    with Loopback(ImapSession, prepare=fill, chunk=7) as server:
        client = imaplib.IMAP4("127.0.0.1", server.port, timeout=10)
        yield client, server
        if client.state != "LOGOUT":
            client.logout()


def test_imaplib_starts_tls_and_logs_in_by_every_mechanism(folder: Path) -> None:
    trusted = ssl.create_default_context(cafile=str(folder / "ca.pem"))
    with Loopback(ImapSession, clear=True) as server:
        for way in ("login", "plain", "cram"):
            client = imaplib.IMAP4("localhost", server.port, timeout=10)
            assert "LOGINDISABLED" in client.capabilities
            with pytest.raises(imaplib.IMAP4.error):
                client.login(BOB, PASSWORD)
            client.starttls(trusted)
            assert "LOGINDISABLED" not in client.capabilities
            if way == "login":
                client.login(BOB, PASSWORD)
            elif way == "plain":
                client.authenticate("PLAIN", lambda _: f"\0{BOB}\0{PASSWORD}".encode())
            else:
                client.login_cram_md5(BOB, PASSWORD)
            assert client.select()[0] == "OK"
            client.logout()


def test_imaplib_arranges_mailboxes_and_moves_letters(judge: tuple[imaplib.IMAP4, Loopback]) -> None:
    client, server = judge
    client.login(BOB, PASSWORD)
    assert client.create("Work")[0] == client.create("Work.Old")[0] == "OK"
    assert client.create("Work")[0] == "NO"
    assert client.rename("Work", "Job")[0] == "OK"
    assert client.subscribe("Job")[0] == "OK"
    assert client.lsub()[1][-1] == b'(\\Trash) "." Trash'
    assert client.unsubscribe("Job")[0] == "OK"
    date = imaplib.Time2Internaldate(0.0)
    assert client.append("Job", "(\\Seen $x)", date, b"Subject: new\n\nline\n")[0] == "OK"
    client.select()
    assert client.copy("1:*", "Job.Old")[0] == "OK"
    assert client.uid("MOVE", "1", "Job")[0] == "OK"
    assert client.response("EXPUNGE")[1] == [b"1"]
    assert client.namespace()[1] == [b'(("" ".")) NIL NIL']
    assert client.delete("Job.Old")[0] == "OK"
    assert client.getquotaroot("INBOX")[0] == "OK"
    client.logout()
    server.__exit__()
    assert server.letters["Job"] == [b"Subject: new\r\n\r\nline\r\n", PLAIN]
    assert server.snapshot[BOB]["Job"][0][1] == ["$x", "\\Seen"]


def test_imaplib_enables_utf8_names(judge: tuple[imaplib.IMAP4, Loopback]) -> None:
    client, _ = judge
    client.login(BOB, PASSWORD)
    assert client.enable("UTF8=ACCEPT")[0] == "OK"
    assert client.create('"Счета"')[0] == "OK"
    assert client.list(pattern='"С*"')[1] == ['(\\HasNoChildren) "." "Счета"'.encode()]


def test_imaplib_is_told_that_an_account_is_full() -> None:
    def full(store: MailStore) -> None:
        fill(store)
        store.set_quota(BOB, Quota(octets=2048, messages=2))

    with Loopback(ImapSession, prepare=full) as server:
        client = imaplib.IMAP4("127.0.0.1", server.port, timeout=10)
        client.login(BOB, PASSWORD)
        assert client.getquotaroot("INBOX")[1] == [
            [b'INBOX "User quota"'],
            [b'"User quota" (STORAGE 1 2 MESSAGE 2 2)'],
        ]
        assert client.append("Sent", None, None, b"x") == (
            "NO",
            [b"[OVERQUOTA] Quota exceeded (mailbox for user is full)"],
        )
        client.logout()


def test_imaplib_reads_the_whole_corpus_back() -> None:
    with Loopback(ImapSession) as server:
        client = imaplib.IMAP4("127.0.0.1", server.port, timeout=10)
        client.login(BOB, PASSWORD)
        letters = [octets(letter) for letter in CORPUS.values()]
        for letter in letters:
            assert client.append("Drafts", None, None, letter)[0] == "OK"
        client.select("Drafts", readonly=True)
        _, answer = client.fetch("1:*", "(BODYSTRUCTURE ENVELOPE BODY.PEEK[])")
        assert [part[1] for part in answer if isinstance(part, tuple)][-1] == letters[-1]
        assert [part[1] for part in answer if isinstance(part, tuple) and part[1] in letters] == letters
        client.logout()


def curl(port: int, folder: Path, *more: str, scheme: str = "imap", path: str = "INBOX") -> bytes:
    command = ["curl", "-s", "-S", "-m", "20", "--cacert", str(folder / "ca.pem"), "-u", f"{BOB}:{PASSWORD}", *more]
    url = f"{scheme}://localhost:{port}/{path}"
    return subprocess.run([*command, url], capture_output=True, check=True, timeout=30).stdout


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs Debian's curl")
@pytest.mark.parametrize("scheme", ["imap", "imaps"])
@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "CRAM-MD5"])
def test_curl_reads_appends_and_searches(folder: Path, scheme: str, mechanism: str) -> None:
    (folder / "new.eml").write_bytes(MULTIPART)
    ways = ("--ssl-reqd", "--login-options", f"AUTH={mechanism}")
    with Loopback(ImapSession, clear=scheme == "imap", tls=scheme == "imaps", prepare=fill) as server:
        assert curl(server.port, folder, *ways, scheme=scheme, path="INBOX;MAILINDEX=1") == PLAIN
        assert curl(server.port, folder, *ways, scheme=scheme, path="INBOX;UID=2") == MULTIPART
        curl(server.port, folder, *ways, "-T", str(folder / "new.eml"), scheme=scheme, path="Sent")
        assert curl(server.port, folder, *ways, scheme=scheme, path="INBOX?FLAGGED") == b"* SEARCH 2\r\n"
        assert b'"." Drafts' in curl(server.port, folder, *ways, scheme=scheme, path="")
        assert b"* 2 EXISTS" in curl(server.port, folder, *ways, "-X", "EXAMINE INBOX", scheme=scheme, path="")
    assert server.letters["Sent"] == [MULTIPART]


def mbsync(folder: Path, port: int) -> None:
    (folder / "rc").write_text(MBSYNC.format(port=port, folder=folder), encoding="utf-8")
    done = subprocess.run(["mbsync", "-c", str(folder / "rc"), "c"], capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()


def near(folder: Path, name: str) -> dict[bytes, str]:
    """Give the letters of a Maildir and their flags."""
    files = [file for file in folder.glob(f"mail/{name}/*/*") if file.parent.name in ("new", "cur")]
    found = {TUID.sub(b"", file.read_bytes()).replace(b"\n", b"\r\n"): file.name.partition(":2,")[2] for file in files}
    assert len(found) == len(files), "a letter is here twice"
    return found


@pytest.mark.skipif(shutil.which("mbsync") is None, reason="needs Debian's isync")
def test_mbsync_both_ways_loses_nothing_and_doubles_nothing(folder: Path) -> None:
    for name in ("INBOX", "Local"):
        for place in ("new", "cur", "tmp"):
            (folder / "mail" / name / place).mkdir(parents=True)
    mine = [f"Subject: mine {number}\nDate: {formatdate(number)}\n\nfrom here\n" for number in range(3)]
    for number, letter in enumerate(mine):
        (folder / "mail" / "Local" / "cur" / f"{number}.mine:2,S").write_text(letter, encoding="utf-8")
    with Loopback(ImapSession, clear=True, prepare=fill) as server:
        mbsync(folder, server.port)
        assert near(folder, "INBOX") == {PLAIN: "", MULTIPART: "F"}
        mbsync(folder, server.port)
        assert near(folder, "INBOX") == {PLAIN: "", MULTIPART: "F"}
        assert len(near(folder, "Local")) == 3
        client = imaplib.IMAP4("localhost", server.port, timeout=10)
        client.starttls(ssl.create_default_context(cafile=str(folder / "ca.pem")))
        client.login(BOB, PASSWORD)
        client.select("INBOX")
        client.store("1", "+FLAGS", "(\\Seen \\Answered)")
        client.append("INBOX", None, None, b"Subject: late\r\n\r\nnew on the server\r\n")
        client.select("Local")
        client.store("1", "+FLAGS", "\\Deleted")
        client.expunge()
        client.logout()
        (flagged,) = (folder / "mail" / "INBOX").glob("*/*:2,F")
        flagged.rename(folder / "mail" / "INBOX" / "cur" / (flagged.name + "T"))
        mbsync(folder, server.port)
        mbsync(folder, server.port)
        assert near(folder, "INBOX") == {PLAIN: "RS", b"Subject: late\r\n\r\nnew on the server\r\n": ""}
        assert len(near(folder, "Local")) == 2
    assert sorted(TUID.sub(b"", letter) for letter in server.letters["INBOX"]) == sorted(near(folder, "INBOX"))
    assert [flags for _, flags, _ in server.snapshot[BOB]["Local"]] == [["\\Seen"], ["\\Seen"]]
    assert sorted(TUID.sub(b"", letter) for letter in server.letters["Local"]) == sorted(near(folder, "Local"))


@pytest.mark.skipif(shutil.which("mutt") is None, reason="needs Debian's mutt")
def test_mutt_tags_flags_saves_and_removes(folder: Path) -> None:
    keys = "push '<tag-pattern>~A<enter><tag-prefix><copy-message>=Drafts<enter><delete-pattern>~s golden<enter><sync-mailbox>y<quit>y'"
    with Loopback(ImapSession, clear=True, prepare=fill) as server:
        rc = MUTTRC.format(port=server.port, folder=folder)
        (folder / "muttrc").write_text(rc, encoding="utf-8")
        environment = {"HOME": str(folder), "TERM": "xterm", "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
        command = ["script", "-qec", f'mutt -n -F {folder}/muttrc -e "{keys}"', "/dev/null"]
        done = subprocess.run(
            command, capture_output=True, timeout=40, env=environment, stdin=subprocess.DEVNULL, check=False
        )
    assert sorted(server.letters["Drafts"]) == sorted([PLAIN, MULTIPART]), done.stdout
    assert server.letters["INBOX"] == [MULTIPART]


def test_two_imaplib_sessions_see_each_other() -> None:
    with Loopback(ImapSession, prepare=fill) as server:
        first, second = (imaplib.IMAP4("127.0.0.1", server.port, timeout=10) for _ in range(2))
        for client in (first, second):
            client.login(BOB, PASSWORD)
            client.select()
        first.store("1", "+FLAGS", "\\Deleted")
        first.expunge()
        second.noop()
        assert second.response("EXPUNGE")[1] == [b"1"]
        second.send(b"idle IDLE\r\n")
        assert second.readline() == b"+ idling\r\n"
        first.append("INBOX", None, None, b"x")
        assert second.readline() == b"* 2 EXISTS\r\n"
        second.send(b"DONE\r\n")
        time.sleep(0.05)
        for client in (first, second):
            client.shutdown()
