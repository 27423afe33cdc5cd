"""Trace fields are written as Postfix and Dovecot write them, and read back. RFC 5321 4.4, RFC 6409 8."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.message import trace_fields
from simulator.message.dates import imap_date, parse_imap_date, parse_rfc5322_date, rfc5322_date
from simulator.message.header import read_fields
from simulator.message.submission import complete_submission

NOW = 1_795_486_339_000_000  # Tue, 24 Nov 2026 02:12:19 UTC
DATE = "Tue, 24 Nov 2026 02:12:19 +0000 (UTC)"


def test_dates_are_written_as_the_oracle_wrote_them() -> None:
    assert rfc5322_date(NOW, zone="UTC") == DATE
    assert rfc5322_date(NOW, 180) == "Tue, 24 Nov 2026 05:12:19 +0300"
    assert rfc5322_date(NOW, -150) == "Mon, 23 Nov 2026 23:42:19 -0230"
    assert imap_date(1_704_067_200_000_000) == "01-Jan-2024 00:00:00 +0000"


@given(seconds=st.integers(0, 250_000_000_000), offset=st.integers(-14 * 60, 14 * 60))
def test_dates_come_back_as_written(seconds: int, offset: int) -> None:
    text = rfc5322_date(seconds * 1_000_000, offset)
    assert parse_rfc5322_date(text) == seconds * 1_000_000
    assert parsedate_to_datetime(text).timestamp() == seconds
    assert parse_imap_date(imap_date(seconds * 1_000_000, offset)) == seconds * 1_000_000


@pytest.mark.parametrize(
    "text", ["", "yesterday", "32 Jan 2024 00:00:00 +0000", "1 Foo 2024 00:00:00 +0000", "Tue, 24 Nov"]
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert parse_rfc5322_date(text) is None
    assert parse_imap_date(text) is None


def test_obsolete_dates_are_read() -> None:
    assert parse_rfc5322_date("24 Nov 26 02:12 GMT") == NOW - 19_000_000
    assert parse_rfc5322_date("Mon, 23 Nov 2026 21:12:19 EST") == NOW


def test_received_with_a_single_recipient_is_postfixs() -> None:
    field = trace_fields.received(
        helo="client.example", client_name="localhost", client_address="127.0.0.1", by="mail.alpha.test",
        protocol="ESMTP", queue_id="831F925C16F", date_text=DATE, recipient="bob@alpha.test",
    )  # fmt: skip
    assert field == (
        b"Received: from client.example (localhost [127.0.0.1])\r\n"
        b"\tby mail.alpha.test (Postfix) with ESMTP id 831F925C16F\r\n"
        b"\tfor <bob@alpha.test>; Tue, 24 Nov 2026 02:12:19 +0000 (UTC)\r\n"
    )


def test_received_with_several_recipients_names_none() -> None:
    field = trace_fields.received(
        helo="client.example", client_name="localhost", client_address="127.0.0.1", by="mail.alpha.test",
        protocol="ESMTP", queue_id="7E22725C16D", date_text=DATE,
    )  # fmt: skip
    assert field == (
        b"Received: from client.example (localhost [127.0.0.1])\r\n"
        b"\tby mail.alpha.test (Postfix) with ESMTP id 7E22725C16D;\r\n"
        b"\tTue, 24 Nov 2026 02:12:19 +0000 (UTC)\r\n"
    )


def test_received_over_tls_says_how() -> None:
    field = trace_fields.received(
        helo="client.example", client_name="localhost", client_address="127.0.0.1", by="mail.alpha.test",
        protocol="ESMTPSA", queue_id="5030125C176", date_text=DATE, recipient="bob@alpha.test",
        tls=(
            "using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)",
            "key-exchange X25519 server-signature RSA-PSS (2048 bits) server-digest SHA256",
        ),
    )  # fmt: skip
    assert field == (
        b"Received: from client.example (localhost [127.0.0.1])\r\n"
        b"\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)\r\n"
        b"\t key-exchange X25519 server-signature RSA-PSS (2048 bits) server-digest SHA256)\r\n"
        b"\t(No client certificate requested)\r\n"
        b"\tby mail.alpha.test (Postfix) with ESMTPSA id 5030125C176\r\n"
        b"\tfor <bob@alpha.test>; Tue, 24 Nov 2026 02:12:19 +0000 (UTC)\r\n"
    )
    hop = trace_fields.hops(field + b"\r\n")[0]
    assert (hop.protocol, hop.queue_id, hop.by, hop.from_address) == (
        "ESMTPSA",
        "5030125C176",
        "mail.alpha.test",
        "127.0.0.1",
    )


def test_final_delivery_writes_dovecots_three_fields() -> None:
    content = trace_fields.prepend(
        b"Subject: x\r\n\r\n",
        trace_fields.return_path("carol@beta.test"),
        trace_fields.delivered_to("bob@alpha.test"),
        trace_fields.received_lmtp(
            lhlo="mail.alpha.test", by="vm", session_id="OQi9IIPyBGsnUwAAg+zDdQ", reverse_path="carol@beta.test",
            recipient="bob@alpha.test", date_text="Tue, 24 Nov 2026 02:12:19 +0000",
        ),
    )  # fmt: skip
    assert content == (
        b"Return-Path: <carol@beta.test>\r\nDelivered-To: bob@alpha.test\r\n"
        b"Received: from mail.alpha.test\r\n\tby vm with LMTP\r\n"
        b"\tid OQi9IIPyBGsnUwAAg+zDdQ\r\n\t(envelope-from <carol@beta.test>)\r\n"
        b"\tfor <bob@alpha.test>; Tue, 24 Nov 2026 02:12:19 +0000\r\nSubject: x\r\n\r\n"
    )
    assert trace_fields.count_hops(content) == 1


def test_an_earlier_return_path_is_taken_out_of_the_header_alone() -> None:
    content = b"A: b\r\nreturn-path: <x@y>\r\n\tz\r\nC: d\r\nReturn-Path:<>\r\n\r\nReturn-Path: body\r\n"
    assert trace_fields.without_return_path(content) == b"A: b\r\nC: d\r\n\r\nReturn-Path: body\r\n"
    assert trace_fields.without_return_path(b"A: b") == b"A: b"
    assert trace_fields.without_return_path(b"Return-Path: x") == b""
    alike = b"X-Return-Path: <a>\r\nReturn-Path: <a>\r\nReturn-Path: <a>\r\nB: c"
    assert trace_fields.without_return_path(alike) == b"X-Return-Path: <a>\r\nB: c"


def test_hops_are_read_newest_first() -> None:
    lmtp = trace_fields.received_lmtp(
        lhlo="mail.alpha.test", by="vm", session_id="A", reverse_path="", recipient="bob@alpha.test", date_text=DATE,
    )  # fmt: skip
    relay = trace_fields.received(
        helo="[192.0.2.7]",
        client_name="unknown",
        client_address="2001:db8::7",
        by="mx",
        protocol="ESMTPS",
        queue_id="B",
        date_text=DATE,
    )
    hops = trace_fields.hops(lmtp + relay + b"Received: nonsense\r\n\r\nReceived: body\r\n")
    assert [hop.queue_id for hop in hops] == ["A", "B", None]
    assert [hop.epoch_us for hop in hops] == [NOW, NOW, None]
    assert hops[0].recipient == "bob@alpha.test"
    assert hops[1].from_address == "2001:db8::7"
    assert hops[1].recipient is None


@given(helo=st.text(max_size=60), recipient=st.text(max_size=60))
def test_no_name_can_add_a_line_to_received(helo: str, recipient: str) -> None:
    field = trace_fields.received(
        helo=helo,
        client_name=helo,
        client_address="192.0.2.1",
        by="mx",
        protocol="SMTP",
        queue_id="A",
        date_text=DATE,
        recipient=recipient,
    )
    assert field.count(b"\n") == field.count(b"\r") == 3
    assert [line[:1] for line in field.split(b"\r\n")[1:3]] == [b"\t", b"\t"]


@given(octets=st.binary(max_size=200))
def test_reading_hops_never_raises(octets: bytes) -> None:
    trace_fields.hops(b"Received: " + octets)


COMPLETE = b"From: Anna <anna@example.org>\r\nDate: x\r\nMessage-ID: <1@x>\r\n\r\nbody\r\n"


def completed(content: bytes, sender: str = "anna@example.org") -> tuple[bytes, tuple[str, ...]]:
    octets, added = complete_submission(content, sender=sender, date_text="DATE", message_id="<new@mx>")
    assert added in octets
    return octets, tuple(field.name for field in read_fields(added))


def test_a_complete_letter_is_not_touched() -> None:
    assert completed(COMPLETE) == (COMPLETE, ())


def test_missing_fields_go_behind_the_authors() -> None:
    content, added = completed(b"Subject: x\r\n\r\nbody\r\n")
    assert content == b"Subject: x\r\nMessage-ID: <new@mx>\r\nDate: DATE\r\nFrom: anna@example.org\r\n\r\nbody\r\n"
    assert added == ("Message-ID", "Date", "From")


def test_another_author_gets_a_sender_beside_him() -> None:
    content, added = completed(COMPLETE, "vera@example.org")
    assert added == ("Sender",)
    assert b"\r\nSender: vera@example.org\r\n\r\nbody\r\n" in content


def test_an_author_in_two_fields_is_not_one_author() -> None:
    assert completed(b"from: anna@example.org\r\n" + COMPLETE)[1] == ("Sender",)
    assert completed(b"From:\r\n" + COMPLETE)[1] == ()


def test_the_null_sender_is_never_written_as_an_author() -> None:
    assert completed(b"\r\nbody\r\n", "")[1] == ("Message-ID", "Date")


@pytest.mark.parametrize(
    "content",
    [b"", b"Subject: x", b"Subject: x\r\n", b"no header at all\r\n", b"\r\nbody", b"A: b\r\nbody starts here\r\n\r\nx"],
)
def test_odd_letters_are_completed_and_keep_their_octets(content: bytes) -> None:
    result, added = completed(content)
    assert added == ("Message-ID", "Date", "From")
    rest = result.replace(b"Message-ID: <new@mx>\r\nDate: DATE\r\nFrom: anna@example.org\r\n", b"", 1)
    assert rest.replace(b"\r\n", b"") == content.replace(b"\r\n", b"")
