"""A run that writes text, from its folder to its end: left and taken up again, judged against a baseline, in words."""

import json
import shutil
from pathlib import Path

import pytest
from engine.language.text_workshop import TextWorkshop, stage, text_recipe

from workbench.events import CheckpointSaved, Event, Exported, Failed, Finished, Judged, RolledOut, StepDone, TextProbed
from workbench.recipe import Recipe, write_recipe
from workbench.recipe.export import Export
from workbench.recipe.inputs import Rollouts, TransferSet
from workbench.recipe.models import Lora, Student, TeacherLayers
from workbench.recipe.monitoring import Autosave
from workbench.recipe.objectives import ReverseKL, SoftTargets
from workbench.session.driving import drive
from workbench.session.history import histories_of
from workbench.session.library import summary_of
from workbench.session.reins import Reins
from workbench.session.run_folder import RunFolder
from workbench.session.trials import drive_trials, new_run

READS = stage(TransferSet(batch_size=4), SoftTargets(temperature=1.0, alpha=0.5), steps=4)
WRITES = stage(
    Rollouts(batch_size=4, new_tokens=6, lmbda=0.7, otherwise=TransferSet(batch_size=4)),
    ReverseKL(temperature=1.0, alpha=1.0),
    steps=4,
)


@pytest.fixture
def workshop(tmp_path: Path) -> TextWorkshop:
    return TextWorkshop.in_folder(tmp_path)


def begun(workshop: TextWorkshop, recipe: Recipe, **plan: object) -> RunFolder:
    file = workshop.folder / "recipe.toml"
    file.write_text(write_recipe(recipe))
    return new_run(file, workshop.folder / "runs", **plan)  # type: ignore[arg-type]


def reins(workshop: TextWorkshop) -> Reins:
    return Reins(device="cpu", cache_folder=workshop.cache)


def quiet(*stages: object, **changes: object) -> Recipe:
    parts = {"export": Export(onnx=False), "autosave": Autosave(steps=2, seconds=0)} | changes
    return text_recipe(*stages, **parts)  # type: ignore[arg-type]


@pytest.mark.parametrize("lora", [None, Lora(rank=2, dropout=0.3)], ids=["all weights", "adapters"])
def test_a_run_abandoned_at_any_event_and_resumed_ends_with_the_same_bytes(
    workshop: TextWorkshop, lora: Lora | None
) -> None:
    student = Student(seed=1, architecture=TeacherLayers(keep=(0,)), lora=lora)
    recipe = quiet(READS, WRITES, student=student)
    whole = begun(workshop, recipe)
    count = sum(1 for _ in drive(whole, reins(workshop)))
    for abandoned_after in range(4, count, 7):
        folder = begun(workshop, recipe)
        events = drive(folder, reins(workshop))
        for _ in range(abandoned_after):
            next(events)
        events.close()
        assert isinstance(list(drive(folder, reins(workshop)))[-1], Finished)
        assert folder.student_file.read_bytes() == whole.student_file.read_bytes(), abandoned_after
        shutil.rmtree(folder.path)


def test_a_stop_while_the_teacher_writes_loses_nothing_that_it_wrote(workshop: TextWorkshop) -> None:
    stopping = reins(workshop)
    said: list[str] = []
    stopping.say = said.append
    stopping.should_stop = lambda: any(words.startswith("The teacher writes") for words in said)
    folder = begun(workshop, quiet())
    (finished,) = drive(folder, stopping)
    assert isinstance(finished, Finished)
    assert finished.reason == "stopped"
    assert isinstance(list(drive(folder, reins(workshop)))[-1], Finished)


def test_what_a_text_run_said_is_read_back_from_its_folder(workshop: TextWorkshop) -> None:
    folder = begun(workshop, quiet(READS, WRITES))
    said: list[Event] = [event for event in drive(folder, reins(workshop)) if not isinstance(event, StepDone)]
    kinds = {type(event) for event in said}
    assert {TextProbed, RolledOut} <= kinds
    (history,) = histories_of(folder)
    newest = [event for event in said if isinstance(event, TextProbed)][-1]
    assert history.latest(TextProbed) == newest
    assert summary_of(folder).status == "complete"


def test_a_student_of_text_is_judged_against_itself_on_given_responses(workshop: TextWorkshop) -> None:
    folder = begun(workshop, quiet(READS, WRITES), baseline=True)
    events = [event for _, event in drive_trials(folder, reins(workshop))]
    assert not [event for event in events if isinstance(event, Failed)]
    judged = events[-1]
    assert isinstance(judged, Judged)
    assert judged.record["examples"] == 4
    assert len(list((folder.path / "trials").iterdir())) == 1


def test_a_finished_text_run_leaves_one_folder_for_other_programs(workshop: TextWorkshop) -> None:
    folder = begun(workshop, text_recipe(READS, export=Export(int8=False)))
    events = list(drive(folder, reins(workshop)))
    assert any(isinstance(event, Exported) for event in events), events[-1]
    names = {str(path.relative_to(folder.path)) for path in (folder.path / "export").rglob("*") if path.is_file()}
    assert {"export/onnx/model.onnx", "export/genai_config.json", "export/tokenizer.json"} <= names
    assert json.loads((folder.path / "export" / "config.json").read_text())["model_type"] == "llama"


def test_a_teachers_text_lies_in_the_run_folder_as_a_table(workshop: TextWorkshop) -> None:
    folder = begun(workshop, quiet())
    list(drive(folder, reins(workshop)))
    assert (folder.path / "teacher-text" / "stage-1.parquet").is_file()


def test_a_run_without_given_responses_has_no_baseline_and_says_why(workshop: TextWorkshop) -> None:
    folder = begun(workshop, quiet(data={"file": "asked.jsonl"}), baseline=True)
    failed = [event for _, event in drive_trials(folder, reins(workshop))][-1]
    assert isinstance(failed, Failed)
    assert "None of the 16 prompts comes with a response" in failed.title


def test_a_stop_while_the_student_writes_ends_the_run_within_that_batch(workshop: TextWorkshop) -> None:
    whole = begun(workshop, quiet(WRITES))
    list(drive(whole, reins(workshop)))
    stopping, asked = reins(workshop), 0

    def stop() -> bool:
        nonlocal asked
        asked += stepped
        return asked > 9

    stepped = False
    stopping.should_stop = stop
    folder = begun(workshop, quiet(WRITES))
    events = []
    for event in drive(folder, stopping):
        events.append(event)
        # From here on only a batch in the making asks so often.
        stepped = stepped or isinstance(event, StepDone)
    assert isinstance(events[-1], Finished)
    assert events[-1].reason == "stopped"
    assert isinstance(events[-2], CheckpointSaved)
    assert events[-1].step == 1
    assert isinstance(list(drive(folder, reins(workshop)))[-1], Finished)
    assert folder.student_file.read_bytes() == whole.student_file.read_bytes()
