"""Our nodes and Postfix with Dovecot, in the finer points: flags, deletions, refusals, wrong passwords, mechanisms."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from simulator.engine.trace import KIND, VALUES
from tests.clients.real import OLGA, Outside, outside
from tests.clients.servers import delivered
from tests.nodes.mail_world import BORIS

PC, PHONE = "pc-boris", "phone-boris"


@pytest.fixture(scope="module")
def beta() -> Iterator[Outside]:
    """Postfix and Dovecot as `beta.example`, and a world of ours around them."""
    with outside() as found:
        yield found


def flags(beta: Outside) -> list[str]:
    """The flags of Boris's letters, as Dovecot writes them into the names of files."""
    letters = beta.servers.folder.glob(f"mail/{BORIS.spec}/Maildir/cur/*")
    return [path.name.partition(":2,")[2] for path in sorted(letters, key=delivered)]


def test_what_is_read_and_deleted_on_a_device_is_so_on_the_server(beta: Outside) -> None:
    for subject in ("first", "second"):
        beta.deliver_by_lmtp(BORIS.spec, subject=subject)
    assert len(beta.fetch(PC)) == 2
    beta.act(PC, "read", 1)
    assert flags(beta) == ["S", ""]
    beta.act(PC, "delete", 1)
    (left,) = beta.servers.letters(BORIS.spec)
    assert b"Subject: second\r\n" in left and beta.fetch(PC) == [left]
    assert beta.fetch(PHONE) == [left]
    beta.act(PHONE, "delete", 1)
    assert beta.servers.letters(BORIS.spec) == []
    assert beta.fetch(PC) == []
    assert not beta.notices()


def test_a_recipient_that_postfix_does_not_know_is_a_final_failure(beta: Outside) -> None:
    before = len(beta.servers.letters(OLGA))
    queue = beta.world.servers["mail-alpha"].queue
    queue.enter("2B", "anna@alpha.example", ("nobody@beta.example", OLGA), b"Subject: one of two\r\n\r\nx\r\n")
    beta.gateway.run(lambda: beta.world.ask("queue.fail | count"))
    assert "550 5.1.1 <nobody@beta.example>" in str(beta.world.ask("queue.fail | first reason"))
    beta.gateway.run(lambda: len(beta.servers.letters(OLGA)) == before + 1)


def test_a_wrong_password_is_told_to_its_user(beta: Outside) -> None:
    program = beta.world.programs[PC]
    told, right = len(beta.notices()), program.password
    program.password = "wrong"
    try:
        beta.send(by=PC, to=OLGA, subject="never")
        beta.gateway.run(lambda: len(beta.notices()) > told)
    finally:
        program.password = right
    assert "535" in beta.notices()[-1]


def test_a_letter_of_a_megabyte_passes_unchanged(beta: Outside) -> None:
    lines = b"".join(b"%06d " % number + b"." * 60 + b"\r\n.\r\n" for number in range(15_000))
    content = b"Subject: large\r\n\r\n" + lines
    beta.world.servers["mail-alpha"].queue.enter("3C", "anna@alpha.example", (OLGA,), content)
    assert beta.arrived(OLGA, "large").endswith(b"\r\n\r\n" + lines)


def test_envelope_commands_travel_together(beta: Outside) -> None:
    beta.send(by="pc-anna", to=OLGA, subject="pipelined")
    beta.arrived(OLGA, "pipelined")
    chunks = [record[VALUES] for record in beta.world.records if record[KIND].name == "tcp.data"]
    envelopes = [octets for octets in chunks if octets.startswith(b"MAIL FROM:<anna@alpha.example> SIZE=")]
    assert b"\r\nRCPT TO:<olga@beta.example>\r\n" in envelopes[-1]
