"""Commands legal before login: STARTTLS, AUTHENTICATE, LOGIN. RFC 9051, 6.2."""
