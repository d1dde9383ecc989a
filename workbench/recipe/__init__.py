"""What a person asked for: plain, frozen values that know their ranges, units and help; no torch, no Qt."""

from workbench.recipe.recipe import Recipe, Stage
from workbench.recipe.toml import absolute_recipe, absolute_text, parse_recipe, read_recipe, write_recipe

__all__ = ["Recipe", "Stage", "absolute_recipe", "absolute_text", "parse_recipe", "read_recipe", "write_recipe"]
