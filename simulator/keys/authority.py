"""A little certificate authority whose keys, numbers and signatures come from the seed.

Real TLS needs real certificates, and the same seed must give the same octets on every machine; so each key is
derived from seed and name, and each signature takes its nonce from what it signs (RFC 6979). Certificates are
P-256 with the extensions that a strict verifier asks for (RFC 5280, 4.2). Whoever knows the seed knows the keys.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from simulator.errors import MailflowError

ORGANISATION: Final = "Mail-flow simulator"
_P256_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_COMMON_NAME_CHARACTERS: Final = 64  # RFC 5280, appendix A.1: ub-common-name
_SECOND_US: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Identity:
    """A certificate and its private key, both PEM; `names[0]` is the host's own name."""

    cert_pem: bytes
    key_pem: bytes
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Lifetime:
    """Validity as X.509 writes it: whole seconds, epoch µs in."""

    start: datetime
    end: datetime

    @classmethod
    def of(cls, not_before: int, not_after: int) -> _Lifetime:
        if not_after < not_before:
            raise MailflowError(
                f"a certificate ends ({not_after} µs) before it begins ({not_before} µs); swap the dates"
            )
        try:
            start, end = (datetime.fromtimestamp(us // _SECOND_US, UTC) for us in (not_before, not_after))
        except (OverflowError, ValueError, OSError) as error:
            raise MailflowError("a certificate date lies outside the years 1 to 9999; choose a nearer one") from error
        if start.year < 1950:
            raise MailflowError("a certificate date lies before 1950; choose a later one")  # RFC 5280, 4.1.2.5
        return cls(start, end)


class Authority:
    """Issues certificates; equal arguments give equal octets.

    `not_before` and `not_after` are epoch µs and the default validity of what it issues. Two authorities with
    different `name` are strangers to each other: the second makes the certificates that nobody trusts.
    """

    def __init__(self, seed: int, not_before: int, not_after: int, *, name: str = "Teaching CA") -> None:
        self.seed = seed
        self.name = name
        self.not_before = not_before
        self.not_after = not_after
        lifetime = _Lifetime.of(not_before, not_after)
        self._key = derived_key(seed, f"authority {name}")
        self._subject = _subject(name)
        self._certificate = _root(self._key, self._subject, lifetime, _serial(seed, name, lifetime))
        self.ca_pem: bytes = self._certificate.public_bytes(Encoding.PEM)

    def issue(
        self,
        names: Sequence[str],
        ip_addresses: Sequence[str] = (),
        *,
        not_before: int | None = None,
        not_after: int | None = None,
    ) -> Identity:
        """A server certificate for ASCII host names and IP addresses, and its key.

        Raises MailflowError for no name at all, for a name that is not ASCII, and for impossible dates.
        """
        start = self.not_before if not_before is None else not_before
        end = self.not_after if not_after is None else not_after
        lifetime = _Lifetime.of(start, end)
        alternatives = _alternatives(names, ip_addresses)
        first = names[0] if names else ip_addresses[0]
        key = derived_key(self.seed, f"host {first}")
        serial = _serial(self.seed, f"{self.name} {','.join(names)} {','.join(ip_addresses)}", lifetime)
        builder = _builder(key, _subject(first), lifetime, serial).issuer_name(self._subject)
        for extension, critical in _server_extensions(key, self._key, alternatives):
            builder = builder.add_extension(extension, critical)
        certificate = builder.sign(self._key, SHA256(), ecdsa_deterministic=True)
        return Identity(certificate.public_bytes(Encoding.PEM), _key_pem(key), tuple(names) or (first,))


@lru_cache(maxsize=1024)
def derived_key(seed: int, name: str) -> ec.EllipticCurvePrivateKey:
    """The P-256 key of that seed and name: 48 octets of HKDF (RFC 5869), reduced so that no bias is left."""
    material = HKDF(algorithm=SHA256(), length=48, salt=b"mailflow keys", info=name.encode()).derive(str(seed).encode())
    return ec.derive_private_key(int.from_bytes(material, "big") % (_P256_ORDER - 1) + 1, ec.SECP256R1())


def _serial(seed: int, text: str, lifetime: _Lifetime) -> int:
    digest = hashlib.sha256(f"{seed} {text} {lifetime.start} {lifetime.end}".encode()).digest()
    return int.from_bytes(digest[:16], "big") >> 1 | 1  # positive, at most 20 octets (RFC 5280, 4.1.2.2)


def _subject(name: str) -> x509.Name:
    attributes = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANISATION)]
    if len(name) <= _COMMON_NAME_CHARACTERS:
        attributes.append(x509.NameAttribute(NameOID.COMMON_NAME, name))
    return x509.Name(attributes)


def _alternatives(names: Sequence[str], ip_addresses: Sequence[str]) -> x509.SubjectAlternativeName:
    if not names and not ip_addresses:
        raise MailflowError("a certificate needs a name; give a host name or an IP address")
    for name in names:
        if not name.isascii() or not name:
            raise MailflowError(f"a certificate cannot carry the name {name!r}; write its ASCII form (xn--...)")
    general: list[x509.GeneralName] = [x509.DNSName(name) for name in names]
    try:
        general += [x509.IPAddress(ipaddress.ip_address(address)) for address in ip_addresses]
    except ValueError as error:
        raise MailflowError(f"a certificate cannot carry that address: {error}") from error
    return x509.SubjectAlternativeName(general)


def _builder(
    key: ec.EllipticCurvePrivateKey, subject: x509.Name, lifetime: _Lifetime, serial: int
) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(subject).public_key(key.public_key()).serial_number(serial)
    return builder.not_valid_before(lifetime.start).not_valid_after(lifetime.end)


def _root(key: ec.EllipticCurvePrivateKey, subject: x509.Name, lifetime: _Lifetime, serial: int) -> x509.Certificate:
    builder = _builder(key, subject, lifetime, serial).issuer_name(subject)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_usage(authority=True), critical=True)
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    return builder.sign(key, SHA256(), ecdsa_deterministic=True)


def _server_extensions(
    key: ec.EllipticCurvePrivateKey,
    issuer_key: ec.EllipticCurvePrivateKey,
    alternatives: x509.SubjectAlternativeName,
) -> tuple[tuple[x509.ExtensionType, bool], ...]:
    return (
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (_usage(authority=False), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
        (alternatives, False),
        (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False),
        (x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), False),
    )


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
