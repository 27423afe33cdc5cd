"""Tests of the protocol cores."""
