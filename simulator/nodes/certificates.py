"""The certificate that a mail server shows: a good one, or one with the fault that a scenario names.

Each fault is a real certificate whose octets have it, so that each side finds it by itself: dates at simulated time
(RFC 5280, 4.1.2.5), the name (RFC 9525, 6) and who signed (RFC 5280, 6.1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from simulator.engine.base_kinds import WORLD
from simulator.engine.trace import ORIGIN
from simulator.errors import UsageError
from simulator.nodes.host import Host

if TYPE_CHECKING:
    import ssl

    from simulator.keys.authority import Identity
    from simulator.nodes.internet import Internet

__all__ = ["CERTIFICATES", "certified"]

CERTIFICATES: Final = ("valid", "expired", "not-yet-valid", "wrong-name", "self-signed")

_DAY: Final = 86_400 * 1_000_000
_YEAR: Final = 365 * _DAY


def certified(host: Host, certificate: str) -> ssl.SSLContext:
    """Return what a server shows to its clients; `certificate` is one of CERTIFICATES. Raises UsageError."""
    from simulator.keys.contexts import server_context

    if certificate not in CERTIFICATES:
        raise UsageError(f"certificate {certificate!r} is unknown; write one of {', '.join(CERTIFICATES)}")
    internet = host.internet
    if certificate == "valid":
        return internet.server_context((host.hostname,))
    origin = None if host.record is None else host.record[ORIGIN]
    record = host.trace.write(WORLD, ("certificate", host.name, certificate), origin=origin, leaf=True)
    internet.bad_certificates[host.name] = record
    return server_context(_faulty(internet, host.hostname, certificate), internet.authority.versions)


def _faulty(internet: Internet, name: str, fault: str) -> Identity:
    """One whose days are over, or begin a day from the start; one for the host's name of old; one of its own making."""
    start, authority = internet.start, internet.authority
    if fault == "expired":
        return authority.issue((name,), not_before=start - _YEAR, not_after=start - _DAY)
    if fault == "not-yet-valid":
        return authority.issue((name,), not_before=start + _DAY, not_after=start + _YEAR)
    if fault == "wrong-name":
        return authority.issue((f"old-{name}",), not_before=start - _DAY, not_after=start + _YEAR)
    return authority.self_signed((name,), not_before=start - _DAY, not_after=start + _YEAR)
