"""Files that are broken or meant to harm, each with what must become of it."""
