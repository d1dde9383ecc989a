"""A tiny world of language models: a teacher of letters, prompts to ask, and runs with all there is to be asked."""

import json
from pathlib import Path

from engine.language.test_chat import letters

from workbench.engine.language.folder import write_descriptions, write_weights
from workbench.engine.language.loading import make_language_student, read_language_model
from workbench.engine.language.model import LanguageModel, build_network
from workbench.engine.language.onnx_graph import write_graph
from workbench.events import Finished
from workbench.session.run_database import RunDatabase
from workbench.session.run_folder import RunFolder
from workbench.session.trials import new_run

CONFIG = {"model_type": "llama", "vocab_size": 101, "hidden_size": 32, "intermediate_size": 48, "eos_token_id": 1}
CONFIG |= {"num_hidden_layers": 4, "num_attention_heads": 4, "num_key_value_heads": 2, "initializer_range": 0.4}

RECIPE = """
name = "letters"

[[teachers]]
checkpoint = "teacher"

[student]
seed = 1

[student.architecture]
kind = "teacher_layers"
every = 2

[data]
kind = "conversations"
file = "prompts.jsonl"
system = "{system}"
teacher_system = "{teacher_system}"
new_tokens = 24

[[stages]]

[stages.inputs]
batch_size = 4

[stages.objective]
kind = "soft_targets"
temperature = 1.0

[stages.optimisation]
epochs = 1

[export]
onnx = false
"""


def model(seed: int, layers: int = 4) -> LanguageModel:
    config = json.dumps(CONFIG | {"num_hidden_layers": layers})
    return LanguageModel(letters().model_copy(update={"config": config}), build_network(config, seed)).eval()


def write_recipe(folder: Path, *, system: str = "", teacher_system: str = "") -> Path:
    """recipe.toml beside teacher/ and prompts.jsonl."""
    write_weights(model(3), folder / "teacher")
    rows = [{"prompt": f"{n}+{n}?", "response": f"It is {2 * n}.", "answer": str(2 * n)} for n in range(30)]
    (folder / "prompts.jsonl").write_text("\n".join(map(json.dumps, rows)))
    path = folder / "recipe.toml"
    path.write_text(RECIPE.format(system=system, teacher_system=teacher_system))
    return path


def new_language_run(folder: Path, **recipe: str) -> RunFolder:
    """A run before its first step."""
    return new_run(write_recipe(folder, **recipe), folder / "runs")


def finished_language_run(folder: Path, *, onnx: bool = False, baseline: bool = False, **recipe: str) -> RunFolder:
    """A run whose student is done, as if it had been trained."""
    run = new_language_run(folder, **recipe)
    student = model(5, layers=2)
    write_weights(student, run.student_folder)
    with RunDatabase(run.database_file) as database:
        database.know(status=Finished(step=20, reason="complete").reason, step=20)
    if baseline:
        other = RunFolder.create(run.path / "trials" / "baseline-seed-1", run.recipe_file.read_text())
        write_weights(model(6, layers=2), other.student_folder)
    if onnx:
        export = run.path / "export"
        (export / "onnx").mkdir(parents=True)
        write_graph(student, export / "onnx" / "model.onnx")
        write_weights(student, export)
        write_descriptions(student, export)
    return run


def first_student(run: RunFolder) -> LanguageModel:
    """The student of a run before its first step."""
    recipe = run.recipe
    return make_language_student(recipe, run.path, [read_language_model(Path(recipe.teachers[0].checkpoint))])
