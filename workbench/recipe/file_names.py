"""How recipe files are named: a suffix of their own, which systems open with a double click, or that of any TOML."""

from pathlib import Path

RECIPE_SUFFIX = ".distil"
RECIPE_SUFFIXES = (RECIPE_SUFFIX, ".toml")


def is_named_as_recipe(path: Path) -> bool:
    """Whether a file's name says that it is a recipe; what is in it may still be refused."""
    return path.suffix.lower() in RECIPE_SUFFIXES
