"""How fast a distillation trains, as ratios in one process.

Run by hand:  python tests/benchmarks/training_speed.py [--rows 60000] [--rounds 5]

Three loops train the same student (784-800-800-10, batch 128, SGD with momentum, T = 8, α = 0.9):

* usual: a DataLoader that turns bytes into normalised floats item by item, and a live teacher (784-1200-1200-10);
* bare: only the student's forward, loss, backward and fused step, on one batch that lies ready in memory;
* workbench: a whole run as the program drives it: cached teacher outputs, every step's loss read, logged and stored,
  ten watched examples every 50 steps, as by default;
* workbench, silent: the same loop with nothing read in between; the difference is what telemetry costs.

Evaluations on held-out data and checkpoints are left out of both. The loops take turns, round by round, so that a
noisy machine is equally unkind to all.
"""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import argparse
import itertools
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, kl_div, log_softmax
from torch.utils.data import DataLoader, Dataset

sys.path.insert(0, str(Path(__file__).parents[2]))

from workbench.engine.checkpoints import to_bytes
from workbench.engine.classifier import measure, new_classifier
from workbench.engine.distilling import Distillation
from workbench.engine.preparing import prepare
from workbench.events import Failed, StepDone
from workbench.recipe import parse_recipe
from workbench.recipe.models import Mlp
from workbench.session.driving import drive
from workbench.session.reins import Reins
from workbench.session.trials import new_run

_BATCH, _T, _ALPHA = 128, 8.0, 0.9
_CLASSES = tuple("0123456789")

_RECIPE = """
[[teachers]]
checkpoint = "teacher.safetensors"
[student.architecture]
kind = "mlp"
hidden = [800, 800]
[data]
kind = "arrays"
file = "rows.npz"
validation_file = "held-out.npz"
[[stages]]
inputs = {{kind = "transfer_set", batch_size = 128}}
objective = {{kind = "soft_targets", temperature = 8.0, alpha = 0.9}}
optimisation = {{steps = 1000000, learning_rate = 0.001, schedule = "constant", warm_up = 0.0}}
[monitoring]
log_every = {log_every}
evaluate_every = 1000000
probe_every = {probe_every}
[autosave]
seconds = 0
"""


class _Pictures(Dataset[tuple[Tensor, int]]):
    """Bytes to normalised floats, one picture at a time, as tutorials do it."""

    def __init__(self, inputs: np.ndarray, labels: np.ndarray) -> None:
        self.inputs, self.labels = inputs, labels

    def __len__(self) -> int:
        return len(self.inputs)

    def __getitem__(self, place: int) -> tuple[Tensor, int]:
        picture = torch.from_numpy(self.inputs[place]).float().div(255)
        return (picture - 0.1307) / 0.3081, int(self.labels[place])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=60_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=150, help="steps of each loop in a round")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        inputs, labels = _write_data(folder, options.rows)
        began = time.perf_counter()
        ours = _workbench(folder)
        next(ours)
        prepared = time.perf_counter() - began
        loops = {
            "usual": (_usual(inputs, labels), 1),
            "bare": (_bare(inputs), 1),
            "workbench": (ours, 1),
            # It says StepDone once in so many steps.
            "workbench, silent": (_silent(folder, options.steps), options.steps),
        }
        _report(_measure(loops, options.rounds, options.steps), prepared, options.rows)


