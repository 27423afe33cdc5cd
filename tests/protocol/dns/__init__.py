"""Tests of DNS without sockets."""
