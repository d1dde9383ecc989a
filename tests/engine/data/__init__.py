"""Tests of the data sources; a package, so that files of the same name elsewhere do not clash."""
