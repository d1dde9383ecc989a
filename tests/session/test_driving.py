"""Driving a run: what it leaves behind, and that it goes on from anything as if nothing had happened."""

import itertools
import json
import re
import shutil
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from workbench.events import CheckpointSaved, ControlChanged, Event, Failed, Finished, Probed, StepDone, Warned
from workbench.session.controls import LiveControls
from workbench.session.driving import drive
from workbench.session.reins import Reins
from workbench.session.run_database import RunDatabase
from workbench.session.run_folder import RunFolder
from workbench.session.trials import journal_of

MakeRun = Callable[..., RunFolder]
RunToEnd = Callable[..., list[Event]]
_OPEN_FILES_MOVE = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows keeps open files from being moved; run this on Linux or macOS"
)
EVERY_STEP = ("autosave.steps=1", "autosave.seconds=0")


def test_a_finished_run_leaves_student_answers_metrics_and_facts(make_run: MakeRun, run_to_end: RunToEnd) -> None:
    folder = make_run()
    events = run_to_end(folder)
    assert isinstance(events[-1], Finished)
    assert events[-1].reason == "complete"
    assert folder.student_file.exists()
    assert folder.answers_file.exists()
    facts = folder.facts()
    assert (facts["status"], facts["step"], facts["total_steps"]) == ("complete", 20, 20)
    assert facts["environment"]["torch"]
    with RunDatabase(folder.database_file, read_only=True) as database:
        assert [row[0] for row in database.metrics()] == list(range(1, 21))


def test_what_a_rare_event_says_is_in_the_folder_before_it_is_heard(make_run: MakeRun, tmp_path: Path) -> None:
    folder = make_run()
    for event in drive(folder, Reins(device="cpu", cache_folder=tmp_path / "cache")):
        if not isinstance(event, (StepDone, Probed)):
            with RunDatabase(folder.database_file, read_only=True) as database:
                assert type(event).__name__ in [record["event"] for record in database.events()]


def test_two_runs_of_one_recipe_give_the_same_bytes(make_run: MakeRun, run_to_end: RunToEnd) -> None:
    first, second = make_run(), make_run()
    run_to_end(first)
    run_to_end(second)
    assert first.student_file.read_bytes() == second.student_file.read_bytes()


def test_another_seed_gives_other_bytes(make_run: MakeRun, run_to_end: RunToEnd) -> None:
    first, second = make_run(), make_run(changes=("student.seed=2",))
    run_to_end(first)
    run_to_end(second)
    assert first.student_file.read_bytes() != second.student_file.read_bytes()


@pytest.mark.parametrize(
    "changes",
    [
        EVERY_STEP,
        ("autosave.steps=7", "autosave.seconds=0"),
        (*EVERY_STEP, 'stages.0.optimisation.optimiser="adamw"', "stages.0.optimisation.accumulate=2"),
        (*EVERY_STEP, "stages.0.inputs.augmentation.noise=0.3", "stages.0.optimisation.early_stop=2"),
    ],
    ids=["every step", "every 7 steps", "adamw, accumulating", "augmented, early stop"],
)
def test_a_run_abandoned_at_any_event_and_resumed_ends_with_the_same_bytes(
    make_run: MakeRun, run_to_end: RunToEnd, tmp_path: Path, changes: tuple[str, ...]
) -> None:
    whole = make_run(changes=changes)
    count = len(run_to_end(whole))
    for abandoned_after in range(1, count, 3):
        folder = make_run(changes=changes)
        events = drive(folder, Reins(device="cpu", cache_folder=tmp_path / "cache"))
        for _ in range(abandoned_after):
            next(events)
        events.close()
        run_to_end(folder)
        assert folder.student_file.read_bytes() == whole.student_file.read_bytes(), abandoned_after


def test_metrics_after_a_resume_are_those_of_an_uninterrupted_run(make_run: MakeRun, run_to_end: RunToEnd) -> None:
    whole, parted = make_run(), make_run()
    run_to_end(whole)
    run_to_end(parted, stop_after=9)
    run_to_end(parted)
    with RunDatabase(whole.database_file) as one, RunDatabase(parted.database_file) as other:
        # All but the seconds.
        assert [row[:-1] for row in one.metrics()] == [row[:-1] for row in other.metrics()]
        assert one.events("Evaluated") == other.events("Evaluated")


