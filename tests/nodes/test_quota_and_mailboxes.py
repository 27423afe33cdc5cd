"""Quotas of a scenario, and what an IMAP program does beyond its INBOX: headers alone, IDLE, MOVE, a copy in Sent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.engine.kinds import Record
from simulator.engine.query import parse
from simulator.records.invariants import check
from simulator.scenario.loading import load
from simulator.scenario.world import run

HEAD = "id: small\ntitle: Small\n"
SEND = "  - {at: %s, who: anna@alpha.example, do: send, to: [boris@beta.example], text: Hello}\n"

Answer = Callable[[str], str]


def asked(where: Path, text: str) -> Answer:
    path = where / "small.yaml"
    path.write_text(HEAD + text, encoding="utf-8")
    records: list[Record] = list(run(load(path)).records)
    check(records)
    return lambda query: str(parse(query).ask(records).text)


def full(where: Path, policy: str, quota: str = "quota: 1kB") -> Answer:
    """The third letter of Boris's does not fit."""
    return asked(
        where,
        f"people:\n  anna@alpha.example: {{}}\n  boris@beta.example: {{{quota}}}\n"
        f"hosts:\n  mail-beta: {{kind: mail-server, domains: [beta.example], policy: {policy}}}\n"
        "timeline:\n" + "".join(SEND % at for at in ("0s", "10s", "20s")),
    )


@pytest.mark.parametrize(
    ("policy", "code", "enhanced", "kept"),
    [
        ("{quota-check: rcpt}", "452", "4.2.2", "defer"),
        ("{when-full: wait}", "452", "4.2.2", "defer"),
        ("{when-full: refuse}", "552", "5.2.2", "fail"),
    ],
)
def test_a_full_mailbox_is_refused_at_rcpt_and_the_sender_keeps_the_letter(
    tmp_path: Path, policy: str, code: str, enhanced: str, kept: str
) -> None:
    ask = full(tmp_path, policy)
    assert ask("smtp.reply from=mail-beta verb=RCPT code>=400 | first code") == code
    assert ask("smtp.reply from=mail-beta verb=RCPT code>=400 | first enhanced") == enhanced
    assert ask("lmtp.reply code>=400 | count") == "0"
    assert ask(f"queue.{kept} at=mail-alpha | exists") == "yes"


@pytest.mark.parametrize(
    ("policy", "code", "enhanced", "kept"),
    [
        ("{quota-check: delivery}", "552", "5.2.2", "fail"),
        ("{quota-check: delivery, when-full: refuse}", "552", "5.2.2", "fail"),
        ("{quota-check: delivery, when-full: wait}", "452", "4.2.2", "defer"),
    ],
)
def test_without_a_check_at_rcpt_the_delivery_agent_refuses_after_the_promise(
    tmp_path: Path, policy: str, code: str, enhanced: str, kept: str
) -> None:
    ask = full(tmp_path, policy)
    assert ask("smtp.reply from=mail-beta verb=RCPT code>=400 | count") == "0"
    assert ask("smtp.reply from=mail-beta verb=DATA-END code=250 | count") == "3"
    assert ask("lmtp.reply from=mail-beta verb=DATA-END code>=400 | first code") == code
    assert ask("lmtp.reply from=mail-beta verb=DATA-END code>=400 | first enhanced") == enhanced
    assert ask(f"queue.{kept} at=mail-beta | exists") == "yes"


def test_one_full_mailbox_does_not_spoil_the_copy_of_another(tmp_path: Path) -> None:
    ask = asked(
        tmp_path,
        "people:\n  anna@alpha.example: {}\n  boris@beta.example: {quota: 10B}\n  vera@beta.example: {}\n"
        "hosts:\n  mail-beta: {kind: mail-server, domains: [beta.example], policy: {quota-check: delivery}}\n"
        "timeline:\n"
        "  - {at: 0s, who: anna@alpha.example, do: send, to: [boris@beta.example, vera@beta.example], text: Hello}\n",
    )
    assert ask("lmtp.reply verb=DATA-END address=boris@beta.example | first code") == "552"
    assert ask("deliver mailbox=vera@beta.example | count") == "1"


