"""The certificate authority of live mode: RSA keys from real randomness, so that real clients may trust it.

What the simulated world uses is known to everybody who knows the seed; a mail program that trusted such an authority
would trust every reader of this file. RFC 5280, 4.2 (extensions); RFC 8017 (RSA).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from simulator.errors import MailflowError
from simulator.keys.authority import Identity

__all__ = ["HERE", "LiveAuthority"]

HERE: Final = ("localhost", "127.0.0.1")
"""What every certificate names besides its server, since that is where real clients find it."""

_BITS: Final = 2048
_SECOND_US: Final = 1_000_000


class LiveAuthority:
    """Issues certificates for servers of a live world; dates are epoch µs.

    `kept` is what `pem` gave in an earlier run, key and certificate; without it a new authority is made. Raises
    MailflowError for a `kept` that cannot be read.
    """

    versions: Final = "TLSv1.2 or TLSv1.3"
    """What servers with its certificates speak, as `contexts` names it: some mail programs are old."""

    def __init__(self, not_before: int, not_after: int, *, kept: bytes | None = None) -> None:
        self._dates = (not_before, not_after)
        if kept is None:
            self._key = _new_key()
            self._certificate = self._own_certificate()
        else:
            self._key, self._certificate = _read(kept)
        self.ca_pem: bytes = self._certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def pem(self) -> bytes:
        """Key and certificate, to be kept where nobody else can read them."""
        return _key_pem(self._key) + self.ca_pem

    def issue(
        self,
        names: Sequence[str],
        ip_addresses: Sequence[str] = (),
        *,
        not_before: int | None = None,
        not_after: int | None = None,
    ) -> Identity:
        """A certificate, valid as long as the authority's own unless dates are given, that names localhost too."""
        return self._made(names, ip_addresses, (not_before, not_after))

    def self_signed(
        self, names: Sequence[str], *, not_before: int | None = None, not_after: int | None = None
    ) -> Identity:
        """A certificate that the server's own key signed, which nobody trusts; it names localhost too."""
        return self._made(names, (), (not_before, not_after), by_itself=True)

    def _made(
        self,
        names: Sequence[str],
        ip_addresses: Sequence[str],
        dates: tuple[int | None, int | None],
        *,
        by_itself: bool = False,
    ) -> Identity:
        key = _new_key()
        signer = key if by_itself else self._key
        issuer = _name(names[0]) if by_itself else self._certificate.subject
        # some programs (fetchmail, mbsync) look for an address among the names only, so it stands in both places
        alternatives: list[x509.GeneralName] = [x509.DNSName(name) for name in dict.fromkeys((*names, *HERE))]
        alternatives += [x509.IPAddress(ip_address(text)) for text in dict.fromkeys((*ip_addresses, HERE[1]))]
        first, last = self._dates
        builder = _builder(names[0], key, first if dates[0] is None else dates[0], dates[1] or last)
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
        certificate = (
            builder.issuer_name(issuer)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(authority=False), critical=True)
            .add_extension(usage, critical=False)
            .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
            .add_extension(identifier, critical=False)
            .sign(signer, SHA256())
        )
        return Identity(certificate.public_bytes(serialization.Encoding.PEM), _key_pem(key), tuple(names))

    def _own_certificate(self) -> x509.Certificate:
        builder = _builder("Live mode of the mail-flow simulator", self._key, *self._dates)
        return (
            builder.issuer_name(_name("Live mode of the mail-flow simulator"))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(authority=True), critical=True)
            .sign(self._key, SHA256())
        )


def _new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=_BITS)


def _key_pem(key: rsa.RSAPrivateKey) -> bytes:
    form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, form, plain)


def _read(kept: bytes) -> tuple[rsa.RSAPrivateKey, x509.Certificate]:
    try:
        key = serialization.load_pem_private_key(kept, password=None)
        certificate = x509.load_pem_x509_certificate(kept[kept.index(b"-----BEGIN CERTIFICATE") :])
    except ValueError as error:
        raise MailflowError(f"the kept certificate authority cannot be read ({error}); remove its file") from error
    if not isinstance(key, rsa.RSAPrivateKey):
        raise MailflowError("the kept certificate authority has no RSA key; remove its file")
    return key, certificate


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name[:64])])


def _builder(subject: str, key: rsa.RSAPrivateKey, not_before: int, not_after: int) -> x509.CertificateBuilder:
    """What authority and servers have in common: subject, key, dates, and the key's identifier."""
    start, end = (datetime.fromtimestamp(us // _SECOND_US, UTC) for us in (not_before, not_after))
    return (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=False,
        key_encipherment=not authority,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )
