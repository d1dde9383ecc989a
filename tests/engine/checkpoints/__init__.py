"""Tests of the checkpoint formats; a package, so that files of the same name elsewhere do not clash."""
