"""The promise that matters most: a run killed again and again gives the student of one left alone."""

import random
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from workbench.engine.checkpoints import to_bytes
from workbench.engine.classifier import measure, new_classifier
from workbench.engine.data.arrays import read_arrays
from workbench.recipe.models import Mlp
from workbench.session.driving import drive
from workbench.session.library import summary_of
from workbench.session.reins import Reins
from workbench.session.run_folder import RunFolder
from workbench.session.trials import new_run

KILLS = 20
# Some 15 seconds of training, with everything that has a state or draws at random: momentum, dropout, noise,
# early stop's best student, two stages, hidden labels.
_RECIPE = """
name = "to be killed"
[[teachers]]
checkpoint = "teacher.safetensors"
[student]
seed = 1
[student.architecture]
kind = "mlp"
hidden = [256, 256]
dropout = 0.2
[data]
kind = "arrays"
file = "big.npz"
[[stages]]
[stages.inputs]
batch_size = 128
unlabelled = 0.3
[stages.inputs.augmentation]
noise = 0.1
[stages.objective]
kind = "soft_targets"
temperature = 2.0
[stages.optimisation]
steps = 2000
[[stages]]
[stages.objective]
kind = "reverse_kl"
[stages.optimisation]
optimiser = "adamw"
learning_rate = 0.001
steps = 2000
early_stop = 1000
[autosave]
steps = 20
seconds = 0
[export]
onnx = false
"""


@pytest.fixture
def big_recipe(tmp_path: Path, recipe_file: Path) -> Path:
    """A recipe beside 1,000 examples of 64 features, and a teacher for them."""
    random_numbers = np.random.default_rng(0)
    labels = np.arange(1000) % 3
    inputs = random_numbers.standard_normal((3, 64))[labels] + 2 * random_numbers.standard_normal((1000, 64))
    np.savez(tmp_path / "big.npz", inputs=inputs.astype(np.float32), labels=labels)
    statistics = measure(read_arrays(tmp_path / "big.npz")["inputs"])
    teacher = new_classifier(Mlp(hidden=(16,)), statistics, ("0", "1", "2"), seed=3)
    (tmp_path / "teacher.safetensors").write_bytes(to_bytes(teacher))
    recipe_file.write_text(_RECIPE)
    return recipe_file


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL; run this on Linux or macOS")
def test_twenty_kills_at_random_moments_change_no_byte_of_the_student(
    big_recipe: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISTILLATION_WORKBENCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    alone, killed = (new_run(big_recipe, tmp_path / "runs") for _ in range(2))
    output = tmp_path / "output"
    _resume(alone, output).wait()
    moments, kills, steps = random.Random(1), 0, set()  # noqa: S311
    while kills < KILLS and summary_of(killed).status != "complete":
        process = _resume(killed, output)
        if moments.random() < 0.7:
            # Most kills come while it trains, however long starting takes here; the others at any moment.
            while "StepDone" not in output.read_text() and process.poll() is None:
                _tick(0.02)
            _tick(moments.uniform(0, 0.7))
        else:
            _tick(moments.uniform(0, 4))
        if process.poll() is None:
            process.kill()
            kills += 1
        process.wait()
        state = killed.latest_state()
        steps.add(0 if state is None else state.progress.step)
    assert kills == KILLS, "the run was over before it was killed often enough; give it more steps"
    assert len(steps) > 5, "hardly any kill came while it trained"
    assert _resume(killed, output).wait() == 0
    assert killed.student_file.read_bytes() == alone.student_file.read_bytes()


def test_a_crash_between_writing_the_student_and_saying_so_is_repaired(
    make_run: Callable[..., RunFolder], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone, crashed = make_run(), make_run()
    reins = {"device": "cpu", "cache_folder": tmp_path / "cache"}
    list(drive(alone, Reins(**reins)))
    with monkeypatch.context() as patch:
        patch.setattr("workbench.session.driving._end", _power_cut)
        with pytest.raises(SystemExit):
            list(drive(crashed, Reins(**reins)))
    assert crashed.facts()["status"] == "running"
    list(drive(crashed, Reins(**reins)))
    assert crashed.facts()["status"] == "complete"
    assert crashed.student_file.read_bytes() == alone.student_file.read_bytes()


def _resume(folder: RunFolder, output: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "workbench", "resume", str(folder.path), "--device", "cpu", "--json"]
    with output.open("wb") as file:
        return subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT)


def _tick(seconds: float) -> None:
    threading.Event().wait(seconds)


def _power_cut(*_: object) -> bytes:
    raise SystemExit("the power is gone")
