"""The mail delivery agent: takes letters by LMTP on the host's loopback and puts them into mailboxes (RFC 2033)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from simulator.engine.stream import Stream
from simulator.mailstore.failures import MailStoreError, OverQuota
from simulator.mailstore.store import MailStore
from simulator.message.dates import rfc5322_date
from simulator.message.trace_fields import delivered_to, received_lmtp, return_path
from simulator.nodes.header_records import record_fields
from simulator.nodes.host import Host, Service
from simulator.nodes.smtp_session import Replies, SmtpSession
from simulator.protocol.sasl import Secret
from simulator.protocol.smtp import faces
from simulator.protocol.smtp.events import Command, Credentials, SecretWanted
from simulator.protocol.smtp.paths import Path
from simulator.protocol.smtp.replies import AUTH_DISABLED, EXPN_DISABLED, OK_RECIPIENT, OK_SENDER, Reply, reply
from simulator.protocol.smtp.server import SmtpServer
from simulator.records.kinds_access import MAILBOX_APPEND
from simulator.records.kinds_queue import DELIVER

__all__ = ["DeliveryAgent"]


@dataclass(slots=True)
class DeliveryAgent(Service):
    """LMTP on port 24 of one host, in front of its mail store."""

    host: Host
    store: MailStore
    domains: tuple[str, ...]
    full_for_good: bool = True
    """Whether a full mailbox is refused with 552 or with 452 (Dovecot: quota_full_tempfail)."""
    _chance: Any = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Find the random stream that tickets are drawn from."""
        self._chance = self.host.env.random(f"lmtp/{self.host.name}")

    def start(self) -> None:
        """Listen."""
        self.host.network.listen(self.host.name, faces.LMTP.port, self._accept)

    def crash(self) -> None:
        """Nothing here is only in memory."""

    def _accept(self, stream: Stream) -> None:
        SmtpSession(self.host, stream, SmtpServer(hostname=self.host.hostname, face=faces.LMTP), self)

    def mail(self, session: SmtpSession, command: Command) -> Reply:
        """Take any sender: the MTA has asked."""
        return OK_SENDER

    def rcpt(self, session: SmtpSession, command: Command) -> Reply:
        """Know the accounts, and only them: aliases are the MTA's affair."""
        assert command.path is not None
        account = self._account(command.path)
        if self.store.accounts.has_account(account):
            return OK_RECIPIENT
        return reply(550, "5.1.1", f"<{command.path}> User doesn't exist: {account}")

    def vrfy(self, session: SmtpSession, command: Command) -> Reply:
        """Dovecot's words."""
        return reply(252, "2.3.3", "Try RCPT instead")

    def expn(self, session: SmtpSession, command: Command) -> Reply:
        """Lists are the MTA's affair."""
        return EXPN_DISABLED

    def secret(self, session: SmtpSession, wanted: SecretWanted) -> Secret:
        """Know nothing: nobody logs in to a delivery agent."""
        return None

    def login(self, session: SmtpSession, credentials: Credentials) -> Reply:
        """Refuse: nobody logs in to a delivery agent."""
        return AUTH_DISABLED

    def content(self, session: SmtpSession, octets: bytes) -> Replies:
        """Put the letter into each recipient's mailbox, and answer for each (RFC 2033, 4.2)."""
        cause = self.host.env.cause
        replies = []
        for path in session.core.recipients:
            self.host.env.cause = cause
            replies.append(self._deliver(session, path, octets))
        return tuple(replies)

    def _account(self, path: Path) -> str:
        return path.text if path.domain else f"{path.local}@{self.domains[0]}"

    def _not_stored(self, path: Path, error: MailStoreError) -> Reply:
        if not isinstance(error, OverQuota):
            return reply(451, "4.2.0", f"<{path}> {error}")
        code, enhanced = (552, "5.2.2") if self.full_for_good else (452, "4.2.2")
        return reply(code, enhanced, f"<{path}> Quota exceeded (mailbox for user is full)")  # Dovecot's words

    def _deliver(self, session: SmtpSession, path: Path, octets: bytes) -> Reply:
        host, address = self.host, self._account(path)
        ticket, now = f"{self._chance.getrandbits(96):024X}", host.internet.epoch
        added = self._trace_fields(session, address, ticket, now)
        if host.trace.heard:
            record_fields(host, added, "added", by="MDA")
        try:
            stored = self.store.deliver(address, added + octets, now)
        except MailStoreError as error:
            return self._not_stored(path, error)
        account = address.lower()
        if host.trace.heard:
            host.trace.write_next(DELIVER, (account, address, stored.path, stored.size), host.name)
        record = host.env.cause
        if record is None or host.trace.heard:
            values = (account, "INBOX", stored.uid, stored.size, (), stored.path)
            record = host.trace.write(MAILBOX_APPEND, values, at=host.name)
        host.arrivals[account, "INBOX", stored.uid] = record
        if host.trace.heard:
            host.log("lmtp", f"{ticket}: saved mail to INBOX of {address}")
        return reply(250, "2.0.0", f"<{path.text}> {ticket} Saved")

    def _trace_fields(self, session: SmtpSession, address: str, ticket: str, now: int) -> bytes:
        core = session.core
        sender = "" if core.reverse_path is None else core.reverse_path.text
        received = received_lmtp(
            lhlo=core.client_name,
            by=self.host.hostname,
            session_id=ticket,
            reverse_path=sender,
            recipient=address,
            date_text=rfc5322_date(now, self.host.internet.offset),
        )
        return return_path(sender) + delivered_to(address) + received
