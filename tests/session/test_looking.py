"""Held-out examples as things to look at, and answers of runs that are over."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from closeness import assert_close

from workbench.errors import WorkbenchError
from workbench.events import Event, Probed, StepDone
from workbench.recipe import parse_recipe
from workbench.session.driving import drive
from workbench.session.looking import HeldOutExamples, answers_on, read_held_out
from workbench.session.reins import Reins
from workbench.session.run_folder import RunFolder
from workbench.session.trials import drive_trials


def shown(inputs: np.ndarray) -> HeldOutExamples:
    return HeldOutExamples(inputs, np.zeros(len(inputs), np.int64), ("a", "b"))


def test_the_held_out_examples_are_those_a_run_is_judged_by(
    make_run: Callable[..., RunFolder], run_to_end: Callable[..., list[Event]]
) -> None:
    folder = make_run()
    probed = [event for event in run_to_end(folder) if isinstance(event, Probed)][-1]
    examples = read_held_out(folder.recipe, folder.path)
    assert len(examples) == 15
    assert examples.classes == ("0", "1", "2")
    assert tuple(examples.labels[list(probed.examples)]) == probed.labels
    assert examples.picture(0) is None
    assert examples.features(0).shape == (4,)


def test_what_was_read_last_is_kept_until_the_file_changes(
    recipe_file: Path, tiny_data: Path, tiny_arrays: dict[str, np.ndarray]
) -> None:
    recipe = parse_recipe(recipe_file.read_text())
    first = read_held_out(recipe, recipe_file.parent)
    assert read_held_out(recipe, recipe_file.parent) is first
    np.savez(tiny_data, inputs=tiny_arrays["inputs"] + 1, labels=tiny_arrays["labels"])
    assert read_held_out(recipe, recipe_file.parent).inputs[0] == pytest.approx(first.inputs[0] + 1)


def test_data_that_is_gone_is_refused_by_name(recipe_file: Path, tiny_data: Path) -> None:
    recipe = parse_recipe(recipe_file.read_text())
    tiny_data.unlink()
    with pytest.raises(WorkbenchError, match=r"data\.npz"):
        read_held_out(recipe, recipe_file.parent)


def test_bytes_are_shown_as_they_are() -> None:
    inputs = np.arange(2 * 12, dtype=np.uint8).reshape(2, 1, 3, 4)
    picture = shown(inputs).picture(1)
    assert picture is not None
    assert picture.tolist() == inputs[1, 0].tolist()


def test_colour_pictures_have_their_channels_last() -> None:
    inputs = np.arange(3 * 12, dtype=np.uint8).reshape(1, 3, 3, 4)
    picture = shown(inputs).picture(0)
    assert picture is not None
    assert picture.shape == (3, 4, 3)
    assert picture[1, 2].tolist() == inputs[0, :, 1, 2].tolist()


def test_floats_are_scaled_to_bytes_and_stretched_only_where_they_leave_0_to_1() -> None:
    half = shown(np.full((1, 1, 2, 2), 0.5, np.float32)).picture(0)
    assert half is not None
    assert half.tolist() == [[128, 128], [128, 128]]
    wide = shown(np.array([[[[-2.0, 0.0], [2.0, 2.0]]]], np.float32)).picture(0)
    assert wide is not None
    assert wide.tolist() == [[0, 128], [255, 255]]


def test_examples_of_a_class_come_in_order_and_no_more_than_asked() -> None:
    examples = HeldOutExamples(np.zeros((6, 2), np.float32), np.array([1, 0, 1, 1, 0, 1]), ("a", "b"))
    assert examples.of_class(1, 3) == (0, 2, 3)


def test_a_row_has_the_names_and_categories_of_its_table() -> None:
    inputs = np.array([[5.1, 0, 1], [-0.25, 0, 0]], np.float32)
    columns = ("length", "city=Oslo", "city=Rome")
    examples = HeldOutExamples(inputs, np.zeros(2, np.int64), ("a",), columns=columns)
    assert examples.row(0) == {"length": "5.1", "city": "Rome"}
    assert examples.row(1) == {"length": "-0.25", "city": "–"}
    assert shown(inputs).row(0) == {}


def test_a_finished_run_answers_as_its_own_probe_did(
    make_run: Callable[..., RunFolder], run_to_end: Callable[..., list[Event]]
) -> None:
    folder = make_run()
    last = [event for event in run_to_end(folder) if isinstance(event, Probed)][-1]
    asked = answers_on(folder, last.examples)
    assert (asked.examples, asked.labels, asked.temperature, asked.step) == (last.examples, last.labels, 2.0, 20)
    for name in ("teacher_at_1", "student_at_1", "teacher_at_t", "student_at_t"):
        assert_close(getattr(asked, name), getattr(last, name))


def test_a_stopped_run_answers_from_its_newest_checkpoint(make_run: Callable[..., RunFolder], tmp_path: Path) -> None:
    folder = make_run()
    steps = 0

    def stop() -> bool:
        return steps >= 5

    for event in drive(folder, Reins(device="cpu", cache_folder=tmp_path / "cache", should_stop=stop)):
        steps += isinstance(event, StepDone)
    assert not folder.student_file.exists()
    assert answers_on(folder, (0, 7)).step == 5


def test_a_baseline_answers_at_the_temperature_it_is_asked_for(
    make_run: Callable[..., RunFolder], tmp_path: Path
) -> None:
    folder = make_run(baseline=True)
    for _ in drive_trials(folder, Reins(device="cpu", cache_folder=tmp_path / "cache")):
        pass
    baseline = RunFolder(folder.companions()[0])
    assert answers_on(baseline, (1,)).temperature == 1.0
    soft = answers_on(baseline, (1,), 5.0)
    assert soft.temperature == 5.0
    logits = np.log(np.array(soft.student_at_1[0])) / 5
    assert_close(soft.student_at_t[0], np.exp(logits) / np.exp(logits).sum())


def test_a_run_without_a_student_is_refused(make_run: Callable[..., RunFolder]) -> None:
    with pytest.raises(WorkbenchError, match="has no student yet"):
        answers_on(make_run(), (0,))


def test_an_example_that_does_not_exist_is_refused(make_run: Callable[..., RunFolder]) -> None:
    with pytest.raises(WorkbenchError, match=r"no held-out example 15: there are 15, from 0"):
        answers_on(make_run(), (0, 15))


def test_pictures_are_looked_at_where_they_lie_and_a_new_one_is_noticed(tmp_path: Path) -> None:
    from PIL import Image

    from workbench.engine.mapped import is_mapped
    from workbench.session.looking import _read

    draws = np.random.default_rng(0)
    for number in range(8):
        (tmp_path / "pictures" / "ab"[number % 2]).mkdir(parents=True, exist_ok=True)
        pixels = draws.integers(0, 256, (4, 4, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / "pictures" / "ab"[number % 2] / f"{number}.png")
    recipe = parse_recipe(
        'name = "p"\n[student.architecture]\nkind = "convnet"\n[data]\nkind = "image_folder"\nfolder = "pictures"\n'
        'validation_fraction = 0.5\n[[stages]]\n[stages.objective]\nkind = "hard_labels"\n'
    )
    assert is_mapped(_read(recipe, tmp_path).validation.inputs_NX)
    first = read_held_out(recipe, tmp_path)
    assert len(first) == 4
    assert read_held_out(recipe, tmp_path) is first
    for number in (8, 9):
        Image.fromarray(pixels).save(tmp_path / "pictures" / "a" / f"{number}.png")
    assert len(read_held_out(recipe, tmp_path)) == 5
