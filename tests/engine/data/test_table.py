"""Rows of a table become numbers: columns as they are or one-hot, labels as classes, gaps said."""

from datetime import date

import polars
import pytest
import torch

from workbench.engine.classifier import measure
from workbench.engine.data import read_data
from workbench.engine.data.table import table_examples
from workbench.engine.objectives import UNLABELLED
from workbench.errors import WorkbenchError
from workbench.recipe.data import Table

LINES = ["age,city,member,species"]
LINES += [
    f"{20 + n}.5,{('Rome', 'Oslo', 'Bonn')[n % 3]},{('true', 'false')[n % 2]},{('cat', 'ant')[n % 2]}"
    for n in range(12)
]


def table(folder, lines, **section):
    (folder / "table.csv").write_text("\n".join(lines), encoding="utf-8")
    return read_data(Table(file="table.csv", **({"validation_fraction": 0.5} | section)), folder)


def titles(examples):
    return "\n".join(note.title for note in examples.notes)


def test_numbers_stay_and_everything_else_is_one_hot_in_sorted_order(tmp_path):
    training = table(tmp_path, LINES).training
    expected = ("age", "city=Bonn", "city=Oslo", "city=Rome", "member=false", "member=true")
    assert training.traits.columns == expected
    assert training.classes == ("ant", "cat")
    assert "label is taken from the column “species”" in titles(training)
    for row, label in zip(training.inputs_NX.tolist(), training.labels_N.tolist(), strict=True):
        n = int(row[0] - 20)
        assert row[1:4] == [[0, 0, 1], [0, 1, 0], [1, 0, 0]][n % 3]
        assert row[4:] == [[0, 1], [1, 0]][n % 2]
        assert label == [1, 0][n % 2]


def test_statistics_of_a_category_that_is_never_there_leave_it_at_zero(tmp_path):
    training = table(tmp_path, LINES).training
    none = torch.zeros_like(training.inputs_NX)
    assert measure(none, training.traits).std == (1.0,) * 6


def test_held_out_rows_are_read_by_the_columns_and_categories_of_the_training_rows(tmp_path):
    held_out = ["species,city,age,member", "cat,Paris,1,true", "dog,Oslo,2,false"]
    (tmp_path / "held.csv").write_text("\n".join(held_out), encoding="utf-8")
    dataset = table(tmp_path, LINES, validation_file="held.csv")
    assert dataset.validation.inputs_NX.tolist() == [[1, 0, 0, 0, 0, 1], [2, 0, 1, 0, 1, 0]]
    assert dataset.training.classes == dataset.validation.classes == ("ant", "cat", "dog")
    assert dataset.validation.labels_N.tolist() == [1, 2]
    assert "1 rows have a “city” that the training data never has, such as “Paris”" in titles(dataset.validation)


def test_held_out_rows_without_a_column_are_refused_by_its_name(tmp_path):
    (tmp_path / "held.csv").write_text("age,member,species\n1,true,cat", encoding="utf-8")
    with pytest.raises(WorkbenchError, match="no column “city”, which the training data has"):
        table(tmp_path, LINES, validation_file="held.csv")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (",Rome,true,cat", "“age” is missing or unreadable in 1 of 13 rows .line 14."),
        ("NaN,Rome,true,cat", "“age”"),
        ("1e999,Rome,true,cat", "“age”.*such as “1e999”"),
        ("1e39,Rome,true,cat", "“age”"),
        ("old,Rome,true,cat", "“age”.*such as “old”"),
        ("1,,true,cat", "“city” is missing"),
    ],
)
def test_gaps_are_refused_by_column_line_and_count_or_left_out_with_a_note(tmp_path, row, words):
    with pytest.raises(WorkbenchError, match=words):
        table(tmp_path, [*LINES, row])
    dataset = table(tmp_path, [*LINES, row], skip_broken=True)
    assert len(dataset.training) + len(dataset.validation) == 12
    assert "1 of 13 rows were left out" in titles(dataset.training)


def test_rows_without_a_label_stay_unlabelled_and_are_counted(tmp_path):
    training = table(tmp_path, [*LINES, "1,Rome,true,", "2,Rome,true,"]).training
    assert int((training.labels_N == UNLABELLED).sum()) == 2
    assert "2 of 14 rows have no label" in titles(training)


