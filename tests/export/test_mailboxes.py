"""Mailboxes rebuilt from a trace: the octets are those of the simulated disk, after every event."""

from __future__ import annotations

import mailbox
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from simulator.engine.environment import Environment
from simulator.engine.kinds import Record
from simulator.engine.trace import KIND, N, value
from simulator.errors import MailflowError
from simulator.export import kept
from simulator.export.contents import appended, submitted
from simulator.export.files import save_octets, save_tree
from simulator.export.kept import KeptLetter, accounts, kept_letters, start_of
from simulator.export.mailboxes import maildir_files, mbox
from simulator.nodes.tls_filter import secure_client
from simulator.records.kinds_access import IMAP_COMMAND, MAILBOX_APPEND, MAILBOX_EXPUNGE
from simulator.scenario import loading, world
from tests.export.judge import SCENARIOS, run
from tests.nodes.mail_world import BETA, SECOND, START, MailWorld
from tests.tui.handmade import Hand

BORIS = "boris@beta.example"
CHANGES = {"mailbox.append", "mailbox.flags", "mailbox.expunge"}


def stored(servers: Any) -> dict[str, bytes]:
    """The files on all simulated disks by their names without flags."""
    disks = [server.store.disk for server in servers.values()]
    return {
        path.rpartition("/")[2].partition(":2,")[0]: octets
        for disk in disks
        for path, octets in disk.files()
        if "/Maildir/" in path
    }


def rebuilt(records: list[Record], n: int) -> dict[str, bytes]:
    """The same from the trace."""
    boxes = [kept_letters(records, n, address) for address in accounts(records)]
    return {letter.file: letter.octets for box in boxes for letters in box.values() for letter in letters}


def letter(
    octets: bytes = b"Subject: x\r\n\r\nHi\r\n", *flags: str, uid: int = 1, file: str = "1.M0Q1.mx,S=1"
) -> KeptLetter:
    return KeptLetter(uid=uid, flags=flags, octets=octets, file=file, received=START)


# --- from the trace ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_after_every_change_the_letters_are_those_on_the_disk(scenario: str) -> None:
    built = world.build(loading.load(scenario))
    disks: dict[int, dict[str, bytes]] = {}

    def look(record: Record) -> None:
        if record[KIND].name in CHANGES:
            disks[record[N]] = stored(built.servers)

    built.env.trace.sink = look
    built.env.advance()
    records = built.env.trace.records
    assert scenario == "lecture" or disks, "a world in which nothing is stored proves nothing"
    for n, disk in disks.items():
        last_of_its_moment = records[n][1] > records[n - 1][1] if n < len(records) else True
        half_moved = n < len(records) and records[n][KIND].name == "mailbox.expunge"  # MOVE: two records, one rename
        if last_of_its_moment or (records[n - 1][KIND].name == "mailbox.append" and not half_moved):
            assert rebuilt(records, n) == disk
    assert rebuilt(records, len(records)) == stored(built.servers)
    assert rebuilt(records, 0) == {}


@pytest.mark.parametrize("spam", [False, True])
def test_dots_from_lines_and_trace_fields_are_as_stored(spam: bool) -> None:
    mail = MailWorld(spam=spam)
    mail.send(BORIS, "olga@beta.example", "boss@beta.example")
    mail.send("anna@alpha.example", by="pc-boris", when=50 * SECOND, text=".\n..\nFrom me\n\n.")
    mail.run()
    people = [BORIS, "olga@beta.example", "anna@alpha.example"]
    found = {address: kept_letters(mail.records, len(mail.records), address)["INBOX"] for address in people}
    for address in people[:2]:
        assert [one.octets for one in found[address]] == mail.letters(address)
    assert [one.octets for one in found[people[2]]] == mail.letters(people[2], "mail-alpha")
    assert b"\r\n..\r\n" in found[people[2]][0].octets


def test_the_start_of_the_world_stands_in_the_names_of_its_files() -> None:
    trace = run("first-letter")
    assert start_of(trace.records) == trace.scenario.start_us
    assert start_of(run("lecture").records) == 0


def test_an_account_without_letters_is_empty_and_a_stranger_is_an_error() -> None:
    records = run("first-letter").records
    assert kept_letters(records, len(records), "Anna@alpha.example") == {}
    with pytest.raises(MailflowError, match=r"boris@beta\.example"):
        kept_letters(records, len(records), "nobody@beta.example")


def test_a_letter_is_never_made_up() -> None:
    records = list(run("first-letter").records)
    place = next(n for n, r in enumerate(records) if r[KIND].name == "tcp.data" and b"Subject" in r[12] and r[6] == 4)
    records[place] = (*records[place][:12], records[place][12].replace(b"Subject", b"Sub"), *records[place][13:])
    with pytest.raises(MailflowError, match="does not hold the octets"):
        kept_letters(records, len(records), BORIS)


# --- what IMAP put there ----------------------------------------------------------------------------------------------


