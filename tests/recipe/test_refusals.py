"""A refusal names file, line, key, what was there, the range, and what was probably meant."""

import pytest

from workbench.errors import WorkbenchError
from workbench.recipe import parse_recipe

TEXT = """\
format = 1
name = "r"

[[teachers]]
checkpoint = "t.safetensors"

[student]
seed = 0

[student.architecture]
kind = "mlp"
hidden = [8]

[data]
kind = "arrays"
file = "d.npz"

[[stages]]
name = "a"

[stages.inputs]
batch_size = 8

[stages.objective]
kind = "soft_targets"
temperature = 4.0
alpha = 0.9

[stages.optimisation]
epochs = 2
"""


def refusal(old: str, new: str) -> str:
    """The message for the recipe with one line replaced."""
    assert TEXT.count(f"\n{old}\n") == 1
    with pytest.raises(WorkbenchError) as caught:
        parse_recipe(TEXT.replace(f"\n{old}\n", f"\n{new}\n"), "r.toml")
    return str(caught.value)


def line_with(text: str) -> int:
    """The line of TEXT that holds this."""
    return next(number for number, line in enumerate(TEXT.splitlines(), start=1) if text in line)


def test_the_recipe_that_is_spoilt_here_is_accepted_as_it_stands():
    assert parse_recipe(TEXT).stages[0].objective.temperature == 4.0


@pytest.mark.parametrize(
    ("old", "new", "key", "told"),
    [
        ("temperature = 4.0", "temperature = 0", "stages.0.objective.temperature = 0", "greater than 0, at most 1000"),
        ("temperature = 4.0", "temperature = -2.5", "temperature = -2.5", "greater than 0, at most 1000"),
        ("temperature = 4.0", "temperature = 1000.5", "temperature = 1000.5", "greater than 0, at most 1000"),
        ("temperature = 4.0", "temperature = nan", "temperature = nan", "finite number, greater than 0"),
        ("temperature = 4.0", "temperature = inf", "temperature = inf", "finite number, greater than 0"),
        ("temperature = 4.0", "temperature = -inf", "temperature = -inf", "finite number, greater than 0"),
        ("temperature = 4.0", 'temperature = "4"', "temperature = “4”", "must be a number, greater than 0"),
        ("temperature = 4.0", "temperature = true", "temperature = true", "must be a number, greater than 0"),
        ("temperature = 4.0", "temperature = [4.0]", "temperature = [4.0]", "must be a number"),
        ("alpha = 0.9", "alpha = 1.01", "stages.0.objective.alpha = 1.01", "at least 0, at most 1"),
        ("alpha = 0.9", "alpha = -0.01", "alpha = -0.01", "at least 0, at most 1"),
        ("batch_size = 8", "batch_size = 0", "stages.0.inputs.batch_size = 0", "at least 1"),
        ("batch_size = 8", "batch_size = 8.0", "batch_size = 8.0", "must be a whole number, at least 1"),
        ("batch_size = 8", "batch_size = true", "batch_size = true", "must be a whole number, at least 1"),
        ("batch_size = 8", "batch_size = nan", "batch_size = nan", "must be a whole number, at least 1"),
        ("batch_size = 8", f"batch_size = 1{'0' * 30}", "batch_size = 1000", "at least 1"),
        ("epochs = 2", "learning_rate = inf", "stages.0.optimisation.learning_rate = inf", "at most 100"),
        ("epochs = 2", "nesterov = 1", "stages.0.optimisation.nesterov = 1", "true or false"),
        ("epochs = 2", "epochs = '2'", "stages.0.optimisation.epochs = “2”", "must be a whole number, at least 1"),
        ("seed = 0", "seed = -1", "student.seed = -1", "at least 0"),
        ("seed = 0", "seed = 1.5", "student.seed = 1.5", "must be a whole number"),
        ("hidden = [8]", "hidden = 8", "student.architecture.hidden = 8", "a list in [ ]"),
        ("hidden = [8]", "hidden = [8, 0]", "student.architecture.hidden.1 = 0", "greater than or equal to 1"),
        ("hidden = [8]", 'hidden = ["a"]', "student.architecture.hidden.0 = “a”", "must be a whole number"),
        ('name = "r"', "name = 5", "name = 5", "a text in quotes"),
    ],
)
def test_a_refused_value_is_named_with_its_line_key_and_range(old, new, key, told):
    message = refusal(old, new)
    assert f"r.toml, line {line_with(old)}: " in message
    assert key in message
    assert told in message
    assert message.startswith("One value is refused.")


def test_a_date_is_no_text():
    assert f"line {line_with('name = ')}" in refusal('name = "r"', "name = 2020-01-01")


@pytest.mark.parametrize(
    ("old", "new", "meant"),
    [
        ("epochs = 2", "epoch = 2", "epochs"),
        ("temperature = 4.0", "temprature = 4.0", "temperature"),
        ('name = "r"', 'nmae = "r"', "name"),
        ("hidden = [8]", "hiden = [8]", "hidden"),
        ("seed = 0", "sed = 0", "seed"),
        ("batch_size = 8", "batchsize = 8", "batch_size"),
        ('file = "d.npz"', 'fil = "d.npz"', "file"),
    ],
)
def test_an_unknown_key_is_named_with_its_line_and_the_key_that_was_meant(old, new, meant):
    message = refusal(old, new)
    line = next(line for line in message.splitlines() if "is not a setting" in line)
    assert f"r.toml, line {line_with(old)}: " in line
    assert f"{new.partition(' ')[0]}” is not a setting of this section. Did you mean “{meant}”?" in line


