"""Letters from one mail program to another, through every node: what arrives, and who sees what."""

from __future__ import annotations

import pytest

from simulator.engine.trace import KIND, SESSION, value
from simulator.message.compose import Draft, compose
from simulator.message.dates import rfc5322_date
from simulator.nodes.mail_server import Mailbox
from simulator.protocol.pop3 import replies, transaction
from tests.nodes.mail_world import ANNA, BETA_ZONE, BORIS, MINUTE, SECOND, START, TEXT, MailWorld, _address

BORIS_BOX = "boris@beta.example"


def composed(*to: str, text: str = TEXT, when: int = SECOND) -> bytes:
    """What Anna's mail program writes at that time."""
    addresses = tuple(map(_address, to))
    date = rfc5322_date(START + when, 0)
    return compose(Draft(sender=ANNA, to=addresses, cc=(), bcc=(), subject="Обед?", text=text, date_text=date))


@pytest.mark.parametrize("spam", [False, True])
def test_the_octets_are_those_that_were_written_but_for_trace_fields_and_what_the_msa_added(spam: bool) -> None:
    world = MailWorld(spam=spam)
    world.send(BORIS_BOX)
    world.run()
    (stored,) = world.letters(BORIS_BOX)
    head, _, body = composed(BORIS_BOX).partition(b"\r\n\r\n")
    stored_head, _, stored_body = stored.partition(b"\r\n\r\n")
    assert stored_body == body
    before, written, after = stored_head.partition(head)
    assert written
    names = [line.split(b":")[0] for line in before.split(b"\r\n") if line and not line[:1].isspace()]
    spam_fields = [b"X-Spam-Status"] * spam
    assert names == [b"Return-Path", b"Delivered-To", b"Received", *spam_fields, b"Received", b"Received"]
    assert [line.split(b":")[0] for line in after.split(b"\r\n") if line] == [b"Message-ID"]


def test_bcc_is_in_no_octets_but_the_envelope() -> None:
    world = MailWorld()
    world.send(BORIS_BOX, bcc=["olga@beta.example"])
    world.run()
    (boris,) = world.letters(BORIS_BOX)
    (olga,) = world.letters("olga@beta.example")
    assert b"olga" not in boris
    assert b"bcc" not in boris.lower() + olga.lower()
    sent = world.programs["pc-anna"].box
    assert b"olga" not in sent.octets("Sent", 1)


def test_two_recipients_of_one_domain_travel_together_and_both_get_the_letter() -> None:
    world = MailWorld()
    world.send(BORIS_BOX, "olga@beta.example")
    world.run()
    assert world.ask("deliver | unique mailbox") == (BORIS_BOX, "olga@beta.example")
    assert world.ask("tcp.connect port=25") == 1


def test_local_and_remote_recipients_of_one_letter_both_get_it() -> None:
    world = MailWorld()
    world.send(BORIS_BOX, "anna@alpha.example")
    world.run()
    assert len(world.letters(BORIS_BOX)) == len(world.letters("anna@alpha.example", "mail-alpha")) == 1
    assert world.ask("queue.remove | count") == 2


def test_an_alias_leads_to_its_account_and_is_named_in_received() -> None:
    world = MailWorld()
    world.send("boss@beta.example")
    world.run()
    (letter,) = world.letters(BORIS_BOX)
    assert b"for <boss@beta.example>;" in letter
    assert world.ask("alias.expand | list into") == (BORIS_BOX,)


def test_a_letter_to_an_alias_and_its_account_comes_once() -> None:
    world = MailWorld()
    world.send("boss@beta.example", BORIS_BOX)
    world.run()
    assert len(world.letters(BORIS_BOX)) == 1


@pytest.mark.parametrize("boxes", [(Mailbox(BORIS_BOX, "battery"),), ()])
def test_postmaster_has_a_reader_or_is_refused(boxes: tuple[Mailbox, ...]) -> None:
    world = MailWorld(beta_boxes=boxes)
    world.send("Postmaster@beta.example")
    world.run()
    delivered, refused = world.ask("deliver | count"), world.ask("smtp.reply verb=RCPT code=550 at=mx-beta | count")
    assert (delivered, refused) == ((1, 0) if boxes else (0, 1))
    assert world.ask("queue.enter at=mx-beta | count") == delivered


