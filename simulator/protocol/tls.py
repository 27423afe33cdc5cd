"""TLS as a filter between a stream and a session: real records through `ssl.MemoryBIO`, no socket, no clock.

The octets are those of OpenSSL and differ between its builds, so what costs simulated time is a *nominal* size,
the same everywhere. Dates of certificates are checked here, at simulated time. RFC 8446 (TLS 1.3), RFC 5280 (dates).
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from simulator.errors import LocalProtocolError, TlsError
from simulator.limits import TLS_HANDSHAKE_OCTETS, TLS_RECORD_OCTETS
from simulator.protocol import tls_alerts

RECORD_OVERHEAD: Final = 22  # header 5, content type 1, tag 16 (RFC 8446, 5.2)
CLIENT_HELLO_OCTETS: Final = 517
SERVER_FLIGHT_OCTETS: Final = 1_024  # ServerHello to Finished, with a P-256 certificate
CLIENT_FINISHED_OCTETS: Final = 80
ALERT_OCTETS: Final = 2 + RECORD_OVERHEAD
_READ_OCTETS: Final = 65_536
_MICROSECONDS: Final = 1_000_000


def nominal_record_size(plaintext_length: int) -> int:
    """Octets on the wire for that much plaintext written at once: 22 more for each record of 16 KiB."""
    return plaintext_length + RECORD_OVERHEAD * -(-plaintext_length // TLS_RECORD_OCTETS)


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerCertificate:
    """What a verified certificate says: names it is good for, who issued it, validity in epoch µs."""

    names: tuple[str, ...]
    subject: str
    issuer: str
    not_before: int
    not_after: int


class TlsSide:
    """One end of a TLS connection.

    `check_dates` is a callable that gives the simulated time in epoch µs, or None to accept any date; the client
    asks it once, when the server's certificate has come. Call `start()` first; then feed `receive` and drain
    `data_to_send` after every call, also after one that raised TlsError, since an alert may wait there.
    """

    __slots__ = (
        "_check_dates",
        "_failure",
        "_incoming",
        "_nominal",
        "_object",
        "_outgoing",
        "_peer",
        "_pending",
        "_queued",
        "_received",
        "closed_by_peer",
        "established",
        "server_side",
    )

    def __init__(
        self,
        context: ssl.SSLContext,
        *,
        server_side: bool,
        server_hostname: str | None = None,
        check_dates: Callable[[], int] | None = None,
    ) -> None:
        self.server_side = server_side
        self.established = False
        self.closed_by_peer = False
        self._check_dates = check_dates
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        name = None if server_side else server_hostname
        self._object = context.wrap_bio(self._incoming, self._outgoing, server_side=server_side, server_hostname=name)
        self._pending: list[bytes] = []
        self._queued = b""
        self._received = 0
        self._nominal = 0
        self._failure: TlsError | None = None
        self._peer: PeerCertificate | None = None

    # --- what goes through ---------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin the handshake: a client's hello waits in `data_to_send`, a server waits for one."""
        if not self.server_side:
            self._nominal += CLIENT_HELLO_OCTETS
        self._handshake()

    def receive(self, ciphertext: bytes) -> bytes:
        """Take octets from the wire, in any chunking; the plaintext that has become whole, perhaps none.

        Raises TlsError when the handshake or a record fails, and again on every later call.
        """
        if self._failure is not None:
            raise self._failure
        self._incoming.write(ciphertext)
        if not self.established:
            self._received += len(ciphertext)
            if self._received > TLS_HANDSHAKE_OCTETS:
                self._refuse(tls_alerts.DECODE_ERROR, "the handshake is longer than any real one")
            self._handshake()
        return self._read() if self.established else b""

    def send(self, plaintext: bytes) -> None:
        """Encrypt; what is sent before the handshake is done waits for it. Raises LocalProtocolError once closed."""
        if self._failure is not None:
            raise LocalProtocolError("TLS has failed on this connection; close it") from self._failure
        if not plaintext:
            return
        if not self.established:
            self._pending.append(plaintext)
            return
        self._nominal += nominal_record_size(len(plaintext))
        view = memoryview(plaintext)
        try:
            while view:
                view = view[self._object.write(view) :]
        except ssl.SSLError as error:
            raise LocalProtocolError("this side has closed TLS; nothing more can be sent") from error

    def data_to_send(self) -> bytes:
        """Ciphertext for the wire, drained; b"" if nothing waits. Sets `nominal_waiting` back to 0."""
        self._nominal = 0
        queued, self._queued = self._queued, b""
        return queued + self._outgoing.read() if self._outgoing.pending else queued

    @property
    def nominal_waiting(self) -> int:
        """Nominal octets of what `data_to_send` would give now: only these cost simulated time."""
        return self._nominal

    def close(self) -> None:
        """Say goodbye: a close_notify alert waits in `data_to_send` (RFC 8446, 6.1). Nothing before the handshake."""
        if not self.established or self._failure is not None:
            return
        before = self._outgoing.pending
        try:
            self._object.unwrap()
        except ssl.SSLError:  # the peer's goodbye is not here yet, or never will be; ours is written
            pass
        if self._outgoing.pending > before:
            self._nominal += ALERT_OCTETS

    # --- facts -----------------------------------------------------------------------------------------------------

    @property
    def version(self) -> str | None:
        """`TLSv1.3` or `TLSv1.2` once established."""
        return self._object.version() if self.established else None

    @property
    def cipher(self) -> str | None:
        """The cipher suite's registered name once established."""
        suite = self._object.cipher() if self.established else None
        return suite[0] if suite else None

    @property
    def peer_certificate(self) -> PeerCertificate | None:
        """The peer's certificate once it has been verified; None where none was asked for."""
        if self._peer is None and self.established:
            self._peer = _facts(self._object.getpeercert())
        return self._peer

    # --- inside ----------------------------------------------------------------------------------------------------

    def _handshake(self) -> None:
        before = self._outgoing.pending
        try:
            self._object.do_handshake()
        except ssl.SSLWantReadError:
            if self.server_side and self._outgoing.pending > before:
                self._nominal += SERVER_FLIGHT_OCTETS
            return
        except ssl.SSLError as error:
            raise self._failed(error) from error
        self._check_validity()
        self.established = True
        if not self.server_side:
            self._nominal += CLIENT_FINISHED_OCTETS
        pending, self._pending = self._pending, []
        for plaintext in pending:
            self.send(plaintext)

    def _check_validity(self) -> None:
        """Dates, while the client's last flight still waits in memory: alert 45 goes in its place."""
        if self.server_side or self._check_dates is None:
            return
        certificate = self._peer = _facts(self._object.getpeercert())
        if certificate is None:
            return
        now = self._check_dates()
        if now < certificate.not_before:
            self._refuse(tls_alerts.CERTIFICATE_EXPIRED, "the certificate is not valid yet")
        if now > certificate.not_after:
            self._refuse(tls_alerts.CERTIFICATE_EXPIRED, "the certificate has expired")

    def _refuse(self, alert: int, reason: str) -> None:
        """Fail by our own judgement: drop what waits, leave a plain alert in its place, raise."""
        self._outgoing.read()
        self._queued = tls_alerts.plain_alert(alert)
        self._nominal = ALERT_OCTETS
        self._failure = tls_alerts.error(alert, reason)
        raise self._failure

    def _failed(self, error: ssl.SSLError) -> TlsError:
        """What OpenSSL's error means, and the alert that it left for the peer."""
        waiting = self._outgoing.read()
        self._queued += waiting
        if waiting:
            self._nominal += ALERT_OCTETS
        self._failure = tls_alerts.explain(error, waiting)
        return self._failure

    def _read(self) -> bytes:
        parts: list[bytes] = []
        while not self.closed_by_peer:
            try:
                part = self._object.read(_READ_OCTETS)
            except ssl.SSLWantReadError:
                break
            except ssl.SSLZeroReturnError:
                part = b""
            except ssl.SSLError as error:
                raise self._failed(error) from error
            if not part:
                self.closed_by_peer = True
                break
            parts.append(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)


def _facts(certificate: dict[str, Any] | None) -> PeerCertificate | None:
    if not certificate:
        return None
    return PeerCertificate(
        names=tuple(value for _, value in certificate.get("subjectAltName", ())),
        subject=_name(certificate["subject"]),
        issuer=_name(certificate["issuer"]),
        not_before=ssl.cert_time_to_seconds(certificate["notBefore"]) * _MICROSECONDS,
        not_after=ssl.cert_time_to_seconds(certificate["notAfter"]) * _MICROSECONDS,
    )


def _name(relative_names: tuple[tuple[tuple[str, str], ...], ...]) -> str:
    """The common name, or whatever comes last where there is none."""
    attributes = [pair for relative in relative_names for pair in relative]
    common = [value for kind, value in attributes if kind == "commonName"]
    return common[0] if common else attributes[-1][1] if attributes else ""