def test_an_unknown_key_that_resembles_nothing_gets_no_suggestion():
    message = refusal("epochs = 2", "zzz = 2")
    assert "“stages.0.optimisation.zzz” is not a setting of this section." in message
    assert "Did you mean" not in message


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('kind = "soft_targets"', 'kind = "soft_target"', "stages.0.objective.kind = “soft_target” is not known"),
        ('kind = "mlp"', 'kind = "mpl"', "student.architecture.kind = “mpl” is not known"),
        ('kind = "arrays"', 'kind = "array"', "data.kind = “array” is not known"),
    ],
)
def test_an_unknown_kind_is_named_on_its_line_with_all_kinds_and_the_nearest(old, new, told):
    message = refusal(old, new)
    right = old.split('"')[1]
    assert told in message
    assert f"Did you mean “{right}”?" in message
    assert f"r.toml, line {line_with(old)}: " in message


def test_the_kinds_to_choose_from_are_listed():
    message = refusal('kind = "mlp"', 'kind = "x"')
    assert "one of mlp, convnet, resnet" in message


@pytest.mark.parametrize(
    ("old", "told", "line"),
    [
        ('kind = "soft_targets"', "“stages.0.objective.kind” is missing", line_with("[stages.objective]")),
        ('kind = "mlp"', "“student.architecture.kind” is missing", line_with("[student.architecture]")),
        ('file = "d.npz"', "“data.file” is missing: The .npz or .safetensors file.", line_with("[data]")),
        ('checkpoint = "t.safetensors"', "“teachers.0.checkpoint” is missing", line_with("[[teachers]]")),
    ],
)
def test_a_missing_key_is_named_at_the_section_that_lacks_it(old, told, line):
    message = refusal(old, "")
    assert told in message
    assert f"r.toml, line {line}: " in message


@pytest.mark.parametrize("section", ["student", "data"])
def test_a_missing_section_is_named(section):
    start = TEXT.index(f"[{section}]")
    end = TEXT.index("[data]" if section == "student" else "[[stages]]")
    with pytest.raises(WorkbenchError, match=f"“{section}” is missing"):
        parse_recipe(TEXT[:start] + TEXT[end:], "r.toml")


def test_an_unknown_word_is_refused_with_the_words_to_choose_from():
    message = refusal("epochs = 2", 'optimiser = "sdg"')
    assert "optimiser = “sdg” is not one of sgd, adam, adamw. Did you mean “sgd”?" in message


def test_a_recipe_of_a_later_format_is_refused():
    with pytest.raises(WorkbenchError, match="line 1: format = 2 is not one of 1"):
        parse_recipe(TEXT.replace("format = 1", "format = 2"), "r.toml")


def test_several_refused_values_are_told_at_once():
    text = TEXT.replace("temperature = 4.0", "temperature = 0").replace("batch_size = 8", "batch_size = 0")
    text = text.replace("hidden = [8]", "hidden = [0, 70000]").replace("epochs = 2", "epoch = 2")
    with pytest.raises(WorkbenchError) as caught:
        parse_recipe(text, "r.toml")
    message = str(caught.value)
    assert message.startswith("5 values are refused.")
    for old in ("temperature", "batch_size", "epochs"):
        assert f"r.toml, line {line_with(old)}: " in message
    assert message.count(f"r.toml, line {line_with('hidden')}: ") == 2


def test_a_section_given_as_a_value_is_refused():
    message = refusal("batch_size = 8", "augmentation = 3")
    assert "stages.0.inputs.augmentation = 3 must be a section" in message


def test_a_single_table_where_a_list_of_them_belongs_is_refused():
    with pytest.raises(WorkbenchError, match=r"line 18: stages = .* must be a list in \[ \]"):
        parse_recipe(TEXT.replace("[[stages]]", "[stages]"), "r.toml")


def test_a_list_without_stages_is_refused():
    text = TEXT[: TEXT.index("[[stages]]")]
    with pytest.raises(WorkbenchError, match=r"line 1: stages = .*at least 1 item"):
        parse_recipe("stages = []\n" + text, "r.toml")


def test_a_stage_without_its_teacher_is_refused_by_number_and_kind():
    start, end = TEXT.index("[[teachers]]"), TEXT.index("[student]")
    with pytest.raises(
        WorkbenchError,
        match=r"stage 1 learns from a teacher \(soft targets\), and there is none: add one, or choose hard",
    ):
        parse_recipe(TEXT[:start] + TEXT[end:], "r.toml")


def test_a_long_value_is_shortened_in_its_refusal():
    message = refusal("hidden = [8]", f"hidden = [{', '.join(['1'] * 65)}]")
    assert "at most 64 items" in message
    assert "…" in message
    assert max(map(len, message.splitlines())) < 200


def test_a_stage_whose_text_nobody_writes_is_told_of_the_given_responses():
    text = """
[student.architecture]
kind = "causal_lm"
[data]
kind = "conversations"
file = "talks.jsonl"
[[stages]]
[stages.inputs]
kind = "teacher_written"
[stages.objective]
kind = "hard_labels"
"""
    with pytest.raises(WorkbenchError, match=r"teacher-written text\), and there is none: add one, or take the inputs"):
        parse_recipe(text, "r.toml")
