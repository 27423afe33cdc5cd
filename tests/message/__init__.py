"""Tests of the letter: composing, reading, trace fields, structure."""
