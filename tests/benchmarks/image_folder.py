"""Measures a folder of small pictures: decoding once, the second start, and the memory of training from the disk.

    python tests/benchmarks/image_folder.py [--pictures 50000] [--side 32]

The pictures are made first, in a temporary folder. Every start is a process of its own. "Ready" counts from the call of
`prepare` to the first step of training; before that the process imports PyTorch and makes one optimiser: the first in a
process loads PyTorch's compiler, which takes a second of its own whatever the data is.
"""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import argparse
import json
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

_CLASSES = 10
_RUNS = 3
_LIMIT_SECONDS = 2.0


def make_pictures(folder: Path, count: int, side: int) -> None:
    """Random pictures, so many in all, in one folder a class."""
    share = -(-count // _CLASSES)
    with ProcessPoolExecutor() as pool:
        list(
            pool.map(
                _make_class, [(str(folder), label, min(share, count - label * share), side) for label in range(10)]
            )
        )


def _make_class(task: tuple[str, int, int, int]) -> None:
    name, label, count, side = task
    folder = Path(name, f"class {label}")
    folder.mkdir(parents=True)
    draws = np.random.default_rng(label)
    for number in range(count):
        # Blocks, and a brightness by class: something to learn, and files of the size real ones have.
        blocks = draws.integers(0, 128, (side // 4, side // 4, 3), dtype=np.uint8).repeat(4, 0).repeat(4, 1)
        Image.fromarray(blocks + np.uint8(12 * label)).save(folder / f"{number:05}.png")


def start(folder: Path, memory: float, epochs: int) -> dict[str, float]:
    """One start in a process of its own: seconds and bytes."""
    done = subprocess.run(
        [sys.executable, __file__, "--start", str(folder), str(memory), str(epochs)],
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def measure_start(folder: Path, memory: float, epochs: int) -> dict[str, float]:
    """Prepare and train; called in the child."""
    began = time.perf_counter()
    import psutil
    import torch

    from workbench.engine.distilling import Distillation
    from workbench.engine.preparing import prepare
    from workbench.events import StepDone
    from workbench.recipe import parse_recipe

    torch.optim.SGD([torch.zeros(1, requires_grad=True)])
    recipe = parse_recipe(_recipe(folder, memory, epochs))
    process = psutil.Process()
    busy, busy_until_first = time.process_time(), 0.0
    imported, before = time.perf_counter(), process.memory_info().rss
    decoding: list[float] = []

    def pulse(words: str) -> None:
        if words.startswith("Decoding"):
            decoding.append(time.perf_counter())

    setup = prepare(recipe, folder, torch.device("cpu"), folder / "cache", pulse)
    prepared, first, most, steps = time.perf_counter(), 0.0, 0, []
    for event in Distillation(setup).events():
        if isinstance(event, StepDone):
            first = first or time.perf_counter()
            busy_until_first = busy_until_first or time.process_time()
            steps.append(time.perf_counter())
            if len(steps) % 20 == 0:
                most = max(most, process.memory_info().rss)
    gaps = np.diff(steps)
    return {
        "import": imported - began,
        "prepare": prepared - imported,
        "decoded": decoding[-1] - decoding[0] if decoding else 0.0,
        "ready": first - imported,
        "busy": busy_until_first - busy,
        "grown": (max(most, process.memory_info().rss) - before) / 2**20,
        "steps": len(steps),
        "median_ms": 1000 * float(np.median(gaps)),
        "p99_ms": 1000 * float(np.quantile(gaps, 0.99)),
    }


def make_teacher(folder: Path, side: int) -> None:
    """A small network that has learnt nothing: only its speed matters here."""
    from workbench.engine.checkpoints import to_bytes
    from workbench.engine.classifier import InputStatistics, new_classifier
    from workbench.recipe.models import ConvNet

    statistics = InputStatistics((3, side, side), (0.4,) * 3, (0.2,) * 3)
    teacher = new_classifier(ConvNet(widths=(16, 32)), statistics, tuple(f"class {n}" for n in range(_CLASSES)), 0)
    (folder / "teacher.safetensors").write_bytes(to_bytes(teacher))


def _recipe(folder: Path, memory: float, epochs: int) -> str:
    return f"""
name = "pictures"
[[teachers]]
checkpoint = "teacher.safetensors"
[student.architecture]
kind = "convnet"
widths = [4]
[data]
kind = "image_folder"
folder = {json.dumps(str(folder / "pictures"))}
memory = {memory}
[[stages]]
[stages.optimisation]
epochs = {epochs}
[monitoring]
evaluate_every = 1000.0
probe_every = 1000000
"""


def main() -> None:
    """Make, decode, start again, train from memory and from the disk; print what came out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, default=50_000)
    parser.add_argument("--side", type=int, default=32)
    parser.add_argument("--start", nargs=3, metavar=("FOLDER", "MEMORY", "EPOCHS"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.start:
        folder, memory, epochs = options.start
        print(json.dumps(measure_start(Path(folder), float(memory), int(epochs))))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = time.perf_counter()
        make_pictures(folder / "pictures", options.pictures, options.side)
        seconds = time.perf_counter() - made
        print(f"{options.pictures:,} pictures of {options.side} × {options.side} made in {seconds:.0f} s")
        make_teacher(folder, options.side)
        first = start(folder, 1.0, 1)
        decoded = first["decoded"]
        print(f"first start: ready after {first['ready']:.1f} s, {options.pictures / decoded:,.0f} pictures/s decoded")
        again = [start(folder, 1.0, 1) for _ in range(_RUNS)]
        ready = sorted(run["ready"] for run in again)
        verdict = "within" if ready[len(ready) // 2] <= _LIMIT_SECONDS else "ABOVE"
        print(f"second start: ready after {', '.join(f'{seconds:.2f}' for seconds in ready)} s ({verdict} 2 s);")
        print(f"  processor time until then, all threads: {min(run['busy'] for run in again):.2f} s")
        print(f"  importing PyTorch, its compiler and the engine before that: {again[0]['import']:.1f} s")
        whole = options.pictures * options.side**2 * 3 / 2**20
        for memory, words in ((1.0, "in memory"), (0.0, "on disk")):
            run = start(folder, memory, 2)
            print(
                f"two epochs {words}: {run['steps']} steps, median {run['median_ms']:.2f} ms, "
                f"p99 {run['p99_ms']:.2f} ms, memory grew by {run['grown']:,.0f} MiB (all pixels: {whole:,.0f} MiB)"
            )


if __name__ == "__main__":
    main()