def imap_world(*said: tuple[str, bytes], tag: str = "a2", octets: bytes = b"Subject: x\r\n\r\nHi\r\n") -> list[Record]:
    """A session in which a letter is appended to Sent, then copied to Trash and gone from Sent."""
    hand = Hand(Environment())
    for side, words in said:
        hand.said(1, "pc", "mx", words, ">" if side == "C" else "<")
    command = hand.write(IMAP_COMMAND, tag, "APPEND", "Sent", session=1, at="mx")
    values = (len(octets), ("\\Seen",), "/var/vmail/x/y/Maildir/.Sent/cur/1711166400.M000001Q1.mx,S=18:2,S")
    first = hand.write(MAILBOX_APPEND, BORIS, "Sent", 1, *values, session=1, cause=command, at="mx")
    moved = (len(octets), (), "/var/vmail/x/y/Maildir/.Trash/cur/1711166400.M000002Q2.mx,S=18:2,")
    hand.write(MAILBOX_APPEND, BORIS, "Trash", 7, *moved, session=1, also=(first,), at="mx")
    hand.write(MAILBOX_EXPUNGE, BORIS, "Sent", 1, session=1, at="mx")
    return hand.env.trace.records


LETTER = b"Subject: x\r\n\r\nHi\r\n"


@pytest.mark.parametrize(
    "said",
    [
        [("C", b"a1 NOOP\r\na2 APPEND Sent (\\Seen) {18}\r\n"), ("S", b"+ OK\r\n"), ("C", LETTER + b"\r\n")],
        [("C", b"a2 APPEND Sent {18+}\r\nSubject: x\r\n"), ("C", b"\r\nHi\r\n\r\na3 NOOP\r\n")],
        [
            ("C", b"a1 APPEND Sent {9999}\r\n"),
            ("S", b"a1 NO too big\r\n"),
            ("C", b"a2 APPEND {4}\r\n"),
            ("S", b"+ \r\n"),
            ("C", b"Sent {18}\r\n"),
            ("S", b"+ \r\n"),
            ("C", LETTER + b"\r\n"),
        ],
    ],
)
def test_what_imap_appended_and_copied_is_found_in_its_session(said: list[tuple[str, bytes]]) -> None:
    records = imap_world(*said)
    before, after = len(records) - 2, len(records)
    assert [one.octets for one in kept_letters(records, before, BORIS)["Sent"]] == [LETTER]
    boxes = kept_letters(records, after, BORIS)
    assert list(boxes) == ["Trash"]
    assert [(one.uid, one.octets) for one in boxes["Trash"]] == [(7, LETTER)]
    assert ".Trash/cur/1711166400.M000002Q2.mx,S=18:2," in maildir_files(boxes)


def test_letters_that_imap_appends_copies_moves_and_renames_are_those_on_the_disk() -> None:
    mail = MailWorld()
    mail.send(BORIS)
    commands = (
        b"a1 LOGIN boris@beta.example battery\r\na2 APPEND Sent (\\Seen) {18+}\r\n" + LETTER + b"\r\n"
        b"a3 SELECT INBOX\r\na4 COPY 1 Trash\r\na5 MOVE 1 Drafts\r\na6 CREATE Old\r\na7 SELECT Sent\r\n"
        b"a8 COPY 1 Old\r\na9 RENAME Old New\r\nb1 LOGOUT\r\n"
    )
    mail.at(60 * SECOND, lambda: mail.hosts["pc-boris"].spawn(_imap(mail, commands), name="imap"))
    mail.run(broken=True)
    n = len(mail.records)
    boxes = kept_letters(mail.records, n, BORIS)
    assert {name: len(letters) for name, letters in boxes.items()} == {"Sent": 1, "Trash": 1, "Drafts": 1, "New": 1}
    assert boxes["New"][0].octets == boxes["Sent"][0].octets == LETTER
    assert boxes["Trash"][0].octets == boxes["Drafts"][0].octets
    assert rebuilt(mail.records, n) == stored(mail.servers)


def _imap(mail: MailWorld, commands: bytes) -> Generator[Any, Any, None]:
    """Say all at once to Boris's IMAP server, as soon as TLS is up."""
    host = mail.hosts["pc-boris"]
    stream = yield mail.network.connect("pc-boris", BETA, 993)
    stream.on_close = lambda how: stream.close()
    stream.on_data = lambda octets: None
    secure_client(host, stream, "imaps", "mx.beta.example", lambda: stream.send(commands), lambda error: None)


def test_contents_of_data_and_bdat_are_cut_out_in_any_chunking() -> None:
    client = [
        b"LHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<b@c>\r\nDATA\r\n",
        b"..dot\r\nline\r\n.\r\n",
        b"BDAT 4\r\nab\r\nBDAT 3 LAST\r\n.\r\nDATA\r\n",
        b".\r\n",
    ]
    for size in (1, 2, 5, 1000):
        hand = Hand(Environment())
        for number, words in enumerate(client):
            for at in range(0, len(words), size):
                hand.said(1, "mx", "mx", words[at : at + size], ">")
            hand.said(
                1, "mx", "mx", (b"354 go on\r\n", b"250 ok\r\n", b"250 ok\r\n354 go on\r\n", b"250\r\n")[number], "<"
            )
        found = submitted(hand.env.trace.records, 1)
        assert [one.octets for one in found] == [b".dot\r\nline\r\n", b"ab\r\n.\r\n", b""]
        assert appended(hand.env.trace.records, 2) == []


