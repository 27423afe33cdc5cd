"""TLS as a filter: against itself, against the ssl module's sockets, and against the openssl program."""

import itertools
import shutil
import socket
import subprocess
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.errors import LocalProtocolError, TlsError
from simulator.keys.authority import Authority, Identity
from simulator.keys.contexts import client_context, opportunistic_context, server_context
from simulator.protocol import tls
from simulator.protocol.tls import TlsSide, nominal_record_size

DAY = 86_400_000_000
START = 1_711_200_000_000_000
END = START + 365 * DAY
NAME = "mail.alpha.example"
AUTHORITY = Authority(7, START, END)
IDENTITY = AUTHORITY.issue([NAME], ["192.0.2.25"])
STRANGER = Authority(7, START, END, name="Nobody's CA")


def sides(
    *,
    identity: Identity = IDENTITY,
    ca_pem: bytes = AUTHORITY.ca_pem,
    hostname: str = NAME,
    now: int = START + DAY,
    version: str = "TLSv1.3",
) -> tuple[TlsSide, TlsSide]:
    client = TlsSide(
        client_context(ca_pem, version), server_side=False, server_hostname=hostname, check_dates=lambda: now
    )
    server = TlsSide(server_context(identity, version), server_side=True)
    client.start()
    server.start()
    return client, server


def shake(client: TlsSide, server: TlsSide) -> None:
    """Carry octets until nobody has any; the first TlsError of the client, then of the server, gets out."""
    failures = []
    for _ in range(10):
        for sender, receiver in ((client, server), (server, client)):
            octets = sender.data_to_send()
            if not octets:
                continue
            try:
                assert receiver.receive(octets) == b""
            except TlsError as error:
                failures.append(error)
    if failures:
        raise ExceptionGroup("handshake", failures)


@pytest.mark.parametrize("version", ["TLSv1.3", "TLSv1.2"])
def test_both_sides_agree_and_carry_octets_both_ways(version: str) -> None:
    client, server = sides(version=version)
    shake(client, server)
    assert client.established and server.established
    assert client.version == server.version == version
    assert client.cipher == server.cipher and client.cipher
    client.send(b"EHLO pc-anna\r\n")
    assert server.receive(client.data_to_send()) == b"EHLO pc-anna\r\n"
    server.send(b"250 ok\r\n")
    assert client.receive(server.data_to_send()) == b"250 ok\r\n"


def test_the_client_knows_whom_it_talks_to() -> None:
    client, server = sides()
    assert client.peer_certificate is None and client.version is None and client.cipher is None
    shake(client, server)
    certificate = client.peer_certificate
    assert certificate is not None
    assert certificate.names == (NAME, "192.0.2.25")
    assert (certificate.subject, certificate.issuer) == (NAME, "Teaching CA")
    assert (certificate.not_before, certificate.not_after) == (START, END)
    assert server.peer_certificate is None


def test_a_client_can_ask_for_an_ip_address() -> None:
    client, server = sides(hostname="192.0.2.25")
    shake(client, server)
    assert client.established


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 700), min_size=1, max_size=12), st.lists(st.binary(min_size=1, max_size=40), max_size=5))
def test_every_chunking_gives_the_same_plaintext(sizes: list[int], letters: list[bytes]) -> None:
    client, server = sides()
    for letter in letters:
        client.send(letter)  # waits for the handshake, then travels with the last flight
    pieces = itertools.cycle(sizes)
    plaintext = bytearray()
    for _ in range(6):
        for sender, receiver in ((client, server), (server, client)):
            octets = sender.data_to_send()
            while octets:
                size = next(pieces)
                plaintext += receiver.receive(octets[:size])
                octets = octets[size:]
    assert client.established and server.established
    assert bytes(plaintext) == b"".join(letters)


def test_one_octet_at_a_time_and_all_at_once_are_the_same() -> None:
    client, server = sides()
    shake(client, server)
    client.send(b"QUIT\r\n")
    assert b"".join(server.receive(bytes((octet,))) for octet in client.data_to_send()) == b"QUIT\r\n"


def test_plaintext_larger_than_a_record_arrives_whole() -> None:
    client, server = sides()
    shake(client, server)
    letter = bytes(range(256)) * 400
    client.send(letter)
    assert client.nominal_waiting == nominal_record_size(len(letter)) == len(letter) + 22 * 7
    ciphertext = client.data_to_send()
    assert len(ciphertext) == nominal_record_size(len(letter))
    assert client.nominal_waiting == 0
    assert server.receive(ciphertext) == letter


@pytest.mark.parametrize(("length", "size"), [(0, 0), (1, 23), (16384, 16406), (16385, 16429)])
def test_nominal_sizes_count_records(length: int, size: int) -> None:
    assert nominal_record_size(length) == size


