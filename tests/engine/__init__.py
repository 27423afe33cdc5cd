"""Tests of the engine, which knows no mail."""
