"""Issue 4, section 3: what `mailflow export` writes, read by other programs.

Judged elsewhere: packet by packet, and every shipped scenario by tshark, in tests/export.
"""

from __future__ import annotations

import json
import mailbox
import re
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.acceptance.outside import count, mailflow, need, records, trace

WRONG = (
    "_ws.malformed || tcp.analysis.flags || tcp.checksum.status == Bad || ip.checksum.status == Bad "
    "|| udp.checksum.status == Bad"
)

Exported = Callable[..., Path]


@pytest.fixture
def exported(tmp_path: Path) -> Exported:
    """`mailflow export THING --as FORM ...` into a file of this test."""

    def export(thing: str, form: str, *options: str) -> Path:
        path = tmp_path / f"out.{form}"
        run = mailflow("export", thing, "--as", form, *options, "-o", str(path))
        assert run.code == 0, run.err
        return path

    return export


def tshark(capture: Path, wanted: str, *names: str) -> list[str]:
    """The lines that tshark prints for the packets that a display filter finds."""
    need("tshark")
    checks = [word for one in ("tcp", "ip", "udp") for word in ("-o", f"{one}.check_checksum:TRUE")]
    shown = [word for name in names for word in ("-e", name)]
    form = ["-T", "fields", *shown] if names else []
    command = ["tshark", "-r", str(capture), *checks, "-Y", wanted, *form]
    done = subprocess.run(command, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return done.stdout.decode(errors="replace").splitlines()


def test_tshark_reads_every_protocol_and_finds_no_fault(exported: Exported) -> None:
    for scenario in ("first-letter", "pop3-and-imap"):
        capture = exported(scenario, "pcapng", *(["--force"] if scenario != "first-letter" else []))
        assert tshark(capture, WRONG) == []
        protocols = " ".join(tshark(capture, "frame", "frame.protocols"))
        for name in ("smtp", "imf", "imap", "dns", "tls") if scenario == "first-letter" else ("pop", "imap"):
            assert re.search(rf"\b{name}\b", protocols), name


def test_tshark_decrypts_the_tls_and_shows_names_and_event_numbers(exported: Exported) -> None:
    capture = exported("first-letter", "pcapng")
    assert tshark(capture, 'smtp.req.command == "AUTH" && tls')
    comments = " ".join(tshark(capture, "frame.comment", "frame.comment"))
    numbers = {str(record["n"]) for record in records("first-letter", "tcp.data")}
    assert numbers & set(re.findall(r"\d+", comments))
    need("tshark")
    named = subprocess.run(["tshark", "-r", str(capture), "-N", "n"], capture_output=True, timeout=60, check=True)
    assert b"mail.alpha.example" in named.stdout or b"mail-alpha" in named.stdout


def test_a_kept_trace_is_exported_like_its_scenario(exported: Exported, tmp_path: Path) -> None:
    kept = tmp_path / "kept.jsonl"
    assert mailflow("run", "first-letter", "--trace", str(kept)).code == 0
    direct = exported("first-letter", "transcript").read_text()
    assert exported(str(kept), "transcript", "--force").read_text() == direct
    assert "C: EHLO" in direct and "S: 250" in direct


def test_the_diagrams_show_every_host_that_speaks(exported: Exported) -> None:
    mermaid = exported("first-letter", "mermaid").read_text()
    assert mermaid.startswith("sequenceDiagram") or "\nsequenceDiagram" in mermaid
    picture = ElementTree.fromstring(exported("first-letter", "svg").read_text())
    words = " ".join(picture.itertext())
    for host in {record["from"] for record in records("first-letter", "tcp.data")}:
        assert host in mermaid and host in words


def test_a_mailbox_is_written_as_mbox_and_as_maildir(exported: Exported) -> None:
    boxes = (
        mailbox.mbox(exported("first-letter", "mbox", "--mailbox", "boris@beta.example"), create=False),
        mailbox.Maildir(exported("first-letter", "maildir", "--mailbox", "boris@beta.example"), create=False),
    )
    for box in boxes:
        with closing(box):
            (letter,) = list(box)
            assert letter["From"] and letter["Received"]


def test_a_mailbox_before_the_delivery_is_empty(exported: Exported) -> None:
    delivered = records("first-letter", "deliver")[0]["n"]
    path = exported("first-letter", "mbox", "--mailbox", "boris@beta.example", "--at", str(delivered - 1))
    assert path.read_bytes() == b""


def test_the_database_holds_the_whole_trace(exported: Exported) -> None:
    with closing(sqlite3.connect(exported("first-letter", "sqlite"))) as database:
        assert database.execute("SELECT count(*) FROM records").fetchone()[0] == len(trace("first-letter"))
        found = database.execute("SELECT count(*) FROM smtp_reply").fetchone()[0]
        assert found == count("first-letter", "smtp.reply")


def test_a_query_chooses_what_is_exported(exported: Exported) -> None:
    capture = exported("first-letter", "pcapng", "--where", "tcp.connect port=25")
    need("tshark")
    ports = {port for line in tshark(capture, "tcp", "tcp.port") for port in re.split(r"[,\t]", line)}
    assert "25" in ports and "587" not in ports


def test_the_tables_and_columns_are_documented() -> None:
    said = mailflow("export", "--help").out
    for word in ("records", "also", "kinds", "smtp_reply"):
        assert word in said
    assert json.loads(mailflow("schema", "scenario").out)
