"""Tests of the objectives; a package, so that files of the same name elsewhere do not clash."""
