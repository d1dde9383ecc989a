"""Tests of what leaves the program as files."""
