"""Tests of what new language models are made from."""
