"""Writes a language model as the one folder that others load, measures its graphs, and keeps what answers alike."""

import copy
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import onnxruntime
import torch

from workbench import __version__
from workbench.engine.exporting.fresh_folder import fresh_folder
from workbench.engine.exporting.labelling import PROGRAM
from workbench.engine.language.asking import asking_of
from workbench.engine.language.chat import Chat, Encoded
from workbench.engine.language.exporting.gates import GATES, babbles
from workbench.engine.language.exporting.readme import readme_text
from workbench.engine.language.folder import FLOAT_GRAPH, ONNX_FOLDER, write_descriptions, write_weights
from workbench.engine.language.model import LanguageModel
from workbench.engine.language.onnx_graph import write_graph
from workbench.engine.language.onnx_parity import GREEDY, Original, TextParity, graph_files
from workbench.engine.language.onnx_variants import FILES, write_variant
from workbench.errors import WorkbenchError
from workbench.events import Event, Exported, Warned
from workbench.recipe.export import Export
from workbench.wording import counted

PARITY_FILE, README_FILE = "parity.json", "README.md"

_OWN_NAMES = (
    "config.json",
    "generation_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "chat_template.jinja",
    "model.safetensors",
    "genai_config.json",
    ONNX_FOLDER,
    README_FILE,
    PARITY_FILE,
)
# Every token is read twice for each graph, and every answer written token by token.
_MOST_TOKENS, _LONGEST, _MOST_PROMPTS, _LONGEST_PROMPT = 2048, 256, 6, 512
_FOUR_BITS = (
    "In 4 bits a language model often answers otherwise. Compare the sample answers in the report before using "
    "{file}, or take {other}."
)


@dataclass
class _Export:
    """What has been written so far, and what there is to say of it."""

    folder: Path
    step: int
    events: list[Event] = field(default_factory=list)
    entries: list[dict[str, Any]] = field(default_factory=list)
    kept: list[TextParity] = field(default_factory=list)

    def take(self, parity: TextParity, bits: int) -> str:
        """Judge a graph; returns why it is not good enough, empty where it is."""
        fault = GATES[bits].fault(parity)
        verdict = {"bits": bits, "gate": GATES[bits].words, "kept": not fault, "fault": fault}
        entry = parity.as_dict() | verdict | {"babbles": babbles(parity)}
        self.entries.append(entry)
        if not fault:
            self.kept.append(parity)
            path = self.folder / ONNX_FOLDER / parity.file
            self.events.append(Exported(step=self.step, path=str(path), parity=entry))
        return fault

    def warn(self, title: str, hint: str) -> None:
        self.events.append(Warned(step=self.step, title=title, hint=hint))

    @property
    def warnings(self) -> list[str]:
        return [f"{event.title} {event.hint}".strip() for event in self.events if isinstance(event, Warned)]


def export_language(
    student: LanguageModel,
    section: Export,
    folder: Path,
    *,
    held_out: Sequence[Encoded],
    prompts: Sequence[tuple[int, ...]],
    step: int,
    recipe_name: str,
    recipe_digest: str,
    say: Callable[[str], None] = lambda _: None,
) -> Iterator[Event]:
    """Write weights, tokenizer, graphs, parity.json and README.md into a folder, as a whole or not at all.

    Args:
        student: On any device and in any mode; it is left as it is. Adapters are merged already.
        section: Which variants there shall be.
        folder: Where to write; made if needed. Files of an earlier export give way, others stay.
        held_out: Real texts that logits are compared on; without any, the prompts are.
        prompts: What is continued greedily; without any, the beginnings of the held-out texts are.
        step: Of the run, for what is said.
        recipe_name: For people.
        recipe_digest: Which recipe it was.
        say: Told in a few words what comes next; what it raises ends the export, and the folder is as it was.

    Yields:
        `Exported` for each graph that was kept, `Warned` for what a person should know, once all is in place.

    Raises:
        WorkbenchError: The student cannot be exported, or its float graph differs from it; the folder is as it was.
    """
    _refuse_strangers(folder)
    model = copy.deepcopy(student).cpu().float().eval().requires_grad_(False)
    chat = Chat(model.blueprint)
    texts, asked = _material(model, held_out, prompts)
    _refuse_broken(model, texts)
    export = _Export(folder, step)
    with fresh_folder(folder, _OWN_NAMES) as staging:
        say(f"Letting the student answer {counted(len(asked), 'prompt')}")
        original = Original(model, chat, texts, asked)
        graphs = staging / ONNX_FOLDER
        graphs.mkdir()
        _write_float(model, original, graphs / FLOAT_GRAPH, export, say)
        for bits in (8,) * section.int8 + (4,) * section.four_bit:
            _write_smaller(original, graphs / FLOAT_GRAPH, bits, export, say)
        say("Writing weights and tokenizer")
        write_weights(model, staging)
        write_descriptions(model, staging)
        asking = asking_of(chat)
        (staging / PARITY_FILE).write_text(_report(export, recipe_name, recipe_digest, asking.as_dict()), "utf-8")
        readme = readme_text(
            export.kept,
            asking,
            parameters=model.parameter_count,
            kind=str(cast(Any, model.network).config.model_type),
            warnings=export.warnings,
            recipe_name=recipe_name,
            recipe_digest=recipe_digest,
        )
        (staging / README_FILE).write_text(readme, "utf-8")
        say(f"Putting the files into {folder.name}")
    yield from export.events


