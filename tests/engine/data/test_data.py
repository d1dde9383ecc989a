"""Every kind of data in a recipe has its reader, and names count from the recipe's folder."""

import pytest
import torch

from workbench.engine.data import DATA, read_data
from workbench.engine.data.conversations import read_dialogues
from workbench.errors import WorkbenchError
from workbench.recipe.data import DATA as SECTIONS
from workbench.recipe.data import Arrays, Conversations


def test_the_engine_and_the_recipe_know_the_same_data_sources_in_the_same_order():
    # Conversations are no examples of classes: they have a reader of their own, with dialogues for a result.
    of_classes = [section for section in SECTIONS if section is not Conversations]
    assert [read.__name__ for read in DATA] == [section.model_fields["kind"].default for section in of_classes]


def test_conversations_are_read_by_their_own_reader_and_refused_by_that_of_classes(tmp_path):
    (tmp_path / "a.txt").write_text("What is 1 + 1?\nWhat is 2 + 2?\n", encoding="utf-8")
    section = Conversations(file="a.txt", validation_fraction=0.5)
    assert len(read_dialogues(section, tmp_path).training) == 1
    with pytest.raises(WorkbenchError, match=r"a\.txt holds conversations, which only a language model reads"):
        read_data(section, tmp_path)


def test_relative_names_count_from_the_folder(tiny_data, tiny_arrays):
    (tiny_data.parent / "deep").mkdir()
    section = Arrays(file="../data.npz", validation_fraction=0.5)
    dataset = read_data(section, tiny_data.parent / "deep")
    assert len(dataset.training) + len(dataset.validation) == len(tiny_arrays["labels"])
    assert torch.equal(read_data(Arrays(file=str(tiny_data)), tiny_data).training.labels_N.unique(), torch.arange(3))