def test_numbers_that_are_names_keep_their_leading_zeros(tmp_path):
    lines = ["code,label", *[f"0{n % 3 + 8},{n % 2}" for n in range(12)]]
    training = table(tmp_path, lines, categorical=("code",)).training
    assert training.traits.columns == ("code=08", "code=09", "code=010")


def test_labels_that_are_numbers_are_sorted_by_size_and_may_count_named_classes(tmp_path):
    lines = ["x,label", *[f"{n},{(2, 10, 1)[n % 3]}" for n in range(12)]]
    assert table(tmp_path, lines).training.classes == ("1", "2", "10")
    lines = ["x,label", *[f"{n},{n % 2}" for n in range(12)]]
    dataset = table(tmp_path, lines, classes=("no", "yes"))
    assert dataset.training.classes == ("no", "yes")
    rows = dataset.training.inputs_NX[:, 0].long()
    assert torch.equal(rows % 2, dataset.training.labels_N)


def test_a_label_without_a_telling_name_is_the_last_column_with_few_values(tmp_path):
    lines = ["x,won,noise", *[f"{n},{n % 2},{n * 0.37}" for n in range(12)]]
    training = table(tmp_path, lines).training
    assert "“won”, since it has few different values" in titles(training)
    assert training.traits.columns == ("x", "noise")


def test_decimal_commas_are_read_where_semicolons_part_the_values(tmp_path):
    lines = ["x;label", *[f"{n},25;{'ab'[n % 2]}" for n in range(12)]]
    training = table(tmp_path, lines).training
    assert set((training.inputs_NX % 1).flatten().tolist()) == {0.25}


@pytest.mark.parametrize(
    ("lines", "section", "words"),
    [
        (["when,label", *[f"2024-01-{n + 10},{n % 2}" for n in range(12)]], {}, "“when” holds dates"),
        (["a=b,label", "1,x", "2,y"], {}, "“=” in its name"),
        (["x,price", *[f"{n},{n * 1.5}" for n in range(40)]], {"label": "price"}, "40 different values in 40 rows"),
        (["x,y2", *[f"{n},{n * 1.5}" for n in range(60)]], {}, "no column looks like the label"),
        (["word,label", *[f"w{n},{n % 2}" for n in range(1001)]], {}, "“word” has 1,001 different values"),
        (LINES, {"columns": ("age", "size")}, "no column “size”"),
        (LINES, {"label": "species", "columns": ("species",)}, "names the label “species”"),
        (LINES, {"classes": ("ant", "bee")}, "“cat” in the label column “species” is none of the 2 classes"),
    ],
)
def test_what_cannot_be_learned_from_is_refused_by_its_column(tmp_path, lines, section, words):
    with pytest.raises(WorkbenchError, match=words):
        table(tmp_path, lines, **section)


def test_dates_and_lists_of_other_formats_are_refused_too(tmp_path):
    for values in ([date(2024, 1, 1)] * 4, [[1, 2]] * 4):
        polars.DataFrame({"odd": values, "label": ["a", "b"] * 2}).write_parquet(tmp_path / "a.parquet")
        with pytest.raises(WorkbenchError, match="the column “odd” holds"):
            read_data(Table(file="a.parquet"), tmp_path)


def test_a_model_reads_another_table_by_the_names_of_its_features(tmp_path):
    training = table(tmp_path, LINES).training
    examples = table_examples(tmp_path / "table.csv", training.traits.columns, training.classes)
    assert examples.inputs_NX.shape == (12, 6)
    assert examples.traits == training.traits
    assert examples.labels_N.tolist() == [1, 0] * 6


def test_reading_ends_when_it_is_no_longer_wanted(tmp_path):
    from workbench.engine.data import Wishes

    def stop(_: str) -> None:
        raise InterruptedError

    (tmp_path / "table.csv").write_text("\n".join(LINES), encoding="utf-8")
    with pytest.raises(InterruptedError):
        read_data(Table(file="table.csv"), tmp_path, Wishes(pulse=stop))