def test_without_a_quota_everything_fits(tmp_path: Path) -> None:
    assert full(tmp_path, "{when-full: wait}", quota="")("deliver | count") == "3"


def imap(where: Path, lines: str, settings: str = "") -> Answer:
    return asked(
        where,
        "people:\n  anna@alpha.example: {}\n  boris@beta.example: {}\n"
        f"hosts:\n  pc-boris: {{kind: client, user: boris@beta.example{settings}}}\n"
        "  phone: {kind: client, user: boris@beta.example, reads-via: 'imaps://mail.beta.example'}\n"
        "  old: {kind: client, user: boris@beta.example, reads-via: 'pop3s://mail.beta.example'}\n"
        "  mail-beta: {kind: mail-server, domains: [beta.example], services: [smtp, submission, imaps, pop3s]}\n"
        "timeline:\n" + SEND % "0s" + lines,
    )


BORIS = "who: boris@beta.example, do: "


def test_headers_alone_are_kept_and_the_text_is_asked_for_when_it_is_read(tmp_path: Path) -> None:
    ask = imap(tmp_path, f"  - {{at: 1m, {BORIS}fetch}}\n  - {{at: 2m, {BORIS}read}}\n", ", downloads: headers")
    assert "BODY.PEEK[HEADER]" in ask('imap.command verb="UID FETCH" | first argument')
    assert int(ask("device.append at=pc-boris | first size")) < int(ask("mailbox.append | first size"))
    assert ask("message.body at=pc-boris action=read | list text").strip() == "Hello"
    assert "Seen" in ask("mailbox.flags | first flags")


def test_an_idle_program_is_told_of_new_letters_flags_and_removals(tmp_path: Path) -> None:
    lines = (
        f"  - {{at: 1m, {BORIS}fetch, host: pc-boris, idle: 10m}}\n" + SEND % "2m"
        + f"  - {{at: 3m, {BORIS}fetch, host: phone}}\n  - {{at: 4m, {BORIS}read, host: phone, letter: 1}}\n"
        f"  - {{at: 5m, {BORIS}move, host: phone, letter: 1, mailbox: Trash}}\n"
    )  # fmt: skip
    ask = imap(tmp_path, lines)
    told = ask('imap.response to=pc-boris verb="" t>70000000 | list text')
    assert told.startswith("2 EXISTS, 1 FETCH (")
    assert told.endswith("1 EXPUNGE")
    assert ask("device.append at=pc-boris | count") == "2"
    assert ask("device.expunge at=pc-boris | first uid") == "1"
    assert ask("mailbox.append name=Trash | first uid") == "1"
    assert ask("imap.command from=pc-boris verb=LOGOUT | first t") > "660000000"


def test_a_copy_of_what_was_sent_is_put_on_the_server_and_found_by_the_other_device(tmp_path: Path) -> None:
    lines = (
        f"  - {{at: 1m, {BORIS}send, host: pc-boris, to: [anna@alpha.example], text: Yes}}\n"
        f"  - {{at: 2m, {BORIS}fetch, host: pc-boris, mailbox: Sent}}\n"
        f"  - {{at: 3m, {BORIS}fetch, host: phone, mailbox: Sent}}\n"
    )
    ask = imap(tmp_path, lines, ", keeps-sent: server")
    assert ask("mailbox.append name=Sent | first flags") == "\\Seen"
    assert ask("device.append at=pc-boris name=Sent | count") == "1"
    assert "keeps what was sent on this device" in ask("mua.notice at=phone | first text")


@pytest.mark.parametrize("line", ["fetch, mailbox: Trash", "fetch, idle: 1m", "move, mailbox: Trash"])
def test_pop3_says_what_it_cannot_do(tmp_path: Path, line: str) -> None:
    ask = imap(tmp_path, f"  - {{at: 1m, {BORIS}fetch, host: old}}\n  - {{at: 2m, {BORIS}{line}, host: old}}\n")
    assert "POP3 knows" in ask("mua.notice at=old | first text")