def test_nominal_sizes_of_the_handshake_are_constants() -> None:
    client, server = sides()
    assert client.nominal_waiting == tls.CLIENT_HELLO_OCTETS
    server.receive(client.data_to_send())
    assert server.nominal_waiting == tls.SERVER_FLIGHT_OCTETS
    client.receive(server.data_to_send())
    assert client.nominal_waiting == tls.CLIENT_FINISHED_OCTETS
    server.receive(client.data_to_send())
    assert server.nominal_waiting == 0 and server.data_to_send() == b""


# --- failures ------------------------------------------------------------------------------------------------------

FAILURES = {
    "expired": ({"now": END + 1}, 45, "certificate_expired", "has expired"),
    "not yet valid": ({"now": START - 1}, 45, "certificate_expired", "not valid yet"),
    "wrong name": ({"hostname": "mx.beta.example"}, 42, "bad_certificate", "another host name"),
    "wrong address": ({"hostname": "192.0.2.26"}, 42, "bad_certificate", "another IP address"),
    "unknown authority": ({"ca_pem": STRANGER.ca_pem}, 48, "unknown_ca", "no trusted authority"),
}


@pytest.mark.parametrize("case", FAILURES)
def test_a_refused_certificate_is_the_same_alert_on_both_sides(case: str) -> None:
    changed, alert, name, words = FAILURES[case]
    client, server = sides(**changed)
    with pytest.raises(ExceptionGroup) as caught:
        shake(client, server)
    ours, theirs = caught.value.exceptions
    assert isinstance(ours, TlsError) and isinstance(theirs, TlsError)
    assert (ours.alert, ours.alert_name) == (theirs.alert, theirs.alert_name) == (alert, name)
    assert words in ours.reason and theirs.reason == f"the peer refuses: {name.replace('_', ' ')}"
    assert not client.established and not server.established


def test_dates_are_checked_before_the_last_flight_leaves() -> None:
    client, server = sides(now=END + 1)
    client.send(b"AUTH PLAIN AGFubmEAc2VjcmV0\r\n")
    server.receive(client.data_to_send())
    with pytest.raises(TlsError):
        client.receive(server.data_to_send())
    assert client.nominal_waiting == tls.ALERT_OCTETS
    assert client.data_to_send() == bytes.fromhex("1503030002022d")
    assert client.data_to_send() == b""


def test_the_last_microsecond_of_a_certificate_is_valid() -> None:
    client, server = sides(now=END)
    shake(client, server)
    assert client.established


def test_a_relay_that_does_not_verify_accepts_any_certificate() -> None:
    client = TlsSide(opportunistic_context(), server_side=False, server_hostname="elsewhere.example")
    server = TlsSide(server_context(STRANGER.issue(["x.example"])), server_side=True)
    client.start()
    server.start()
    shake(client, server)
    assert client.established and client.peer_certificate is None


@pytest.mark.parametrize("octets", [b"220 mail.alpha.example ESMTP\r\n", b"GET / HTTP/1.0\r\n\r\n", b"\x80" * 60])
def test_a_peer_that_speaks_no_tls_is_a_typed_error(octets: bytes) -> None:
    for side in sides():
        side.data_to_send()
        with pytest.raises(TlsError) as caught:
            side.receive(octets)
        assert caught.value.alert_name in ("protocol_version", "internal_error", "unexpected_message")
        with pytest.raises(TlsError):
            side.receive(b"x")


def test_versions_that_do_not_meet_are_a_typed_error_on_both_sides() -> None:
    client = TlsSide(client_context(AUTHORITY.ca_pem, "TLSv1.2"), server_side=False, server_hostname=NAME)
    server = TlsSide(server_context(IDENTITY), server_side=True)
    client.start()
    server.start()
    with pytest.raises(ExceptionGroup) as caught:
        shake(client, server)
    assert {error.alert_name for error in caught.value.exceptions} == {"protocol_version"}


def test_a_changed_record_is_refused_with_its_alert() -> None:
    client, server = sides()
    shake(client, server)
    client.send(b"MAIL FROM:<anna@alpha.example>\r\n")
    octets = bytearray(client.data_to_send())
    octets[-1] ^= 1
    with pytest.raises(TlsError) as caught:
        server.receive(bytes(octets))
    assert (caught.value.alert, caught.value.alert_name) == (20, "bad_record_mac")
    with pytest.raises(TlsError) as told:
        client.receive(server.data_to_send())
    assert told.value.alert == 20