def test_stopping_keeps_a_checkpoint_at_that_very_step(make_run: MakeRun, run_to_end: RunToEnd) -> None:
    folder = make_run()
    events = run_to_end(folder, stop_after=5)
    assert [type(event) for event in events[-2:]] == [CheckpointSaved, Finished]
    assert events[-1] == Finished(step=5, reason="stopped")
    assert folder.facts()["status"] == "stopped"
    state = folder.latest_state()
    assert state is not None
    assert state.progress.step == 5


def test_autosave_keeps_the_two_newest_checkpoints(make_run: MakeRun, run_to_end: RunToEnd) -> None:
    folder = make_run(changes=("autosave.steps=6",))
    events = run_to_end(folder)
    assert [event.step for event in events if isinstance(event, CheckpointSaved)] == [6, 12, 18]
    assert [path.name for path in folder.checkpoints()] == [
        "step-000000012.safetensors",
        "step-000000018.safetensors",
    ]


def test_an_unreadable_newest_checkpoint_is_passed_over(make_run: MakeRun, run_to_end: RunToEnd) -> None:
    whole, folder = make_run(), make_run(changes=("autosave.steps=6",))
    run_to_end(whole)
    run_to_end(folder, stop_after=14)
    newest = folder.checkpoints()[-1]
    newest.write_bytes(newest.read_bytes()[:100])
    run_to_end(folder)
    assert folder.student_file.read_bytes() == whole.student_file.read_bytes()


def test_a_replayed_journal_gives_the_same_bytes(make_run: MakeRun, tmp_path: Path, run_to_end: RunToEnd) -> None:
    turned, controls = make_run(), LiveControls()
    for event in drive(turned, Reins(device="cpu", cache_folder=tmp_path / "cache", controls=controls)):
        if isinstance(event, StepDone) and event.step == 7:
            controls.set(temperature=9.0, alpha=0.2)
        if isinstance(event, StepDone) and event.step == 12:
            controls.set(learning_rate=0.2)
    journal = journal_of(turned.path)
    assert journal == ((8, "alpha", 0.2), (8, "temperature", 9.0), (13, "learning_rate", 0.2))
    replayed, plain = make_run(journal=journal), make_run()
    events = run_to_end(replayed)
    run_to_end(plain)
    assert replayed.student_file.read_bytes() == turned.student_file.read_bytes()
    assert plain.student_file.read_bytes() != turned.student_file.read_bytes()
    assert ControlChanged(step=8, name="temperature", old=2.0, new=9.0) in events


def test_a_journalled_change_after_the_last_checkpoint_is_made_again(make_run: MakeRun, tmp_path: Path) -> None:
    def follow(folder: RunFolder, controls: LiveControls | None, until: int) -> None:
        events = drive(folder, Reins(device="cpu", cache_folder=tmp_path / "cache", controls=controls))
        for event in events:
            if isinstance(event, StepDone) and controls is not None and event.step == 8:
                controls.set(temperature=9.0)
            if isinstance(event, StepDone) and event.step == until:
                events.close()

    whole, killed = make_run(changes=("autosave.steps=6",)), make_run(changes=("autosave.steps=6",))
    follow(whole, LiveControls(), until=0)
    follow(killed, LiveControls(), until=10)
    follow(killed, None, until=0)
    assert killed.student_file.read_bytes() == whole.student_file.read_bytes()


def test_a_loss_that_explodes_fails_with_the_step_and_leaves_a_finite_checkpoint(
    make_run: MakeRun, run_to_end: RunToEnd
) -> None:
    # A linear student on a squared distance: the error grows by the same large factor at every step.
    linear = ("student.architecture.hidden=[]", 'stages.0.objective={kind = "logit_matching", alpha = 1.0}')
    folder = make_run(changes=(*EVERY_STEP, *linear, "stages.0.optimisation.learning_rate=100.0"))
    failed = run_to_end(folder)[-1]
    assert isinstance(failed, Failed)
    assert re.search(r"(became (nan|inf) at|After) step \d+", failed.title)
    assert folder.facts()["status"] == "failed"
    state = folder.latest_state()
    assert state is not None
    assert all(bool(tensor.isfinite().all()) for tensor in state.tensors.values())


