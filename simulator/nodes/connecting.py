"""How a mail program reaches its servers: by name, through DNS, to the first address that answers."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

from simulator.engine.stream import Stream
from simulator.engine.transport import ConnectFailed
from simulator.nodes.host import Host
from simulator.nodes.lookups import addresses_of
from simulator.nodes.talk import TalkFailed, secured
from simulator.protocol.dns.stub import LookupResult

__all__ = ["Access", "open_secure", "open_stream"]


@dataclass(frozen=True, slots=True)
class Access:
    """How a mail program reaches a server: `service` is submission, submissions, smtp, imaps or pop3s.

    `tls` says what a submission is done with: "starttls", "opportunistic" (if it is offered) or "none".
    """

    service: str
    server: str
    port: int
    tls: str = "starttls"


def open_stream(host: Host, access: Access) -> Generator[Any, Any, Stream]:
    """Look the server's addresses up and connect to the first that answers. Raises TalkFailed."""
    result: LookupResult = yield from addresses_of(host, access.server)
    addresses = result.addresses
    if not addresses:
        raise TalkFailed(f"the server {access.server} was not found in DNS ({result.status})")
    failure = ""
    for address in addresses:
        try:
            stream: Stream = yield host.network.connect(host.name, address, access.port)
        except ConnectFailed as error:
            failure = str(error)
        else:
            return stream
    raise TalkFailed(failure)


def open_secure(host: Host, access: Access) -> Generator[Any, Any, Stream]:
    """The same, and TLS from the first octet (RFC 8314, 3). Raises TalkFailed, TlsError."""
    stream = yield from open_stream(host, access)
    yield secured(host, stream, access.service, access.server)
    return stream
