"""Commands legal before login: LOGIN. RFC 9051, 6.2."""
