"""Tests of what speaks for and against a run."""
