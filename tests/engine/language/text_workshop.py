"""A folder with prompts and a tiny teacher that adds, and recipes over it that take seconds."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from engine.language.test_chat import letters
from workbench.engine.distilling import Distillation
from workbench.engine.language.folder import write_tokenizer, write_weights
from workbench.engine.language.model import LanguageModel, build_network
from workbench.engine.preparing import prepare
from workbench.recipe import Recipe, Stage, write_recipe
from workbench.recipe.data import Conversations
from workbench.recipe.export import Export
from workbench.recipe.inputs import Endpoint, TeacherWritten
from workbench.recipe.models import CausalLm, Student, Teacher
from workbench.recipe.monitoring import Monitoring
from workbench.recipe.objectives import HardLabels
from workbench.recipe.optimisation import Optimisation

CPU = torch.device("cpu")
SHORT = Optimisation(optimiser="adamw", learning_rate=0.01, steps=6)


def tiny_language_model(seed: int, *, layers: int = 1, scale: float = 0.5, **settings: Any) -> LanguageModel:
    """Random weights over letters; a larger scale makes it surer of what it says."""
    config = {"model_type": "llama", "vocab_size": 101, "hidden_size": 16, "intermediate_size": 24}
    config |= {"num_hidden_layers": layers, "num_attention_heads": 2, "num_key_value_heads": 2}
    blueprint = letters(**settings)
    network = build_network(json.dumps(config | {"initializer_range": scale}), seed)
    values = json.dumps(network.config.to_dict())
    return LanguageModel(blueprint.model_copy(update={"config": values}), network).eval()


def stage(inputs: Any = None, objective: Any = None, **optimisation: Any) -> Stage:
    """Six steps on what the teacher writes."""
    return Stage(
        inputs=inputs or TeacherWritten(batch_size=4, new_tokens=8, keep_cut=True),
        objective=objective or HardLabels(),
        optimisation=SHORT.model_copy(update=optimisation),
    )


def text_recipe(*stages: Stage, data: dict[str, Any] | None = None, **changes: Any) -> Recipe:
    """A student of one layer, a teacher of two, twenty sums."""
    parts: dict[str, Any] = {
        "name": "tiny text",
        "teachers": (Teacher(checkpoint="teacher"),),
        "student": Student(seed=1, architecture=CausalLm(layers=1, width=16, heads=2)),
        "data": Conversations(**({"file": "sums.jsonl", "validation_fraction": 0.2, "new_tokens": 6} | (data or {}))),
        "stages": stages or (stage(),),
        "monitoring": Monitoring(evaluate_every=1, probe_every=5),
    }
    return Recipe(**(parts | changes))


@dataclass(frozen=True)
class TextWorkshop:
    """A folder with a teacher and sums."""

    folder: Path

    @classmethod
    def in_folder(cls, folder: Path) -> "TextWorkshop":
        """Write the files."""
        write_weights(tiny_language_model(2, layers=2, scale=1.0), folder / "teacher")
        rows = [
            {"prompt": f"{a}+{b}", "response": str(a + b), "answer": str(a + b)} for a in range(5) for b in range(4)
        ]
        (folder / "sums.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
        asked = [{"prompt": row["prompt"]} for row in rows]
        (folder / "asked.jsonl").write_text("\n".join(json.dumps(row) for row in asked))
        return cls(folder)

    @property
    def cache(self) -> Path:
        """Where teacher text and teacher outputs are kept."""
        return self.folder / "cache"

    def setup(self, recipe: Recipe, pulse: Any = lambda _: None) -> Any:
        """The recipe's setup on the CPU, made anew."""
        return prepare(recipe, self.folder, CPU, self.cache, pulse)

    def run(self, recipe: Recipe) -> tuple[list[Any], Distillation]:
        """A whole run: its events and what is left of it."""
        distillation = Distillation(self.setup(recipe))
        return list(distillation.events()), distillation


SAYINGS = [f"say {number}" for number in range(10)]


def write_endpoint_recipe(folder: Path, url: str, **settings: Any) -> Path:
    """afar.toml, whose teacher is behind an endpoint and answers SAYINGS; keyword arguments as for `Endpoint`."""
    write_tokenizer(tiny_language_model(1), folder / "tokenizer")
    (folder / "prompts.jsonl").write_text("\n".join(json.dumps({"prompt": saying}) for saying in SAYINGS))
    inputs = TeacherWritten(batch_size=4, endpoint=Endpoint(url=url, model="big", at_once=1, **settings))
    recipe = Recipe(
        name="taught from afar",
        student=Student(architecture=CausalLm(layers=1, width=16, heads=2, tokenizer="tokenizer")),
        data=Conversations(file="prompts.jsonl", new_tokens=4, validation_fraction=0.2),
        stages=(Stage(inputs=inputs, objective=HardLabels(), optimisation=SHORT),),
        export=Export(onnx=False),
    )
    path = folder / "afar.toml"
    path.write_text(write_recipe(recipe))
    return path
