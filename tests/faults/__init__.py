"""Programs that measure what kills, bad disks and long hours do to the program; run by hand, tried briefly in tests."""