def test_one_refused_recipient_does_not_spoil_the_others() -> None:
    world = MailWorld()
    world.send(BORIS_BOX, "nobody@beta.example")
    world.run()
    assert len(world.letters(BORIS_BOX)) == 1
    assert world.ask("queue.fail | list recipient") == ("nobody@beta.example",)
    (entry,) = world.servers["mail-alpha"].queue.entries.values()
    assert [(one.address, one.state) for one in entry.recipients] == [
        (BORIS_BOX, "sent"),
        ("nobody@beta.example", "failed"),
    ]
    assert "5.1.1" in entry.recipients[1].reason


def test_two_letters_at_once_keep_their_names_and_causes_apart() -> None:
    world = MailWorld()
    world.send(BORIS_BOX, text="one\n")
    world.send("anna@alpha.example", by="pc-boris", text="two\n")
    world.send(BORIS_BOX, text="three\n")
    world.run()
    assert sorted(letter.rpartition(b"\r\n\r\n")[2] for letter in world.letters(BORIS_BOX)) == [
        b"one\r\n",
        b"three\r\n",
    ]
    assert sorted(world.ask("deliver | list letter")) == [1, 2, 3]
    for record in world.records:
        if record[2].name == "smtp.data":
            commands = [
                one for one in world.records if one[SESSION] == record[SESSION] and one[2].name == "smtp.command"
            ]
            assert commands
            assert all(one[7] in (None, record[7]) for one in commands)


def test_who_has_no_account_is_told_so_and_keeps_the_letter() -> None:
    world = MailWorld()
    world.programs["pc-anna"].person = BORIS
    world.send(BORIS_BOX)
    world.run()
    assert world.ask("mua.notice | count") == 1, "Boris has no account at alpha"
    assert world.ask("auth.login | list result") == ("unknown-user",)
    assert world.programs["pc-anna"].box.keys("Outbox") == (1,)


def test_a_wrong_password_is_told_and_the_letter_stays_in_the_outbox() -> None:
    world = MailWorld()
    world.programs["pc-anna"].password = "pony"
    world.send(BORIS_BOX)
    world.run()
    assert world.ask("auth.login | list result") == ("wrong-password",)
    assert "535" in world.ask("mua.notice | first text")
    assert world.programs["pc-anna"].box.keys("Outbox") == (1,)


def test_a_letter_beyond_the_limit_is_refused_before_it_is_sent() -> None:
    world = MailWorld()
    world.send(BORIS_BOX, text="x" * 70 + "\n" + ("y" * 70 + "\n") * 150_000)
    world.run()
    assert world.ask("smtp.reply code=552 verb=MAIL | count") == 1
    assert world.ask("smtp.data | count") == 0
    assert world.programs["pc-anna"].box.keys("Outbox") == (1,)


@pytest.mark.parametrize("reads", ["imaps", "pop3s"])
def test_what_is_fetched_is_what_is_stored(reads: str) -> None:
    world = MailWorld(reads=reads, leave_on_server=True)
    world.send(BORIS_BOX)
    world.do("fetch", MINUTE)
    world.do("read", 2 * MINUTE, None)
    world.do("fetch", 3 * MINUTE)
    world.run()
    box = world.programs["pc-boris"].box
    assert [box.octets("INBOX", key) for key in box.keys("INBOX")] == world.letters(BORIS_BOX)
    assert box.flags("INBOX", 1) == {"\\Seen"}


@pytest.mark.parametrize("reads", ["imaps", "pop3s"])
def test_a_deleted_letter_is_gone_everywhere(reads: str) -> None:
    world = MailWorld(reads=reads, leave_on_server=reads == "pop3s")
    world.send(BORIS_BOX)
    world.do("fetch", MINUTE)
    world.do("delete", 2 * MINUTE, None)
    world.run()
    assert world.letters(BORIS_BOX) == []
    assert world.programs["pc-boris"].box.keys("INBOX") == ()


