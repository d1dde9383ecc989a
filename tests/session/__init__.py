"""Tests of the session floor."""
