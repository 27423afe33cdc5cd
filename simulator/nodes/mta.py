"""The mail transfer and submission agent: what a server decides about senders, recipients and letters.

It takes letters for its own domains from anybody and for everywhere from those who logged in (RFC 6409), passes them by
the filters, and answers 250 only when they are in the queue.
"""

from __future__ import annotations

import ssl
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

from simulator import limits
from simulator.engine.stream import Stream
from simulator.mailstore.failures import OverQuota
from simulator.mailstore.store import MailStore
from simulator.message.submission import complete_submission
from simulator.message.trace_fields import has_hops, received
from simulator.nodes.header_records import record_fields
from simulator.nodes.host import Host, Service
from simulator.nodes.login import check_login
from simulator.nodes.lookups import reverse_name
from simulator.nodes.queue import Queue
from simulator.nodes.smtp_session import Replies, SmtpSession
from simulator.nodes.spam_client import SpamClient
from simulator.nodes.way_in import stored_secret
from simulator.protocol import sasl
from simulator.protocol.smtp import extensions, faces
from simulator.protocol.smtp.events import Command, Credentials, SecretWanted
from simulator.protocol.smtp.options import RecipientOptions
from simulator.protocol.smtp.paths import Path
from simulator.protocol.smtp.replies import (
    AUTHENTICATED,
    OK_RECIPIENT,
    OK_SENDER,
    Reply,
    auth_failed,
    mailbox_full,
    reply,
)
from simulator.protocol.smtp.server import SmtpServer
from simulator.records.kinds_queue import ALIAS_EXPAND

__all__ = ["Mta"]

_TOO_MANY_HOPS = reply(554, "5.4.0", "Error: too many hops")


