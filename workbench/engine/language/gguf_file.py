"""GGUF files, as llama.cpp and Ollama keep models: read into plain float32 weights that can be trained and saved."""

import copy
import json
import tempfile
from pathlib import Path
from typing import Any

import torch

from workbench.engine.language.model import LanguageBlueprint, LanguageModel
from workbench.errors import WorkbenchError

_MAGIC = b"GGUF"


def is_gguf(path: Path) -> bool:
    """By its first four bytes."""
    try:
        with path.open("rb") as file:
            return file.read(4) == _MAGIC
    except OSError:
        return False


def load_gguf(path: Path) -> LanguageModel:
    """The model in a GGUF file, its weights made float32 again.

    Raises:
        WorkbenchError: The file is broken, or holds a family that the transformers library cannot read from GGUF.
    """
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder, name = str(path.resolve().parent), path.name
    try:
        given: Any = {"gguf_file": name, "local_files_only": True, "trust_remote_code": False}
        tokenizer = AutoTokenizer.from_pretrained(folder, **given)
        network = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, **given)
    except Exception as error:
        # The reader, the tokenizer and the model have errors of their own, and GGUF says little of itself.
        first = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise WorkbenchError(f"{path} cannot be read as GGUF: {first}") from None
    config = copy.deepcopy(network.config)
    # What is left of the quantisation: the library would refuse to train or to save it.
    if hasattr(config, "quantization_config"):
        del config.quantization_config
    config.name_or_path = path.stem
    plain = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    plain.load_state_dict(network.state_dict(), strict=True)
    plain.tie_weights()
    return LanguageModel(_blueprint(plain, tokenizer, network.generation_config), plain.eval())


def _blueprint(network: Any, tokenizer: Any, generation: Any) -> LanguageBlueprint:
    """As the library itself writes them down."""
    with tempfile.TemporaryDirectory() as name:
        tokenizer.save_pretrained(name)
        folder = Path(name)
        settings = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
        if (template := folder / "chat_template.jinja").exists():
            settings["chat_template"] = template.read_text(encoding="utf-8")
        return LanguageBlueprint(
            config=json.dumps(network.config.to_dict()),
            tokenizer=(folder / "tokenizer.json").read_text(encoding="utf-8"),
            tokenizer_config=json.dumps(settings),
            generation=json.dumps(generation.to_diff_dict()),
        )
