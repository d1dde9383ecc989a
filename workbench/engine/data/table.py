"""Rows of a CSV, TSV, JSONL, Parquet or Arrow file: one column the label, the others numbers and categories."""

from pathlib import Path

from torch import Tensor

from workbench.engine.data.columns import Column, columns_of, encode, learn_columns, whole_rows
from workbench.engine.data.examples import Dataset, Examples, as_dataset, as_examples
from workbench.engine.data.label_columns import guess_label, labels_in, unlabelled_notes
from workbench.engine.data.reading_tables import Rows, read_rows
from workbench.engine.data.wishes import Wishes
from workbench.engine.traits import Traits
from workbench.errors import WorkbenchError
from workbench.events import Finding
from workbench.recipe.data import Table
from workbench.recipe.section import whole_name


def table(section: Table, folder: Path, wishes: Wishes | None = None) -> Dataset:
    """The rows of a table, held-out ones read by the columns and categories of the training ones.

    Raises:
        WorkbenchError: A file cannot be read, a column is missing or cannot be used, or values are missing.
    """
    pulse = (wishes or Wishes()).pulse
    training = read_rows(whole_name(folder, section.file), skip_broken=section.skip_broken, pulse=pulse)
    label, said = (
        (section.label, ()) if section.label else guess_label(training, (*section.columns, *section.categorical))
    )
    training.column(label, "label")
    names = _columns_to_learn_from(section, training, label)
    pulse("Reading the columns")
    columns, training, notes = learn_columns(training, names, section.categorical, skip_broken=section.skip_broken)
    tables, all_notes = [training], [(*said, *notes)]
    if section.validation_file:
        held_out = read_rows(whole_name(folder, section.validation_file), skip_broken=section.skip_broken, pulse=pulse)
        held_out, notes = whole_rows(held_out, columns, skip_broken=section.skip_broken)
        tables.append(held_out)
        all_notes.append(notes)
    classes, labels = labels_in(tables, label, section.classes)
    pulse("Turning the columns into numbers")
    parts = [
        _examples(rows, columns, labels_N, classes, notes)
        for rows, labels_N, notes in zip(tables, labels, all_notes, strict=True)
    ]
    return as_dataset(parts[0], parts[1] if len(parts) > 1 else None, section.validation_fraction, section.seed)


def table_examples(path: Path, features: tuple[str, ...], classes: tuple[str, ...]) -> Examples:
    """All rows of a table, as a model reads them.

    Args:
        path: The file.
        features: What the features of the model are called: `Traits.columns`.
        classes: Names in label order.

    Raises:
        WorkbenchError: The file cannot be read, or its columns are not the model's.
    """
    columns = columns_of(features)
    rows, notes = whole_rows(read_rows(path, skip_broken=False), columns, skip_broken=False)
    label, said = guess_label(rows, [column.name for column in columns])
    _, (labels_N,) = labels_in([rows], label, classes)
    return _examples(rows, columns, labels_N, classes, (*said, *notes))


def _columns_to_learn_from(section: Table, rows: Rows, label: str) -> tuple[str, ...]:
    for name in section.columns:
        rows.column(name, "columns")
    for name in section.categorical:
        rows.column(name, "categorical")
    names = section.columns or tuple(name for name in rows.frame.columns if name != label)
    if label in names or len(set(names)) < len(names):
        problem = f"names the label “{label}” too" if label in names else "names a column twice"
        raise WorkbenchError(f"data.columns {problem}.", "Name each column to learn from once, and not the label.")
    if not names:
        raise WorkbenchError(f"{rows.name} has no column besides the label “{label}”.", "Give columns to learn from.")
    return names


def _examples(
    rows: Rows, columns: tuple[Column, ...], labels_N: Tensor, classes: tuple[str, ...], notes: tuple[Finding, ...]
) -> Examples:
    features_NF, more = encode(rows, columns)
    features = tuple(feature for column in columns for feature in column.features)
    notes += (*more, *unlabelled_notes(rows.name, labels_N))
    return as_examples(features_NF, labels_N, classes, rows.name, traits=Traits(columns=features), notes=notes)
