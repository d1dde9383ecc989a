"""Damaged and edited run folders: the student of an undamaged run, or a refusal in words; never another in silence.

A run of two stages was stopped in its second one, with checkpoints at steps 9 and 11 of 16. Each test copies the
folder, damages the copy and resumes it.
"""

import json
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from engine.language.text_workshop import TextWorkshop, stage, text_recipe
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from workbench import consents
from workbench.engine.checkpoints import to_bytes
from workbench.engine.classifier import measure, new_classifier
from workbench.engine.data.arrays import read_arrays
from workbench.errors import WorkbenchError
from workbench.events import Evaluated, Event, Failed, Finished, StepDone, Warned
from workbench.recipe import write_recipe
from workbench.recipe.export import Export
from workbench.recipe.inputs import TransferSet
from workbench.recipe.models import Mlp
from workbench.recipe.monitoring import Autosave
from workbench.recipe.objectives import SoftTargets
from workbench.session.exporting_again import export_checkpoint
from workbench.session.reins import Reins
from workbench.session.run_folder import RunFolder
from workbench.session.trials import drive_trials, new_run

STATE = "distillation_workbench.run_state"
_STAGES = """
[[stages]]
[stages.inputs]
batch_size = 8
[stages.objective]
kind = "soft_targets"
temperature = 2.0
[stages.optimisation]
learning_rate = 0.001
steps = 8
[[stages]]
[stages.objective]
kind = "reverse_kl"
[stages.optimisation]
optimiser = "adamw"
learning_rate = 0.01
steps = 8
early_stop = 50
[monitoring]
evaluate_every = 0.05
[autosave]
steps = 3
seconds = 0
[export]
onnx = false
"""


@dataclass
class Site:
    """Where runs are made and copied.

    Attributes:
        folder: With the recipe and its data.
        recipe: The recipe.
        cache: Where teacher outputs are kept.
        student: The student of a run left alone, as bytes.
        begun: A run that was stopped in its second stage.
        done: A finished one with a baseline; None where a test needs none.
    """

    folder: Path
    recipe: Path
    cache: Path
    student: bytes = b""
    begun: RunFolder | None = None
    done: RunFolder | None = None

    def resume(self, folder: RunFolder, *, stop_after: int | None = None) -> list[Event]:
        """All events, of which a refusal before the first is the last one too."""
        events: list[Event] = []

        def stop() -> bool:
            return stop_after is not None and any(isinstance(e, StepDone) and e.step >= stop_after for e in events)

        reins = Reins(device="cpu", cache_folder=self.cache, should_stop=stop)
        try:
            for _, event in drive_trials(folder, reins):
                events.append(event)
        except WorkbenchError as error:
            events.append(Failed(step=0, title=error.title, hint=error.hint))
        return events

    def copy(self, folder: RunFolder | None, tmp_path: Path) -> Path:
        """A copy to damage."""
        assert folder is not None
        return Path(shutil.copytree(folder.path, tmp_path / "runs" / "damaged"))

    def outcome(self, path: Path) -> str:
        """What resuming comes to: "same", "warned" (the same, and steps were trained again) or "refused"."""
        try:
            folder = RunFolder(path)
        except WorkbenchError:
            return "refused"
        events = self.resume(folder)
        if isinstance(events[-1], Failed):
            assert "error of the program" not in events[-1].title, events[-1].details
            assert events[-1].title.endswith((".", "…")), events[-1].title
            return "refused"
        is_same = folder.student_file.read_bytes() == self.student
        warned = [event.title for event in events if isinstance(event, Warned)]
        if not is_same:
            assert warned, "another student, in silence"
            return "another, warned"
        return "warned" if warned else "same"


