"""The mechanisms, on both sides, with the examples of their RFCs, and the strict base64 that carries them."""

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
    assert set(sasl.STRONGEST_FIRST) == set(sasl.MECHANISMS)
    with pytest.raises(LocalProtocolError, match="CRAM-MD5"):
        sasl.secret_exchange("GSSAPI", nonce="1", hostname="h")
    for mechanism in sasl.SECRET_MECHANISMS:
        with pytest.raises(LocalProtocolError, match="nonce"):
            sasl.secret_exchange(mechanism, nonce="", hostname="h")
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


def test_login_asks_for_the_name_and_then_for_the_password() -> None:
    client, server = sasl.client_exchange("LOGIN", "tim", "secret"), sasl.server_exchange("LOGIN")
    assert client.initial() is None
    assert server.start(None) == b"Username:"
    assert server.step(client.step(b"Username:")) == b"Password:"
    found = server.step(client.step(b"Password:"))
    assert client.finished
    assert found == sasl.Credentials(mechanism="LOGIN", authcid="tim", authzid="", password="secret")
    with pytest.raises(RemoteProtocolError):
        client.step(b"More:")


@pytest.mark.parametrize("word", [b"", b"\xff", b"a\0b"])
def test_login_takes_no_word_that_is_none(word: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        sasl.server_exchange("LOGIN").step(word)


def test_cram_md5_gives_the_digest_of_the_rfc() -> None:
    """RFC 2195, 2: the example."""
    challenge = b"<1896.697170952@postoffice.reston.mci.net>"
    response = b"tim b913a602c7eda7a495b4e6e7334d3890"
    assert sasl.client_exchange("CRAM-MD5", "tim", "tanstaaftanstaaf").step(challenge) == response
    server = sasl.CramMd5Server(challenge.decode())
    assert server.start(None) == challenge
    assert server.step(response) == sasl.SecretWanted("CRAM-MD5", "tim")
    found = server.provide("tanstaaftanstaaf")
    assert isinstance(found, sasl.Credentials)
    assert (found.verified, found.password) == (True, "")


@pytest.mark.parametrize("secret", ["wrong", "", None, sasl.derive("tanstaaftanstaaf", b"salt")])
def test_cram_md5_believes_nobody_without_the_password(secret: sasl.Secret) -> None:
    server = sasl.CramMd5Server("<1@h>")
    digest = sasl.cram_md5(b"<1@h>", "" if secret is None or isinstance(secret, sasl.ScramSecret) else "right")
    server.step(b"tim " + digest)
    found = server.provide(secret)
    assert isinstance(found, sasl.Credentials)
    assert found.verified is False


@pytest.mark.parametrize("response", [b"", b"tim", b"tim abc", b" " + b"0" * 32, b"\xff " + b"0" * 32])
def test_a_cram_md5_response_of_another_form_is_refused(response: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        sasl.CramMd5Server("<1@h>").step(response)


RFC_7677 = {
    "nonce": "rOprNGfwEbeRWgbNEkqO",
    "server": "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
    "salt": sasl.decode_base64(b"W22ZaJ0SNY7soEsUEjb6gQ=="),
}


def scram_pair(*, password: str = "pencil") -> tuple[sasl.ScramClient, sasl.ScramServer]:
    client = sasl.ScramClient("user", password, nonce=str(RFC_7677["nonce"]))
    return client, sasl.ScramServer(str(RFC_7677["server"]))


def test_scram_says_what_the_rfc_says() -> None:
    """RFC 7677, 3: the example, each message."""
    client, server = scram_pair()
    assert client.initial() == b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO"
    assert server.start(client.initial()) == sasl.SecretWanted("SCRAM-SHA-256", "user")
    salt = RFC_7677["salt"]
    assert isinstance(salt, bytes)
    first = server.provide(sasl.derive("pencil", salt))
    assert first == b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
    proof = client.step(first)
    assert proof == (
        b"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
    )
    final = server.step(proof)
    assert final == b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="
    assert not client.finished
    assert client.step(final) == b""
    assert client.finished
    assert server.step(b"") == sasl.Credentials(mechanism="SCRAM-SHA-256", authcid="user", authzid="", verified=True)


@pytest.mark.parametrize("secret", ["wrong", None, sasl.derive("other", b"salt")])
def test_scram_fails_for_a_wrong_password_and_for_nobody_alike(secret: sasl.Secret) -> None:
    client, server = scram_pair()
    server.start(client.initial())
    first = server.provide(secret)
    assert isinstance(first, bytes)
    assert first.startswith(b"r=rOprNGfwEbeRWgbNEkqO%hv")
    found = server.step(client.step(first))
    assert isinstance(found, sasl.Credentials)
    assert found.verified is False


def test_a_scram_client_does_not_believe_a_server_without_the_password() -> None:
    client, server = scram_pair()
    server.start(client.initial())
    first = server.provide("pencil")
    assert isinstance(first, bytes)
    client.step(first)
    for false in (b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", b"e=other-error", b"", b"v=####", b"r=x"):
        with pytest.raises(RemoteProtocolError):
            client.step(false)
    assert not client.finished


@pytest.mark.parametrize(
    "message",
    [
        b"", b"n,,", b"n,,n=user", b"n,,r=x,n=user", b"p=tls-unique,,n=user,r=x", b"n,,n=,r=x", b"n,,n=a=b,r=x",
        b"n,,m=ext,n=user,r=x", b"n,,n=user,r=", b"n,,n=\xff,r=x", b"n,,n=user,r=\x01", b"n,a=\xff,n=user,r=x",
    ],
)  # fmt: skip
def test_a_first_message_of_another_form_is_refused(message: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        sasl.ScramServer("n").start(message)


@pytest.mark.parametrize(
    "challenge",
    [
        b"", b"r=abc,s=QQ==", b"r=abc,s=QQ==,i=4096", b"r=other,s=QQ==,i=4096", b"r=abcd,s=!,i=4096",
        b"r=abcd,s=QQ==,i=1", b"r=abcd,s=QQ==,i=999999", b"r=abcd,s=QQ==,i=99999999999", b"r=abcd,s=QQ==,i=x",
        b"m=x,r=abcd,s=QQ==,i=4096",
    ],
)  # fmt: skip
def test_a_scram_client_refuses_a_challenge_that_is_none_or_too_dear(challenge: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        sasl.ScramClient("user", "pencil", nonce="abc").step(challenge)


def test_scram_carries_names_with_commas_and_acts_for_others() -> None:
    client = sasl.ScramClient("a,b=c", "pencil", "boss,", nonce="abc")
    assert client.initial() == b"n,a=boss=2C,n=a=2Cb=3Dc,r=abc"
    server = sasl.ScramServer("def")
    assert server.start(None) == b""
    assert server.step(client.initial() or b"") == sasl.SecretWanted("SCRAM-SHA-256", "a,b=c")
    first = server.provide("pencil")
    assert isinstance(first, bytes)
    final = server.step(client.step(first))
    assert isinstance(final, bytes)
    found = server.step(client.step(final))
    assert isinstance(found, sasl.Credentials)
    assert (found.authcid, found.authzid, found.verified) == ("a,b=c", "boss,", True)


@pytest.mark.parametrize("proof", [b"c=biws,r=abcdef", b"c=biws,r=abc,p=QQ==", b"c=eSws,r=abcdef,p=QQ==", b"x"])
def test_a_proof_for_another_exchange_is_refused(proof: bytes) -> None:
    server = sasl.ScramServer("def")
    server.start(b"n,,n=user,r=abc")
    server.provide("pencil")
    with pytest.raises(RemoteProtocolError):
        server.step(proof)


@settings(deadline=None)
@given(st.sampled_from(sasl.MECHANISMS), st.lists(st.binary(max_size=60) | st.just(b"n,,n=u,r=x"), max_size=4))
def test_no_words_make_a_server_fail(mechanism: str, words: list[bytes]) -> None:
    secret = mechanism in sasl.SECRET_MECHANISMS
    server = sasl.secret_exchange(mechanism, nonce="n", hostname="h") if secret else sasl.server_exchange(mechanism)
    try:
        said = server.start(words[0] if words else None)
        for word in words[1:]:
            if isinstance(said, sasl.SecretWanted) and isinstance(server, sasl.SecretExchange):
                said = server.provide("pw")
            if isinstance(said, sasl.Credentials):
                break
            said = server.step(word)
    except RemoteProtocolError:
        pass


@pytest.mark.parametrize(
    ("typed", "prepared"),
    [("I\u00adX", "IX"), ("user", "user"), ("USER", "USER"), ("\u00aa", "a"), ("\u2168", "IX"), ("a\u00a0b", "a b")],
)
def test_names_and_passwords_are_prepared_as_the_rfc_shows(typed: str, prepared: str) -> None:
    """RFC 4013, 3: the examples."""
    from simulator.protocol.sasl.prepare import saslprep

    assert saslprep(typed) == prepared


@pytest.mark.parametrize("typed", ["\u0007", "\u0627\u0031", "", "\u00ad"])
def test_what_cannot_be_prepared_is_refused(typed: str) -> None:
    from simulator.protocol.sasl.prepare import saslprep

    with pytest.raises(LocalProtocolError):
        saslprep(typed)


def test_no_secret_is_shown() -> None:
    secret = sasl.derive("pencil", b"salt")
    assert "salt" not in repr(secret).replace("salt=", "")
    assert "stored" not in repr(secret)


@pytest.mark.parametrize("mechanism", sasl.MECHANISMS)
@pytest.mark.parametrize("parts", [("", "b"), ("a", "")])
def test_no_mechanism_goes_without_name_or_password(mechanism: str, parts: tuple[str, str]) -> None:
    with pytest.raises(LocalProtocolError):
        sasl.client_exchange(mechanism, *parts, nonce="n")


@pytest.mark.parametrize("mechanism", ["LOGIN", "CRAM-MD5"])
def test_some_mechanisms_cannot_act_for_others(mechanism: str) -> None:
    with pytest.raises(LocalProtocolError):
        sasl.client_exchange(mechanism, "a", "b", authzid="c")


@pytest.mark.parametrize("nonce", ["", "a,b", "a b", "é"])
def test_scram_needs_a_nonce_that_can_be_written(nonce: str) -> None:
    with pytest.raises(LocalProtocolError):
        sasl.client_exchange("SCRAM-SHA-256", "a", "b", nonce=nonce)
    with pytest.raises(LocalProtocolError):
        sasl.ScramServer(nonce)


def test_a_cram_md5_client_answers_one_challenge_and_no_empty_one() -> None:
    client = sasl.client_exchange("CRAM-MD5", "a", "b")
    with pytest.raises(RemoteProtocolError):
        client.step(b"")
    client.step(b"<1@h>")
    with pytest.raises(RemoteProtocolError):
        client.step(b"<2@h>")


def test_a_scram_server_takes_a_secret_once_and_nothing_behind_its_proof() -> None:
    client, server = scram_pair()
    with pytest.raises(LocalProtocolError):
        server.provide("pencil")
    server.start(client.initial())
    first = server.provide("pencil")
    with pytest.raises(LocalProtocolError):
        server.provide("pencil")
    assert isinstance(first, bytes)
    assert isinstance(server.step(client.step(first)), bytes)
    with pytest.raises(RemoteProtocolError):
        server.step(b"more")
