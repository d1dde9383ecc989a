"""Runs side by side: scores, sizes, and the settings that differ."""

from collections.abc import Callable

from workbench.events import Event
from workbench.recipe import Recipe, parse_recipe
from workbench.session.comparing import SettingRow, compare_recipes, read_compared
from workbench.session.run_folder import RunFolder

Text = Callable[..., str]


def _differing(*recipes: Recipe) -> dict[str, SettingRow]:
    return {row.words: row for row in compare_recipes(recipes) if row.differs}


def test_equal_recipes_differ_in_nothing_and_show_their_defaults(recipe_text: Text) -> None:
    recipe = parse_recipe(recipe_text())
    assert _differing(recipe, recipe) == {}
    rows = {row.words: row.values for row in compare_recipes([recipe, recipe])}
    assert rows["Stage 1 · optimisation · momentum"] == ("0.9", "0.9")
    assert rows["Stage 1 · optimisation · nesterov"] == ("yes", "yes")
    assert rows["Monitoring · evaluate every (epochs)"] == ("1", "1")


def test_a_changed_setting_is_named_in_words_with_both_values_and_its_help(recipe_text: Text) -> None:
    one = parse_recipe(recipe_text())
    other = parse_recipe(recipe_text(), changes=("stages.0.objective.temperature=8",))
    (row,) = _differing(one, other).values()
    assert (row.words, row.values) == ("Stage 1 · objective · temperature", ("2", "8"))
    assert "divides the logits" in row.help


def test_a_setting_that_only_one_recipe_has_shows_a_dash_in_the_other(recipe_text: Text) -> None:
    one = parse_recipe(recipe_text())
    other = parse_recipe(recipe_text(objective='kind = "hard_labels"', teachers=""))
    rows = _differing(one, other)
    assert rows["Stage 1 · objective · kind"].values == ("soft targets", "hard labels")
    assert rows["Stage 1 · objective · temperature"].values == ("2", "–")
    assert rows["Teacher 1 · checkpoint"].values == ("teacher.safetensors", "–")


def test_settings_stand_in_the_order_of_the_recipe_also_those_of_a_later_stage(recipe_text: Text) -> None:
    one = parse_recipe(recipe_text())
    stage = one.stages[0].model_copy(update={"name": "second"})
    other = one.model_copy(update={"stages": (one.stages[0], stage)})
    words = [row.words for row in compare_recipes([one, other])]
    stages = [number for number, text in enumerate(words) if text.startswith("Stage 2")]
    assert words.index("Stage 1 · optimisation · early stop (evaluations)") == stages[0] - 1
    assert stages == list(range(stages[0], stages[-1] + 1))
    assert words[stages[-1] + 1].startswith("Monitoring")
    assert len(words) == len(set(words))


def test_a_finished_run_is_compared_by_its_last_score_and_its_size(
    make_run: Callable[..., RunFolder], run_to_end: Callable[..., list[Event]]
) -> None:
    folder = make_run()
    run_to_end(folder)
    run = read_compared(folder.path)
    assert run.score is not None
    assert (run.score.errors, run.score.step) == (run.summary.student_errors, 20)
    assert run.parameters == 4 * 8 + 8 + 8 * 3 + 3
    assert run.student_bytes == folder.student_file.stat().st_size


def test_a_run_that_never_began_has_no_scores(make_run: Callable[..., RunFolder]) -> None:
    run = read_compared(make_run().path)
    assert (run.score, run.parameters, run.student_bytes) == (None, None, None)