def _site(folder: Path, recipe: Path, *, stop_after: int, baseline: bool) -> Site:
    site = Site(folder, recipe, folder / "cache")
    alone, site.begun = new_run(recipe, folder / "runs"), new_run(recipe, folder / "runs")
    events = site.resume(alone)
    assert isinstance(events[-1], Finished)
    judged = [event for event in events if isinstance(event, Evaluated) and event.subject == "student"]
    if any(each.optimisation.early_stop for each in alone.recipe.stages):
        # Else the student would be one of an earlier evaluation, whatever happened to the steps after it.
        assert judged[-1].errors < min(event.errors for event in judged if event.step <= stop_after)
    site.student = alone.student_file.read_bytes()
    site.resume(site.begun, stop_after=stop_after)
    assert len(site.begun.checkpoints()) == 2
    site.done = new_run(recipe, folder / "runs", baseline=True) if baseline else alone
    if baseline:
        site.resume(site.done)
    return site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, clustered_arrays: Callable[..., dict[str, np.ndarray]]) -> Site:
    """Runs of a small classifier."""
    folder = tmp_path_factory.mktemp("classifier")
    np.savez(folder / "data.npz", **clustered_arrays(count=600))
    teacher = new_classifier(
        Mlp(hidden=(16,)), measure(read_arrays(folder / "data.npz")["inputs"]), tuple("012"), seed=3
    )
    (folder / "teacher.safetensors").write_bytes(to_bytes(teacher))
    top = (
        'name = "tiny"\n[[teachers]]\ncheckpoint = "teacher.safetensors"\n[student]\nseed = 2\n[student.architecture]\n'
    )
    data = '[data]\nkind = "arrays"\nfile = "data.npz"\nvalidation_fraction = 0.25\n'
    (folder / "recipe.toml").write_text(f'{top}kind = "mlp"\nhidden = [8]\ndropout = 0.2\n{data}{_STAGES}')
    return _site(folder, folder / "recipe.toml", stop_after=11, baseline=True)


# -- damage to the bytes of the newest checkpoint


def _flip(path: Path, share: float) -> None:
    raw = bytearray(path.read_bytes())
    raw[int(share * (len(raw) - 1))] ^= 16
    path.write_bytes(raw)


def _zero(path: Path, first: float, last: float) -> None:
    raw = bytearray(path.read_bytes())
    start, end = int(first * len(raw)), int(last * len(raw))
    raw[start:end] = bytes(end - start)
    path.write_bytes(raw)


def _fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


BYTES: dict[str, Callable[[Path], Any]] = {
    "a flipped bit in the length": lambda path: _flip(path, 0.0),
    "a flipped bit in the header": lambda path: _flip(path, 0.03),
    "a flipped bit in the middle": lambda path: _flip(path, 0.5),
    "a flipped bit at the end": lambda path: _flip(path, 1.0),
    "the first half zeroed": lambda path: _zero(path, 0.0, 0.5),
    "the second half zeroed": lambda path: _zero(path, 0.5, 1.0),
    "cut in the middle": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "its last byte cut off": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "a byte more": lambda path: path.write_bytes(path.read_bytes() + b"\0"),
    "empty": lambda path: path.write_bytes(b""),
    "a text": lambda path: path.write_text("not a checkpoint"),
    "a header nested deeply": lambda path: path.write_bytes((90_000).to_bytes(8, "little") + b"[" * 90_000),
    "a folder": _directory,
    "gone": Path.unlink,
    "a pipe": _fifo,
}


@pytest.mark.parametrize("damage", BYTES)
def test_a_damaged_newest_checkpoint_costs_steps_and_changes_no_byte(site: Site, tmp_path: Path, damage: str) -> None:
    if damage == "a pipe" and sys.platform == "win32":
        pytest.skip("Windows has no named pipes in folders; run this on Linux or macOS")
    path = site.copy(site.begun, tmp_path)
    BYTES[damage](RunFolder(path).checkpoints()[-1])
    assert site.outcome(path) == "warned"


@pytest.mark.parametrize("damage", [damage for damage in BYTES if damage not in ("gone", "a pipe")])
def test_a_run_all_of_whose_checkpoints_are_damaged_is_refused(site: Site, tmp_path: Path, damage: str) -> None:
    path = site.copy(site.begun, tmp_path)
    for checkpoint in RunFolder(path).checkpoints():
        BYTES[damage](checkpoint)
    assert site.outcome(path) == "refused"
    assert not RunFolder(path).student_file.exists()
    assert len(RunFolder(path).checkpoints()) == 2


