"""Every kind of data in a recipe has its reader, and names count from the recipe's folder."""

import torch

from workbench.engine.data import DATA, read_data
from workbench.recipe.data import DATA as SECTIONS
from workbench.recipe.data import Arrays


def test_the_engine_and_the_recipe_know_the_same_data_sources_in_the_same_order():
    assert [read.__name__ for read in DATA] == [section.model_fields["kind"].default for section in SECTIONS]


def test_relative_names_count_from_the_folder(tiny_data, tiny_arrays):
    (tiny_data.parent / "deep").mkdir()
    section = Arrays(file="../data.npz", validation_fraction=0.5)
    dataset = read_data(section, tiny_data.parent / "deep")
    assert len(dataset.training) + len(dataset.validation) == len(tiny_arrays["labels"])
    assert torch.equal(read_data(Arrays(file=str(tiny_data)), tiny_data).training.labels_N.unique(), torch.arange(3))
