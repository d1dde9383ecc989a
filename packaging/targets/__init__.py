"""Everything build.py can make: a new kind of package is one file here and its word in the tuple."""

from targets import bundle, deb, macos, rpm, run, wheel, windows

TARGETS = (wheel, bundle, deb, rpm, run, windows, macos)
