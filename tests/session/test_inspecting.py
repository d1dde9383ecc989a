"""What files hold and how good checkpoints are, found out once for each state of a file."""

import os
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
import torch
from engine.hugging_face_models import vit_folder

from workbench.engine import checkpoints
from workbench.engine.traits import Traits
from workbench.errors import WorkbenchError
from workbench.recipe import read_recipe
from workbench.recipe.data import Arrays
from workbench.recipe.models import ConvNet, HuggingFaceConfig, Mlp, ResNet
from workbench.session.inspecting import DataFacts, Inspector
from workbench.session.jobs import Cancelled, Job


@pytest.fixture
def job() -> Job:
    return Job("a test", lambda _: None)


@pytest.fixture
def data() -> Arrays:
    return Arrays(file="data.npz", validation_fraction=0.25)


def test_a_checkpoint_tells_what_it_is(recipe_file: Path):
    facts = Inspector().checkpoint(recipe_file.parent / "teacher.safetensors")
    size = (recipe_file.parent / "teacher.safetensors").stat().st_size
    assert (facts.architecture, facts.parameters, facts.bytes) == ("mlp", 4 * 16 + 16 + 16 * 3 + 3, size)
    assert (facts.input_shape, facts.classes) == ((4,), ("0", "1", "2"))
    assert (facts.format, facts.needs) == ("Distillation Workbench checkpoint", "")


def test_a_missing_checkpoint_is_refused_in_words(tmp_path: Path):
    with pytest.raises(WorkbenchError, match="There is no checkpoint at"):
        Inspector().checkpoint(tmp_path / "nowhere.safetensors")


def test_a_data_set_tells_what_it_holds(recipe_file: Path, data: Arrays):
    assert Inspector().data(data, recipe_file.parent) == DataFacts(45, 15, (4,), ("0", "1", "2"), Traits())


def test_the_score_counts_the_errors_on_the_held_out_examples(recipe_file: Path, data: Arrays, job: Job):
    folder = recipe_file.parent
    score = Inspector().score(job, folder / "teacher.safetensors", data, folder)
    from workbench.engine.data import read_data

    held_out = read_data(data, folder).validation
    answers = checkpoints.load(folder / "teacher.safetensors")(held_out.inputs_NX).argmax(1)
    assert (score.errors, score.examples) == (int((answers != held_out.labels_N).sum()), 15)


def test_the_same_file_is_scored_once_and_again_when_it_changed(recipe_file: Path, data: Arrays, job: Job):
    folder, inspector = recipe_file.parent, Inspector()
    path = folder / "teacher.safetensors"
    with patch("workbench.engine.checkpoints.load", wraps=checkpoints.load) as load:
        first = inspector.score(job, path, data, folder)
        assert inspector.score(job, path, data, folder) == first
        assert load.call_count == 1
        os.utime(path, ns=(1, 1))
        inspector.score(job, path, data, folder)
        assert load.call_count == 2
        inspector.score(job, path, data.model_copy(update={"seed": 5}), folder)
        assert load.call_count == 3


def test_a_cancelled_job_ends_between_batches(recipe_file: Path, data: Arrays, job: Job):
    job.cancel()
    with pytest.raises(Cancelled):
        Inspector().score(job, recipe_file.parent / "teacher.safetensors", data, recipe_file.parent)


def test_data_of_another_shape_is_refused_with_both_shapes(recipe_file: Path, job: Job, clustered_arrays):
    folder = recipe_file.parent
    np.savez(folder / "wide.npz", **clustered_arrays(features=7))
    with pytest.raises(WorkbenchError, match="It reads inputs of 4, but the data has 7"):
        Inspector().score(job, folder / "teacher.safetensors", Arrays(file="wide.npz"), folder)


def test_data_with_other_classes_is_refused_with_both_counts(recipe_file: Path, job: Job, clustered_arrays):
    folder = recipe_file.parent
    np.savez(folder / "five.npz", **clustered_arrays(classes=5))
    with pytest.raises(WorkbenchError, match="It tells 3 classes apart, but the data has 5"):
        Inspector().score(job, folder / "teacher.safetensors", Arrays(file="five.npz"), folder)


@pytest.mark.parametrize("architecture", [Mlp(hidden=(30,)), ConvNet(), ResNet()])
def test_a_new_model_is_measured_as_the_one_that_training_would_make(architecture, tmp_path: Path):
    random = np.random.default_rng(0)
    pictures = random.integers(0, 255, (20, 1, 12, 12), dtype=np.uint8)
    np.savez(tmp_path / "data.npz", inputs=pictures, labels=np.arange(20) % 2)
    facts = Inspector().new_model(architecture, Arrays(file="data.npz"), tmp_path)
    from workbench.engine.classifier import measure, new_classifier

    made = new_classifier(architecture, measure(torch.from_numpy(pictures)), ("0", "1"), seed=0)
    assert facts.parameters == made.parameter_count
    assert facts.bytes == sum(tensor.nbytes for tensor in made.state_dict().values())


def test_measuring_a_new_model_draws_no_random_number_that_a_run_beside_it_would_miss(recipe_file: Path, data: Arrays):
    before = torch.random.get_rng_state()
    Inspector().new_model(Mlp(), data, recipe_file.parent)
    assert torch.equal(before, torch.random.get_rng_state())


def test_an_architecture_that_does_not_fit_the_data_is_refused(recipe_file: Path, data: Arrays):
    with pytest.raises(WorkbenchError, match="needs pictures"):
        Inspector().new_model(ConvNet(), data, recipe_file.parent)


def test_the_recipes_own_files_are_inspected_without_torch_being_imported_before():
    command = "import sys, workbench.session.inspecting; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "False"


def test_the_tiny_recipe_is_what_these_tests_think_it_is(recipe_file: Path):
    assert read_recipe(recipe_file).data == Arrays(file="data.npz", validation_fraction=0.25)


def test_a_recipe_may_name_files_in_the_persons_own_folder(
    recipe_file: Path, job: Job, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
):
    monkeypatch.setenv("HOME", str(recipe_file.parent))
    monkeypatch.setenv("USERPROFILE", str(recipe_file.parent))
    data, elsewhere = Arrays(file="~/data.npz", validation_fraction=0.25), tmp_path_factory.mktemp("elsewhere")
    inspector = Inspector()
    assert inspector.data(data, elsewhere).held_out == 15
    assert inspector.score(job, recipe_file.parent / "teacher.safetensors", data, elsewhere).examples == 15
    np.savez(recipe_file.parent / "data.npz", inputs=np.zeros((8, 4), np.float32), labels=np.arange(8) % 2)
    assert inspector.data(data, elsewhere).held_out == 2, "changed data is noticed there too"


def test_the_same_config_name_in_another_folder_is_another_model(tmp_path: Path):
    random = np.random.default_rng(0)
    pictures = random.integers(0, 255, (20, 3, 32, 32), dtype=np.uint8)
    np.savez(tmp_path / "data.npz", inputs=pictures, labels=np.arange(20) % 2)
    data, inspector, found = Arrays(file=str(tmp_path / "data.npz")), Inspector(), set()
    for width in (16, 32):
        vit_folder(tmp_path / str(width) / "model", hidden_size=width)
        architecture = HuggingFaceConfig(config="model")
        found.add(inspector.new_model(architecture, data, tmp_path / str(width)).parameters)
    assert len(found) == 2
