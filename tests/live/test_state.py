"""What `--state` keeps: letters through twenty kills, flags, UIDs, the queue, the authority; and one process at a time."""

from __future__ import annotations

import imaplib
import itertools
import random
import signal
import smtplib
import threading
import time
from pathlib import Path

import pytest

from simulator.errors import UsageError
from simulator.live.disk import KeptDisk
from simulator.live.state import kept
from simulator.mailstore.failures import DiskError
from simulator.mailstore.store import MailStore
from simulator.nodes.queue import Entry, Queued
from tests.live.clients import letter
from tests.live.house import House, start

KILLS = 20
NOW = 1_700_000_000_000_000


class Writer(threading.Thread):
    """Somebody who sends letters until the server is gone, and knows which were accepted."""

    def __init__(self, house: House, numbers: itertools.count[int]) -> None:
        super().__init__()
        self.house = house
        self.numbers = numbers
        self.accepted: list[str] = []

    def run(self) -> None:
        """Send one letter after the other."""
        recipient = self.house.users[0][0]
        try:
            with smtplib.SMTP("127.0.0.1", self.house.port("smtp"), timeout=10) as client:
                while True:
                    subject = f"kept-{next(self.numbers):05}"
                    client.sendmail("a@elsewhere.example", [recipient], letter(subject, recipient))
                    self.accepted.append(subject)
        except (smtplib.SMTPException, OSError):
            return


def subjects(house: House) -> list[str]:
    """The subjects in the first user's INBOX."""
    address, password = house.users[0]
    with imaplib.IMAP4_SSL("127.0.0.1", house.port("imaps"), ssl_context=house.trust(), timeout=20) as client:
        client.login(address, password)
        client.select("INBOX", readonly=True)
        data = client.fetch("1:*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1]
        return [one[1].decode().partition(":")[2].strip() for one in data if isinstance(one, tuple)]


def test_no_accepted_letter_is_lost_by_twenty_kills(tmp_path: Path) -> None:
    options = ("--state", str(tmp_path / "state"), "--speed", "max", "--server", "mail-alpha")
    numbers, accepted, chance = itertools.count(), list[str](), random.Random(4)
    for _ in range(KILLS):
        house = start(tmp_path, *options, scenario="ten-lines")
        writer = Writer(house, numbers)
        writer.start()
        time.sleep(0.05 + chance.random() * 0.15)
        house.end(signal.SIGKILL)
        writer.join(20)
        accepted += writer.accepted
    house = start(tmp_path, *options, scenario="ten-lines")
    try:
        end = time.monotonic() + 30
        while set(accepted) - set(arrived := subjects(house)) and time.monotonic() < end:
            time.sleep(0.2)
        assert len(accepted) > KILLS
        assert set(accepted) <= set(arrived)
        assert len(arrived) - len(set(arrived)) <= KILLS  # at most one more for each crash (reliability, Letters)
        assert house.end() == 0
    finally:
        house.process.kill()


def test_one_process_at_a_time_has_a_state(tmp_path: Path) -> None:
    with (
        kept(tmp_path / "state", NOW),
        pytest.raises(UsageError, match="another live world"),
        kept(tmp_path / "state", NOW),
    ):
        pass


def test_a_state_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UsageError, match="state"), kept(tmp_path / "file", NOW):
        pass


def test_the_authority_is_kept_for_its_owner_alone(tmp_path: Path) -> None:
    with kept(tmp_path / "state", NOW) as state:
        assert state.authority is None
        state.keep_authority(b"key and certificate")
        assert state.authority == b"key and certificate"
    assert (tmp_path / "state" / "authority.pem").stat().st_mode & 0o077 == 0