def test_a_lost_data_file_fails_with_its_name(make_run: MakeRun, run_to_end: RunToEnd, tiny_data: Path) -> None:
    folder = make_run()
    run_to_end(folder, stop_after=5)
    tiny_data.unlink()
    failed = run_to_end(folder)[-1]
    assert isinstance(failed, Failed)
    assert str(tiny_data) in failed.title
    assert folder.latest_state() is not None


def test_a_disk_that_fills_up_fails_in_words_and_leaves_the_last_checkpoint(
    make_run: MakeRun, run_to_end: RunToEnd, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_run(changes=("autosave.steps=6",))
    whole = make_run()
    run_to_end(whole)
    written = 0

    def full(descriptor: int) -> None:
        nonlocal written
        written += 1
        if written > 3:
            raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("workbench.writing.os.fsync", full)
        failed = run_to_end(folder)[-1]
    assert isinstance(failed, Failed)
    assert "disk is full" in failed.title
    assert "MiB are free" in failed.title
    assert not list(folder.path.rglob(".new-*"))
    run_to_end(folder)
    assert folder.student_file.read_bytes() == whole.student_file.read_bytes()


def test_an_error_of_the_program_becomes_failed_with_its_traceback(
    make_run: MakeRun, run_to_end: RunToEnd, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr("workbench.session.driving.prepare", broken)
    failed = run_to_end(make_run())[-1]
    assert isinstance(failed, Failed)
    assert "a defect" in failed.title
    assert "Traceback" in failed.details


def test_preflight_and_self_checks_are_stored_with_the_run(make_run: MakeRun, run_to_end: RunToEnd) -> None:
    folder = make_run()
    run_to_end(folder)
    with RunDatabase(folder.database_file, read_only=True) as database:
        (prepared,) = database.events("Prepared")
    titles = " ".join(finding["title"] for finding in prepared["findings"])
    assert "student equal to the teacher" in titles
    assert "T² keeps the soft gradient's size" in titles
    assert json.dumps(prepared)


def test_data_that_changed_between_two_sittings_is_noticed(
    make_run: MakeRun, run_to_end: RunToEnd, tiny_data: Path
) -> None:
    folder = make_run()
    run_to_end(folder, stop_after=5)
    content = dict(np.load(tiny_data))
    content["inputs"][0] += 1
    np.savez(tiny_data, **content)
    events = run_to_end(folder)
    (warned,) = [event for event in events if isinstance(event, Warned)]
    assert warned.title.startswith("The data or a teacher changed")
    again = make_run()
    run_to_end(again, stop_after=5)
    assert not [event for event in run_to_end(again) if isinstance(event, Warned)]


def test_a_pause_is_no_training_time(make_run: MakeRun, tmp_path: Path) -> None:
    folder = make_run()
    for event in drive(folder, Reins(device="cpu", cache_folder=tmp_path / "cache")):
        if isinstance(event, StepDone) and event.step == 5:
            threading.Event().wait(1.0)
    with RunDatabase(folder.database_file, read_only=True) as database:
        seconds = [row[-1] for row in database.metrics()]
    assert max(later - earlier for earlier, later in itertools.pairwise(seconds)) < 0.9


def test_a_run_computes_with_the_threads_it_was_given_and_gives_them_back(make_run: MakeRun, tmp_path: Path) -> None:
    before = torch.get_num_threads()
    for is_abandoned in (False, True):
        events = drive(make_run(), Reins(device="cpu", cache_folder=tmp_path / "cache", threads=before + 1))
        for event in events:
            assert torch.get_num_threads() == before + 1
            if is_abandoned and isinstance(event, StepDone):
                events.close()
        assert torch.get_num_threads() == before


def test_a_run_abandoned_beside_a_warning_and_resumed_has_the_warnings_of_an_uninterrupted_one(
    make_run: MakeRun, run_to_end: RunToEnd, tmp_path: Path
) -> None:
    wild = (*EVERY_STEP, "stages.0.optimisation.learning_rate=100.0", "stages.0.optimisation.clip_norm=100.0")
    whole = make_run(changes=wild)
    heard = run_to_end(whole)
    places = [place for place, event in enumerate(heard, start=1) if isinstance(event, Warned)]
    assert len(places) >= 2
    for abandoned_after in {place + more for place in places for more in (-1, 0, 1)}:
        folder = make_run(changes=wild)
        events = drive(folder, Reins(device="cpu", cache_folder=tmp_path / "cache"))
        for _ in range(abandoned_after):
            next(events)
        events.close()
        last = run_to_end(folder)[-1]
        assert last == heard[-1]
        with RunDatabase(whole.database_file) as one, RunDatabase(folder.database_file) as other:
            assert one.events("Warned", "Finished") == other.events("Warned", "Finished")


@_OPEN_FILES_MOVE
@pytest.mark.parametrize("how", ["deleted", "moved", "deleted with the folder of all runs"])
def test_a_run_whose_folder_goes_away_is_saved_elsewhere_with_all_that_was_in_memory(
    make_run: MakeRun, run_to_end: RunToEnd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setenv("DISTILLATION_WORKBENCH_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("workbench.session.recorder._LOOK_SECONDS", 0.0)
    whole, folder = make_run(), make_run()
    run_to_end(whole)
    student = whole.student_file.read_bytes()
    events: list[Event] = []
    for event in drive(folder, Reins(device="cpu", cache_folder=tmp_path / "cache")):
        events.append(event)
        if isinstance(event, StepDone) and event.step == 7:
            if how == "moved":
                folder.path.rename(tmp_path / "elsewhere")
            else:
                shutil.rmtree(folder.path if how == "deleted" else folder.path.parent)
    failed = events[-1]
    assert isinstance(failed, Failed)
    assert "deleted or moved while the run was going on" in failed.title
    assert not folder.path.exists()
    saved = RunFolder(Path(failed.hint.removeprefix("Go on there: distillation-workbench resume ")))
    assert str(saved.path) in failed.title
    facts = saved.facts()
    assert (facts["status"], facts["step"]) == ("stopped", 8)
    with RunDatabase(saved.database_file, read_only=True) as database:
        assert [row[0] for row in database.metrics()] == list(range(1, 9))
        assert database.events("Prepared")
        assert [event["step"] for event in database.events("Evaluated")] == [0, 0, 5]
    resumed = run_to_end(saved)
    assert not [event for event in resumed if isinstance(event, Warned)]
    assert saved.student_file.read_bytes() == student


@_OPEN_FILES_MOVE
def test_a_folder_that_goes_away_at_the_very_end_costs_no_student(
    make_run: MakeRun, run_to_end: RunToEnd, tmp_path: Path
) -> None:
    whole, folder = make_run(), make_run()
    run_to_end(whole)
    events: list[Event] = []
    for event in drive(folder, Reins(device="cpu", cache_folder=tmp_path / "cache")):
        events.append(event)
        if isinstance(event, StepDone) and event.step == 20:
            shutil.rmtree(folder.path)
    failed = events[-1]
    assert isinstance(failed, Failed)
    saved = RunFolder(Path(failed.hint.removeprefix("Go on there: distillation-workbench resume ")))
    run_to_end(saved)
    assert saved.student_file.read_bytes() == whole.student_file.read_bytes()


def test_a_failure_tells_whether_there_is_a_checkpoint(make_run: MakeRun, run_to_end: RunToEnd, tmp_path: Path) -> None:
    for changes, words in ((EVERY_STEP, "from its checkpoint at step 6."), ((), "No checkpoint was kept yet")):
        folder, events = make_run(changes=changes), []
        running = drive(folder, Reins(device="cpu", cache_folder=tmp_path / "cache"))
        for event in running:
            events.append(event)
            if isinstance(event, StepDone) and event.step == 6:
                break
        next(running) if changes else None
        events.append(running.throw(OSError(28, "No space left on device")))
        failed = next(event for event in events if isinstance(event, Failed))
        assert words in failed.hint
        running.close()
