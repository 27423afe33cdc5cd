"""Tests of the POP3 cores; dialogues/ holds transcripts that lessons can quote."""
