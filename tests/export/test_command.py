"""`mailflow export`, as a person or a script meets it."""

from __future__ import annotations

import mailbox
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from simulator.cli import main
from simulator.cli.commands import COMMANDS
from simulator.text import set_language
from tests.export.blocks import read
from tests.export.judge import WRONG, run, tshark

Export = Callable[..., tuple[int, str, str]]
TEXT_FORMS = ("text", "transcript", "mermaid", "svg")
FORMS = (*TEXT_FORMS, "pcapng", "mbox", "maildir", "sqlite")


@pytest.fixture
def export(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, root: Path) -> Iterator[Export]:
    """`export("first-letter", "--as", "svg")`: the exit code and both outputs."""
    monkeypatch.chdir(root)
    monkeypatch.delenv("MAILFLOW_LANG", raising=False)

    def do(*arguments: str | Path) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(["export", *map(str, arguments)])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    yield do
    set_language("en")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trace of a shipped scenario as `mailflow run --trace` keeps it."""
    path = tmp_path_factory.mktemp("kept") / "letter.jsonl"
    assert main(["run", "first-letter", "--trace", str(path)]) == 0
    return path


@pytest.mark.parametrize("form", FORMS)
def test_a_kept_trace_gives_what_the_scenario_gives(form: str, export: Export, kept: Path, tmp_path: Path) -> None:
    for thing, name in (("first-letter", "a"), (kept, "b")):
        code, out, err = export(thing, "--as", form, "-o", tmp_path / name)
        assert (code, err) == (0, "")
        assert str(tmp_path / name) in out
    ours, theirs = tmp_path / "a", tmp_path / "b"
    if form == "pcapng":  # keys and sealed octets are new in each run; all else is the same
        a, b = (read(path.read_bytes()) for path in (ours, theirs))
        assert [(p.t, p.comment, p.flags, p.ports) for p in a.packets] == [
            (p.t, p.comment, p.flags, p.ports) for p in b.packets
        ]
    elif form == "maildir":
        assert [p.read_bytes() for p in sorted(ours.rglob("*S=*"))] == [p.read_bytes() for p in theirs.rglob("*S=*")]
    elif form == "sqlite":
        (records,), (others,) = (
            sqlite3.connect(path).execute("SELECT n, t, kind, text FROM records").fetchall()[-1:]
            for path in (ours, theirs)
        )
        assert records == others
    else:
        assert (
            ours.read_bytes().replace(b"first-letter: The path of one letter", b"letter.jsonl") == theirs.read_bytes()
        )
    assert {path.name for path in tmp_path.iterdir()} == {"a", "b"}


def test_what_is_read_by_others_can_be_read(export: Export, tmp_path: Path) -> None:
    export("first-letter", "--as", "svg", "-o", tmp_path / "x.svg")
    assert ElementTree.parse(tmp_path / "x.svg").getroot().tag.endswith("svg")
    export("first-letter", "--as", "mbox", "--mailbox", "boris@beta.example", "-o", tmp_path / "x.mbox")
    (found,) = mailbox.mbox(tmp_path / "x.mbox")
    assert found["Return-Path"] == "<anna@alpha.example>"
    export("first-letter", "--as", "sqlite", "-o", tmp_path / "x.db")
    rows = sqlite3.connect(tmp_path / "x.db").execute("SELECT mailbox, size FROM deliver").fetchall()
    octets = (tmp_path / "x.mbox").read_bytes().partition(b"\n")[2].removesuffix(b"\n")
    assert rows == [("boris@beta.example", len(octets))]
    export("first-letter", "--as", "pcapng", "-o", tmp_path / "x.pcapng")
    assert tshark(tmp_path / "x.pcapng", "-Y", WRONG) == ""
    assert "LOGIN" in tshark(tmp_path / "x.pcapng", "-Y", "tls && imap")


@pytest.mark.parametrize("form", TEXT_FORMS)
def test_text_goes_to_the_screen_unless_a_file_is_named(form: str, export: Export, tmp_path: Path) -> None:
    code, out, err = export("first-letter", "--as", form)
    assert (code, err) == (0, "")
    assert export("first-letter", "--as", form, "-o", "-") == (0, out, "")
    export("first-letter", "--as", form, "-o", tmp_path / "x")
    assert (tmp_path / "x").read_text(encoding="utf-8") == out


def test_octets_go_through_a_pipe_and_remarks_beside_them(root: Path) -> None:
    command = [sys.executable, "-m", "simulator", "export", "first-letter", "--as", "pcapng"]
    done = subprocess.run(command, cwd=root, capture_output=True, check=True, timeout=60)
    assert len(read(done.stdout).packets) == int(done.stderr.split()[-1])
    done = subprocess.run([*command[:-1], "mbox"], cwd=root, capture_output=True, check=True, timeout=60)
    assert done.stdout.startswith(b"From anna@alpha.example ")


def test_a_file_that_is_there_stays_unless_forced(export: Export, tmp_path: Path) -> None:
    path = tmp_path / "x.svg"
    path.write_text("mine", encoding="utf-8")
    code, out, err = export("first-letter", "--as", "svg", "-o", path)
    assert code == 2 and out == "" and "--force" in err
    assert path.read_text(encoding="utf-8") == "mine"
    assert export("first-letter", "--as", "svg", "-o", path, "--force")[0] == 0
    assert path.read_text(encoding="utf-8").startswith("<?xml")
    assert list(tmp_path.iterdir()) == [path]


def test_at_stops_the_world_there(export: Export) -> None:
    records = run("first-letter").records
    lines = export("first-letter", "--as", "text")[1].splitlines()
    assert len(lines) == len(records)
    for at in ("104", "e104"):
        assert export("first-letter", "--as", "text", "--at", at)[1].splitlines() == lines[:104]
    linked = export("first-letter#smtp.reply/2", "--as", "text")[1].splitlines()
    assert linked == lines[: len(linked)] and "smtp.reply" in linked[-1]
    assert export("first-letter", "--as", "text", "--at", "0") == (0, "", "")


def test_a_mailbox_is_as_it_was_at_the_event(export: Export, tmp_path: Path) -> None:
    records = run("first-letter").records
    delivered = next(record[0] for record in records if record[2].name == "mailbox.append")
    for at, count in ((delivered - 1, 0), (delivered, 1)):
        place = tmp_path / str(at)
        code, _out, err = export(
            "first-letter", "--as", "maildir", "--mailbox", "boris@beta.example", "--at", str(at), "-o", place
        )
        assert (code, err) == (0, "")
        box = mailbox.Maildir(place, create=False)
        assert len(box) == count
        assert all(message.get_subdir() == "new" for message in box)
    sent = export("first-letter", "--as", "mbox", "--mailbox", "boris@beta.example/Sent")
    assert sent[:2] == (0, "")


def test_a_query_chooses_connections_and_rows(export: Export, tmp_path: Path) -> None:
    out = export("first-letter", "--as", "transcript", "--where", "imap.command verb=LOGIN")[1]
    assert [line for line in out.splitlines() if line.startswith("session")] == ["session 5", "session 6"]
    assert "battery-staple" not in out and "***" in out
    code, out, err = export("first-letter", "--as", "transcript", "--where", "deliver")
    assert (code, out) == (0, "") and "No connection" in err
    export("first-letter", "--as", "sqlite", "--where", "smtp.reply", "-o", tmp_path / "x.db")
    base = sqlite3.connect(tmp_path / "x.db")
    assert base.execute("SELECT DISTINCT kind FROM records").fetchall() == [("smtp.reply",)]


def test_a_kept_trace_from_elsewhere_shows_its_tls_in_clear_and_says_so(
    export: Export, kept: Path, tmp_path: Path
) -> None:
    text = kept.read_text(encoding="utf-8").replace('"first-letter"', '"somewhere-else"', 1)
    (tmp_path / "x.jsonl").write_text(text, encoding="utf-8")
    code, out, _err = export(tmp_path / "x.jsonl", "--as", "pcapng", "-o", tmp_path / "x.pcapng")
    assert code == 0 and "in clear" in out and "1, 5, 6" in out
    found = read((tmp_path / "x.pcapng").read_bytes())
    assert found.secrets == ""
    assert found.packets[0].t > 1_700_000_000_000_000, "the names of the stored files tell the time"
    changed = kept.read_text(encoding="utf-8").replace("220 mx.beta", "220 my.beta")
    (tmp_path / "y.jsonl").write_text(changed, encoding="utf-8")
    assert "in clear" in export(tmp_path / "y.jsonl", "--as", "pcapng", "-o", tmp_path / "y.pcapng")[1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("first-letter",), "--as is missing"),
        (("first-letter", "--as", "sqlit"), "did you mean sqlite"),
        (("first-letter", "--as", "states"), "mailflow export smtp --as states"),
        (("smtp", "--as", "svg"), "only --as states"),
        (("first-letter", "--as", "svg", "--mailbox", "a@b.example"), "--where"),
        (("first-letter", "--as", "mbox", "--where", "deliver"), "does not go with"),
        (("first-letter", "--as", "maildir"), "-o PATH"),
        (("first-letter", "--as", "text", "--at", "9999"), "from 0 to "),
        (("first-letter", "--as", "text", "--at", "soon"), "from 0 to "),
        (("first-letter", "--as", "mbox", "--mailbox", "x@beta.example"), "boris@beta.example"),
        (("cyrillic-and-attachment", "--as", "mbox"), "vera@beta.example"),
        (("lecture", "--as", "mbox"), "--mailbox ADDRESS"),
        (("first-letter", "--as", "text", "--where", "smtp.replay"), "smtp.reply"),
        (("first-lettr", "--as", "text"), "first-letter"),
        (("nothing.jsonl", "--as", "text"), "no file"),
        (("first-letter", "--as", "svg", "-o", "no-such-folder/x.svg"), "choose another folder"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_exit_code_2(
    arguments: tuple[str, ...], words: str, export: Export
) -> None:
    code, out, err = export(*arguments)
    assert (code, out) == (2, "")
    assert words in err and "Traceback" not in err


def test_mailboxes_need_a_whole_trace(export: Export, kept: Path, tmp_path: Path) -> None:
    lines = kept.read_text(encoding="utf-8").splitlines(keepends=True)
    (tmp_path / "x.jsonl").write_text("".join(lines[:20] + lines[40:]), encoding="utf-8")
    code, _out, err = export(tmp_path / "x.jsonl", "--as", "mbox")
    assert code == 2 and "whole" in err


@pytest.mark.parametrize("protocol", ["smtp", "lmtp", "imap", "pop3"])
def test_states_are_drawn_as_text_and_for_mermaid(protocol: str, export: Export) -> None:
    code, out, err = export(protocol, "--as", "states")
    assert (code, err) == (0, "")
    assert out.startswith(protocol.upper()) and "\nstateDiagram-v2\n" in out


def test_help_tells_forms_and_tables_in_both_languages(export: Export) -> None:
    for language, word in (("en", "forms:"), ("ru", "формы:")):
        code, out, _err = export("--help", "--lang", language)
        assert code == 0 and word in out
        assert all(f"\n  {form}" in out for form in (*FORMS, "states"))
        assert "records   n, t (" in out and '"from", "to"' in out


def test_every_example_of_the_help_works(
    export: Export, kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for line, _meaning in COMMANDS["export"].examples:
        words = [str(kept) if word.endswith(".jsonl") else word for word in line.split()]
        if "-o" in words:
            words[-1] = str(tmp_path / words[-1])
        code, _out, err = export(*words)
        assert (code, err) == (0, ""), line