def test_pop3_takes_letters_away_unless_told_to_leave_them() -> None:
    world = MailWorld(reads="pop3s")
    world.send(BORIS_BOX)
    world.do("fetch", MINUTE)
    world.run()
    assert world.letters(BORIS_BOX) == []
    assert world.programs["pc-boris"].box.keys("INBOX") == (1,)


@pytest.mark.parametrize(
    ("letters", "said"), [(1, [b"DELE 1\r\nQUIT\r\n"]), (2, [b"DELE 1\r\nDELE 2\r\n", b"QUIT\r\n"]), (0, [b"QUIT\r\n"])]
)
def test_quit_waits_until_every_dele_has_its_ok_unless_there_is_only_one(letters: int, said: list[bytes]) -> None:
    world = MailWorld(reads="pop3s")
    for _ in range(letters):
        world.send(BORIS_BOX)
    world.do("fetch", MINUTE)
    world.run()
    assert _said(world)[-len(said) :] == said
    assert world.letters(BORIS_BOX) == [] and len(world.programs["pc-boris"].box.keys("INBOX")) == letters


def test_to_a_server_that_does_not_pipeline_pop3_is_said_line_by_line(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = replies.multi_line("", [b"USER", b"UIDL"])
    monkeypatch.setattr("simulator.protocol.pop3.server._capabilities", lambda *more: lines)
    world = MailWorld(reads="pop3s")
    world.send(BORIS_BOX)
    world.do("fetch", MINUTE)
    world.run()
    assert [octets.split()[0] for octets in _said(world) if octets.count(b"\n") == 1] == [
        b"CAPA", b"USER", b"PASS", b"UIDL", b"RETR", b"DELE", b"QUIT",
    ]  # fmt: skip
    assert world.letters(BORIS_BOX) == []


def test_a_dele_that_is_refused_is_noticed_and_takes_nothing_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(transaction._ANSWERS, "DELE", lambda maildrop, argument: replies.err("Not this one."))
    world = MailWorld(reads="pop3s")
    world.send(BORIS_BOX)
    world.do("fetch", MINUTE)
    world.do("fetch", 2 * MINUTE)
    world.run()
    assert world.ask("mua.notice | list text") == ("mail was not fetched: DELE was refused: Not this one.",) * 2
    assert len(world.letters(BORIS_BOX)) == 1
    assert world.programs["pc-boris"].box.keys("INBOX") == (1,)


def _said(world: MailWorld) -> list[bytes]:
    """The chunks of Boris's program, without those of the handshake."""
    data = [one for one in world.records if one[KIND].name == "tcp.data" and value(one, "from") == "pc-boris"]
    return [value(one, "octets") for one in data if not value(one, "flight")]


def test_reading_where_nothing_is_gives_a_notice() -> None:
    world = MailWorld()
    world.do("read", SECOND, None)
    world.do("delete", SECOND, 3)
    world.do("fetch", 2 * SECOND)
    world.run()
    assert len(world.ask("mua.notice | list text")) == 2
    assert world.programs["pc-boris"].box.keys("INBOX") == ()


def test_the_domain_itself_is_the_exchanger_where_there_is_no_mx() -> None:
    world = MailWorld(beta_zone=BETA_ZONE.replace("@ IN MX 10 mx\n", "@ IN A 203.0.113.25\n"))
    world.send(BORIS_BOX)
    world.run()
    assert world.ask("route at=mail-alpha | list via") == ("address",)
    assert len(world.letters(BORIS_BOX)) == 1


def test_the_same_seed_gives_the_same_trace_and_another_one_another() -> None:
    def trace(seed: int) -> list[str]:
        world = MailWorld(seed=seed)
        world.send(BORIS_BOX)
        world.do("fetch", MINUTE)
        return [value(record, "octets").hex() for record in world.run().records if record[2].name == "tcp.data"]

    assert trace(1) == trace(1) != trace(2)
