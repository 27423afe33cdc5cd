"""Tests of what is derived from the trace: folds, stories, promises."""
