"""Commands legal with a mailbox selected: FETCH, STORE, SEARCH, EXPUNGE, CLOSE and kin. RFC 9051, 6.4."""
