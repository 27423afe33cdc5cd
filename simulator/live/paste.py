"""Commands to paste: how well-known programs talk to a live world, with its ports, names and passwords filled in.

Every value is quoted for a shell, since a password may hold a space, a quote and a backslash.
"""

from __future__ import annotations

from collections.abc import Iterator
from shlex import quote
from typing import Any

from simulator.text import _

__all__ = ["Hint", "dialog", "hints"]

Hint = tuple[str, str]
"""What a command does, and the command."""


def hints(facts: dict[str, Any]) -> Iterator[Hint]:
    """Give the commands that fit what the world offers, for its first account."""
    if not facts["users"]:
        return
    address, password = next(iter(facts["users"].items()))
    login = f"--auth-user {quote(address)} --auth-password {quote(password)}"
    if "submission" in facts:
        tls = f"--tls --tls-verify --tls-ca-path {quote(facts['ca_file'])} --auth PLAIN {login}"
        letter = f"--from {quote(address)} --to {quote(facts['relay_rcpt'])}"
        yield _("send with swaks, by STARTTLS and password"), f"swaks --server {facts['submission']} {tls} {letter}"
    yield from _curl(facts, address, password)
    yield from _openssl(facts)
    yield from _dig(facts)
    yield from _mutt(facts, address, password)


def _curl(facts: dict[str, Any], address: str, password: str) -> Iterator[Hint]:
    curl = f"curl -sS --cacert {quote(facts['ca_file'])} -u {quote(f'{address}:{password}')}"
    if "imaps" in facts:
        yield _("fetch with curl by IMAP"), f"{curl} 'imaps://{facts['imaps']}/INBOX;MAILINDEX=1'"
    if "pop3s" in facts:
        yield _("list with curl by POP3"), f"{curl} pop3s://{facts['pop3s']}/"
    if "submissions" in facts:
        envelope = f"--mail-from {quote(address)} --mail-rcpt {quote(facts['relay_rcpt'])}"
        yield _("send a file with curl"), f"{curl} {envelope} -T letter.eml smtps://{facts['submissions']}"


def _openssl(facts: dict[str, Any]) -> Iterator[Hint]:
    verify = f"-CAfile {quote(facts['ca_file'])} -verify_hostname {facts['server_name']} -crlf -quiet"
    if "imaps" in facts:
        yield _("speak IMAP yourself"), f"openssl s_client -connect {facts['imaps']} {verify}"
    if "submission" in facts:
        yield _("speak SMTP yourself"), f"openssl s_client -connect {facts['submission']} -starttls smtp {verify}"


def _dig(facts: dict[str, Any]) -> Iterator[Hint]:
    if "dns" in facts:
        yield _("ask the name server"), f"dig -p {_port(facts['dns'])} @127.0.0.1 +norecurse {facts['domain']} MX"
    if "resolver" in facts:
        yield _("ask the resolver"), f"dig -p {_port(facts['resolver'])} @127.0.0.1 {facts['server_name']} A"


def _mutt(facts: dict[str, Any], address: str, password: str) -> Iterator[Hint]:
    if "imaps" not in facts or "submission" not in facts:
        return
    inner = password.replace("\\", "\\\\").replace('"', '\\"')
    settings = (
        f'set from="{address}" ssl_ca_certificates_file="{facts["ca_file"]}" ssl_starttls=yes',
        f'set folder="imaps://{facts["imaps"]}/" spoolfile="+INBOX" imap_user="{address}" imap_pass="{inner}"',
        f'set smtp_url="smtp://{address}@{facts["submission"]}/" smtp_pass="{inner}"',
    )
    yield _("read and write with mutt"), "mutt -n -F /dev/null " + " ".join(f"-e {quote(line)}" for line in settings)


def dialog(facts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Give the lines of a desktop mail program's dialog for a new account."""
    if not facts["users"]:
        return
    address, password = next(iter(facts["users"].items()))
    yield _("e-mail address and user name"), address
    yield _("password"), password
    incoming = next((name for name in ("imaps", "pop3s") if name in facts), None)
    if incoming is not None:
        kind = incoming.removesuffix("s").upper()
        yield _("incoming: {kind}").format(kind=kind), f"127.0.0.1, {_port(facts[incoming])}, SSL/TLS"
    if "submission" in facts:
        yield _("outgoing: SMTP"), f"127.0.0.1, {_port(facts['submission'])}, STARTTLS"
    yield _("certificate authority to import"), str(facts["ca_file"])


def _port(endpoint: str) -> str:
    return endpoint.rpartition(":")[2]