def _measure(loops: dict[str, tuple[Iterator[None], int]], rounds: int, steps: int) -> dict[str, list[float]]:
    """Seconds a step of each loop, one value a round."""
    seconds: dict[str, list[float]] = {name: [] for name in loops}
    for loop, _ in loops.values():
        _take(loop, 1)
    for number in range(rounds):
        for name in list(loops) if number % 2 == 0 else reversed(loops):
            loop, per_turn = loops[name]
            seconds[name].append(_take(loop, steps // per_turn) / steps)
    return seconds


def _take(loop: Iterator[None], turns: int) -> float:
    began = time.perf_counter()
    for _ in itertools.islice(loop, turns):
        pass
    return time.perf_counter() - began


def _usual(inputs: np.ndarray, labels: np.ndarray) -> Iterator[None]:
    student, teacher = _mlp(800), _mlp(1200).eval()
    optimiser = torch.optim.SGD(student.parameters(), lr=0.001, momentum=0.9, nesterov=True)
    while True:
        for pictures, truth in DataLoader(_Pictures(inputs, labels), batch_size=_BATCH, shuffle=True, drop_last=True):
            with torch.no_grad():
                taught = teacher(pictures)
            optimiser.zero_grad()
            _loss(student(pictures), taught, truth).backward()
            optimiser.step()
            yield


def _bare(inputs: np.ndarray) -> Iterator[None]:
    student = _mlp(800)
    optimiser = torch.optim.SGD(student.parameters(), lr=0.001, momentum=0.9, nesterov=True, fused=True)
    pictures = (torch.from_numpy(inputs[:_BATCH]).float().div(255) - 0.1307) / 0.3081
    taught, truth = torch.randn(_BATCH, 10), torch.randint(10, (_BATCH,))
    while True:
        _loss(student(pictures), taught, truth).backward()
        optimiser.step()
        optimiser.zero_grad()
        yield


def _workbench(folder: Path) -> Iterator[None]:
    path = folder / "recipe.toml"
    path.write_text(_RECIPE.format(log_every=0, probe_every=50))
    run = new_run(path, folder / "runs")
    for event in drive(run, Reins(device="cpu", cache_folder=folder / "cache")):
        if isinstance(event, Failed):
            raise SystemExit(event.title)
        if isinstance(event, StepDone):
            yield


def _silent(folder: Path, steps: int) -> Iterator[None]:
    recipe = parse_recipe(_RECIPE.format(log_every=steps, probe_every=1_000_000))
    distillation = Distillation(prepare(recipe, folder, torch.device("cpu"), folder / "cache"))
    for event in distillation.events():
        if isinstance(event, StepDone):
            yield


def _loss(student: Tensor, taught: Tensor, truth: Tensor) -> Tensor:
    soft = kl_div(log_softmax(student / _T, 1), log_softmax(taught / _T, 1), log_target=True, reduction="batchmean")
    return _ALPHA * _T * _T * soft + (1 - _ALPHA) * cross_entropy(student, truth)


def _mlp(width: int) -> nn.Module:
    layers = [nn.Flatten(), nn.Linear(784, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 10)]
    return nn.Sequential(*layers)


def _write_data(folder: Path, rows: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    inputs = random.integers(0, 256, (rows, 1, 28, 28), dtype=np.uint8)
    labels = random.integers(0, 10, rows)
    np.savez(folder / "rows.npz", inputs=inputs, labels=labels)
    np.savez(folder / "held-out.npz", inputs=inputs[:1000], labels=np.arange(1000) % 10)
    statistics_of = measure(torch.from_numpy(inputs[:1000]))
    teacher = new_classifier(Mlp(hidden=(1200, 1200)), statistics_of, _CLASSES, seed=0)
    (folder / "teacher.safetensors").write_bytes(to_bytes(teacher))
    return inputs, labels


def _report(seconds: dict[str, list[float]], prepared: float, rows: int) -> None:
    ours = seconds["workbench"]

    def ratio(name: str) -> float:
        return statistics.median(other / own for other, own in zip(seconds[name], ours, strict=True))

    print(f"{rows:,} rows, batch {_BATCH}, {torch.get_num_threads()} threads, torch {torch.__version__}")
    print(f"{'loop':24}{'ms/step':>10}{'steps/s':>10}{'our speed ÷ its':>18}")
    for name, values in seconds.items():
        middle = statistics.median(values)
        print(f"{name:24}{1000 * middle:10.2f}{1 / middle:10.0f}{ratio(name):18.3f}")
    print(f"\ntelemetry costs {100 * (1 - ratio('workbench, silent')):.1f} % of a step")
    epoch = rows // _BATCH * statistics.median(ours)
    print(
        f"preparing, with all {rows:,} teacher outputs computed and kept: {prepared:.1f} s, once"
        f"\nan epoch: {epoch:.1f} s"
    )


if __name__ == "__main__":
    main()