def test_a_queue_is_given_back_as_it_was_and_times_move_with_the_clock(tmp_path: Path) -> None:
    entry = Entry(
        "ABC",
        "a@x.example",
        b"Subject: hi\n\r\n\xff",
        7,
        5_000_000,
        [Queued("b@y.example", "deferred", 2, 9_000_000, "why")],
    )
    with kept(tmp_path / "state", NOW) as state:
        state.spool("mx").keep(entry)
    with kept(tmp_path / "state", NOW + 1_000_000) as later:
        (found,) = later.spool("mx").entries()
        assert (found.queue_id, found.sender, found.content) == ("ABC", "a@x.example", entry.content)
        assert found.entered == 4_000_000 and found.recipients[0].next_try == 8_000_000
        assert found.recipients[0].state == "deferred" and found.options == entry.options
        later.spool("mx").drop("ABC")
        assert later.spool("mx").entries() == ()


def test_a_letter_that_a_kill_left_half_written_was_never_accepted(tmp_path: Path) -> None:
    with kept(tmp_path / "state", NOW) as state:
        spool = state.spool("mx")
        (tmp_path / "state" / "mx" / "queue" / ".HALF").write_bytes(b"{")
        assert spool.entries() == ()
        assert not (tmp_path / "state" / "mx" / "queue" / ".HALF").exists()


def store(folder: Path) -> MailStore:
    """A store on a disk that lasts."""
    made = MailStore("mx", disk=KeptDisk(folder / "disk"), index=str(folder / "index"))
    made.add_account("anna@x.example", "secret", NOW)
    return made


def test_letters_flags_uids_and_mailboxes_outlive_the_process(tmp_path: Path) -> None:
    first = store(tmp_path)
    one, two = (first.deliver("anna@x.example", octets, NOW) for octets in (b"one", b"two"))
    first.mailbox("anna@x.example").set_flags(two.uid, frozenset({"\\Seen"}))
    first.mailbox("anna@x.example").expunge((one.uid,))
    first.create_mailbox("anna@x.example", "Work.Näher", NOW)
    again = store(tmp_path)
    (kept_letter,) = again.mailbox("anna@x.example").messages()
    assert (kept_letter.uid, kept_letter.flags, kept_letter.octets()) == (two.uid, frozenset({"\\Seen"}), b"two")
    assert again.mailbox("anna@x.example").uid_validity == first.mailbox("anna@x.example").uid_validity
    assert again.deliver("anna@x.example", b"three", NOW).uid == two.uid + 1
    assert "Work.Näher" in dict(again.list_mailboxes("anna@x.example"))


def test_a_letter_whose_file_was_renamed_when_the_process_died_is_found_again(tmp_path: Path) -> None:
    stored = store(tmp_path).deliver("anna@x.example", b"one", NOW)
    path = tmp_path / "disk" / stored.path.lstrip("/")
    path.rename(path.parent.parent / "cur" / f"{path.name}:2,S")
    (found,) = store(tmp_path).mailbox("anna@x.example").messages()
    assert found.octets() == b"one"


def test_the_disk_behaves_like_the_simulated_one(tmp_path: Path) -> None:
    disk = KeptDisk(tmp_path)
    disk.make_directory("/a/b")
    disk.write("/a/b/one", b"1")
    for wrong in (
        lambda: disk.write("/a/b/one", b"2"),
        lambda: disk.write("/nowhere/one", b"2"),
        lambda: disk.read("/a/b/two"),
        lambda: disk.rename("/a/b/two", "/a/b/three"),
        lambda: disk.remove("/a/b/two"),
        lambda: disk.list("/nowhere"),
        lambda: disk.remove_directory("/a/b"),
        lambda: disk.rename_directory("/nowhere", "/c"),
        lambda: disk.read("/a/../../etc/hostname"),
    ):
        with pytest.raises(DiskError):
            wrong()
    disk.rename("/a/b/one", "/a/b/two")
    disk.rename_directory("/a/b", "/a/c")
    assert disk.list("/a/c") == ("two",) and disk.exists("/a/c/two") and not disk.exists("/a/c/one")
    assert list(disk.files()) == [("/a/c/two", b"1")]
    assert disk.remove("/a/c/two") == 1
    disk.remove_directory("/a/c")
