"""Tests of the SMTP and LMTP core, many of them dialogues in text files beside them."""