def test_damaged_checkpoints_are_set_aside_until_the_run_is_as_far_again(site: Site, tmp_path: Path) -> None:
    path = site.copy(site.begun, tmp_path)
    _flip(RunFolder(path).checkpoints()[-1], 0.5)
    site.resume(RunFolder(path), stop_after=10)
    kept = sorted(each.name for each in (path / "checkpoints").iterdir())
    assert kept == [
        "damaged-step-000000011.safetensors",
        "step-000000009.safetensors",
        "step-000000010.safetensors",
    ]
    site.resume(RunFolder(path))
    assert not list((path / "checkpoints").glob("damaged-*"))


def test_the_warning_tells_the_reason_and_the_steps_that_are_trained_again(site: Site, tmp_path: Path) -> None:
    path = site.copy(site.begun, tmp_path)
    _flip(RunFolder(path).checkpoints()[-1], 0.95)
    (warned,) = [event for event in site.resume(RunFolder(path)) if isinstance(event, Warned)]
    assert warned.title.startswith(
        "Checkpoint step-000000011 cannot be used (the file is damaged: its content does not"
    )
    assert warned.title.endswith("going on from step 9; 2 steps are trained again.")


# -- a checkpoint of an older version, without a digest, that does not fit the run


def _rewrite(path: Path, change: Callable[[dict[str, Any], dict[str, torch.Tensor]], Any]) -> None:
    """Write a checkpoint again as an older version did, with something changed."""
    with safe_open(path, framework="pt") as file:
        progress = json.loads(file.metadata()[STATE])
    progress.pop("sha256")
    tensors = load_file(path)
    change(progress, tensors)
    save_file(tensors, path, metadata={STATE: json.dumps(progress)})


def _said(**values: Any) -> Callable[..., Any]:
    return lambda progress, tensors: progress.update(values)


def _turned(**values: Any) -> Callable[..., Any]:
    return lambda progress, tensors: progress["controls"].update(values)


def _without(start: str) -> Callable[..., Any]:
    def remove(progress: dict[str, Any], tensors: dict[str, torch.Tensor]) -> None:
        names = [name for name in tensors if name.startswith(start)]
        assert names, start
        for name in names:
            del tensors[name]

    return remove


def _with(name: str, change: Callable[[torch.Tensor], torch.Tensor]) -> Callable[..., Any]:
    return lambda progress, tensors: tensors.update({name: change(tensors[name]).contiguous()})


WEIGHT, MEMORY, BEST = "student.network.1.weight", "optimiser.0.exp_avg", "best.network.1.weight"
MISFITS: dict[str, Callable[..., Any]] = {
    "step 10⁹": _said(step=10**9),
    "a step of 400 digits": _said(step=10**399),
    "a step before the stage": _said(step=3),
    "a step one too many": _said(step=12),
    "a negative step": _said(step=-11),
    "a fraction of a step": _said(step=11.5),
    "a step in words": _said(step="11"),
    "stage 99": _said(stage=99),
    "the stage before": _said(stage=0),
    "the end of the plan": _said(stage=2),
    "a stage true": _said(stage=True),
    "more steps than the stage has": _said(stage_step=9),
    "a negative step of the stage": _said(stage_step=-1),
    "no step of the stage": _said(stage_step=0, step=8),
    "evaluations that were waited for": _said(waited=51),
    "an early stop that was none": _said(stopped_early=True),
    "an early stop in words": _said(stopped_early="no"),
    "no fewest errors": _said(best_errors=None),
    "fewest errors below none": _said(best_errors=-1),
    "an unknown field": _said(other=1),
    "no controls": lambda progress, tensors: progress.pop("controls"),
    "no step at all": lambda progress, tensors: progress.pop("step"),
    "a temperature below 0": _turned(temperature=-1.0),
    "a temperature of infinity": _turned(temperature=float("inf")),
    "an alpha of 400 digits": _turned(alpha=10**399),
    "a learning rate in words": _turned(learning_rate="fast"),
    "a watched example in words": _turned(probe=["first"]),
    "no optimiser": _without("optimiser."),
    "one tensor of the optimiser less": _without(MEMORY),
    "one parameter less in the optimiser": _without("optimiser.0."),
    "a second moment less": _without("optimiser.1.exp_avg_sq"),
    "a parameter more in the optimiser": lambda p, tensors: tensors.update({"optimiser.9.step": torch.tensor(1.0)}),
    "one weight less": _without(WEIGHT),
    "one weight more": lambda progress, tensors: tensors.update({"student.network.9.weight": torch.zeros(2)}),
    "one weight of the best student less": _without(BEST),
    "no best student": _without("best."),
    "an unknown tensor": lambda progress, tensors: tensors.update({"other": torch.zeros(2)}),
    "a weight of another shape": _with(WEIGHT, lambda tensor: tensor[:, :2]),
    "a weight turned": _with(WEIGHT, lambda tensor: tensor.T),
    "a weight in half precision": _with(WEIGHT, torch.Tensor.half),
    "a weight that is NaN": _with(WEIGHT, lambda tensor: tensor * float("nan")),
    "a moment of infinity": _with(MEMORY, lambda tensor: tensor + float("inf")),
    "a moment of another shape": _with(MEMORY, lambda tensor: tensor[:1]),
    "a moment in double precision": _with(MEMORY, torch.Tensor.double),
}


