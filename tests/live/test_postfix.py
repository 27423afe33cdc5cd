"""Postfix as a neighbour: a letter that it was handed is relayed into a live world, over its port 25, and read there."""

from __future__ import annotations

import smtplib
import ssl
import tempfile
from pathlib import Path

from simulator.live.world import authority
from tests.clients.servers import serving
from tests.live.clients import letter, popped, wait_for
from tests.live.house import living

WRITER, PASSWORD = "writer@neighbour.example", "a-neighbour"


def readable(folder: Path) -> Path:
    """A folder that Postfix may enter, which runs as a user of its own."""
    folder.chmod(0o755)
    return folder


def test_postfix_relays_into_a_live_world_and_hears_who_is_unknown() -> None:
    issuer = authority()
    with (
        living() as house,
        tempfile.TemporaryDirectory(prefix="mailflow-postfix-") as folder,
        serving(
            readable(Path(folder)),
            issuer.issue(("neighbour.example",)),
            "neighbour.example",
            {WRITER: PASSWORD},
            {house.facts["domain"]: house.port("smtp")},
        ) as postfix,
    ):
        reader, unknown = house.users[2][0], house.facts["unknown_rcpt"]
        trust = ssl.create_default_context(cadata=issuer.ca_pem.decode())
        with smtplib.SMTP("127.0.0.1", postfix.ports["submission"], timeout=20) as client:
            client.starttls(context=trust)
            client.login(WRITER, PASSWORD)
            text = ".a dot at the start\r\n" + "x" * 900 + "\r\nто же самое"
            client.sendmail(WRITER, [reader, unknown], letter("by Postfix", reader, WRITER, text))
        arrived = wait_for(house, "by Postfix", 2)
        assert b"\r\n.a dot at the start\r\n" in arrived and text.encode() in arrived
        assert b"Return-Path: <" + WRITER.encode() + b">" in arrived and b"(Postfix)" in arrived
        assert popped(house, 2)
        assert "User unknown" in postfix.logs()
