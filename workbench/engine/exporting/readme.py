"""The README beside an exported student: what it is, what to feed, and a program that asks it something."""

import json

from workbench import __version__
from workbench.engine.classifier import Blueprint
from workbench.engine.exporting.hugging_face_folder import HUGGING_FACE_FOLDER
from workbench.engine.exporting.interface import Interface
from workbench.engine.exporting.labelling import PROGRAM
from workbench.engine.exporting.parity import Parity
from workbench.engine.exporting.snippets import javascript_snippet, python_snippet

_CLASSES_SHOWN = 100


def readme_text(
    interface: Interface,
    blueprint: Blueprint,
    *,
    recipe_name: str,
    recipe_digest: str,
    parities: list[Parity],
    files: list[str],
) -> str:
    """The text, in Markdown; `parities` are those of the files that were kept."""
    rows = "\n".join(_row(parity) for parity in parities)
    return f"""\
# student.onnx

A classifier made with {PROGRAM} {__version__} from the recipe

{_as_block(recipe_name)}

(digest `{recipe_digest}`). ONNX opset {parities[0].opset}; nothing but an ONNX runtime is needed to use it.

## What goes in, what comes out

* `input`: {interface.type_name} [batch, {", ".join(map(str, interface.shape))}]. {interface.feed_sentence}
  {_inside(interface, blueprint)}
* `{interface.output}`: float32 [batch, {len(blueprint.classes)}], one column a class, in this order:

{_as_block(_class_list(blueprint.classes))}
{_column_list(blueprint.traits.columns)}
The same is in the file's metadata, with the recipe and the parity.

## Use it

`pip install onnxruntime numpy{" tokenizers" if interface.tokenizer else ""}`, then in this folder:

```python
{python_snippet(interface)}```
{_javascript(interface, blueprint.classes)}
## How closely it repeats the original

Measured on {parities[0].whole.examples:,} held-out examples; `parity.json` has every number and the times.

| file | bytes | same top-1 | errors, PyTorch → ONNX | largest difference of {interface.output} |
| --- | --- | --- | --- | --- |
{rows}
{_keep_together(files)}{_other_folder(files)}"""


def _row(parity: Parity) -> str:
    whole = parity.whole
    return (
        f"| {parity.file} | {parity.bytes:,} | {whole.examples - whole.disagreements:,} | {whole.errors_pytorch:,} → "
        f"{whole.errors_onnx:,} | {parity.worst.max_difference:.1e} |"
    )


def _inside(interface: Interface, blueprint: Blueprint) -> str:
    """What the graph does for itself, and what comes first."""
    if interface.takes != "tokens":
        return "The graph normalises for itself."
    if interface.tokenizer:
        where = "The tokenizer is in the file's metadata, as the tokenizers library reads it."
        return f"Token {interface.pad} is padding. {where}"
    large = len(blueprint.traits.tokenizer) > 0
    why = "The tokenizer is too large for the file's metadata" if large else "The file has no tokenizer"
    return f"Token {interface.pad} is padding. {why}: use the one of the training data."


def _javascript(interface: Interface, classes: tuple[str, ...]) -> str:
    """The program spells out all classes."""
    if len(classes) > _CLASSES_SHOWN:
        return ""
    return f"\nOr in JavaScript:\n\n```js\n{javascript_snippet(interface, classes)}```\n"


def _column_list(columns: tuple[str, ...]) -> str:
    if not columns:
        return ""
    return f"\nThe features, in this order:\n\n{_as_block(_class_list(columns))}\n"


def _other_folder(files: list[str]) -> str:
    if not any(name.startswith(f"{HUGGING_FACE_FOLDER}/") for name in files):
        return ""
    return (
        f"\n`{HUGGING_FACE_FOLDER}/` is the same student as the transformers library keeps its models: name that "
        "folder in `from_pretrained`.\n"
    )


def _class_list(classes: tuple[str, ...]) -> str:
    shown = ", ".join(json.dumps(name, ensure_ascii=False) for name in classes[:_CLASSES_SHOWN])
    hidden = len(classes) - _CLASSES_SHOWN
    return f"{shown}, and {hidden:,} more" if hidden > 0 else shown


def _as_block(text: str) -> str:
    """Indented, so that nothing in a person's own words is taken for Markdown."""
    return "\n".join(f"    {line}" for line in text.splitlines() or [""])


def _keep_together(files: list[str]) -> str:
    data = [name for name in files if name.endswith(".data")]
    if not data:
        return ""
    return f"\nThe weights are in {' and '.join(data)}: keep each beside the file it is named after.\n"