@pytest.mark.parametrize("misfit", MISFITS)
def test_a_checkpoint_that_does_not_fit_the_run_is_passed_over(site: Site, tmp_path: Path, misfit: str) -> None:
    path = site.copy(site.begun, tmp_path)
    _rewrite(RunFolder(path).checkpoints()[-1], MISFITS[misfit])
    assert site.outcome(path) == "warned"


def test_a_whole_checkpoint_of_an_older_version_is_gone_on_from_without_a_warning(site: Site, tmp_path: Path) -> None:
    path = site.copy(site.begun, tmp_path)
    for checkpoint in RunFolder(path).checkpoints():
        _rewrite(checkpoint, lambda progress, tensors: None)
    assert site.outcome(path) == "same"


def test_an_undamaged_run_is_gone_on_from_without_a_warning(site: Site, tmp_path: Path) -> None:
    assert site.outcome(site.copy(site.begun, tmp_path)) == "same"


# -- the other files of a run


def _fact(path: Path, name: str, value: Any) -> None:
    with sqlite3.connect(path / "run.sqlite") as database:
        database.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, json.dumps(value)))
    database.close()


def _journal(path: Path, step: Any, name: str, value: Any) -> None:
    with sqlite3.connect(path / "run.sqlite") as database:
        database.execute("INSERT OR REPLACE INTO journal VALUES (?, ?, ?)", (step, name, json.dumps(value)))
    database.close()


def _replaced(path: Path, old: str, new: str) -> None:
    text = (path / "recipe.toml").read_text()
    assert old in text
    (path / "recipe.toml").write_text(text.replace(old, new))


def _copied_over(path: Path) -> None:
    older, newer = RunFolder(path).checkpoints()
    shutil.copy(older, newer)


