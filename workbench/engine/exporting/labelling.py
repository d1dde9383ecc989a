"""What an ONNX file says of itself: everything its user needs, and nothing about the machine that made it."""

import json
from pathlib import Path
from typing import Any

import onnx
import torch

from workbench import __version__
from workbench.engine.classifier import Blueprint
from workbench.engine.exporting.interface import Interface

PROGRAM = "Distillation Workbench"


def describe(interface: Interface, blueprint: Blueprint, recipe_name: str, recipe_digest: str) -> dict[str, str]:
    """The metadata of an exported student; lists and objects are JSON, since ONNX keeps strings only."""
    traits = blueprint.traits
    # Only what there is: columns of a table, the tokenizer of texts.
    more = {"columns": _json(traits.columns)} if traits.columns else {}
    if interface.tokenizer:
        more["tokenizer"] = traits.tokenizer
    return more | {
        "classes": _json(blueprint.classes),
        "exporter": f"torch {torch.__version__}",
        "input": interface.type_name,
        "input_shape": _json(interface.shape),
        "output": interface.output,
        "preprocessing": _json(_preprocessing(interface, blueprint)),
        "program": PROGRAM,
        "program_version": __version__,
        "recipe": recipe_name,
        "recipe_digest": recipe_digest,
    }


def _preprocessing(interface: Interface, blueprint: Blueprint) -> dict[str, object]:
    if interface.takes == "tokens":
        inside = "a token that is the padding token is not attended to"
        return {"feed": interface.feed_sentence, "inside_the_graph": inside, "pad": interface.pad}
    said: dict[str, object] = {
        "feed": interface.feed_sentence,
        "inside_the_graph": "(input × scale − mean) / std, a channel or feature each",
        "scale": "1/255" if interface.takes == "bytes" else "1",
        "mean": blueprint.mean,
        "std": blueprint.std,
    }
    return said | ({"rate": blueprint.traits.rate} if blueprint.traits.rate else {})


def label(path: Path, metadata: dict[str, str]) -> int:
    """Give a file its metadata in place of what the exporter left in it; the graph's computation stays the same.

    Returns:
        The opset that the file is written in, which need not be the one that was asked for.
    """
    # Weights in a second file stay where they are.
    proto = onnx.load(path, load_external_data=False)
    _forget_origins(proto)
    opset: int = next(entry.version for entry in proto.opset_import if entry.domain in ("", "ai.onnx"))
    proto.producer_name = PROGRAM
    proto.producer_version = __version__
    proto.model_version = 1
    proto.doc_string = f"A student classifier distilled with {PROGRAM}; the metadata says what to feed."
    onnx.helper.set_model_props(proto, dict(sorted({**metadata, "opset": str(opset)}.items())))
    path.write_bytes(proto.SerializeToString(deterministic=True))
    return opset


def _forget_origins(message: Any) -> None:
    """Drop every comment and property at any depth: the exporter keeps stack traces with file paths in them."""
    for field, value in message.ListFields():
        if field.name in ("metadata_props", "doc_string"):
            message.ClearField(field.name)
        elif field.message_type is not None:
            for part in (value,) if hasattr(value, "ListFields") else value:
                _forget_origins(part)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
