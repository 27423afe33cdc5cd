"""A little certificate authority whose keys, numbers and signatures come from the seed.

Real TLS needs real certificates, and the same seed must give the same octets on every machine; so each key is
derived from seed and name, and nothing is drawn by chance. Certificates are P-256 with the extensions that a strict
verifier asks for (RFC 5280, 4.2). Whoever knows the seed knows the keys.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from simulator.errors import MailflowError
from simulator.keys.certificate import Statement, authority_extensions, derived_key, server_extensions, signed

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

    versions: Final = "TLSv1.3"
    """What servers with its certificates speak, as `contexts` names it."""

    def __init__(self, seed: int, not_before: int, not_after: int, *, name: str = "Teaching CA") -> None:
        self.seed = seed
        self.name = name
        self.not_before = not_before
        self.not_after = not_after
        self._key = derived_key(seed, f"authority {name}")
        lifetime = _Lifetime.of(not_before, not_after)
        statement = Statement(
            serial=_serial(seed, name, lifetime),
            issuer=name,
            subject=name,
            start=lifetime.start,
            end=lifetime.end,
            key=self._key,
            extensions=authority_extensions(self._key),
        )
        self.ca_pem: bytes = signed(statement, self._key)

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
        return self._made(names, ip_addresses, self._lifetime(not_before, not_after))

    def self_signed(
        self, names: Sequence[str], *, not_before: int | None = None, not_after: int | None = None
    ) -> Identity:
        """A certificate that the server's own key signed, which nobody trusts; arguments and errors as of `issue`."""
        return self._made(names, (), self._lifetime(not_before, not_after), by_itself=True)

    def _lifetime(self, not_before: int | None, not_after: int | None) -> _Lifetime:
        start = self.not_before if not_before is None else not_before
        return _Lifetime.of(start, self.not_after if not_after is None else not_after)

    def _made(
        self, names: Sequence[str], ip_addresses: Sequence[str], lifetime: _Lifetime, *, by_itself: bool = False
    ) -> Identity:
        addresses = _checked(names, ip_addresses)
        first = names[0] if names else ip_addresses[0]
        key = derived_key(self.seed, f"host {first}")
        issuer, signer = (first, key) if by_itself else (self.name, self._key)
        statement = Statement(
            serial=_serial(self.seed, f"{issuer} {','.join(names)} {','.join(ip_addresses)}", lifetime),
            issuer=issuer,
            subject=first,
            start=lifetime.start,
            end=lifetime.end,
            key=key,
            extensions=server_extensions(key, signer, tuple(names), addresses),
        )
        return Identity(signed(statement, signer), key.pem, tuple(names) or (first,))


def _serial(seed: int, text: str, lifetime: _Lifetime) -> int:
    digest = hashlib.sha256(f"{seed} {text} {lifetime.start} {lifetime.end}".encode()).digest()
    return int.from_bytes(digest[:16], "big") >> 1 | 1  # positive, at most 20 octets (RFC 5280, 4.1.2.2)


def _checked(names: Sequence[str], ip_addresses: Sequence[str]) -> tuple[bytes, ...]:
    """The addresses, packed, once names and addresses are good."""
    if not names and not ip_addresses:
        raise MailflowError("a certificate needs a name; give a host name or an IP address")
    for name in names:
        if not name.isascii() or not name:
            raise MailflowError(f"a certificate cannot carry the name {name!r}; write its ASCII form (xn--...)")
    try:
        return tuple(ipaddress.ip_address(address).packed for address in ip_addresses)
    except ValueError as error:
        raise MailflowError(f"a certificate cannot carry that address: {error}") from error
