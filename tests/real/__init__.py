"""Trained models from PyPI, opened, named in recipes and distilled as a person would do it."""