OTHERS: dict[str, tuple[Callable[[Path], Any], str]] = {
    "no checkpoints": (lambda path: shutil.rmtree(path / "checkpoints"), "warned"),
    "a file for the checkpoints": (
        lambda path: (shutil.rmtree(path / "checkpoints"), (path / "checkpoints").write_text("")),
        "refused",
    ),
    "an older checkpoint under a newer name": (_copied_over, "warned"),
    "no database": (lambda path: (path / "run.sqlite").unlink(), "refused"),
    "an empty database": (lambda path: (path / "run.sqlite").write_bytes(b""), "refused"),
    "a database of zeros": (lambda path: _zero(path / "run.sqlite", 0.0, 1.0), "refused"),
    "a text for a database": (lambda path: (path / "run.sqlite").write_text("facts" * 500), "refused"),
    "no recipe": (lambda path: (path / "recipe.toml").unlink(), "refused"),
    "an empty recipe": (lambda path: (path / "recipe.toml").write_text(""), "refused"),
    "a torn recipe": (lambda path: (path / "recipe.toml").write_text('name = "ti'), "refused"),
    "a recipe of bytes": (lambda path: (path / "recipe.toml").write_bytes(bytes(range(256))), "refused"),
    "another student in the recipe": (lambda path: _replaced(path, "hidden = [8]", "hidden = [9]"), "refused"),
    "fewer stages": (lambda path: _replaced(path, "steps = 8", "steps = 2"), "refused"),
    "another rate": (lambda path: _replaced(path, "learning_rate = 0.01", "learning_rate = 0.02"), "another, warned"),
    "another temperature": (lambda path: _replaced(path, "temperature = 2.0", "temperature = 2.5"), "warned"),
    "another name": (lambda path: _replaced(path, 'name = "tiny"', 'name = "other"'), "same"),
    "a plan of 10⁹ seeds": (lambda path: _fact(path, "plan", {"seeds": 10**9, "baseline": False}), "refused"),
    "a plan of no seeds": (lambda path: _fact(path, "plan", {"seeds": 0}), "refused"),
    "a plan of seeds in words": (lambda path: _fact(path, "plan", {"seeds": "many"}), "refused"),
    "a plan of a baseline in words": (lambda path: _fact(path, "plan", {"baseline": "yes"}), "refused"),
    "a plan in a list": (lambda path: _fact(path, "plan", [1]), "refused"),
    "a plan in words": (lambda path: _fact(path, "plan", "all"), "refused"),
    "a step in words": (lambda path: _fact(path, "step", "eleven"), "same"),
    "a step of 400 digits in the facts": (lambda path: _fact(path, "step", 10**399), "same"),
    "a status in a list": (lambda path: _fact(path, "status", ["complete"]), "refused"),
    "complete without a student": (lambda path: _fact(path, "status", "complete"), "warned"),
    "stopped early without a student": (lambda path: _fact(path, "status", "early stop"), "warned"),
    "companions in words": (lambda path: _fact(path, "companions", "some"), "same"),
    "values of the recipe in words": (lambda path: _fact(path, "asked", "much"), "same"),
    "another seed before": (lambda path: _fact(path, "asked", {"student.seed": 5}), "warned"),
    "a journal with an unknown control": (lambda path: _journal(path, 2, "dropout", 0.5), "refused"),
    "a journal beyond the range": (lambda path: _journal(path, 2, "alpha", 2.0), "refused"),
    "a journal with 400 digits": (lambda path: _journal(path, 2, "alpha", 10**399), "refused"),
    "a journal with a step in words": (lambda path: _journal(path, "two", "alpha", 0.5), "refused"),
    "a change that was never made": (lambda path: _journal(path, 2, "alpha", 0.5), "another, warned"),
    "nonsense about who runs it": (lambda path: (path / "running.json").write_text('{"pid": Infinity}'), "same"),
    "a deep list about who runs it": (lambda path: (path / "running.json").write_text("[" * 100_000), "same"),
}


@pytest.mark.parametrize("damage", OTHERS)
def test_damage_to_any_other_file_is_refused_or_changes_nothing(site: Site, tmp_path: Path, damage: str) -> None:
    path = site.copy(site.begun, tmp_path)
    make, expected = OTHERS[damage]
    make(path)
    assert site.outcome(path) == expected


# -- finished runs

STUDENT, ANSWERS, BASELINE = "student/student.safetensors", "student/answers.safetensors", "trials/baseline-seed-2"
FINISHED: dict[str, Callable[[Path], Any]] = {
    "no student": lambda path: (path / STUDENT).unlink(),
    "a flipped bit in the student": lambda path: _flip(path / STUDENT, 0.9),
    "a student cut short": lambda path: _zero(path / STUDENT, 0.0, 0.5),
    "no answers": lambda path: (path / ANSWERS).unlink(),
    "a flipped bit in the answers": lambda path: _flip(path / ANSWERS, 0.9),
    "no student folder": lambda path: shutil.rmtree(path / "student"),
    "no student of the baseline": lambda path: (path / BASELINE / STUDENT).unlink(),
    "a flipped bit in the answers of the baseline": lambda path: _flip(path / BASELINE / ANSWERS, 0.9),
    "no baseline": lambda path: shutil.rmtree(path / "trials"),
}


