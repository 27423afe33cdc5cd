"""A device keeps what it fetched, and forgets what its server's UIDVALIDITY no longer covers."""

from __future__ import annotations

import pytest

from simulator.mailstore.device import DeviceLetter, DeviceStore
from simulator.mailstore.failures import MailboxExists, NoSuchMailbox

ANNA = "anna@example.org"


def test_pop3_keeps_letters_by_unique_id_in_order_of_arrival() -> None:
    device = DeviceStore("laptop")
    for key in ("b", "a"):
        device.add(ANNA, "INBOX", DeviceLetter(key=key, size=1, octets=b"x"))
    assert device.keys("Anna@example.org", "INBOX") == ("b", "a")
    assert device.snapshot() == {ANNA: {"INBOX": [("b", [], 1), ("a", [], 1)]}}
    with pytest.raises(MailboxExists):
        device.add(ANNA, "INBOX", DeviceLetter(key="a", size=1))
    device.remove(ANNA, "INBOX", "b")
    assert device.keys(ANNA, "INBOX") == ("a",)


def test_imap_fills_in_octets_and_flags_later() -> None:
    device = DeviceStore("phone")
    assert device.open(ANNA, "INBOX", 7) == 0
    device.add(ANNA, "INBOX", DeviceLetter(key=5, size=9, header=b"Subject: x\r\n\r\n"))
    assert device.fill(ANNA, "INBOX", 5, b"whole").octets == b"whole"
    device.set_flags(ANNA, "INBOX", 5, ("\\Seen", "\\Answered"))
    assert device.snapshot() == {ANNA: {"INBOX": [(5, ["\\Answered", "\\Seen"], 5)]}}
    assert device.letters(ANNA, "INBOX")[0].header == b"Subject: x\r\n\r\n"


def test_another_uidvalidity_empties_the_cache() -> None:
    device = DeviceStore("phone")
    device.open(ANNA, "INBOX", 7)
    device.add(ANNA, "INBOX", DeviceLetter(key=1, size=1))
    assert device.open(ANNA, "INBOX", 7) == 0
    assert device.open(ANNA, "INBOX", 8) == 1
    assert device.snapshot() == {ANNA: {"INBOX": []}}


def test_what_was_never_fetched_is_a_typed_error() -> None:
    device = DeviceStore("phone")
    for call in (
        lambda: device.letter(ANNA, "INBOX", 1),
        lambda: device.remove(ANNA, "INBOX", 1),
        lambda: device.fill(ANNA, "INBOX", 1, b""),
    ):
        with pytest.raises(NoSuchMailbox, match="fetch"):
            call()
