"""The secrets of TLS sessions are kept for captures, each session's apart."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from simulator.keys.authority import Authority
from simulator.keys.contexts import client_context, server_context
from simulator.keys.keylog import KeyLog, client_random, key_log
from simulator.protocol.tls import TlsSide

YEAR = 365 * 86_400 * 1_000_000
LABELS = {
    "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
    "CLIENT_TRAFFIC_SECRET_0",
    "EXPORTER_SECRET",
    "SERVER_HANDSHAKE_TRAFFIC_SECRET",
    "SERVER_TRAFFIC_SECRET_0",
}


def shake(version: str = "TLSv1.3") -> bytes:
    """Set up one session and give the first octets of its client."""
    authority = Authority(7, 0, YEAR)
    identity = authority.issue(("mx.beta.example",))
    client = TlsSide(client_context(authority.ca_pem, version), server_side=False, server_hostname="mx.beta.example")
    server = TlsSide(server_context(identity, version), server_side=True)
    server.start()
    client.start()
    hello = octets = client.data_to_send()
    while octets:
        server.receive(octets)
        client.receive(server.data_to_send())
        octets = client.data_to_send()
    assert client.established and server.established
    return hello


def labels(secrets: bytes) -> set[str]:
    return {line.split(" ")[0] for line in secrets.decode().splitlines()}


def test_each_session_has_its_own_secrets_and_gives_them_once() -> None:
    first, second = client_random(shake()), client_random(shake())
    assert first and second and first != second
    for random in (second, first):
        secrets = key_log().secrets(random)
        assert labels(secrets) == LABELS
        assert {line.split(" ")[1] for line in secrets.decode().splitlines()} == {random.hex()}
        assert key_log().secrets(random) == b""


def test_tls_1_2_gives_its_master_secret() -> None:
    random = client_random(shake("TLSv1.2"))
    assert random is not None
    assert labels(key_log().secrets(random)) == {"CLIENT_RANDOM"}


@pytest.mark.parametrize(
    "octets", [b"", b"\x16\x03\x01", b"EHLO a.example\r\n" * 4, b"\x16\x03\x01\0\0\x02" + bytes(60)]
)
def test_octets_that_are_no_client_hello_have_no_random(octets: bytes) -> None:
    assert client_random(octets) is None


@pytest.mark.parametrize("named", [False, True])
def test_the_file_is_emptied_by_reading_and_gone_after_closing(
    named: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if named:
        monkeypatch.setattr("simulator.keys.keylog._OPEN_FILES", tmp_path / "nothing")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    log = KeyLog()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    log.listen(context)
    path = Path(log.path)
    assert path.stat().st_size > 0, "Python writes a remark at its start"
    assert log.secrets(bytes(32)) == b""
    assert path.stat().st_size == 0
    assert len(list(tmp_path.iterdir())) == named
    log.close()
    assert not list(tmp_path.iterdir())
