"""IMAP4rev1 with rev2 habits, sans-IO, both sides. RFC 3501, RFC 9051."""
