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
from simulator.mailstore.store import MailStore
from simulator.message.dates import rfc5322_date
from simulator.message.header import fields
from simulator.message.submission import complete_submission
from simulator.message.trace_fields import count_hops, prepend, received
from simulator.nodes.header_records import record_fields
from simulator.nodes.host import Host, Service
from simulator.nodes.login import check_login
from simulator.nodes.lookups import reverse_name
from simulator.nodes.queue import Queue
from simulator.nodes.smtp_session import Replies, SmtpSession
from simulator.nodes.spam_client import SpamClient
from simulator.protocol.smtp import faces
from simulator.protocol.smtp.events import Command, Credentials
from simulator.protocol.smtp.paths import Path
from simulator.protocol.smtp.replies import AUTHENTICATED, OK_RECIPIENT, OK_SENDER, Reply, auth_failed, reply
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
                tls_available=self.context is not None,
                auth_mechanisms=("PLAIN",) if face.needs_auth else (),
            )
            SmtpSession(self.host, stream, core, self, context=self.context)

        return accept

    # Policy: MAIL, RCPT, VRFY, AUTH

    def mail(self, session: SmtpSession, command: Command) -> Reply:
        """Take any sender; who sends is the filters' affair."""
        return OK_SENDER

    def rcpt(self, session: SmtpSession, command: Command) -> Reply:
        """Know one's own users, and relay only for those who logged in (RFC 5321, 3.6.2; RFC 6409, 6)."""
        path = command.path
        assert path is not None
        if self._is_local(path):
            return self._known(path) or OK_RECIPIENT
        if session.core.authenticated is not None or self.open_relay:
            return OK_RECIPIENT
        return reply(554, "5.7.1", f"<{path}>: Relay access denied")

    def vrfy(self, session: SmtpSession, command: Command) -> Reply:
        """Say whether a user exists, as Postfix does by default."""
        path = command.path
        if path is not None and self._is_local(path):
            return self._known(path) or reply(252, "2.0.0", str(path))
        return reply(554, "5.7.1", f"<{path}>: Relay access denied")

    def login(self, session: SmtpSession, credentials: Credentials) -> Reply:
        """Check a password against the accounts."""
        user = credentials.authcid
        good = check_login(
            self.host,
            self.store,
            session.stream,
            user=user,
            password=credentials.password,
            mechanism=credentials.mechanism,
            service="submission",
        )
        return AUTHENTICATED if good else auth_failed("authentication failure")

    def _is_local(self, path: Path) -> bool:
        return path.is_postmaster or path.domain.lower() in self.domains

    def _known(self, path: Path) -> Reply | None:
        """Return the refusal if the address is nobody's."""
        if self.store.accounts.is_known(self._address(path)):
            return None
        words = "Recipient address rejected: User unknown in virtual mailbox table"
        return reply(550, "5.1.1", f"<{path}>: {words}")

    def _address(self, path: Path) -> str:
        return str(path) if path.domain else f"{path.local}@{self.domains[0]}"

    # Policy: the letter

    def content(self, session: SmtpSession, octets: bytes) -> Generator[Any, Any, Replies]:
        """Complete, filter and queue a letter, and answer when it is safe."""
        if count_hops(octets) >= limits.HOPS:
            return (_TOO_MANY_HOPS,)
        core = session.core
        queue_id = self.queue.new_id()
        sender = "" if core.reverse_path is None else str(core.reverse_path)
        recipients = self._expand(core.recipients)
        client = yield from self._client_name(session)
        letter = self._with_trace(session, octets, queue_id, sender=sender, client=client)
        if self.spam is not None and not core.face.needs_auth:
            letter = yield from self.spam.judge(letter, queue_id, recipients)
        self.host.log("smtpd", f"{queue_id}: client={client}[{session.stream.remote.address}]")
        self.queue.enter(queue_id, sender, recipients, letter)
        return (reply(250, "2.0.0", f"Ok: queued as {queue_id}"),)

    def _expand(self, paths: list[Path]) -> tuple[str, ...]:
        """Replace aliases by what they stand for; each address once, as it was written first."""
        found: dict[str, str] = {}
        for path in paths:
            address = self._address(path)
            if not self._is_local(path):
                found.setdefault(self._same(address), address)
                continue
            expansion = self.store.accounts.expand(address)
            for alias, targets in expansion.steps:
                self.host.trace.write(ALIAS_EXPAND, (alias, ", ".join(targets)), at=self.host.name)
            for target in expansion.targets:
                found.setdefault(self._same(target), target)
        return tuple(found.values())

    def _same(self, address: str) -> str:
        """Return what two ways to write an address have in common; whether case matters before @, its host knows."""
        local, _, domain = address.rpartition("@")
        return address.lower() if domain.lower() in self.domains else f"{local}@{domain.lower()}"

    def _client_name(self, session: SmtpSession) -> Generator[Any, Any, str]:
        """Look up the name of a relay's address, which goes into Received (RFC 5321, 4.4); users have none."""
        if session.core.face.needs_auth:
            return "unknown"
        return (yield from reverse_name(self.host, session.stream.remote.address))

    def _with_trace(self, session: SmtpSession, octets: bytes, queue_id: str, *, sender: str, client: str) -> bytes:
        host, core = self.host, session.core
        date = rfc5322_date(host.internet.epoch, host.internet.offset)
        if core.face.needs_auth:
            message_id = f"<{queue_id}@{host.hostname}>"
            octets, added = complete_submission(octets, sender=sender, date_text=date, message_id=message_id)
            self._record_added(octets, added)
        field = received(
            helo=core.client_name,
            client_name=client,
            client_address=session.stream.remote.address,
            by=host.hostname,
            protocol=core.protocol,
            queue_id=queue_id,
            date_text=date,
            recipient=self._address(core.recipients[0]) if len(core.recipients) == 1 else None,
        )
        record_fields(host, field, "added", by="MSA" if core.face.needs_auth else "MTA")
        return prepend(octets, field)

    def _record_added(self, octets: bytes, names: tuple[str, ...]) -> None:
        for field in fields(octets):
            if field.name in names:
                record_fields(self.host, field.raw_octets, "added", by="MSA")
