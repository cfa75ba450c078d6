"""Tests of LiveCaller; see docs/testing.md."""
