"""Tests of the mail-flow simulator; the folders mirror the package."""
