"""Exports of a language model's run that is over: the whole folder, read back as a report, or its weights alone."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from chatter import finished_language_run, first_student, new_language_run
from closeness import assert_close

from workbench.engine.language.folder import write_weights
from workbench.engine.language.loading import read_language_model
from workbench.engine.run_state import Progress, RunState, model_tensors
from workbench.errors import WorkbenchError
from workbench.events import Exported
from workbench.recipe.export import Export
from workbench.session.export_report import newest_report, outlook_of, read_report
from workbench.session.exporting_again import ExportWish, export_checkpoint, export_run, fulfil
from workbench.session.respondents import export_folders
from workbench.session.run_folder import RunFolder


@pytest.fixture(scope="module")
def exported_run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A finished run whose student was exported into its own folder."""
    run = finished_language_run(tmp_path_factory.mktemp("letters"))
    list(export_run(run, Export(int8=True, four_bit=True), run.path / "export"))
    return run


@pytest.fixture
def run(exported_run: RunFolder, tmp_path: Path) -> RunFolder:
    """A copy that a test may change."""
    return RunFolder(Path(shutil.copytree(exported_run.path, tmp_path / "run")))


def logits(path: Path) -> torch.Tensor:
    """What a model says of a few tokens."""
    given = torch.tensor([[5, 60, 61, 7]])
    with torch.no_grad():
        answer: torch.Tensor = read_language_model(path)(given)
    return answer


def test_the_report_says_of_each_file_what_was_measured_and_answered(exported_run: RunFolder) -> None:
    report = newest_report(exported_run)
    assert report is not None
    assert report.folder == exported_run.path / "export"
    said = json.loads((report.folder / "parity.json").read_text())["files"]
    assert [file.name for file in report.text_files] == [entry["file"] for entry in said]
    first = report.text_files[0]
    assert (first.kept, first.babbles) == (True, False)
    assert first.tokens > 0
    assert first.same_greedy[0] == first.same_greedy[1]
    assert all(sample.is_same for sample in first.samples)
    assert "0+0?" in "".join(sample.prompt for sample in first.samples) or "+" in first.samples[0].prompt
    assert list(report.programs) == ["onnxruntime", "transformers", "transformers.js", "onnxruntime-genai"]
    assert report.programs["onnxruntime"] in (report.folder / "README.md").read_text()
    assert (
        report.teacher_bytes == (Path(exported_run.recipe.teachers[0].checkpoint) / "model.safetensors").stat().st_size
    )


def test_held_out_text_is_what_the_recipe_holds_out(exported_run: RunFolder) -> None:
    rows = (Path(exported_run.recipe.data.file)).read_text().splitlines()  # type: ignore[union-attr]
    asked = {json.loads(row)["prompt"] for row in rows}
    report = read_report(exported_run, exported_run.path / "export")
    prompts = [sample.prompt for sample in report.text_files[0].samples]
    # A tenth of thirty, each asked once.
    assert len(prompts) == 3
    assert all(any(one in prompt for one in asked) for prompt in prompts)


def test_an_export_elsewhere_is_told_step_by_step_and_remembered(run: RunFolder, tmp_path: Path) -> None:
    said: list[str] = []
    events = fulfil(run, ExportWish(tmp_path / "out", Export(int8=False)), said.append)
    assert said[0].startswith("Reading")
    assert said[-1] == "Putting the files into out"
    assert [event.path for event in events if isinstance(event, Exported)] == [
        str(tmp_path / "out" / "onnx" / "model.onnx")
    ]
    assert all(event.step == 20 for event in events)
    assert tmp_path / "out" in export_folders(run)
    assert_close(logits(tmp_path / "out"), logits(run.student_folder))


def test_a_stopped_run_gives_its_checkpoint_only_where_that_is_wished_for(tmp_path: Path) -> None:
    run = new_language_run(tmp_path)
    student = first_student(run)
    with torch.no_grad():
        next(student.parameters()).mul_(1.5)
    run.save_checkpoint(RunState(Progress(step=3), model_tensors(student, "student")))
    outlook = outlook_of(run)
    assert (outlook.writes_text, outlook.is_finished, outlook.kept_step) == (True, False, 3)
    with pytest.raises(WorkbenchError, match="no finished student yet"):
        fulfil(run, ExportWish(tmp_path / "out", Export()), lambda _: None)
    export_checkpoint(run, tmp_path / "weights", half=False, unfinished=True)
    write_weights(student, tmp_path / "expected")
    assert_close(logits(tmp_path / "weights"), logits(tmp_path / "expected"))


def test_a_run_without_any_student_is_refused_in_words(tmp_path: Path) -> None:
    run = new_language_run(tmp_path)
    with pytest.raises(WorkbenchError, match="nothing was kept"):
        export_checkpoint(run, tmp_path / "weights", half=False, unfinished=True)


def test_weights_alone_take_half_the_size_in_half_precision_and_never_another_folder_s_place(
    run: RunFolder, tmp_path: Path
) -> None:
    export_checkpoint(run, tmp_path / "half", half=True)
    size = (tmp_path / "half" / "model.safetensors").stat().st_size
    assert size < 0.6 * (run.student_folder / "model.safetensors").stat().st_size
    torch.testing.assert_close(logits(tmp_path / "half"), logits(run.student_folder), atol=0.05, rtol=0.05)
    with pytest.raises(WorkbenchError, match="already something"):
        export_checkpoint(run, tmp_path / "half", half=False)


def test_an_outlook_knows_a_language_model_and_its_newest_report(exported_run: RunFolder) -> None:
    outlook = outlook_of(exported_run)
    assert (outlook.writes_text, outlook.is_finished, outlook.takes_pictures) == (True, True, None)
    assert outlook.report is not None
    assert outlook.report.text_files


@pytest.mark.parametrize("content", ["{", "[]", '{"kind": "language model", "files": [{}]}'])
def test_a_broken_report_is_told_in_words(run: RunFolder, content: str) -> None:
    (run.path / "export" / "parity.json").write_text(content)
    with pytest.raises(WorkbenchError, match=r"parity\.json is broken"):
        read_report(run, run.path / "export")
