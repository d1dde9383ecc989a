"""Exports of a run that is done: told step by step, cancelled between steps, remembered."""

import shutil
from pathlib import Path

import pytest
import torch
from strokes import finished_run, stopped_run

from workbench.engine import checkpoints
from workbench.errors import WorkbenchError
from workbench.recipe.export import Export
from workbench.session.export_report import newest_report, outlook_of
from workbench.session.exporting_again import ExportWish, export_checkpoint, export_run, fulfil
from workbench.session.jobs import Cancelled
from workbench.session.respondents import export_folders
from workbench.session.run_folder import RunFolder


@pytest.fixture(scope="module")
def exported_run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A finished run of pen strokes with its export."""
    return finished_run(tmp_path_factory.mktemp("strokes"), onnx=True)


@pytest.fixture
def run(exported_run: RunFolder, tmp_path: Path) -> RunFolder:
    """A copy that a test may change."""
    return RunFolder(Path(shutil.copytree(exported_run.path, tmp_path / "run")))


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_every_step_of_an_export_is_told_before_it_is_taken(run: RunFolder, tmp_path: Path) -> None:
    said: list[str] = []
    fulfil(run, ExportWish(tmp_path / "out", Export(int8=True), checkpoint=True), said.append)
    beginnings = ("Reading", "Asking", "Writing student.onnx", "Comparing student.onnx", "Writing student.int8.onnx")
    assert [words for words, beginning in zip(said, beginnings, strict=False) if words.startswith(beginning)] == said[
        :5
    ]
    assert said[-2:] == ["Putting the files into out", "Writing student.safetensors"]


@pytest.mark.slow
def test_an_export_that_is_cancelled_before_any_step_leaves_an_earlier_one_as_it_was(run: RunFolder) -> None:
    target = run.path / "export"
    before = contents(target)
    steps: list[str] = []
    fulfil(RunFolder(run.path), ExportWish(run.path / "other", Export(int8=True)), steps.append)
    for place in range(len(steps)):
        said: list[str] = []

        def say(words: str, said: list[str] = said, place: int = place) -> None:
            said.append(words)
            if len(said) > place:
                raise Cancelled

        with pytest.raises(Cancelled):
            fulfil(run, ExportWish(target, Export(int8=True, softmax=True)), say)
        assert contents(target) == before
    assert [path.name for path in run.path.iterdir() if path.name.startswith(".export")] == []


def test_a_checkpoint_in_half_precision_has_half_the_size_and_the_same_answers(run: RunFolder, tmp_path: Path) -> None:
    wish = ExportWish(tmp_path, Export(int8=False), checkpoint=True, half=True)
    assert wish.checkpoint_file.name == "student.half.safetensors"
    fulfil(run, wish, lambda _: None)
    assert wish.checkpoint_file.stat().st_size < 0.6 * run.student_file.stat().st_size
    whole, half = (checkpoints.load(path) for path in (run.student_file, wish.checkpoint_file))
    for ours, theirs in zip(whole.state_dict().values(), half.state_dict().values(), strict=True):
        assert (ours - theirs).abs().max() <= torch.finfo(torch.float16).eps * ours.abs().max()


def test_an_export_elsewhere_is_remembered_once_and_the_newest_is_shown(run: RunFolder, tmp_path: Path) -> None:
    report = newest_report(run)
    assert report is not None
    assert report.folder == run.path / "export"
    for _ in range(2):
        list(export_run(run, Export(int8=False), tmp_path / "there"))
    assert export_folders(run) == [run.path / "export", tmp_path / "there"]
    report = newest_report(run)
    assert report is not None
    assert report.folder == tmp_path / "there"
    assert report.teacher_bytes == Path(run.recipe.teachers[0].checkpoint).stat().st_size
    assert not report.teacher_is_half


def test_a_stopped_run_gives_its_checkpoint_only_where_that_is_wished_for(tmp_path: Path) -> None:
    folder = stopped_run(tmp_path)
    wish = ExportWish(tmp_path / "out", Export(int8=False))
    with pytest.raises(WorkbenchError, match="no finished student yet"):
        fulfil(folder, wish, lambda _: None)
    outlook = outlook_of(folder)
    assert (outlook.is_finished, outlook.report) == (False, None)
    assert outlook.kept_step == int(folder.checkpoints()[-1].stem.partition("-")[2])
    fulfil(folder, ExportWish(tmp_path / "out", Export(int8=False), unfinished=True), lambda _: None)
    assert (tmp_path / "out" / "student.onnx").exists()


def test_the_student_of_a_damaged_run_is_exported_all_the_same(run: RunFolder, tmp_path: Path) -> None:
    run.database_file.write_bytes(b"torn")
    assert list(export_run(run, Export(), tmp_path / "out"))
    run.recipe_file.write_text("[torn")
    export_checkpoint(run, tmp_path / "student.safetensors", half=False)
    assert (tmp_path / "out" / "student.onnx").is_file()
    assert (tmp_path / "student.safetensors").is_file()
