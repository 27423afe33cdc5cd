"""The little certificate authority: octets from the seed alone, accepted by strict verifiers."""

import shutil
import ssl
import subprocess
import sys

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from simulator.errors import MailflowError
from simulator.keys.authority import Authority, Identity
from simulator.keys.certificate import derived_key
from simulator.keys.contexts import client_context, opportunistic_context, server_context
from simulator.keys.live_authority import LiveAuthority

DAY = 86_400_000_000
START = 1_711_200_000_000_000  # 2024-03-23 13:20:00 UTC
END = START + 365 * DAY

DIGEST_PROGRAM = """
import hashlib
from simulator.keys.authority import Authority
authority = Authority(7, 1711200000000000, 1742736000000000)
identity = authority.issue(["mail.alpha.example"], ["192.0.2.25", "2001:db8::25"])
print(hashlib.sha256(authority.ca_pem + identity.cert_pem + identity.key_pem).hexdigest())
"""
DIGEST = "d5acdb2f31846124908a8ff6e6c2ed18d9307f1a8d740b84462cdbdc9e4d56d8"


def issue(seed: int = 7, *names: str) -> tuple[Authority, Identity]:
    authority = Authority(seed, START, END)
    return authority, authority.issue(names or ("mail.alpha.example",), ["192.0.2.25"])


@pytest.mark.parametrize("hash_seed", ["0", "4711"])
def test_the_same_seed_gives_the_same_octets_in_every_process(hash_seed: str) -> None:
    environment = {"PYTHONHASHSEED": hash_seed, "TZ": "Asia/Yekaterinburg", "PYTHONPATH": ":".join(sys.path)}
    run = subprocess.run(
        [sys.executable, "-c", DIGEST_PROGRAM], env=environment, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == DIGEST


def test_names_may_come_as_a_list_or_as_a_tuple() -> None:
    authority = Authority(7, START, END)
    assert authority.issue(["a.example"]) == authority.issue(("a.example",))


def test_another_seed_or_name_gives_another_key() -> None:
    scalars = {derived_key(s, n).pem for s in (1, 2, -1) for n in ("host a", "host b")}
    assert len(scalars) == 6


def test_the_certificate_says_what_was_asked_for() -> None:
    authority, identity = issue()
    certificate = x509.load_pem_x509_certificate(identity.cert_pem)
    alternatives = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert alternatives.get_values_for_type(x509.DNSName) == ["mail.alpha.example"]
    assert [str(a) for a in alternatives.get_values_for_type(x509.IPAddress)] == ["192.0.2.25"]
    assert certificate.not_valid_before_utc.timestamp() * 1_000_000 == START
    assert certificate.not_valid_after_utc.timestamp() * 1_000_000 == END
    certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(authority.ca_pem))
    key = load_pem_private_key(identity.key_pem, None)
    assert key.public_key() == certificate.public_key()


def test_dates_of_one_certificate_can_differ_from_the_authoritys() -> None:
    authority = Authority(7, START, END)
    identity = authority.issue(["old.example"], not_before=START, not_after=START + DAY)
    certificate = x509.load_pem_x509_certificate(identity.cert_pem)
    assert certificate.not_valid_after_utc.timestamp() * 1_000_000 == START + DAY


@pytest.mark.parametrize("authority", [Authority(7, START, END), LiveAuthority(START, END)], ids=["simulated", "live"])
def test_a_self_signed_certificate_is_its_own_issuer(authority: Authority | LiveAuthority) -> None:
    identity = authority.self_signed(["mail.alpha.example"], not_before=START, not_after=START + DAY)
    certificate = x509.load_pem_x509_certificate(identity.cert_pem)
    certificate.verify_directly_issued_by(certificate)
    assert certificate.issuer == certificate.subject
    assert certificate.not_valid_after_utc.timestamp() * 1_000_000 == START + DAY
    with pytest.raises(ValueError, match="Issuer"):
        certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(authority.ca_pem))
    key = load_pem_private_key(identity.key_pem, None)
    assert key.public_key() == certificate.public_key()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs the package openssl")
def test_openssl_verifies_it_strictly_and_refuses_a_strangers(tmp_path) -> None:
    authority, identity = issue()
    stranger = Authority(7, START, END, name="Nobody's CA")
    (tmp_path / "host.pem").write_bytes(identity.cert_pem)
    (tmp_path / "ca.pem").write_bytes(authority.ca_pem)
    (tmp_path / "stranger.pem").write_bytes(stranger.ca_pem)
    command = ["openssl", "verify", "-x509_strict", "-attime", str(START // 1_000_000 + 60), "-CAfile"]
    good = subprocess.run([*command, tmp_path / "ca.pem", tmp_path / "host.pem"], capture_output=True, check=False)
    bad = subprocess.run([*command, tmp_path / "stranger.pem", tmp_path / "host.pem"], capture_output=True, check=False)
    assert (good.returncode, bad.returncode) == (0, 2), good.stderr


@pytest.mark.parametrize(
    ("names", "addresses", "dates", "words"),
    [
        ((), (), {}, "needs a name"),
        (("почта.example",), (), {}, "ASCII form"),
        (("",), (), {}, "ASCII form"),
        (("a.example",), ("1.2.3",), {}, "address"),
        (("a.example",), (), {"not_before": END, "not_after": START}, "swap the dates"),
        (("a.example",), (), {"not_after": 10**18}, "years 1 to 9999"),
        (("a.example",), (), {"not_before": -(10**15)}, "before 1950"),
    ],
)
def test_an_impossible_certificate_is_refused_in_words(names, addresses, dates, words: str) -> None:
    with pytest.raises(MailflowError, match=words):
        Authority(7, START, END).issue(names, addresses, **dates)


def test_a_name_too_long_for_a_common_name_still_gets_a_certificate() -> None:
    name = ".".join(["label" * 5] * 4) + ".example"
    certificate = x509.load_pem_x509_certificate(issue(7, name)[1].cert_pem)
    alternatives = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert alternatives.get_values_for_type(x509.DNSName) == [name]
    assert not certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)


def test_contexts_are_made_once_and_are_tls_1_3_without_tickets() -> None:
    authority, identity = issue()
    server, client = server_context(identity), client_context(authority.ca_pem)
    assert server is server_context(identity) and client is client_context(authority.ca_pem)
    assert server.num_tickets == 0
    assert client.check_hostname and client.verify_mode is ssl.CERT_REQUIRED
    assert client.verify_flags & 0x200000
    for context in (server, client, opportunistic_context()):
        assert context.minimum_version is context.maximum_version is ssl.TLSVersion.TLSv1_3


def test_an_unknown_tls_version_is_refused() -> None:
    with pytest.raises(MailflowError, match=r"TLSv1\.3, TLSv1\.2"):
        client_context(issue()[0].ca_pem, "SSLv3")


def test_no_key_is_left_in_the_temporary_directory(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    server_context(issue(99)[1])
    assert list(tmp_path.iterdir()) == []
