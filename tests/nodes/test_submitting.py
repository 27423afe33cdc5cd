"""What a server asks of those who submit: logins by each mechanism, lists, full mailboxes, addresses in UTF-8."""

from __future__ import annotations

from collections.abc import Generator
from email.parser import BytesParser
from email.policy import default
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.engine.task import sleep
from simulator.limits import HEADER_OCTETS
from simulator.mailstore.quota import Quota
from simulator.nodes.mta import Mta
from simulator.nodes.smtp_session import SmtpSession
from simulator.nodes.smtp_talk import SmtpTalk
from simulator.nodes.talk import TalkFailed
from simulator.protocol.smtp import (
    RELAY,
    Command,
    MailOptions,
    RecipientOptions,
    Reply,
    commands,
    extensions,
    replies,
)
from simulator.protocol.smtp.paths import Path
from tests.nodes.mail_world import BETA, SECOND, MailWorld, Scripted

BORIS = "boris@beta.example"
MECHANISMS = ("PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-256")


def test_a_letter_whose_header_is_over_the_limit_of_readers_is_taken_and_read() -> None:
    world = MailWorld()
    subject = " ".join(["word"] * (HEADER_OCTETS // 5 + 1))
    world.send(BORIS, subject=subject)
    world.do("fetch", 30 * SECOND)
    world.run()
    (letter,) = world.letters(BORIS)
    header = BytesParser(policy=default).parsebytes(letter)
    assert header["Subject"] == subject
    assert header["Message-ID"]
    assert world.ask("device.append at=pc-boris | count") == 1
    assert world.ask("mua.notice | count") == 0


def world_where_carl_logs_in_by(*mechanisms: str, password: str = "correct") -> MailWorld:
    """Anna's server offers mechanisms, and Carl, whose account is made when it does, writes through it."""
    world = MailWorld()
    server = world.servers["mail-alpha"]
    accounts = server.store.accounts
    accounts.keeps_passwords = "CRAM-MD5" in mechanisms
    accounts.keeps_scram = "SCRAM-SHA-256" in mechanisms
    server.store.add_account("anna2@alpha.example", "correct", world.internet.epoch)
    server.mta.mechanisms = mechanisms
    program = world.programs["pc-anna"]
    program.person = type(program.person)("anna2", "alpha.example", "Anna")
    program.password = password
    return world


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_a_person_logs_in_by_each_mechanism(mechanism: str) -> None:
    world = world_where_carl_logs_in_by(mechanism)
    world.send(BORIS)
    world.run()
    assert len(world.letters(BORIS)) == 1
    assert world.ask("auth.login service=submission | list mechanism") == (mechanism,)
    assert world.ask("auth.login service=submission | list result") == ("ok",)


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_a_wrong_password_lets_nobody_in(mechanism: str) -> None:
    world = world_where_carl_logs_in_by(mechanism, password="wrong")
    world.send(BORIS)
    world.run()
    assert world.letters(BORIS) == []
    assert world.ask("auth.login service=submission | list result") == ("wrong-password",)
    assert "535" in world.ask("mua.notice | first text")


def test_the_strongest_mechanism_that_both_know_is_taken() -> None:
    world = world_where_carl_logs_in_by(*MECHANISMS)
    world.send(BORIS)
    world.run()
    assert world.ask("auth.login service=submission | first mechanism") == "SCRAM-SHA-256"


def test_each_session_has_challenges_of_its_own() -> None:
    world = world_where_carl_logs_in_by("CRAM-MD5")
    world.send(BORIS)
    world.send(BORIS, when=90 * SECOND)
    world.run()
    challenges = world.ask("smtp.reply code=334 | list text")
    assert len(set(challenges)) == len(challenges) == 2


def test_a_program_without_a_way_in_tells_its_user() -> None:
    world = MailWorld()
    world.servers["mail-alpha"].mta.mechanisms = ()
    world.send(BORIS)
    world.run()
    assert "no way to log in" in world.ask("mua.notice | first text")


def talk_to_beta(world: MailWorld, *said: commands.ClientCommand) -> list[Reply]:
    """Say commands to Boris's server from Anna's, after EHLO; the replies come back."""
    found: list[Reply] = []
    host = world.hosts["mail-alpha"]

    def story() -> Generator[Any, Any, None]:
        stream = yield host.network.connect(host.name, BETA, 25)
        talk = SmtpTalk(host, stream, RELAY)
        yield from talk.greeting()
        yield from talk.hello()
        for command in said:
            found.append((yield from talk.say(command)))
        yield from talk.quit()

    world.at(SECOND, lambda: host.spawn(story(), name="talk"))
    world.run()
    return found


def test_a_list_is_shown_only_where_expn_is_offered() -> None:
    assert talk_to_beta(MailWorld(), commands.expn("boss@beta.example"))[0].code == 502
    world = MailWorld()
    world.servers["mx-beta"].mta.offers = extensions.BUILT
    shown, nobody, elsewhere = talk_to_beta(
        world, commands.expn("boss@beta.example"), commands.expn("x@beta.example"), commands.expn("a@b.example")
    )
    assert (shown.code, shown.lines) == (250, ("<boris@beta.example>",))
    assert (nobody.code, elsewhere.code) == (550, 554)


@pytest.mark.parametrize(("for_good", "code"), [(False, 452), (True, 552)])
def test_a_full_mailbox_is_refused_at_rcpt(for_good: bool, code: int) -> None:
    world = MailWorld()
    beta = world.servers["mx-beta"]
    beta.store.set_quota(BORIS, Quota(octets=100))
    beta.mta.full_for_good = for_good
    said = talk_to_beta(
        world, commands.mail("a@alpha.example", size=101), commands.rcpt(BORIS), commands.rcpt("olga@beta.example")
    )
    assert [reply.code for reply in said] == [250, code, 250]
    assert said[1].enhanced.endswith(".2.2")


def test_a_mailbox_without_room_for_this_letter_is_refused_at_the_end_of_data_by_lmtp() -> None:
    world = MailWorld()
    world.servers["mx-beta"].store.set_quota(BORIS, Quota(octets=900))
    world.send(BORIS, text="x" * 70 + "\n")
    world.env.advance(90 * SECOND)
    assert world.ask("lmtp.reply verb=DATA-END | first code") == 552
    assert world.ask("queue.fail at=mx-beta | first reason").count("5.2.2") == 1


class Slow(Mta):
    """Asks somebody for a second before it answers RCPT."""

    def rcpt(self, session: SmtpSession, command: Command) -> Any:
        def story() -> Generator[Any, Any, Reply]:
            yield sleep(self.host.env, SECOND)
            return replies.null_mx(str(command.path)) if "olga" in str(command.path) else replies.OK_RECIPIENT

        return story()


def test_a_policy_may_take_its_time() -> None:
    world = MailWorld()
    mta = world.servers["mx-beta"].mta
    mta.__class__ = Slow
    said = talk_to_beta(
        world, commands.mail("a@alpha.example"), commands.rcpt("olga@beta.example"), commands.rcpt(BORIS)
    )
    assert [reply.code for reply in said] == [250, 556, 250]


def test_what_was_asked_about_bounces_stays_with_the_envelope_through_an_alias() -> None:
    world = MailWorld()
    beta = world.servers["mx-beta"]
    beta.mta.offers = extensions.BUILT
    held: list[tuple[str, Any, Any]] = []
    enter = beta.queue.enter

    def watched(*arguments: Any, **options: Any) -> Any:
        entry = enter(*arguments, **options)
        held.append((entry.recipients[0].address, entry.options, entry.recipients[0].options))
        return entry

    beta.queue.enter = watched  # type: ignore[method-assign]
    mail = MailOptions(ret="FULL", envid="e 1")
    asked = RecipientOptions(notify=("SUCCESS",), orcpt="rfc822;boss@beta.example")
    letter = commands.content(b"Subject: x\r\n\r\nhi\r\n")
    said = talk_to_beta(
        world,
        commands.mail("a@alpha.example", options=mail),
        commands.rcpt("boss@beta.example", options=asked),
        commands.data(),
        letter,
    )
    assert [reply.code for reply in said] == [250, 250, 354, 250]
    assert held == [(BORIS, mail, asked)]


def test_a_person_with_a_name_outside_ascii_gets_letters_where_all_offer_smtputf8() -> None:
    world = MailWorld()
    world.servers["mx-beta"].store.add_account("ольга@beta.example", "x", world.internet.epoch)
    world.send("ольга@beta.example")
    world.run()
    (letter,) = world.letters("ольга@beta.example")
    assert "\r\nDelivered-To: ольга@beta.example\r\n".encode() in letter
    assert b"with UTF8SMTP id" in letter
    assert world.ask("smtp.command at=mx-beta verb=RCPT | first address") == "ольга@beta.example"
    assert "SMTPUTF8" in world.ask("smtp.command at=mx-beta verb=MAIL | first argument")


def test_a_program_does_not_send_such_a_letter_to_a_server_that_cannot() -> None:
    world = MailWorld()
    world.servers["mail-alpha"].mta.offers = ("PIPELINING", "STARTTLS", "AUTH", "8BITMIME")
    world.send("ольга@beta.example")
    world.run()
    assert "SMTPUTF8" in world.ask("mua.notice | first text")
    assert world.ask("smtp.command verb=MAIL | count") == 0


def log_in_at(answers: dict[bytes, bytes]) -> tuple[str, bytes]:
    """Let a client log in at a server with a script; what came of it, and what the server heard."""
    world = MailWorld(beta_serves=False)
    hello = b"250-x\r\n250 AUTH SCRAM-SHA-256\r\n"
    server = Scripted(world.host("mx-beta", BETA, "mx.beta.example"), 25, b"220 hi\r\n", {b"EHLO": hello, **answers})
    host, found = world.hosts["mail-alpha"], list[str]()

    def story() -> Generator[Any, Any, None]:
        stream = yield host.network.connect(host.name, BETA, 25)
        talk = SmtpTalk(host, stream, RELAY)
        talk.core.auth_in_clear = True
        yield from talk.greeting()
        yield from talk.hello()
        try:
            found.append(str((yield from talk.log_in("a", "b"))))
        except TalkFailed as error:
            found.append(str(error))
        stream.close()

    world.at(SECOND, lambda: host.spawn(story(), name="talk"))
    world.env.advance()
    return found[0], server.heard


def test_a_client_does_not_believe_a_server_that_proves_nothing() -> None:
    said, _ = log_in_at({b"AUTH": b"235 2.7.0 Welcome\r\n"})
    assert "without proving" in said


@pytest.mark.parametrize("challenge", [b"334 !!!\r\n", b"334 eD15\r\n", b"334 \r\n"])
def test_a_challenge_that_is_none_makes_the_client_give_up(challenge: bytes) -> None:
    said, heard = log_in_at({b"AUTH": challenge, b"*": b"501 5.7.0 Authentication aborted\r\n"})
    assert said == "501 5.7.0 Authentication aborted"
    assert heard.endswith(b"\r\n*\r\n")


@given(
    local=st.sampled_from(["anna", "Anna", "nobody", "postmaster", "анна", "a b"]),
    domain=st.sampled_from(["", "alpha.example", "Alpha.Example", "beta.example", "BETA.example", "почта.example"]),
)
def test_an_address_alone_is_expanded_as_one_that_is_named_twice(local: str, domain: str) -> None:
    path, asked = Path(local, domain), RecipientOptions(notify=("NEVER",))
    mta = MailWorld().servers["mail-alpha"].mta
    assert mta._expand([path], [asked]) == mta._expand([path, path], [asked, asked])
