"""Tests of what students are trained for."""