@pytest.mark.parametrize("damage", FINISHED)
def test_a_finished_run_with_a_damaged_student_is_finished_again(site: Site, tmp_path: Path, damage: str) -> None:
    assert site.done is not None
    path = site.copy(site.done, tmp_path)
    before = {
        each.relative_to(path): each.read_bytes() for each in path.rglob("*.safetensors") if "step" not in each.name
    }
    verdict = (path / "verdict.json").read_bytes()
    FINISHED[damage](path)
    assert site.outcome(path) in ("same", "warned")
    assert {name: (path / name).read_bytes() for name in before} == before
    assert (path / "verdict.json").read_bytes() == verdict


@pytest.mark.parametrize("damage", ["no student", "a flipped bit in the student", "a student cut short"])
def test_a_damaged_student_is_not_exported(site: Site, tmp_path: Path, damage: str) -> None:
    path = site.copy(site.done, tmp_path)
    FINISHED[damage](path)
    with pytest.raises(WorkbenchError, match=r"is damaged|is broken|no finished student|not a checkpoint"):
        export_checkpoint(RunFolder(path), tmp_path / "out.safetensors", half=False)
    assert not (tmp_path / "out.safetensors").exists()


def test_a_baseline_without_its_database_is_refused(site: Site, tmp_path: Path) -> None:
    path = site.copy(site.done, tmp_path)
    (path / BASELINE / "run.sqlite").unlink()
    assert site.outcome(path) == "refused"


def test_a_finished_run_with_nothing_whole_left_is_refused(site: Site, tmp_path: Path) -> None:
    path = site.copy(site.done, tmp_path)
    FINISHED["no student"](path)
    for checkpoint in RunFolder(path).checkpoints():
        _flip(checkpoint, 0.5)
    assert site.outcome(path) == "refused"


# -- folders that somebody edited on purpose


@pytest.mark.skipif(
    sys.platform == "win32", reason="Windows asks for a right to make links; run this on Linux or macOS"
)
@pytest.mark.parametrize(
    "name", ["checkpoints", "student", "export", "trials", "teacher-text", "run.sqlite", "recipe.toml"]
)
def test_nothing_outside_of_the_folder_is_read_written_or_removed(site: Site, tmp_path: Path, name: str) -> None:
    path = site.copy(site.done if name == "trials" else site.begun, tmp_path)
    outside = Path(shutil.copytree(site.done.path, tmp_path / "outside"))  # type: ignore[union-attr]
    before = {each: each.read_bytes() for each in outside.rglob("*") if each.is_file()}
    kept = path / name
    if kept.is_dir():
        shutil.rmtree(kept)
    kept.unlink(missing_ok=True)
    (outside / name).mkdir(exist_ok=True) if "." not in name else None
    kept.symlink_to(outside / name)
    assert site.outcome(path) == "refused"
    with pytest.raises(WorkbenchError, match="is a link to"):
        export_checkpoint(RunFolder(path), tmp_path / "out.safetensors", half=False, unfinished=True)
    assert {each: each.read_bytes() for each in outside.rglob("*") if each.is_file()} == before


