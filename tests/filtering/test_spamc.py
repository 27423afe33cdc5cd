"""SpamAssassin's own client against our filter, over a real socket: what it prints is what it understood."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading

import pytest

from simulator.filtering.report import answer, marked, report
from simulator.filtering.rules import GTUBE_TEXT, score
from simulator.protocol.spamd import Reply, SpamdServer

pytestmark = pytest.mark.skipif(shutil.which("spamc") is None, reason="needs the package spamc")

SPAM = f"From: a@alpha.example\r\nSubject: hi\r\n\r\n{GTUBE_TEXT}\r\n".encode()
HAM = (
    b"From: a@alpha.example\r\nTo: b@beta.example\r\nSubject: hi\r\nMessage-ID: <1@alpha.example>\r\n"
    b"Date: Sat, 23 Mar 2024 18:30:00 +0500\r\n\r\nLunch?\r\n"
)


def serve(listener: socket.socket) -> None:
    """One connection of a filter: our core, our rules, a socket around them."""
    connection, _ = listener.accept()
    server = SpamdServer()
    with connection:
        while not server.closing:
            octets = connection.recv(1_000)
            if octets:
                server.receive_data(octets)
            else:
                server.receive_end()
            request = server.next_event()
            if request is not None and request.reply is None:
                verdict = score(request.content)
                content = answer(request.command, request.content, verdict)
                server.reply(
                    Reply(spam=verdict.spam, score=verdict.score, threshold=verdict.threshold, content=content)
                )
        connection.sendall(server.data_to_send())


def spamc(*options: str, letter: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        command = ["spamc", "-F", "/dev/null", "-d", "127.0.0.1", "-p", str(listener.getsockname()[1]), "-x", *options]
        return subprocess.run(command, input=letter, capture_output=True, timeout=20, check=False)


@pytest.mark.parametrize(("letter", "printed", "code"), [(SPAM, b"1003.1/5.0\n", 1), (HAM, b"0.0/5.0\n", 0)])
def test_check(letter: bytes, printed: bytes, code: int) -> None:
    run = spamc("-c", letter=letter)
    assert (run.stdout, run.returncode) == (printed, code), run.stderr


def test_tests() -> None:
    assert spamc("--tests", letter=SPAM).stdout.strip() == b"GTUBE,MISSING_DATE,MISSING_HEADERS,MISSING_MID"


def test_report() -> None:
    printed = spamc("-R", letter=SPAM).stdout
    assert printed == b"1003.1/5.0\n" + report(score(SPAM)).encode()


def test_report_only_if_spam() -> None:
    assert b"GTUBE" in spamc("-r", letter=SPAM).stdout
    assert spamc("-r", letter=HAM).stdout == b""


def test_process() -> None:
    assert spamc("-u", "boris", letter=SPAM).stdout == marked(SPAM, score(SPAM))


def test_headers_only() -> None:
    assert spamc("--headers", letter=SPAM).stdout == marked(SPAM, score(SPAM))


def test_ping() -> None:
    run = spamc("-K")
    assert run.returncode == 0 and b"SPAMD/1.5 0" in run.stdout + run.stderr
