"""The message store of one host: Maildir on a simulated disk, index and accounts in SQLite; and the store of a mail
program.

Why: a mailbox is a place on a disk, and who may have one is a question to a database; both can be looked at. RFC 5598
4.2 (message store).
"""
