"""Tests of workbench.engine.starts."""