def test_a_recipe_that_trusts_code_by_itself_runs_nothing(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISTILLATION_WORKBENCH_HOME", str(tmp_path / "home"))
    path = site.copy(site.begun, tmp_path)
    code, mark = path / "net.py", tmp_path / "mark"
    code.write_text(f"open({str(mark)!r}, 'w')\nclass Net: pass\n")
    trust = consents.digest_of(code)
    own = f'kind = "python_class"\nname = "Net"\nfile = "{code.as_posix()}"\ntrust = "{trust}"\n#'
    _replaced(path, 'kind = "mlp"\nhidden = [8]\ndropout = 0.2', own)
    failed = site.resume(RunFolder(path))[-1]
    assert isinstance(failed, Failed)
    assert failed.code_file == str(code)
    assert not mark.exists()
    assert not consents.is_agreed(trust)


def test_places_of_exports_that_make_no_sense_are_not_looked_at(site: Site, tmp_path: Path) -> None:
    path = site.copy(site.begun, tmp_path)
    for places in (5, {"a": 1}, ["../up", 7, "//server/share", "\\\\server\\share", None]):
        _fact(path, "exported_to", places)
        assert RunFolder(path).exported_to == []
    _fact(path, "exported_to", [str(tmp_path)])
    assert RunFolder(path).exported_to == [tmp_path]


# -- a language model


@pytest.fixture(scope="module")
def text_site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Runs of a tiny language model."""
    workshop = TextWorkshop.in_folder(tmp_path_factory.mktemp("text"))
    reads = stage(TransferSet(batch_size=4), SoftTargets(temperature=1.0, alpha=0.5), steps=8)
    recipe = text_recipe(reads, export=Export(onnx=False), autosave=Autosave(steps=2, seconds=0))
    (workshop.folder / "recipe.toml").write_text(write_recipe(recipe))
    return _site(workshop.folder, workshop.folder / "recipe.toml", stop_after=5, baseline=False)


TEXT_BEGUN: dict[str, tuple[Callable[[Path], Any], str]] = {
    "nothing": (lambda path: None, "same"),
    "a flipped bit": (lambda path: _flip(RunFolder(path).checkpoints()[-1], 0.5), "warned"),
    "a zeroed half": (lambda path: _zero(RunFolder(path).checkpoints()[-1], 0.5, 1.0), "warned"),
    "no optimiser": (lambda path: _rewrite(RunFolder(path).checkpoints()[-1], _without("optimiser.")), "warned"),
    "step 10⁹": (lambda path: _rewrite(RunFolder(path).checkpoints()[-1], _said(step=10**9)), "warned"),
    "no digests": (lambda path: [_rewrite(each, _said()) for each in RunFolder(path).checkpoints()], "same"),
    "all damaged": (lambda path: [_flip(each, 0.7) for each in RunFolder(path).checkpoints()], "refused"),
}
TEXT_DONE: dict[str, Callable[[Path], Any]] = {
    "a flipped bit in the weights": lambda path: _flip(path / "student/model.safetensors", 0.9),
    "a flipped bit in the tokenizer": lambda path: _flip(path / "student/tokenizer.json", 0.5),
    "another number in the config": lambda path: (path / "student/config.json").write_text(
        (path / "student/config.json").read_text().replace('"rms_norm_eps": 1e-06', '"rms_norm_eps": 1e-02')
    ),
    "a flipped bit in the digests": lambda path: _flip(path / "student/student.sha256", 0.1),
    "no generation settings": lambda path: (path / "student/generation_config.json").unlink(),
}


@pytest.mark.parametrize("damage", TEXT_BEGUN)
def test_a_damaged_text_run_goes_on_as_if_nothing_had_happened_or_is_refused(
    text_site: Site, tmp_path: Path, damage: str
) -> None:
    path = text_site.copy(text_site.begun, tmp_path)
    make, expected = TEXT_BEGUN[damage]
    make(path)
    assert text_site.outcome(path) == expected


@pytest.mark.parametrize("damage", TEXT_DONE)
def test_a_damaged_language_model_is_not_used_and_written_again(text_site: Site, tmp_path: Path, damage: str) -> None:
    path = text_site.copy(text_site.done, tmp_path)
    before = {each.name: each.read_bytes() for each in (path / "student").iterdir()}
    TEXT_DONE[damage](path)
    with pytest.raises(WorkbenchError, match="is damaged or gone"):
        export_checkpoint(RunFolder(path), tmp_path / "out", half=False)
    assert not (tmp_path / "out").exists()
    assert text_site.outcome(path) == "warned"
    assert {each.name: each.read_bytes() for each in (path / "student").iterdir()} == before
