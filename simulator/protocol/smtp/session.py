"""What a server knows of one session: its configuration, the client, the open transaction.

Apart from the flow of octets, so that the commands can be judged, and a state inspector can look, without it.
RFC 5321, 4.1.4; RFC 3207, 4.2 (what TLS makes a server forget).
"""

from typing import Final

from simulator.protocol import sasl
from simulator.protocol.smtp.events import Credentials
from simulator.protocol.smtp.options import MailOptions, RecipientOptions
from simulator.protocol.smtp.paths import Path
from simulator.protocol.smtp.settings import Settings
from simulator.protocol.smtp.states import State, legal_now

_NO_OPTIONS: Final = MailOptions()


class Session:
    """One session as data.

    `auth_nonce` is what CRAM-MD5 and SCRAM make their challenges from: printable ASCII without commas, fresh for each
    session, unguessable in live mode. `errors` counts the commands refused since the last accepted letter: over
    `limits.ERRORS_SLOW` the caller delays replies, at `settings.error_limit`, or after `limits.FAILED_LOGINS`, the
    session ends.
    """

    __slots__ = (
        "_exchanges", "auth_line", "auth_nonce", "authenticated", "client_hello", "client_name", "closed", "errors",
        "exchange", "face", "failed_logins", "mail_options", "needs_tls", "recipient_options", "recipients",
        "reverse_path", "settings", "state", "tls",
    )  # fmt: skip

    def __init__(self, settings: Settings, auth_nonce: str) -> None:
        self.settings, self.auth_nonce, self._exchanges = settings, auth_nonce, 0
        for mechanism in settings.asking:
            self.new_exchange(mechanism)  # refuses one that is not built, or lacks its nonce
        self.face = face = settings.face
        self.state = State.CONNECTED
        self.closed = False
        """Whether the session is over: its state is CLOSED."""
        self.tls = face.implicit_tls
        self.errors = self.failed_logins = 0
        self.forget_client()

    @property
    def offers_starttls(self) -> bool:
        """Whether STARTTLS would be accepted."""
        return not self.tls and self.settings.offers_starttls

    @property
    def protocol(self) -> str:
        """The word after `with` in a Received field: SMTP, ESMTP, ESMTPSA, LMTP, UTF8SMTP (RFC 3848, 2; 6531, 4.3)."""
        if self.client_hello == "HELO":
            return "SMTP"
        word = self.face.greets_as
        if self.mail_options.utf8:
            word = "UTF8" + word.removeprefix("E")
        return word + "S" * self.tls + "A" * (self.authenticated is not None)

    def knows(self, verb: str) -> bool:
        """Whether this face has the command at all: HELO and EHLO are SMTP's, LHLO is LMTP's (RFC 2033, 4.1)."""
        return verb in self.face.hello or verb not in ("EHLO", "HELO", "LHLO")

    def new_exchange(self, mechanism: str) -> sasl.ServerExchange | sasl.SecretExchange:
        """Begin an authentication, with a nonce that this session has not used. Raises `LocalProtocolError`."""
        if mechanism not in sasl.SECRET_MECHANISMS:
            return sasl.server_exchange(mechanism)
        self._exchanges += 1
        nonce = f"{self.auth_nonce}.{self._exchanges}" if self.auth_nonce else ""
        return sasl.secret_exchange(mechanism, nonce=nonce, hostname=self.settings.hostname)

    def legal_now(self) -> tuple[str, ...]:
        """Commands that are in order now and known to this face; none while the client owes a response to AUTH."""
        if self.exchange is not None:
            return ()
        return tuple(verb for verb in legal_now(self.state) if self.knows(verb))

    def forget_client(self) -> None:
        """Drop all that the client has said."""
        self.needs_tls = self.settings.needs_tls and not self.tls
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
