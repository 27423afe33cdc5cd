"""How much an account may keep, and how much it keeps.

Why: a full mailbox is a reply of its own in LMTP, in RCPT and in IMAP, and all three must count alike. RFC 9208 (IMAP
QUOTA: STORAGE, MESSAGE); RFC 3463 3.3 (X.2.2, mailbox full).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """The limits of an account, in octets and in letters; None is no limit."""

    octets: int | None = None
    messages: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What an account keeps in all its mailboxes together."""

    octets: int
    messages: int

    def has_room(self, quota: Quota, octets: int, messages: int) -> bool:
        """Tell whether so much more stays within the limits."""
        if quota.octets is not None and self.octets + octets > quota.octets:
            return False
        return quota.messages is None or self.messages + messages <= quota.messages
