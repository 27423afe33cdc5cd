"""LOGIN: user and password, for policy to judge. RFC 9051, 6.2.3."""

from __future__ import annotations

from simulator.protocol.imap.scanner import Malformed, Scanner
from simulator.protocol.imap.server.context import Context, Result, no
from simulator.protocol.imap.server.events import Login

PRIVACY = "[PRIVACYREQUIRED] Plaintext authentication disallowed on non-secure (SSL/TLS) connections."


def run(context: Context, scanner: Scanner) -> Result:
    """Ask policy, where the password did not come in clear."""
    return read(scanner, tag=context.tag) if context.terms.login_allowed else no(PRIVACY)


def read(scanner: Scanner, *, tag: str) -> Login:
    """Read the two strings (UTF-8; RFC 9051 asks for ASCII in LOGIN, clients send more)."""
    scanner.space()
    user = scanner.astring("user name")
    scanner.space()
    password = scanner.astring("password")
    scanner.end()
    try:
        return Login(tag=tag, user=user.decode("utf-8"), password=password.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise Malformed("UTF-8 in user name and password") from error
