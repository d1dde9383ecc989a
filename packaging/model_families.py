"""Which of transformers' model families the bundle carries: those a teacher or student of this program can be."""

from __future__ import annotations

import re
from pathlib import Path

_IMPORT = re.compile(r"from \.\.\.?(?:models\.)?([a-z0-9_]+)[. ]|transformers\.models\.([a-z0-9_]+)")
# Sources that others are generated from, and scripts; nothing imports them.
_NEVER = ("modular_", "convert_")
# What a config is recognised by, so that a family that is not carried is refused by its name.
_ALWAYS = ("configuration_", "__init__")


class ModelFamilies:
    """The families that can write text or classify, and all that they import from others."""

    def __init__(self) -> None:
        from transformers.models.auto import configuration_auto, modeling_auto

        self._folder = Path(modeling_auto.__file__).parents[1]
        kinds = {
            *modeling_auto.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES,
            *modeling_auto.MODEL_FOR_IMAGE_CLASSIFICATION_MAPPING_NAMES,
            *modeling_auto.MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES,
        }
        waiting = {configuration_auto.model_type_to_module_name(kind) for kind in kinds}
        self.kept = {"auto"}
        while waiting:
            family = waiting.pop()
            if family not in self.kept and (self._folder / family).is_dir():
                self.kept.add(family)
                waiting |= self._imported(family)

    def has(self, module: str) -> bool:
        """Tell whether a module belongs into the bundle.

        Args:
            module: "transformers.models.llama.modeling_llama", or a path with slashes that ends in ".py".
        """
        parts = module.removesuffix(".py").replace("/", ".").split(".")
        if parts[:2] != ["transformers", "models"] or len(parts) < 4:
            return True
        family, file = parts[2], parts[-1]
        if file.startswith(_NEVER):
            return False
        return family in self.kept or file.startswith(_ALWAYS)

    def _imported(self, family: str) -> set[str]:
        found = set()
        for file in (self._folder / family).rglob("*.py"):
            if not file.name.startswith(_NEVER):
                found |= {one or other for one, other in _IMPORT.findall(file.read_text(encoding="utf-8"))}
        return found
