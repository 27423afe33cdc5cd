"""AUTHENTICATE: a SASL exchange, each side's words in base64. RFC 9051, 6.2.2; RFC 4959 (initial response)."""

from __future__ import annotations

from simulator.errors import LocalProtocolError, RemoteProtocolError
from simulator.protocol import sasl
from simulator.protocol.imap.scanner import Scanner
from simulator.protocol.imap.server.context import Context, Outcome, Result, bad, no
from simulator.protocol.imap.server.events import Login, SecretAsked
from simulator.protocol.imap.server.not_authenticated.login import PRIVACY


def run(context: Context, scanner: Scanner) -> Result:
    """Begin an exchange, with an initial response or without; `=` is one of no octets."""
    scanner.space()
    mechanism = scanner.atom("mechanism").decode("ascii").upper()
    initial = scanner.atom("initial response") if scanner.skip(b" ") else None
    scanner.end()
    terms = context.terms
    if mechanism not in terms.mechanisms:
        return no("Unsupported authentication mechanism.")
    if mechanism in sasl.PASSWORD_MECHANISMS and not terms.login_allowed:
        return no(PRIVACY)
    exchange = Exchange(_begin(context, mechanism))
    try:
        return exchange.start(context, initial)
    except RemoteProtocolError as error:
        return _failed(error)


def _begin(context: Context, mechanism: str) -> sasl.ServerExchange | sasl.SecretExchange:
    if mechanism in sasl.PASSWORD_MECHANISMS:
        return sasl.server_exchange(mechanism)
    terms = context.terms
    return sasl.secret_exchange(mechanism, nonce=terms.fresh_nonce(), hostname=terms.hostname)


def _failed(error: RemoteProtocolError) -> Outcome:
    return no(f"[AUTHENTICATIONFAILED] {error}.")


class Exchange:
    """An exchange: the client has the word, or (`asked`) the accounts have."""

    __slots__ = ("_exchange", "asked")

    def __init__(self, exchange: sasl.ServerExchange | sasl.SecretExchange) -> None:
        self._exchange = exchange
        self.asked: SecretAsked | None = None

    def start(self, context: Context, initial: bytes | None) -> Result:
        """Begin with an initial response in base64, `=` for one of no octets, or None."""
        octets = None if initial is None else b"" if initial == b"=" else sasl.decode_base64(initial)
        return self._go_on(context, self._exchange.start(octets))

    def take(self, context: Context, line: bytes) -> Result | None:
        """Take a response in base64, or `*` to give up."""
        if line == b"*":
            return bad("Authentication aborted by client.")
        try:
            return self._go_on(context, self._exchange.step(sasl.decode_base64(line)))
        except RemoteProtocolError as error:
            return _failed(error)

    def provide(self, context: Context, secret: sasl.Secret) -> Result:
        """Take what is stored about the user."""
        self.asked = None
        if not isinstance(self._exchange, sasl.SecretExchange):
            raise LocalProtocolError("This mechanism wants no secret; answer its Login event instead.")
        return self._go_on(context, self._exchange.provide(secret))

    def _go_on(self, context: Context, said: bytes | sasl.SecretWanted | sasl.Credentials) -> Result:
        if isinstance(said, sasl.Credentials):
            return Login(
                tag=context.tag,
                user=said.authcid,
                password=said.password,
                mechanism=said.mechanism,
                authzid=said.authzid,
                verified=said.verified,
            )
        if isinstance(said, sasl.SecretWanted):
            self.asked = SecretAsked(tag=context.tag, mechanism=said.mechanism, user=said.authcid)
        else:
            context.out.append(b"+ %b\r\n" % sasl.encode_base64(said))
        return self
