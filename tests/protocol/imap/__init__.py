"""Tests of the IMAP cores; dialogues/ holds transcripts that lessons can quote."""
