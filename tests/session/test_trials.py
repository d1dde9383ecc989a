"""Baselines, seeds and the verdict over them."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from workbench.errors import WorkbenchError
from workbench.events import Finished, StepDone
from workbench.recipe import absolute_recipe
from workbench.session.controls import LiveControls
from workbench.session.library import summary_of
from workbench.session.reins import Reins
from workbench.session.run_folder import RunFolder
from workbench.session.trials import Trial, drive_trials, new_run, new_run_of, trials_of, verdict_of

MakeRun = Callable[..., RunFolder]


@pytest.fixture
def reins(tmp_path: Path) -> Callable[..., Reins]:
    return lambda **more: Reins(device="cpu", cache_folder=tmp_path / "cache", **more)


def _finished(folder: RunFolder, reins: Reins) -> list[Trial]:
    return [trial for trial, event in drive_trials(folder, reins) if isinstance(event, Finished)]


def test_baseline_and_seeds_are_trained_in_turn_and_judged(make_run: MakeRun, reins: Callable[..., Reins]) -> None:
    folder = make_run(baseline=True, seeds=2)
    names = [trial.name for trial in _finished(folder, reins())]
    assert names == ["distilled, seed 1", "hard labels, seed 1", "distilled, seed 2", "hard labels, seed 2"]
    verdict = verdict_of(folder)
    assert verdict is not None
    assert (len(verdict.baseline_errors), len(verdict.distilled_errors), verdict.examples) == (2, 2, 15)
    assert json.loads((folder.path / "verdict.json").read_text())["word"] == verdict.word
    assert folder.facts()["verdict"]["sentence"] == verdict.sentence


def test_the_baseline_is_the_same_student_on_hard_labels(make_run: MakeRun) -> None:
    distilled, baseline = trials_of(make_run(baseline=True))
    one, other = distilled.folder.recipe, baseline.folder.recipe
    assert [stage.objective.kind for stage in other.stages] == ["hard_labels"]
    assert (one.student, one.data, one.stages[0].optimisation) == (
        other.student,
        other.data,
        other.stages[0].optimisation,
    )


def test_a_seed_trained_as_a_companion_equals_a_run_of_its_own(make_run: MakeRun, reins: Callable[..., Reins]) -> None:
    together, alone = make_run(seeds=2), make_run(changes=("student.seed=2",))
    _finished(together, reins())
    _finished(alone, reins())
    assert trials_of(together)[1].folder.student_file.read_bytes() == alone.student_file.read_bytes()


def test_trials_that_are_done_are_not_trained_again(make_run: MakeRun, reins: Callable[..., Reins]) -> None:
    folder = make_run(baseline=True)
    asked = 0

    def stop_in_the_second() -> bool:
        nonlocal asked
        asked += 1
        return asked > 25

    list(drive_trials(folder, reins(should_stop=stop_in_the_second)))
    assert [trial.is_done for trial in trials_of(folder)] == [True, False]
    assert verdict_of(folder) is None
    assert [trial.name for trial in _finished(folder, reins())] == ["hard labels, seed 1"]
    assert verdict_of(folder) is not None


def test_what_was_turned_in_the_run_is_turned_for_its_companions(
    make_run: MakeRun, reins: Callable[..., Reins]
) -> None:
    folder, controls = make_run(seeds=2), LiveControls()
    for trial, event in drive_trials(folder, reins(controls=controls)):
        if isinstance(event, StepDone) and event.step == 4 and trial.folder is folder:
            controls.set(temperature=6.0)
    alone = make_run(changes=("student.seed=2",), journal=((5, "temperature", 6.0),))
    _finished(alone, reins())
    assert trials_of(folder)[1].folder.student_file.read_bytes() == alone.student_file.read_bytes()


def test_a_run_on_hard_labels_has_no_baseline_but_itself(recipe_file: Path, tmp_path: Path) -> None:
    with pytest.raises(WorkbenchError, match="its own baseline"):
        new_run(recipe_file, tmp_path / "runs", changes=('stages.0.objective={kind="hard_labels"}',), baseline=True)
    assert not (tmp_path / "runs").exists()


def test_an_impossible_journal_is_refused_before_anything_is_written(make_run: MakeRun, tmp_path: Path) -> None:
    with pytest.raises(WorkbenchError, match="temperature = -1"):
        make_run(journal=((3, "temperature", -1.0),))
    assert not (tmp_path / "runs").exists()


def test_seeds_beyond_the_largest_are_refused(make_run: MakeRun) -> None:
    with pytest.raises(WorkbenchError, match="the largest is 2147483647"):
        make_run(changes=("student.seed=2147483647",), seeds=2)


def test_a_run_is_not_complete_while_its_companions_are_not(make_run: MakeRun, reins: Callable[..., Reins]) -> None:
    folder = make_run(baseline=True)
    events = drive_trials(folder, reins())
    next(event for trial, event in events if trial.is_baseline)
    assert (summary_of(folder).status, summary_of(folder).can_resume) == ("running", False)
    events.close()
    assert (summary_of(folder).status, summary_of(folder).can_resume) == ("interrupted", True)
    list(drive_trials(folder, reins()))
    assert (summary_of(folder).status, summary_of(folder).can_resume) == ("complete", False)


def test_runs_that_are_begun_in_the_same_second_on_several_threads_get_a_folder_each(
    recipe_file: Path, tmp_path: Path
) -> None:
    text = absolute_recipe(recipe_file)
    with ThreadPoolExecutor(8) as pool:
        folders = list(pool.map(lambda _: new_run_of(text, tmp_path / "runs", name="recipe"), range(24)))
    assert len({folder.path for folder in folders}) == 24
    assert len(list((tmp_path / "runs").iterdir())) == 24
