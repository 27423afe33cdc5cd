"""What a server is told about itself, checked and worked out once for all its sessions.

Each connection is one more session of the same server, so what does not depend on the client (the greeting, the replies
to EHLO, what MAIL may say) is not worked out anew. RFC 5321, 4.1.1.1 and 4.3.1; RFC 3207, 4; RFC 4954, 4.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, Required, TypedDict

from simulator import limits
from simulator.protocol import sasl
from simulator.protocol.smtp import extensions, replies
from simulator.protocol.smtp.faces import RELAY, Face
from simulator.protocol.smtp.replies import Reply


class Others(TypedDict, total=False):
    """The keyword arguments of a server's session that are kept as they are."""

    hostname: Required[str]
    face: Face
    size_limit: int
    tls_available: bool
    tls_trouble: bool
    auth_in_clear: bool
    recipient_limit: int
    error_limit: int
    normalise_newlines: bool


@dataclass(frozen=True, slots=True)
class Settings:
    """What all sessions of a server share. `offers` are keywords of `extensions.BUILT`; sizes are octets.

    AUTH is offered under TLS only, unless `auth_in_clear`. `tls_trouble` means that STARTTLS is offered and answered
    with 454. `normalise_newlines` makes CRLF of a bare CR or LF in content, which is else refused. At `error_limit`
    errors, or after `limits.FAILED_LOGINS`, a session ends.

    The rest follows from that: whether STARTTLS is offered in clear, and must come first (RFC 3207, 4); the `greeting`;
    what EHLO is answered in clear and under TLS; what MAIL may make use of; the mechanisms that ask for a secret.
    """

    offers: frozenset[str]
    auth_mechanisms: tuple[str, ...]
    hostname: str
    face: Face = RELAY
    size_limit: int = limits.MESSAGE_OCTETS
    tls_available: bool = False
    tls_trouble: bool = False
    auth_in_clear: bool = False
    recipient_limit: int = limits.RECIPIENTS
    error_limit: int = limits.ERRORS_CLOSE
    normalise_newlines: bool = False
    offers_starttls: bool = field(init=False)
    needs_tls: bool = field(init=False)
    greeting: Reply = field(init=False)
    hello: tuple[Reply, Reply] = field(init=False)
    mail_extensions: frozenset[str] = field(init=False)
    asking: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        offers, mechanisms = self.offers, self.auth_mechanisms
        starttls = (self.tls_available or self.tls_trouble) and "STARTTLS" in offers
        self._work_out("offers_starttls", starttls)
        self._work_out("needs_tls", starttls and self.face.needs_auth and not self.auth_in_clear)
        self._work_out("greeting", replies.reply(220, "", f"{self.hostname} {self.face.greets_as}"))
        self._work_out("hello", (self._hello(tls=False), self._hello(tls=True)))
        self._work_out("mail_extensions", offers if mechanisms else offers - {"AUTH"})
        self._work_out("asking", tuple([name for name in mechanisms if name not in sasl.PASSWORD_MECHANISMS]))

    def _work_out(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)

    def _hello(self, *, tls: bool) -> Reply:
        offers = self.offers if self.offers_starttls and not tls else self.offers - {"STARTTLS"}
        mechanisms = self.auth_mechanisms if tls or self.auth_in_clear else ()  # no password in clear: RFC 4954, 4
        return extensions.hello_reply(self.hostname, offers, self.size_limit, self.recipient_limit, mechanisms)


settled: Final = lru_cache(maxsize=256)(Settings)
"""Settings, the same ones for the same words."""
