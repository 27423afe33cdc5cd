"""What a mail store refuses.

Why: the caller turns each into its own protocol's reply (LMTP 452, IMAP NO [ALREADYEXISTS], POP3 -ERR [IN-USE]), so
each is a type.
"""

from simulator.errors import MailflowError


class MailStoreError(MailflowError):
    """Base of all refusals of a store; nothing was changed."""


class NoSuchMailbox(MailStoreError):
    """The account or the mailbox does not exist."""


class MailboxExists(MailStoreError):
    """A mailbox, account, alias or domain of that name is there already."""


class BadName(MailStoreError):
    """The name cannot be one of a mailbox, account or host."""


class OverQuota(MailStoreError):
    """The account would keep more than it may. RFC 3463 3.3 (X.2.2); RFC 9208 4.4.2 [OVERQUOTA]."""


class MaildropLocked(MailStoreError):
    """Another POP3 session has the maildrop. RFC 1939 4; RFC 2449 8.1.1 [IN-USE]."""


class DiskError(MailStoreError):
    """A file is missing, is there already, or the disk is full."""
