"""TLS contexts of the simulated world: one for each server identity, one for each trusted authority.

A context is dear to make and can be shared by all connections, so both kinds are cached. OpenSSL checks chain and
name but not the dates, which `protocol.tls` checks at simulated time. TLS is 1.3 (RFC 8446) unless 1.2 is named.
"""

from __future__ import annotations

import os
import ssl
import tempfile
from functools import lru_cache
from typing import Final

from simulator.errors import MailflowError
from simulator.keys.authority import Identity
from simulator.keys.keylog import key_log

NO_CHECK_TIME: Final = 0x200000  # OpenSSL: X509_V_FLAG_NO_CHECK_TIME
_VERSIONS: Final = {
    "TLSv1.3": (ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_3),
    "TLSv1.2": (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2),
    "TLSv1.2 or TLSv1.3": (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3),
}
"""The oldest and the newest version; real clients of live mode choose, the simulated world knows beforehand."""


@lru_cache(maxsize=1024)
def server_context(identity: Identity, version: str = "TLSv1.3") -> ssl.SSLContext:
    """The context of a server that shows this identity; it asks clients for no certificate and issues no tickets."""
    context = _context(ssl.PROTOCOL_TLS_SERVER, version)
    context.num_tickets = 0
    handle, path = tempfile.mkstemp(suffix=".pem")  # load_cert_chain takes only paths
    try:
        with open(handle, "wb") as file:
            file.write(identity.key_pem + identity.cert_pem)
        context.load_cert_chain(path)
    finally:
        os.unlink(path)
    return context


@lru_cache(maxsize=64)
def client_context(ca_pem: bytes, version: str = "TLSv1.3") -> ssl.SSLContext:
    """The context of a client that trusts these authorities and wants the server's name in its certificate."""
    context = _context(ssl.PROTOCOL_TLS_CLIENT, version)
    context.load_verify_locations(cadata=ca_pem.decode("ascii"))
    context.verify_flags |= ssl.VerifyFlags(NO_CHECK_TIME)
    key_log().listen(context)
    return context


@lru_cache(maxsize=2)
def opportunistic_context(version: str = "TLSv1.3") -> ssl.SSLContext:
    """The context of a client that encrypts to whoever answers, as relays do without DANE or MTA-STS (RFC 7435)."""
    context = _context(ssl.PROTOCOL_TLS_CLIENT, version)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    key_log().listen(context)
    return context


def _context(protocol: int, version: str) -> ssl.SSLContext:
    chosen = _VERSIONS.get(version)
    if chosen is None:
        raise MailflowError(f"TLS version {version!r} is unknown; write one of {', '.join(_VERSIONS)}")
    context = ssl.SSLContext(protocol)
    context.minimum_version, context.maximum_version = chosen
    context.options |= ssl.OP_NO_TICKET | ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    return context