def drip(side: TlsSide) -> None:
    """A hello that promises 128 KiB and comes in records that never end it."""
    side.receive(b"\x16\x03\x03\x40\x00\x01\x01\xff\xff" + b"\0" * 16_380)
    for _ in range(20):
        side.receive(b"\x16\x03\x03\x40\x00" + b"\0" * 16_384)


def test_an_endless_handshake_is_given_up() -> None:
    _, server = sides()
    with pytest.raises(TlsError) as caught:
        drip(server)
    assert (caught.value.alert_name, caught.value.reason) == (
        "decode_error",
        "the handshake is longer than any real one",
    )


def test_goodbye_is_heard_and_nothing_follows_it() -> None:
    client, server = sides()
    shake(client, server)
    client.send(b"QUIT\r\n")
    client.close()
    assert client.nominal_waiting == 28 + tls.ALERT_OCTETS
    assert server.receive(client.data_to_send()) == b"QUIT\r\n"
    assert server.closed_by_peer and not client.closed_by_peer
    server.close()
    assert client.receive(server.data_to_send()) == b""
    assert client.closed_by_peer
    with pytest.raises(LocalProtocolError, match="closed TLS"):
        client.send(b"NOOP\r\n")


def test_closing_twice_or_too_early_says_nothing_more() -> None:
    client, server = sides()
    client.data_to_send()
    client.close()
    assert client.data_to_send() == b""
    client, server = sides()
    shake(client, server)
    client.close()
    client.data_to_send()
    client.close()
    assert client.data_to_send() == b"" and client.nominal_waiting == 0


def test_nothing_can_be_sent_after_a_failure() -> None:
    client, _ = sides()
    client.data_to_send()
    with pytest.raises(TlsError):
        client.receive(b"220 no TLS here\r\n")
    client.close()
    with pytest.raises(LocalProtocolError, match="has failed"):
        client.send(b"NOOP\r\n")


# --- outside judges --------------------------------------------------------------------------------------------------


def pump(side: TlsSide, connection: socket.socket, *, until: int) -> bytes:
    """Run our side over a real socket until it has that much plaintext."""
    plaintext = b""
    while len(plaintext) < until:
        connection.sendall(side.data_to_send())
        octets = connection.recv(65_536)
        assert octets, "the judge hung up"
        plaintext += side.receive(octets)
    last = side.data_to_send()
    if last:
        connection.sendall(last)
    return plaintext


def test_our_server_satisfies_the_ssl_modules_socket() -> None:
    ours, theirs = socket.socketpair()
    context = client_context(AUTHORITY.ca_pem)
    heard: list[bytes] = []

    def judge() -> None:
        with context.wrap_socket(theirs, server_hostname=NAME) as connection:
            connection.sendall(b"hello" * 10_000)
            heard.append(connection.recv(100))
            heard.append(connection.recv(100))

    thread = threading.Thread(target=judge)
    thread.start()
    with ours:
        side = TlsSide(server_context(IDENTITY), server_side=True)
        side.start()
        assert pump(side, ours, until=50_000) == b"hello" * 10_000
        side.send(b"welcome")
        side.close()
        ours.sendall(side.data_to_send())
        thread.join(10)
    assert heard == [b"welcome", b""]


def test_our_client_satisfies_the_ssl_modules_socket() -> None:
    ours, theirs = socket.socketpair()

    def judge() -> None:
        with server_context(IDENTITY).wrap_socket(theirs, server_side=True) as connection:
            connection.sendall(connection.recv(100).upper())

    thread = threading.Thread(target=judge)
    thread.start()
    with ours:
        side = TlsSide(client_context(AUTHORITY.ca_pem), server_side=False, server_hostname=NAME)
        side.start()
        side.send(b"noop\r\n")
        assert pump(side, ours, until=6) == b"NOOP\r\n"
        thread.join(10)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs the package openssl")
def test_openssl_s_client_talks_to_our_server(tmp_path) -> None:
    (tmp_path / "ca.pem").write_bytes(AUTHORITY.ca_pem)
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    command = ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-CAfile", str(tmp_path / "ca.pem")]
    command += ["-servername", NAME, "-verify_hostname", NAME, "-verify_return_error", "-no_check_time", "-quiet"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    listener.settimeout(10)
    connection, _ = listener.accept()
    with listener, connection:
        side = TlsSide(server_context(IDENTITY), server_side=True)
        side.start()
        assert process.stdin is not None
        process.stdin.write(b"QUIT\n")
        process.stdin.flush()
        assert pump(side, connection, until=5) == b"QUIT\n"
        side.send(b"221 bye\r\n")
        side.close()
        connection.sendall(side.data_to_send())
        output, errors = process.communicate(timeout=10)
    assert output == b"221 bye\r\n", errors