def _refuse_strangers(folder: Path) -> None:
    """An export may take the place of another one, but of nobody else's model."""
    if (folder / PARITY_FILE).is_file():
        return
    found = [name for name in _OWN_NAMES if name != README_FILE and (folder / name).exists()]
    if found:
        raise WorkbenchError(
            f"{folder} holds {found[0]}, which no export wrote: another model would be lost.",
            "Choose another folder, or an empty one.",
        )


def _material(
    model: LanguageModel, held_out: Sequence[Encoded], prompts: Sequence[tuple[int, ...]]
) -> tuple[list[Encoded], list[tuple[int, ...]]]:
    """Texts and prompts, few and short enough to be read in a minute or so. Raises WorkbenchError."""
    places = int(getattr(cast(Any, model.network).config, "max_position_embeddings", 0) or 2**31)
    beginnings = (text.tokens[: text.targets[0] if text.targets else len(text.tokens) // 2] for text in held_out)
    asked = [prompt for prompt in prompts if prompt] or [tokens for tokens in beginnings if tokens]
    longest = max(min(_LONGEST_PROMPT, places - GREEDY), 1)
    asked = [prompt[-longest:] for prompt in asked[:_MOST_PROMPTS]]
    texts: list[Encoded] = []
    for text in list(held_out) or [Encoded(prompt, ()) for prompt in asked]:
        if sum(len(chosen.tokens) for chosen in texts) >= _MOST_TOKENS:
            break
        if text.tokens:
            texts.append(text.cut(min(_LONGEST, places)))
    if not texts or not asked:
        raise WorkbenchError("There is no held-out text to compare an export with.", "Hold out some of the data.")
    return texts, asked


@torch.no_grad()
def _refuse_broken(model: LanguageModel, texts: Sequence[Encoded]) -> None:
    given = torch.tensor([texts[0].tokens])
    if not bool(torch.isfinite(model(given)).all()):
        raise WorkbenchError(
            "The student answers NaN or infinity to held-out text, so there is nothing worth exporting.",
            "Its training went wrong; export an earlier checkpoint.",
        )


def _write_float(
    model: LanguageModel, original: Original, path: Path, export: _Export, say: Callable[[str], None]
) -> None:
    say(f"Writing {path.name}")
    write_graph(model, path)
    parity = original.compared(path, say)
    if fault := export.take(parity, 32):
        raise WorkbenchError(
            f"{path.name} does not repeat the student: {fault}.",
            "Nothing was kept, and an earlier export is as it was. The student's own folder is unharmed; it can be "
            "exported later, with other versions of PyTorch or ONNX Runtime.",
            json.dumps(export.entries, indent=2, ensure_ascii=False),
        )


def _write_smaller(original: Original, source: Path, bits: int, export: _Export, say: Callable[[str], None]) -> None:
    """A variant, or a warning; the float graph is good whatever happens here."""
    say(f"Writing {FILES[bits]}")
    path = source.with_name(FILES[bits])
    try:
        parity = original.compared(write_variant(source, bits), say)
    except WorkbenchError as error:
        for file in graph_files(path):
            file.unlink()
        export.warn(error.title, f"{source.name} is unaffected.")
        return
    if fault := export.take(parity, bits):
        for file in graph_files(path):
            file.unlink()
        export.warn(f"{path.name} was not kept: {fault}.", f"{source.name} is unaffected.")
    elif bits < 8:
        kept = [parity.file for parity in export.kept if parity.file != path.name]
        export.warn(f"{path.name} has weights of 4 bits.", _FOUR_BITS.format(file=path.name, other=kept[-1]))


def _report(export: _Export, recipe_name: str, recipe_digest: str, asking: dict[str, Any]) -> str:
    content = {
        "kind": "language model",
        "program": f"{PROGRAM} {__version__}",
        "recipe": recipe_name,
        "recipe_digest": recipe_digest,
        "torch": torch.__version__,
        "onnxruntime": onnxruntime.__version__,
        "asking": asking,
        "warnings": export.warnings,
        "files": export.entries,
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"
