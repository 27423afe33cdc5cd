"""Mutated input for every parser and machine: some thousand pieces each, a million with --long.

SMTP and LMTP have theirs in tests/protocol/smtp/test_fuzz.py.
"""
