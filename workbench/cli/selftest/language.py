"""The small language model of the example writes, teaches a smaller one, and writes the same from an ONNX file."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.cli.selftest import training
from workbench.cli.selftest.part import Facts, demand

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.engine.language.chat import Chat
    from workbench.engine.language.model import LanguageModel

NAME = "language"

_PROBLEMS = 16
_LEAST_RIGHT = 0.75
_NEW_TOKENS = 64
_COOL = 0.3
_STEPS = 3
_CHANGES = (
    f"stages.0.optimisation.steps={_STEPS}",
    "stages.0.inputs.batch_size=8",
    "monitoring.evaluate_every=1000000",
    "monitoring.probe_every=1000000",
    "export.onnx=false",
)


def check(folder: Path) -> Facts:
    """Write, teach, export and write again. Raises WorkbenchError where an answer is another than it has to be."""
    from workbench.engine.language.chat import Chat
    from workbench.engine.language.loading import read_language_model
    from workbench.session.places import resources_folder

    examples = resources_folder() / "examples" / "reasoning-addition"
    problems = _problems(examples / "held-out.jsonl")
    teacher = read_language_model(examples / "teacher")
    chat = Chat(teacher.blueprint)
    written = _sampled(teacher, chat, [problem["prompt"] for problem in problems])
    right = sum(text.endswith(problem["answer"]) for text, problem in zip(written, problems, strict=True))
    demand(right >= _LEAST_RIGHT * _PROBLEMS, f"The teacher adds {right} of {_PROBLEMS} pairs rightly: {written}")
    return {
        "asked": problems[0]["prompt"],
        "written": written[0],
        "right": right,
        "of": _PROBLEMS,
        "distilled": _distilled(examples, folder),
        "onnx": _exported(teacher, chat, problems[0]["prompt"], examples, folder / "language"),
    }


def _problems(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8") as lines:
        return [json.loads(line) for line, _ in zip(lines, range(_PROBLEMS), strict=False)]


def _sampled(model: "LanguageModel", chat: "Chat", prompts: Sequence[str]) -> list[str]:
    """Drawn token by token, all at once, with a key-value cache."""
    import torch

    from workbench.engine.language.generating import Sampling, write

    tokens = [chat.prompt([{"role": "user", "content": prompt}]) for prompt in prompts]
    sampling = Sampling(temperature=_COOL, most=_NEW_TOKENS)
    drawn = write(model.network, tokens, sampling, stop=chat.stop, generator=torch.Generator().manual_seed(0))
    return [chat.text(each) for each in drawn]


def _distilled(examples: Path, folder: Path) -> Facts:
    """A smaller student reads a little of what the teacher writes, through a run like any other."""
    from workbench.session.reins import Reins
    from workbench.session.trials import new_run

    few = folder / "problems.jsonl"
    few.write_text("".join((examples / "problems.jsonl").open(encoding="utf-8").readlines()[:64]), encoding="utf-8")
    held_out = folder / "held-out.jsonl"
    held_out.write_text("".join((examples / "held-out.jsonl").open(encoding="utf-8").readlines()[:8]), encoding="utf-8")
    files = (f"data.file={json.dumps(str(few))}", f"data.validation_file={json.dumps(str(held_out))}")
    run = new_run(examples / "word-kd.toml", folder / "runs", changes=(*_CHANGES, *files))
    reins = Reins(device="cpu")
    training.driven(run, reins)
    losses = [round(float(loss), 4) for loss in reins.log.column("total")]
    demand(len(losses) == _STEPS, f"{len(losses)} steps were taken, not {_STEPS}.")
    demand(losses[-1] < losses[0], f"The student of the language model does not learn: {losses}.")
    return {"losses": losses, "student_bytes": run.student_file.stat().st_size}


def _exported(teacher: "LanguageModel", chat: "Chat", prompt: str, examples: Path, target: Path) -> Facts:
    """The graph with its cache goes on from a prompt as the model does."""
    import torch

    from workbench.engine.language.exporting import export_language
    from workbench.engine.language.exporting.material import material_of
    from workbench.engine.language.generating import Sampling, write
    from workbench.events import Exported
    from workbench.recipe import read_recipe
    from workbench.recipe.export import Export

    recipe = read_recipe(examples / "word-kd.toml")
    held_out, prompts = material_of(recipe, examples, chat)
    section = Export(int8=True)
    events = list(
        export_language(
            teacher,
            section,
            target,
            held_out=held_out[:16],
            prompts=prompts[:2],
            step=0,
            recipe_name=recipe.name,
            recipe_digest=recipe.digest(),
        )
    )
    tokens = chat.prompt([{"role": "user", "content": prompt}])
    greedy = Sampling(temperature=0, most=_NEW_TOKENS)
    (wanted,) = write(teacher.network, [tokens], greedy, stop=chat.stop, generator=torch.Generator())
    graphs = {Path(event.path).name: event for event in events if isinstance(event, Exported)}
    demand(len(graphs) == 2, f"A graph in float32 and one in 8 bits were expected, and there is {sorted(graphs)}.")
    found = {name: _decoded(Path(event.path), tokens, len(wanted)) for name, event in graphs.items()}
    first = next(iter(found))
    demand(
        found[first] == wanted,
        f"{first} goes on from “{prompt}” with “{chat.text(found[first])}”, and the model with “{chat.text(wanted)}”.",
    )
    return {
        "files": sorted(path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file()),
        "tokens": len(wanted),
        "same": {name: tokens == wanted for name, tokens in found.items()},
    }


def _decoded(path: Path, prompt: Sequence[int], most: int) -> list[int]:
    """The likeliest tokens: the prompt in one go, then one by one, with what was read before as it comes back."""
    import numpy as np
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    past: dict[str, NDArray[Any]] = {
        given.name: np.zeros((1, given.shape[1], 0, given.shape[3]), np.float32)
        for given in session.get_inputs()
        if given.name.startswith("past_key_values.")
    }
    written: list[int] = []
    new, read = list(prompt), 0
    while len(written) < most:
        feed = {
            "input_ids": np.array([new], np.int64),
            "attention_mask": np.ones((1, read + len(new)), np.int64),
            "position_ids": np.arange(read, read + len(new), dtype=np.int64)[None],
        }
        answers = dict(zip(names, session.run(names, feed | past), strict=True))
        read += len(new)
        written.append(int(answers["logits"][0, -1].argmax()))
        past = {name: answers[name.replace("past_key_values", "present")] for name in past}
        new = written[-1:]
    return written
