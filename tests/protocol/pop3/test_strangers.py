"""Clients that nobody here wrote against our server over the real maildrop: poplib, curl, fetchmail."""

from __future__ import annotations

import os
import poplib
import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

from simulator.mailstore.store import MailStore
from tests.protocol.imap.fake import MULTIPART, PLAIN
from tests.protocol.imap.loopback import BOB, NOW, PASSWORD, Loopback, Pop3Session, authority

DOTTED = b"Subject: dots\r\n\r\n.\r\n..two\r\n.three\r\n"


def fill(store: MailStore) -> None:
    for letter in (PLAIN, MULTIPART, DOTTED):
        store.deliver(BOB, letter, NOW)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "ca.pem").write_bytes(authority().ca_pem)
    return tmp_path


def trusted(folder: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(folder / "ca.pem"))


def test_poplib_starts_tls_reads_and_removes(folder: Path) -> None:
    with Loopback(Pop3Session, clear=True, prepare=fill, chunk=5) as server:
        client = poplib.POP3("localhost", server.port, timeout=10)
        with pytest.raises(poplib.error_proto, match="AUTH"):
            client.user(BOB)
        client.stls(trusted(folder))
        assert client.capa()["SASL"] == ["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-256"]
        client.user(BOB)
        client.pass_(PASSWORD)
        assert client.stat() == (3, len(PLAIN) + len(MULTIPART) + len(DOTTED))
        assert client.list()[1] == [b"%d %d" % (n, len(x)) for n, x in enumerate((PLAIN, MULTIPART, DOTTED), 1)]
        assert client.retr(3)[1] == DOTTED.split(b"\r\n")[:-1]
        assert client.top(3, 1)[1] == [b"Subject: dots", b"", b"."]
        ids = [line.split()[1] for line in client.uidl()[1]]
        assert len(set(ids)) == 3
        client.dele(2)
        client.rset()
        client.dele(1)
        assert client.stat()[0] == 2
        client.quit()
        again = poplib.POP3("localhost", server.port, timeout=10)
        again.stls(trusted(folder))
        again.user(BOB)
        again.pass_(PASSWORD)
        assert [line.split()[1] for line in again.uidl()[1]] == ids[1:]
        again.close()
    assert server.letters["INBOX"] == [MULTIPART, DOTTED]


def test_poplib_logs_in_by_apop_and_a_second_session_is_locked_out() -> None:
    with Loopback(Pop3Session, prepare=fill) as server:
        client = poplib.POP3("127.0.0.1", server.port, timeout=10)
        with pytest.raises(poplib.error_proto, match=r"\[AUTH\]"):
            client.apop(BOB, "wrong")
        client.apop(BOB, PASSWORD)
        other = poplib.POP3("127.0.0.1", server.port, timeout=10)
        with pytest.raises(poplib.error_proto, match="IN-USE"):
            other.apop(BOB, PASSWORD)
        client.quit()
        other.apop(BOB, PASSWORD)
        assert other.stat()[0] == 3
        other.quit()


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs Debian's curl")
@pytest.mark.parametrize("scheme", ["pop3", "pop3s"])
@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "CRAM-MD5", "+APOP", "*"])
def test_curl_lists_reads_and_removes(folder: Path, scheme: str, mechanism: str) -> None:
    with Loopback(Pop3Session, clear=scheme == "pop3", tls=scheme == "pop3s", prepare=fill) as server:
        common = ("curl", "-s", "-S", "-m", "20", "--ssl-reqd", "--cacert", str(folder / "ca.pem"))
        login = ("-u", f"{BOB}:{PASSWORD}", "--login-options", f"AUTH={mechanism}")

        def curl(path: str, *more: str) -> bytes:
            url = f"{scheme}://localhost:{server.port}/{path}"
            done = subprocess.run([*common, *login, *more, url], capture_output=True, check=True, timeout=30)
            return done.stdout

        assert curl("").splitlines()[2] == b"3 %d" % len(DOTTED)
        assert curl("3") == DOTTED
        assert curl("2") == MULTIPART
        curl("1", "-X", "DELE", "-I")
    assert server.letters["INBOX"] == [MULTIPART, DOTTED]


@pytest.mark.skipif(shutil.which("fetchmail") is None, reason="needs Debian's fetchmail")
def test_fetchmail_fetches_each_letter_once_and_removes_it(folder: Path) -> None:
    with Loopback(Pop3Session, clear=True, prepare=fill) as server:
        password = PASSWORD.replace("\\", "\\\\")
        (folder / "rc").write_text(
            f"poll localhost protocol pop3 port {server.port} uidl:\n  user \"{BOB}\" password '{password}'\n"
            f'  sslproto tls1.3 sslcertck sslcertfile "{folder}/ca.pem"\n'
            f"  fetchall nokeep no rewrite mda \"cat >> {folder}/got; printf '\\\\n--end--\\\\n' >> {folder}/got\"\n",
            encoding="utf-8",
        )
        (folder / "rc").chmod(0o600)
        command = [
            "fetchmail",
            "-f",
            str(folder / "rc"),
            "--invisible",
            "-i",
            str(folder / "ids"),
            "--pidfile",
            str(folder / "pid"),
        ]
        environment = {"HOME": str(folder), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
        first = subprocess.run(command, capture_output=True, timeout=40, env=environment, check=False)
        second = subprocess.run(command, capture_output=True, timeout=40, env=environment, check=False)
    assert (first.returncode, second.returncode) == (0, 1), first.stdout + first.stderr  # 1: no new mail
    got = (folder / "got").read_bytes().split(b"\n--end--\n")[:-1]
    assert len(got) == 3
    for letter, fetched in zip((PLAIN, MULTIPART, DOTTED), got, strict=True):
        assert fetched.rstrip(b"\n").endswith(letter.partition(b"\r\n\r\n")[2].replace(b"\r\n", b"\n").rstrip(b"\n"))
    assert server.letters["INBOX"] == []