@dataclass(slots=True)
class Mta(Service):
    """SMTP on the ports of `ports` (face name -> port) of one host, in front of one queue."""

    host: Host
    domains: tuple[str, ...]
    store: MailStore
    queue: Queue
    ports: dict[str, int]
    context: ssl.SSLContext | None = None
    spam: SpamClient | None = None
    open_relay: bool = False
    """Whether strangers may send through this server to everywhere, which no server on the Internet should allow."""
    mechanisms: tuple[str, ...] = ("PLAIN",)
    """How users may log in; CRAM-MD5 and SCRAM-SHA-256 need accounts that keep what they judge by (`Accounts`)."""
    auth_in_clear: bool = False
    """Whether passwords may come without TLS."""
    offers: tuple[str, ...] = extensions.USUAL
    """Service extensions; with EXPN among them strangers see who is behind an address (RFC 5321, 7.3)."""
    asks_quota: bool = True
    """Whether a full mailbox is found at RCPT already; where it is not, the delivery agent finds it after the 250."""
    full_for_good: bool = False
    """Whether a full mailbox is refused with 552, so that the sender hears at once, or with 452, so that it waits."""

    def start(self) -> None:
        """Listen on every port."""
        for face, port in self.ports.items():
            self.host.network.listen(self.host.name, port, self._acceptor(faces.FACES[face]))

    def crash(self) -> None:
        """Nothing here is only in memory: letters are in the queue, accounts in the database."""

    def _acceptor(self, face: faces.Face) -> Any:
        def accept(stream: Stream) -> None:
            core = SmtpServer(
                hostname=self.host.hostname,
                face=face,
                offers=self.offers,
                tls_available=self.context is not None,
                auth_mechanisms=self.mechanisms if face.needs_auth else (),
                auth_in_clear=self.auth_in_clear,
                auth_nonce=self._nonce() if face.needs_auth else "",
            )
            SmtpSession(self.host, stream, core, self, context=self.context)

        return accept

    def _nonce(self) -> str:
        """Draw what the challenges of one session are made from, "" where there are none."""
        if not set(self.mechanisms) & set(sasl.SECRET_MECHANISMS):
            return ""
        return str(self.host.env.random(f"smtp/{self.host.name}").getrandbits(64))

    # Policy: MAIL, RCPT, VRFY, AUTH

    def mail(self, session: SmtpSession, command: Command) -> Reply:
        """Take any sender; who sends is the filters' affair."""
        return OK_SENDER

    def rcpt(self, session: SmtpSession, command: Command) -> Reply:
        """Know one's own users, and relay only for those who logged in (RFC 5321, 3.6.2; RFC 6409, 6)."""
        path = command.path
        assert path is not None
        address = self._own(path)
        if address is not None:
            return self._known(path, address) or self._has_no_room(session, path, address) or OK_RECIPIENT
        if session.core.authenticated is not None or self.open_relay:
            return OK_RECIPIENT
        return reply(554, "5.7.1", f"<{path}>: Relay access denied")

    def vrfy(self, session: SmtpSession, command: Command) -> Reply:
        """Say whether a user exists, as Postfix does by default."""
        path = command.path
        address = None if path is None else self._own(path)
        if path is not None and address is not None:
            return self._known(path, address) or reply(252, "2.0.0", str(path))
        return reply(554, "5.7.1", f"<{path}>: Relay access denied")

    def expn(self, session: SmtpSession, command: Command) -> Reply:
        """Say who is behind a local address (RFC 5321, 3.5.2)."""
        path = command.path
        address = None if path is None else self._own(path)
        if path is None or address is None:
            return reply(554, "5.7.1", f"<{path}>: Relay access denied")
        unknown = self._known(path, address)
        if unknown is not None:
            return unknown
        targets = self.store.accounts.expand(address).targets
        return reply(250, "2.1.5", *[f"<{target}>" for target in targets])

    def secret(self, session: SmtpSession, wanted: SecretWanted) -> sasl.Secret:
        """Look up what the accounts keep about a user."""
        return stored_secret(self.store, wanted.mechanism, wanted.authcid)

    def login(self, session: SmtpSession, credentials: Credentials) -> Reply:
        """Check a password against the accounts; nobody may act for somebody else."""
        user = credentials.authcid
        good = check_login(
            self.host,
            self.store,
            session.stream,
            user=user,
            password=credentials.password,
            mechanism=credentials.mechanism,
            service="submission",
            verified=credentials.verified,
        )
        good = good and credentials.authzid.lower() in ("", user.lower())
        return AUTHENTICATED if good else auth_failed("authentication failure")

    def _own(self, path: Path) -> str | None:
        """Return the mailbox in `domains` that a path names, as the accounts know it; None for one elsewhere."""
        domain = path.domain.lower()
        if domain in self.domains:
            return path.text
        if domain and domain.isascii():
            return None
        known = path.ascii_domain in self.domains if domain else path.is_postmaster
        return self._address(path) if known else None

    def _has_no_room(self, session: SmtpSession, path: Path, address: str) -> Reply | None:
        """Return the refusal if the mailbox is full; the declared size tells the room it needs (RFC 1870, 6.1)."""
        if not self.asks_quota:
            return None
        try:
            self.store.need_room(address, session.core.mail_options.size or 1)
        except OverQuota:
            return mailbox_full(str(path), for_good=self.full_for_good)
        return None

    def _known(self, path: Path, address: str) -> Reply | None:
        """Return the refusal if the address is nobody's."""
        if self.store.accounts.is_known(address):
            return None
        words = "Recipient address rejected: User unknown in virtual mailbox table"
        return reply(550, "5.1.1", f"<{path}>: {words}")

    def _address(self, path: Path) -> str:
        """Return the mailbox with a domain, and that in the form of `domains` if it is one of them."""
        domain = path.domain
        if not domain:
            return Path(path.local, self.domains[0]).text
        if domain.isascii() or domain.lower() in self.domains or path.ascii_domain not in self.domains:
            return path.text
        return Path(path.local, path.ascii_domain).text

    # Policy: the letter

    def content(self, session: SmtpSession, octets: bytes) -> Replies | Generator[Any, Any, Replies]:
        """Complete, filter and queue a letter, and answer when it is safe; only what relays bring is filtered."""
        if has_hops(octets, limits.HOPS):
            return (_TOO_MANY_HOPS,)
        core = session.core
        queue_id = self.queue.new_id()
        asked = self._expand(core.recipients, core.recipient_options)
        if not core.face.needs_auth:
            return self._relayed(session, octets, queue_id, asked)
        letter = self._completed(session, octets, queue_id)
        return self._queued(session, letter, queue_id, client="unknown", asked=asked)

    def _relayed(
        self, session: SmtpSession, octets: bytes, queue_id: str, asked: dict[str, RecipientOptions]
    ) -> Generator[Any, Any, Replies]:
        """Look up the name of the relay's address, which goes into Received (RFC 5321, 4.4), and filter its letter."""
        client = yield from reverse_name(self.host, session.stream.remote.address)
        letter = self._received(session, octets, queue_id, client=client, by="MTA", date_text=self.host.internet.date)
        if self.spam is not None:
            letter = yield from self.spam.judge(letter, queue_id, tuple(asked))
        return self._queued(session, letter, queue_id, client=client, asked=asked)

    def _queued(
        self, session: SmtpSession, letter: bytes, queue_id: str, *, client: str, asked: dict[str, RecipientOptions]
    ) -> Replies:
        core = session.core
        if self.host.trace.heard:
            self.host.log("smtpd", f"{queue_id}: client={client}[{session.stream.remote.address}]")
        said = core.mail_options
        self.queue.enter(queue_id, _sender(core), tuple(asked), letter, options=said, recipient_options=asked)
        taken = f"Ok: {core.chunked} bytes queued as" if core.chunked else "Ok: queued as"
        return (reply(250, "2.0.0", f"{taken} {queue_id}"),)

    def _expand(self, paths: list[Path], options: list[RecipientOptions]) -> dict[str, RecipientOptions]:
        """Replace aliases by what they stand for; each address once, as it was written first, with what was asked."""
        found: list[tuple[str, RecipientOptions]] = []
        for path, asked in zip(paths, options, strict=True):
            for target in self._targets(path):
                found.append((target, asked))
        if len(found) == 1:
            return dict(found)
        once: dict[str, tuple[str, RecipientOptions]] = {}
        for target, asked in found:
            once.setdefault(self._same(target), (target, asked))
        return dict(once.values())

    def _targets(self, path: Path) -> tuple[str, ...]:
        """Return what a path stands for: itself if it is elsewhere or an account, else where its aliases end."""
        address = self._own(path)
        if address is None:
            return (self._address(path),)
        expansion = self.store.accounts.expand(address)
        for alias, targets in expansion.steps:
            self.host.trace.write(ALIAS_EXPAND, (alias, ", ".join(targets)), at=self.host.name)
        return expansion.targets

    def _same(self, address: str) -> str:
        """Return what two ways to write an address have in common; whether case matters before @, its host knows."""
        local, _, domain = address.rpartition("@")
        return address.lower() if domain.lower() in self.domains else f"{local}@{domain.lower()}"

    def _completed(self, session: SmtpSession, octets: bytes, queue_id: str) -> bytes:
        """Add what a user's program left out (RFC 6409, 8), and Received; a user's address needs no name there."""
        host = self.host
        date, message_id = host.internet.date, f"<{queue_id}@{host.hostname}>"
        octets, added = complete_submission(octets, sender=_sender(session.core), date_text=date, message_id=message_id)
        if added:
            record_fields(host, added, "added", by="MSA")
        return self._received(session, octets, queue_id, client="unknown", by="MSA", date_text=date)

    def _received(
        self, session: SmtpSession, octets: bytes, queue_id: str, *, client: str, by: str, date_text: str
    ) -> bytes:
        host, core = self.host, session.core
        field = received(
            helo=core.client_name,
            client_name=client,
            client_address=session.stream.remote.address,
            by=host.hostname,
            protocol=core.protocol,
            queue_id=queue_id,
            date_text=date_text,
            recipient=self._address(core.recipients[0]) if len(core.recipients) == 1 else None,
        )
        if host.trace.heard:
            record_fields(host, field, "added", by=by)
        return field + octets


def _sender(core: SmtpServer) -> str:
    return "" if core.reverse_path is None else core.reverse_path.text
