"""Which of the compared runs is best at what."""

from dataclasses import replace
from pathlib import Path

from gui.shelf import put_run
from gui.text_runs import make_folder, prepared, score
from workbench.gui.models.measures import MEASURES, Measure, best_of, measures_for
from workbench.session.comparing import read_compared


def _named(name: str) -> Measure:
    return next(measure for measure in MEASURES if measure.name == name)


def test_less_time_is_best_and_equal_sizes_are_no_contest(recipe_file: Path, tmp_path: Path) -> None:
    slow = read_compared(put_run(recipe_file, tmp_path, "slow", seconds=90.0))
    quick = read_compared(put_run(recipe_file, tmp_path, "quick", seconds=30.0))
    assert best_of(_named("Training time"), [slow, quick, slow]) == {1}
    assert best_of(_named("Training time"), [slow, slow]) == frozenset()
    assert best_of(_named("Seed"), [slow, quick]) == frozenset()


def test_one_known_run_among_unknown_ones_is_no_contest(recipe_file: Path, tmp_path: Path) -> None:
    run = read_compared(put_run(recipe_file, tmp_path, "a"))
    never_began = replace(run, summary=replace(run.summary, seconds=0.0))
    assert best_of(_named("Training time"), [run, never_began]) == frozenset()


def test_perplexity_is_measured_where_a_run_writes_text_and_nowhere_else(recipe_file: Path, tmp_path: Path) -> None:
    classifier = read_compared(put_run(recipe_file, tmp_path, "classes"))
    writer = read_compared(make_folder(tmp_path, "text", prepared(), score(400, 60)).path)
    assert "Perplexity" not in [measure.name for measure in measures_for([classifier])]
    assert "Perplexity" in [measure.name for measure in measures_for([classifier, writer])]
    assert _named("Perplexity").words(writer) == "2.23", "e to 0.8 nats"
    assert _named("Perplexity").words(classifier) == "–"
    assert _named("Errors").words(writer) == "60 wrong answers (20.00 %)"
