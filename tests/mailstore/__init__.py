"""Tests of the message store: Maildir, index, accounts, maildrop, devices."""
