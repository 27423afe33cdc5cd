"""What a server knows of one session: its configuration, the client, the open transaction.

Apart from the flow of octets, so that the commands can be judged, and a state inspector can look, without it.
RFC 5321, 4.1.4; RFC 3207, 4.2 (what TLS makes a server forget).
"""

from collections.abc import Iterable, Sequence
from typing import Final, Required, TypedDict

from simulator import limits
from simulator.protocol import sasl
from simulator.protocol.smtp import extensions
from simulator.protocol.smtp.events import Credentials
from simulator.protocol.smtp.faces import RELAY, Face
from simulator.protocol.smtp.options import MailOptions, RecipientOptions
from simulator.protocol.smtp.paths import Path
from simulator.protocol.smtp.replies import Reply
from simulator.protocol.smtp.states import State, legal_now

_NO_OPTIONS: Final = MailOptions()


class Configuration(TypedDict, total=False):
    """The keyword arguments of a session."""

    hostname: Required[str]
    face: Face
    size_limit: int
    offers: Iterable[str]
    tls_available: bool
    tls_trouble: bool
    auth_mechanisms: Sequence[str]
    auth_in_clear: bool
    auth_nonce: str
    recipient_limit: int
    error_limit: int
    normalise_newlines: bool


class Session:
    """One session as data. `offers` are keywords of `extensions.BUILT`; sizes are octets.

    AUTH is offered under TLS only, unless `auth_in_clear`. `auth_nonce` is what CRAM-MD5 and SCRAM make their
    challenges from: printable ASCII without commas, fresh for each session, unguessable in live mode. `tls_trouble`
    means that STARTTLS is offered and answered with 454. `normalise_newlines` makes CRLF of a bare CR or LF in content,
    which is else refused. `errors` counts the commands refused since the last accepted letter: over
    `limits.ERRORS_SLOW` the caller delays replies, at `error_limit`, or after
    `limits.FAILED_LOGINS`, the session ends.
    """

    __slots__ = (
        "_exchanges", "auth_in_clear", "auth_line", "auth_mechanisms", "auth_nonce", "authenticated", "client_hello",
        "client_name", "closed", "error_limit", "errors", "exchange", "face", "failed_logins", "hostname",
        "mail_extensions", "mail_options", "needs_tls", "normalise_newlines", "offers", "recipient_limit",
        "recipient_options", "recipients", "reverse_path", "size_limit", "state", "tls", "tls_available", "tls_trouble",
    )  # fmt: skip

    def __init__(
        self,
        *,
        hostname: str,
        face: Face = RELAY,
        size_limit: int = limits.MESSAGE_OCTETS,
        offers: Iterable[str] = extensions.USUAL,
        tls_available: bool = False,
        tls_trouble: bool = False,
        auth_mechanisms: Sequence[str] = (),
        auth_in_clear: bool = False,
        auth_nonce: str = "",
        recipient_limit: int = limits.RECIPIENTS,
        error_limit: int = limits.ERRORS_CLOSE,
        normalise_newlines: bool = False,
    ) -> None:
        self.face, self.hostname = face, hostname
        self.size_limit, self.recipient_limit, self.error_limit = size_limit, recipient_limit, error_limit
        self.tls_available, self.tls_trouble, self.auth_in_clear = tls_available, tls_trouble, auth_in_clear
        self.normalise_newlines = normalise_newlines
        self.offers = extensions.checked(offers)
        self.auth_mechanisms, self.auth_nonce = tuple(auth_mechanisms), auth_nonce
        self._exchanges = 0
        for mechanism in self.auth_mechanisms:
            if mechanism not in sasl.PASSWORD_MECHANISMS:
                self.new_exchange(mechanism)  # refuses one that is not built
        self.mail_extensions = self.offers if self.auth_mechanisms else extensions.without(self.offers, "AUTH")
        self.state = State.CONNECTED
        self.closed = False
        """Whether the session is over: its state is CLOSED."""
        self.tls = face.implicit_tls
        self.errors = 0
        self.failed_logins = 0
        self.forget_client()

    @property
    def offers_starttls(self) -> bool:
        """Whether STARTTLS would be accepted."""
        return (self.tls_available or self.tls_trouble) and not self.tls and "STARTTLS" in self.offers

    @property
    def protocol(self) -> str:
        """The word after `with` in a Received field: SMTP, ESMTP, ESMTPSA, LMTP, UTF8SMTP (RFC 3848, 2; 6531, 4.3)."""
        if self.client_hello == "HELO":
            return "SMTP"
        word = self.face.greets_as
        if self.mail_options.utf8:
            word = "UTF8" + word.removeprefix("E")
        return word + "S" * self.tls + "A" * (self.authenticated is not None)

    def hello_reply(self) -> Reply:
        """Build the reply to EHLO as of now."""
        in_clear = not (self.tls or self.auth_in_clear)  # RFC 4954, 4: no AUTH where a password goes in clear
        mechanisms = () if in_clear else self.auth_mechanisms
        offers = self.offers if self.offers_starttls else extensions.without(self.offers, "STARTTLS")
        return extensions.hello_reply(self.hostname, offers, self.size_limit, self.recipient_limit, mechanisms)

    def knows(self, verb: str) -> bool:
        """Whether this face has the command at all: HELO and EHLO are SMTP's, LHLO is LMTP's (RFC 2033, 4.1)."""
        return verb in self.face.hello or verb not in ("EHLO", "HELO", "LHLO")

    def new_exchange(self, mechanism: str) -> sasl.ServerExchange | sasl.SecretExchange:
        """Begin an authentication, with a nonce that this session has not used. Raises `LocalProtocolError`."""
        if mechanism not in sasl.SECRET_MECHANISMS:
            return sasl.server_exchange(mechanism)
        self._exchanges += 1
        nonce = f"{self.auth_nonce}.{self._exchanges}" if self.auth_nonce else ""
        return sasl.secret_exchange(mechanism, nonce=nonce, hostname=self.hostname)

    def legal_now(self) -> tuple[str, ...]:
        """Commands that are in order now and known to this face; none while the client owes a response to AUTH."""
        if self.exchange is not None:
            return ()
        return tuple(verb for verb in legal_now(self.state) if self.knows(verb))

    def forget_client(self) -> None:
        """Drop all that the client has said."""
        self.needs_tls = self.face.needs_auth and self.offers_starttls and not self.auth_in_clear
        """Whether little may be said before TLS (RFC 3207, 4)."""
        self.client_hello = ""
        self.client_name = ""
        self.authenticated: Credentials | None = None
        self.exchange: sasl.ServerExchange | sasl.SecretExchange | None = None
        self.auth_line = b""
        """The line that began the exchange, or went on with it."""
        self.forget_transaction()

    def forget_transaction(self) -> None:
        """Drop the envelope."""
        self.reverse_path: Path | None = None
        self.mail_options = _NO_OPTIONS
        self.recipients: list[Path] = []
        self.recipient_options: list[RecipientOptions] = []
        """What RCPT said about each of `recipients`, in their order."""