# --- for other programs -----------------------------------------------------------------------------------------------


def test_pythons_mailbox_reads_an_mbox(tmp_path: Path) -> None:
    trace = run("cyrillic-and-attachment")
    letters = kept_letters(trace.records, len(trace.records), BORIS)["INBOX"]
    hostile = letter(
        b"Return-Path: <>\r\nSubject: y\r\n\r\nFrom here\r\n>From there\r\n\r\nFrom x@y Sat Mar 23 05:15:00 2024\r\nend"
    )
    save_octets(tmp_path / "box", mbox([*letters, hostile, letter()]))
    box = mailbox.mbox(tmp_path / "box", create=False)
    assert len(box) == len(letters) + 2
    for number, one in enumerate([*letters, hostile, letter()]):
        octets = box.get_bytes(number)
        assert (
            octets.replace(b"\n>From ", b"\nFrom ").replace(b"\n>>From ", b"\n>From ").rstrip() == one.octets.rstrip()
        )
    assert [box[number].get_from().split(" ")[0] for number in range(len(box))][-2:] == ["MAILER-DAEMON"] * 2
    assert box[0].get_from() == "anna@alpha.example Sat Mar 23 05:15:00 2024"
    assert box[0]["Subject"] and box[0].is_multipart()


def test_an_empty_mailbox_is_an_empty_mbox(tmp_path: Path) -> None:
    save_octets(tmp_path / "box", mbox([]))
    assert len(mailbox.mbox(tmp_path / "box", create=False)) == 0


def test_pythons_mailbox_reads_a_maildir(tmp_path: Path) -> None:
    boxes = {
        "INBOX": (
            letter(b"a: b\r\n\r\nnew\r\n"),
            letter(b"a: b\r\n\r\nseen\r\n", "\\Seen", "\\Flagged", uid=2, file="2.M0Q2.mx"),
        ),
        "Архив": (letter(uid=3, file="3.M0Q3.mx"),),
        "Sent.2024": (),
    }
    save_tree(tmp_path / "Maildir", maildir_files(boxes))
    box = mailbox.Maildir(tmp_path / "Maildir", factory=None, create=False)
    found = {message.get_payload(): (message.get_subdir(), message.get_flags()) for message in box}
    assert found == {"new\n": ("new", ""), "seen\n": ("cur", "FS")} or found == {
        "new\r\n": ("new", ""),
        "seen\r\n": ("cur", "FS"),
    }
    assert sorted(box.list_folders()) == ["&BBAEQARFBDgEMg-", "Sent.2024"]
    assert len(box.get_folder("&BBAEQARFBDgEMg-")) == 1
    assert (tmp_path / "Maildir" / "new" / "1.M0Q1.mx,S=1").read_bytes() == b"a: b\r\n\r\nnew\r\n"


@pytest.mark.parametrize("file", ["..", "../x", ".hidden", "a/b", "a\0b"])
def test_a_damaged_trace_leads_to_no_file_elsewhere(file: str) -> None:
    with pytest.raises(MailflowError, match="damaged"):
        maildir_files({"INBOX": (letter(file=file),)})
    with pytest.raises(MailflowError, match="damaged"):
        maildir_files({file.replace("\0", "/"): (letter(),)})


def test_a_folder_is_replaced_only_if_it_is_one_of_ours(tmp_path: Path) -> None:
    place = tmp_path / "Maildir"
    first, second = ({"INBOX": (letter(octets),)} for octets in (b"one", b"two"))
    assert save_tree(place, maildir_files(first)) == 3
    with pytest.raises(FileExistsError):
        save_tree(place, maildir_files(second))
    save_tree(place, maildir_files(second), replace=True)
    assert [path.read_bytes() for path in place.glob("new/*")] == [b"two"]
    (place / "diary.txt").write_text("dear diary", encoding="utf-8")
    with pytest.raises(MailflowError, match="something else"):
        save_tree(place, maildir_files(first), replace=True)
    assert (place / "diary.txt").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["Maildir"]
    with pytest.raises(MailflowError, match="choose another folder"):
        save_tree(tmp_path / "no" / "where", maildir_files(first))


def test_file_names_without_time_are_kept() -> None:
    hand = Hand(Environment())
    record = hand.write(MAILBOX_APPEND, BORIS, "INBOX", 1, 0, (), "/somewhere/odd:2,S", at="mx")
    assert start_of([record]) == 0
    assert value(record, "path") == "/somewhere/odd:2,S"
    assert kept.with_letters([record]) == (BORIS,)
