"""Tests of the engine; a package, so that files of the same name elsewhere do not clash."""
