"""TLS as the engine's streams want it: `protocol.tls` with names and nominal sizes for the flights of a handshake."""

from __future__ import annotations

import ssl
from collections.abc import Callable

from simulator.engine.stream import Stream
from simulator.errors import TlsError
from simulator.nodes.host import Host
from simulator.protocol.tls import TlsSide, nominal_record_size
from simulator.records.kinds_smtp import TLS_ESTABLISHED, TLS_FAILED

__all__ = ["TlsFilter", "secure_client", "secure_server"]


class TlsFilter:
    """One side's TLS on a simulated stream."""

    __slots__ = ("_broken", "hello", "side")

    def __init__(self, side: TlsSide) -> None:
        self.side = side
        self.hello = b""
        """The first octets that this side sealed; a client's begin with its ClientHello."""
        self._broken = False

    @property
    def established(self) -> bool:
        """Whether the handshake is done on this side."""
        return self.side.established

    def start(self) -> None:
        """Begin the handshake."""
        self.side.start()

    def receive(self, sealed: bytes) -> bytes:
        """Take octets of the link, give those of the protocol. Raises TlsError."""
        try:
            return self.side.receive(sealed)
        except TlsError:
            self._broken = True
            raise

    def send(self, octets: bytes) -> None:
        """Seal octets of the protocol."""
        self.side.send(octets)

    def close(self) -> None:
        """Say that nothing more will come (close_notify)."""
        self.side.close()

    def data_to_send(self) -> bytes:
        """Give the sealed octets that wait."""
        sealed = self.side.data_to_send()
        self.hello = self.hello or sealed
        return sealed

    def wire_size(self, length: int) -> int:
        """Nominal octets on the wire for `length` octets of the protocol."""
        return nominal_record_size(length)

    def flight(self) -> tuple[str, int]:
        """Name the handshake flight that waits, with its nominal size."""
        if self._broken:
            return "alert", self.side.nominal_waiting
        if self.side.server_side:
            return "server-flight", self.side.nominal_waiting
        return ("client-finished" if self.side.established else "client-hello"), self.side.nominal_waiting


def secure_server(host: Host, stream: Stream, service: str, context: ssl.SSLContext, ready: Callable[[], None]) -> None:
    """Answer a handshake on `stream`; `ready` is called when it is done, and the connection ends if it fails."""
    side = TlsSide(context, server_side=True)
    stream.start_tls(TlsFilter(side), ready, lambda error: _failed(host, stream, service, error))


def secure_client(
    host: Host,
    stream: Stream,
    service: str,
    name: str,
    ready: Callable[[], None],
    failed: Callable[[Exception], None],
    *,
    context: ssl.SSLContext | None = None,
) -> None:
    """Start a handshake with the server called `name`; `ready` or `failed` is called once.

    Chain, name and dates are checked, unless a `context` is given that trusts anybody (RFC 7435).
    """
    checked = host.internet.client_context() if context is None else context
    dates = (lambda: host.internet.epoch) if context is None else None
    side = TlsSide(checked, server_side=False, server_hostname=name, check_dates=dates)
    tls = TlsFilter(side)

    def established() -> None:
        certificate = side.peer_certificate
        values = (
            side.version or "",
            name,
            ", ".join(certificate.names) if certificate else "",
            certificate.issuer if certificate else "",
            service,
            _secrets(tls),
        )
        remote = stream.remote.node
        host.trace.write(TLS_ESTABLISHED, values, at=host.name, frm=host.name, to=remote, session=stream.session)
        ready()

    def broken(error: Exception) -> None:
        _failed(host, stream, service, error)
        failed(error)

    stream.start_tls(tls, established, broken)


def _secrets(tls: TlsFilter) -> bytes:
    """The key log of a session that a client has just set up."""
    from simulator.keys.keylog import client_random, key_log

    random = client_random(tls.hello)
    return b"" if random is None else key_log().secrets(random)


def _failed(host: Host, stream: Stream, service: str, error: Exception) -> None:
    if not isinstance(error, TlsError):
        raise error
    values = (error.alert, error.alert_name, error.reason, service)
    remote = stream.remote.node
    shown = host.internet.bad_certificates.get(remote)
    also = () if shown is None else (shown,)
    host.trace.write(TLS_FAILED, values, at=host.name, frm=host.name, to=remote, session=stream.session, also=also)
    stream.close()
