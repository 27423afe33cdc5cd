"""AUTHENTICATE: a SASL exchange, each side's words in base64. RFC 9051, 6.2.2; RFC 4959 (initial response)."""

from __future__ import annotations

from simulator.errors import RemoteProtocolError
from simulator.protocol import sasl
from simulator.protocol.imap.scanner import Malformed, Scanner
from simulator.protocol.imap.server.context import Context, Outcome, Result, bad, no
from simulator.protocol.imap.server.events import Login
from simulator.protocol.imap.server.not_authenticated.login import PRIVACY

_IN_CLEAR = frozenset({"PLAIN", "LOGIN"})
"""Mechanisms whose words hold the password itself (RFC 4616, 4)."""


def run(context: Context, scanner: Scanner) -> Result:
    """Begin an exchange, with an initial response or without; `=` is one of no octets."""
    scanner.space()
    mechanism = scanner.atom("mechanism").decode("ascii").upper()
    initial = scanner.atom("initial response") if scanner.skip(b" ") else None
    scanner.end()
    terms = context.terms
    if mechanism in _IN_CLEAR and mechanism in terms.mechanisms and not terms.login_allowed:
        return no(PRIVACY)
    if mechanism not in terms.mechanisms:
        return no("Unsupported authentication mechanism.")
    exchange = sasl.server_exchange(mechanism)
    try:
        octets = None if initial is None else b"" if initial == b"=" else sasl.decode_base64(initial)
        return _go_on(context, exchange, exchange.start(octets))
    except Malformed:
        raise
    except RemoteProtocolError as error:
        return _failed(error)


def _go_on(context: Context, exchange: sasl.ServerExchange, said: bytes | sasl.Credentials) -> Result:
    if isinstance(said, sasl.Credentials):
        return Login(
            tag=context.tag,
            user=said.authcid,
            password=said.password,
            mechanism=said.mechanism,
            authzid=said.authzid,
        )
    context.out.append(b"+ %b\r\n" % sasl.encode_base64(said))
    return _Exchange(exchange)


def _failed(error: RemoteProtocolError) -> Outcome:
    return no(f"[AUTHENTICATIONFAILED] {error}.")


class _Exchange:
    """An exchange in which the client has the word."""

    __slots__ = ("_exchange",)

    def __init__(self, exchange: sasl.ServerExchange) -> None:
        self._exchange = exchange

    def take(self, context: Context, line: bytes) -> Result | None:
        """Take a response in base64, or `*` to give up."""
        if line == b"*":
            return bad("Authentication aborted by client.")
        try:
            return _go_on(context, self._exchange, self._exchange.step(sasl.decode_base64(line)))
        except RemoteProtocolError as error:
            return _failed(error)
