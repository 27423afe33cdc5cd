"""Transcripts, hex dumps, files and the sentences about records."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.engine.kinds import kinds
from simulator.engine.trace import KIND, N
from simulator.errors import MailflowError
from simulator.export.files import save_lines
from simulator.export.hexdump import hexdump
from simulator.export.transcript import sealed_transcript, transcript
from simulator.records.describe import SENTENCES, describe, describe_parts, mask_octets, mask_value, rfc
from tests.tui.handmade import HandRun, hand_run


@pytest.fixture(scope="module")
def run() -> HandRun:
    return hand_run()


def text(run: HandRun, session: int, upto: int | None = None) -> list[str]:
    return [str(line) for line in transcript(run.records, session, upto)]


def test_a_transcript_is_the_dialogue_with_remarks(run: HandRun) -> None:
    lines = text(run, 1)
    start = lines.index("C: STARTTLS")
    assert lines[0] == "# pc-anna > mail-alpha:587 connected"
    assert lines[1] == "S: 220 mail.alpha.example ESMTP"
    assert lines[start : start + 5] == [
        "C: STARTTLS",
        "S: 220 2.0.0 Go ahead",
        "~ TLSv1.3, mail.alpha.example ~",
        "C: AUTH PLAIN ***",
        "S: 235 2.7.0 Authentication successful",
    ]
    assert "C: See you at noon." in lines
    assert lines[-1] == "# mail-alpha close: fin"


def test_a_transcript_stops_where_it_is_told(run: HandRun) -> None:
    whole = transcript(run.records, 1)
    for line in whole:
        assert transcript(run.records, 1, line.n) == tuple(other for other in whole if other.n <= line.n)


def test_control_octets_in_a_letter_are_spelt_out(run: HandRun) -> None:
    assert any(r"Subject: \x1b]0;x\x07[/red] lunch?" in line for line in text(run, 1))


def test_a_listener_sees_no_word_after_tls(run: HandRun) -> None:
    lines = [str(line) for line in sealed_transcript(run.records, 1)]
    assert "C: STARTTLS" in lines
    assert not any("MAIL FROM" in line or "AUTH" in line for line in lines)
    assert any(": 17 03 03" in line for line in lines)


def test_an_unfinished_line_is_shown_at_the_end(run: HandRun) -> None:
    records = [record for record in run.records if record[KIND].name == "tcp.data" and record[12].startswith(b"EHLO")]
    cut = [(*records[0][:12], b"EHLO half", *records[0][13:])]
    assert [str(line) for line in transcript(cut, records[0][6])] == ["C: EHLO half"]


def test_a_hex_dump_has_offsets_hexadecimal_and_text() -> None:
    assert hexdump(b"450 4.2.0 Greyli\r\n") == (
        "00000000  34 35 30 20 34 2e 32 2e 30 20 47 72 65 79 6c 69  |450 4.2.0 Greyli|",
        "00000010  0d 0a                                            |..|",
    )
    assert hexdump(b"abc\xff", columns=2, start=16) == ("00000010  61 62  |ab|", "00000012  63 ff  |c.|")
    assert hexdump(b"") == ()


@pytest.mark.parametrize(
    ("octets", "masked"),
    [
        (b"PASS battery staple\r\n", b"PASS **************\r\n"),
        (b"a1 LOGIN boris@beta.example secret\r\n", b"a1 LOGIN boris@beta.example ******\r\n"),
        (b'a1 LOGIN "boris" "se cret"\r\n', b'a1 LOGIN "boris" *********\r\n'),
        (b"AUTH PLAIN AGEAYg==\r\n", b"AUTH PLAIN ********\r\n"),
        (b"AGEAYg==\r\n", b"********\r\n"),
        (b"USER boris\r\nPASS x\r\n", b"USER boris\r\nPASS *\r\n"),
        (b"MAIL FROM:<a@b.example>\r\n", b"MAIL FROM:<a@b.example>\r\n"),
        (b"a2 AUTHENTICATE PLAIN AGEAYg==\r\n", b"a2 AUTHENTICATE PLAIN ********\r\n"),
    ],
)
def test_passwords_are_masked_octet_by_octet(octets: bytes, masked: bytes) -> None:
    assert mask_octets(octets) == masked
    assert len(masked) == len(octets)


def test_every_kind_has_a_sentence_that_names_only_its_fields() -> None:
    import string

    for kind in kinds():
        sentence = SENTENCES.get(kind.name)
        if sentence is None:
            continue
        named = {name for _, name, _, _ in string.Formatter().parse(sentence) if name}
        known = {field.name for field in kind.fields} | ({"name"} if kind.name == "stage" else set())
        assert named <= known, kind.name  # a stage's id is named in the reader's language
    missing = {kind.name for kind in kinds()} - SENTENCES.keys()
    assert missing <= {"smtp.reply", "lmtp.reply", "tcp.data", "udp.data", "tap.saw", "tcp.changed"}, missing


def test_every_record_is_described_in_one_safe_line(run: HandRun) -> None:
    for record in run.records:
        line = describe(record)
        assert line
        assert "\n" not in line and "\x1b" not in line
        assert "correct-horse" not in line
        assert "AGFubm" not in line


def test_parts_tell_who_and_what_went_wrong(run: HandRun) -> None:
    marks = {record[KIND].name: describe_parts(record).mark for record in run.records}
    assert marks["udp.lost"] == "x"
    assert marks["queue.defer"] == "!"
    assert marks["queue.enter"] == ""
    refused = [r for r in run.records if r[KIND].name == "smtp.reply" and describe_parts(r).mark == "!"]
    assert [record[12] for record in refused] == [450]
    assert all(describe_parts(r).answer for r in run.records if r[KIND].name in ("smtp.reply", "dns.answer"))


def test_rules_name_the_rfc_of_the_command(run: HandRun) -> None:
    found = {mask_value(record, "verb"): rfc(record) for record in run.records if record[KIND].name == "smtp.command"}
    assert found["MAIL"] == "RFC 5321, 4.1.1.2"
    assert found["STARTTLS"] == "RFC 3207, 4"
    assert rfc(run.records[0]) == ""


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    assert save_lines(path, ["раз", "два"]) == 14
    assert path.read_text(encoding="utf-8") == "раз\nдва\n"
    with pytest.raises(FileExistsError):
        save_lines(path, ["x"])

    def broken() -> object:
        yield "begun"
        raise RuntimeError("made for a test")

    with pytest.raises(RuntimeError):
        save_lines(path, broken(), replace=True)  # type: ignore[arg-type]
    assert path.read_text(encoding="utf-8") == "раз\nдва\n"
    assert [left.name for left in tmp_path.iterdir()] == ["a.txt"]
    save_lines(path, ["x"], replace=True)
    assert path.read_text(encoding="utf-8") == "x\n"


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(MailflowError, match="choose another folder"):
        save_lines(tmp_path / "no" / "a.txt", ["x"])


def test_lines_belong_to_the_record_that_completed_them(run: HandRun) -> None:
    known = {record[N] for record in run.records}
    assert all(line.n in known for line in transcript(run.records, 2))
