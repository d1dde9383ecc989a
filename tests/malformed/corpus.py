"""All families of malformed files: a new one is one file here and its word in the tuple."""

from malformed import (
    archives,
    beyond_measure,
    bombs,
    configs,
    conversations,
    guilty,
    idx_files,
    not_on_disk,
    onnx_bombs,
    onnx_programs,
    pickles,
    pictures,
    places,
    recipes,
    safetensors_headers,
    shard_indexes,
    sizes,
    sounds,
    tables,
    templates,
    tokenizer_bombs,
    truncated,
    values,
)
from malformed.case import Case

_MODULES = (
    pickles,
    archives,
    truncated,
    safetensors_headers,
    shard_indexes,
    configs,
    onnx_programs,
    onnx_bombs,
    pictures,
    idx_files,
    tables,
    conversations,
    templates,
    tokenizer_bombs,
    sounds,
    values,
    places,
    recipes,
    sizes,
    not_on_disk,
    bombs,
    beyond_measure,
)

FAMILIES: dict[str, tuple[Case, ...]] = {module.FAMILY: tuple(module.cases()) for module in _MODULES}


def find(family: str, name: str) -> Case:
    """One case by its names."""
    cases = guilty.cases() if family == guilty.FAMILY else FAMILIES[family]
    return next(case for case in cases if case.name == name)
