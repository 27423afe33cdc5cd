"""PLAIN, on both sides, and the strict base64 that carries it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.errors import LocalProtocolError, RemoteProtocolError
from simulator.protocol import sasl

NAME = st.text(min_size=1).filter(lambda text: "\0" not in text and text.isprintable())


def test_the_message_is_the_one_of_the_rfc() -> None:
    """RFC 4616, 4: the first example."""
    message = sasl.encode_plain("tim", "tanstaaftanstaaf")
    assert message == b"\0tim\0tanstaaftanstaaf"
    assert sasl.encode_plain("Kurt", "xipj3plmq", "Ursel") == b"Ursel\0Kurt\0xipj3plmq"


@settings(deadline=None)
@given(NAME, NAME, st.just("") | NAME)
def test_what_one_side_says_the_other_understands(authcid: str, password: str, authzid: str) -> None:
    client = sasl.client_exchange("PLAIN", authcid, password, authzid=authzid)
    server = sasl.server_exchange("PLAIN")
    assert server.start(None) == b""
    found = server.step(client.step(b""))
    assert isinstance(found, sasl.Credentials)
    assert (found.mechanism, found.authcid, found.authzid, found.password) == ("PLAIN", authcid, authzid, password)
    assert server.start(client.initial()) == found


@pytest.mark.parametrize("message", [b"", b"a", b"\0a", b"\0a\0", b"\0\0b", b"a\0b\0c\0d", b"\0\xff\0b", b"\0\0\0"])
def test_a_message_of_another_form_is_refused(message: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        sasl.decode_plain(message)


@pytest.mark.parametrize("parts", [("", "b", ""), ("a", "", ""), ("a\0", "b", ""), ("a", "b\0", ""), ("a", "b", "\0")])
def test_what_cannot_be_carried_is_not_sent(parts: tuple[str, str, str]) -> None:
    with pytest.raises(LocalProtocolError):
        sasl.encode_plain(*parts)


def test_plain_has_no_challenge() -> None:
    with pytest.raises(RemoteProtocolError):
        sasl.client_exchange("PLAIN", "a", "b").step(b"surprise")


def test_only_mechanisms_that_are_built_can_be_had() -> None:
    assert sasl.server_mechanisms() == ("PLAIN",)
    with pytest.raises(LocalProtocolError, match="PLAIN"):
        sasl.server_exchange("GSSAPI")
    with pytest.raises(LocalProtocolError, match="PLAIN"):
        sasl.client_exchange("GSSAPI", "a", "b")


@settings(deadline=None)
@given(st.binary())
def test_base64_is_undone(octets: bytes) -> None:
    assert sasl.decode_base64(sasl.encode_base64(octets)) == octets


@pytest.mark.parametrize(
    "text", [b"A", b"AA", b"AA=", b"====", b"AAA A", b"AAAA\n", b"QR==", b"=AAA", b"AA==AA==", b"A\x00AA"]
)
def test_base64_has_one_spelling(text: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        sasl.decode_base64(text)


def test_a_password_is_not_shown() -> None:
    assert "secret" not in repr(sasl.decode_plain(b"\0a\0secret"))
