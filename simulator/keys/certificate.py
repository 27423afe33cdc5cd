"""An X.509 certificate from its parts: what is said, about whom, by whom, and the signature under it.

Equal parts give equal octets, since the signature takes its nonce from what it signs (RFC 6979). RFC 5280, 4.1 and
4.2; RFC 5480 (the keys); RFC 5958 (the private key's form).
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from simulator.keys import der

ORGANISATION: Final = "Mail-flow simulator"
_P256_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_COMMON_NAME_CHARACTERS: Final = 64  # RFC 5280, appendix A.1: ub-common-name
_OID: Final = der.object_identifier
_EC_KEY: Final = der.sequence(_OID("1.2.840.10045.2.1"), _OID("1.2.840.10045.3.1.7"))  # RFC 5480, 2.1.1: P-256
_ECDSA_SHA256: Final = der.sequence(_OID("1.2.840.10045.4.3.2"))  # RFC 5758, 3.2


class Key:
    """A P-256 key pair, from its private number."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._key = ec.derive_private_key(number, ec.SECP256R1())

    @cached_property
    def point(self) -> bytes:
        """The public key as 65 octets, not compressed (RFC 5480, 2.2)."""
        numbers = self._key.public_key().public_numbers()
        return b"\x04" + numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")

    @property
    def identifier(self) -> bytes:
        """SHA-1 of the public key: how certificates name it (RFC 5280, 4.2.1.2, method 1)."""
        return hashlib.sha1(self.point, usedforsecurity=False).digest()

    @property
    def pem(self) -> bytes:
        """The private key, not encrypted (RFC 5958; RFC 5915 inside)."""
        inner = der.sequence(
            der.integer(1),
            der.octet_string(self._number.to_bytes(32, "big")),
            der.wrap(0xA1, der.bit_string(self.point)),
        )
        return der.pem("PRIVATE KEY", der.sequence(der.integer(0), _EC_KEY, der.octet_string(inner)))

    def sign(self, octets: bytes) -> bytes:
        """An ECDSA signature with SHA-256, the same every time (RFC 6979)."""
        return self._key.sign(octets, ec.ECDSA(SHA256(), deterministic_signing=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a certificate says; `extensions` are DER already."""

    serial: int
    issuer: str
    subject: str
    start: datetime
    end: datetime
    key: Key
    extensions: tuple[bytes, ...]


@lru_cache(maxsize=1024)
def derived_key(seed: int, name: str) -> Key:
    """The key of that seed and name: 48 octets of HKDF (RFC 5869), reduced so that no bias is left."""
    secret = hmac.digest(b"mailflow keys", str(seed).encode(), "sha256")
    first = hmac.digest(secret, name.encode() + b"\x01", "sha256")
    second = hmac.digest(secret, first + name.encode() + b"\x02", "sha256")
    return Key(int.from_bytes((first + second)[:48], "big") % (_P256_ORDER - 1) + 1)


def signed(statement: Statement, by: Key) -> bytes:
    """The certificate as PEM."""
    said = der.sequence(
        der.wrap(0xA0, der.integer(2)),  # version 3
        der.integer(statement.serial),
        _ECDSA_SHA256,
        _name(statement.issuer),
        der.sequence(der.time(statement.start), der.time(statement.end)),
        _name(statement.subject),
        der.sequence(_EC_KEY, der.bit_string(statement.key.point)),
        der.wrap(0xA3, der.sequence(*statement.extensions)),
    )
    return der.pem("CERTIFICATE", der.sequence(said, _ECDSA_SHA256, der.bit_string(by.sign(said))))


def authority_extensions(key: Key) -> tuple[bytes, ...]:
    """What makes a certificate an authority's: it may sign others, and nothing else."""
    return (
        _extension("2.5.29.19", der.sequence(der.BOOLEAN_TRUE, der.integer(0)), critical=True),  # basicConstraints
        _extension("2.5.29.15", der.bit_string(b"\x06", unused=1), critical=True),  # keyUsage: keyCertSign, cRLSign
        _extension("2.5.29.14", der.octet_string(key.identifier)),  # subjectKeyIdentifier
    )


def server_extensions(
    key: Key, authority: Key, names: tuple[str, ...], addresses: tuple[bytes, ...]
) -> tuple[bytes, ...]:
    """What makes a certificate a server's: its names and addresses (packed), and what its key may do."""
    general = [der.wrap(0x82, name.encode("ascii")) for name in names] + [der.wrap(0x87, a) for a in addresses]
    return (
        _extension("2.5.29.19", der.sequence(), critical=True),
        _extension("2.5.29.15", der.bit_string(b"\x80", unused=7), critical=True),  # digitalSignature
        _extension("2.5.29.37", der.sequence(_OID("1.3.6.1.5.5.7.3.1"))),  # extKeyUsage: serverAuth
        _extension("2.5.29.17", der.sequence(*general)),  # subjectAltName
        _extension("2.5.29.14", der.octet_string(key.identifier)),
        _extension("2.5.29.35", der.sequence(der.wrap(0x80, authority.identifier))),  # authorityKeyIdentifier
    )


def _extension(identifier: str, value: bytes, *, critical: bool = False) -> bytes:
    return der.sequence(_OID(identifier), der.BOOLEAN_TRUE if critical else b"", der.octet_string(value))


def _name(common_name: str) -> bytes:
    parts = [("2.5.4.10", ORGANISATION)]
    if len(common_name) <= _COMMON_NAME_CHARACTERS:
        parts.append(("2.5.4.3", common_name))
    return der.sequence(*(der.one_of_set(der.sequence(_OID(kind), der.text(value))) for kind, value in parts))
