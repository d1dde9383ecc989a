"""Recipes go in and out of TOML without loss, and what a person wrote stays."""

from pathlib import Path

import pytest
from hypothesis import given

from recipe.strategies import sections
from workbench.errors import WorkbenchError
from workbench.recipe import Recipe, absolute_recipe, parse_recipe, read_recipe, write_recipe
from workbench.recipe.models import Teacher
from workbench.recipe.objectives import HardLabels, SoftTargets

COMMENTED = """\
# What this shows.
name = "r"  # short

[[teachers]]
checkpoint = "models/t.safetensors"  # the big one

[student]
# three seeds were tried
seed = 3

[student.architecture]
kind = "mlp"
hidden = [8]  # small

[data]
kind = "arrays"
file = "d.npz"  # made by a script

[[stages]]
name = "first"  # of one

[stages.objective]
kind = "soft_targets"
temperature = 8.0  # high
alpha = 0.5        # half

# the end
"""
COMMENTS = [
    "# What this shows.",
    "# short",
    "# the big one",
    "# three seeds were tried",
    "# small",
    "# made by a script",
    "# of one",
    "# high",
    "# half",
    "# the end",
]


def with_objective(recipe: Recipe, objective) -> Recipe:
    """The recipe with another objective in its first stage."""
    stage = recipe.stages[0].model_copy(update={"objective": objective})
    return recipe.model_copy(update={"stages": (stage, *recipe.stages[1:])})


@given(sections(Recipe))
def test_a_written_recipe_reads_back_as_the_same_recipe(recipe):
    assert parse_recipe(write_recipe(recipe)) == recipe


@given(sections(Recipe), sections(Recipe))
def test_a_recipe_written_over_another_text_reads_back_as_itself(recipe, other):
    assert parse_recipe(write_recipe(recipe, write_recipe(other))) == recipe


@given(sections(Recipe))
def test_a_recipe_written_over_its_own_text_changes_nothing(recipe):
    text = write_recipe(recipe)
    assert write_recipe(recipe, text) == text


def test_what_a_person_did_not_touch_stays_byte_for_byte(recipe_text):
    recipe = parse_recipe(COMMENTED)
    text = write_recipe(with_objective(recipe, SoftTargets(temperature=20.0, alpha=0.5)), COMMENTED)
    changed = [line for line in text.splitlines() if line not in COMMENTED.splitlines()]
    assert changed == ["format = 1", "temperature = 20.0  # high"]


def test_every_comment_and_the_order_of_keys_survive_a_change():
    recipe = parse_recipe(COMMENTED).with_seed(4)
    text = write_recipe(recipe, COMMENTED)
    places = [text.index(comment) for comment in COMMENTS]
    assert places == sorted(places)
    assert parse_recipe(text) == recipe


def test_a_value_that_equals_its_default_stays_where_a_person_wrote_it():
    original = COMMENTED.replace("temperature = 8.0", "temperature = 4.0")
    text = write_recipe(parse_recipe(original), original)
    assert "temperature = 4.0  # high" in text


def test_another_objective_replaces_the_keys_it_does_not_know():
    recipe = with_objective(parse_recipe(COMMENTED), HardLabels())
    text = write_recipe(recipe, COMMENTED)
    assert parse_recipe(text) == recipe
    assert "temperature" not in text


def test_defaults_are_not_written_but_kinds_and_the_format_are(recipe_text):
    text = write_recipe(parse_recipe(recipe_text(student='[student.architecture]\nkind = "mlp"')))
    assert "format = 1" in text
    assert 'kind = "mlp"' in text
    assert 'kind = "arrays"' in text
    for absent in ("hidden", "seed", "monitoring", "momentum"):
        assert absent not in text


def test_a_second_teacher_can_be_added_to_a_text():
    recipe = parse_recipe(COMMENTED)
    both = recipe.model_copy(update={"teachers": (*recipe.teachers, Teacher(checkpoint="u", weight=2.0))})
    assert parse_recipe(write_recipe(both, COMMENTED)) == both


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('name = "r"\nhidden = [8\n', 2),
        ('name = "r"\n= 4\n', 2),
        ('name = "r"\n\nname = "s"\n', 3),
        ('name = "r"\nstudent = {seed 4}\n', 2),
        ('name = "r"\nseed = 01\n', 2),
        ('name = "r\nseed = 1\n', 1),
        ("a = 1\n[student]\nseed = 1\nseed = 2\n", 4),
    ],
    ids=["open list", "no key", "twice", "no equals", "leading zero", "open string", "twice in a section"],
)
def test_broken_toml_is_refused_with_its_line(text, line):
    with pytest.raises(WorkbenchError) as caught:
        parse_recipe(text, "r.toml")
    assert str(caught.value).startswith(f"r.toml, line {line}: this is not TOML: ")


def test_deeply_nested_toml_is_refused_in_words():
    with pytest.raises(WorkbenchError, match="not TOML"):
        parse_recipe(f"a = {'[' * 5000}{']' * 5000}\n", "r.toml")


def test_a_missing_file_a_folder_and_bytes_that_are_no_text_are_refused_by_name(tmp_path):
    with pytest.raises(WorkbenchError, match=r"There is no recipe at .*absent\.toml"):
        read_recipe(tmp_path / "absent.toml")
    with pytest.raises(WorkbenchError, match="is a folder"):
        read_recipe(tmp_path)
    (tmp_path / "r.toml").write_bytes(b'name = "\xff"\n')
    with pytest.raises(WorkbenchError, match=r"r\.toml is not a text file: byte 8 is not UTF-8"):
        read_recipe(tmp_path / "r.toml")


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("student.seed=9", lambda recipe: recipe.student.seed == 9),
        (" student.seed = 9 ", lambda recipe: recipe.student.seed == 9),
        ("stages.0.objective.temperature=16", lambda recipe: recipe.stages[0].objective.temperature == 16.0),
        ("student.architecture.hidden=[4, 5]", lambda recipe: recipe.student.architecture.hidden == (4, 5)),
        ("student.architecture.hidden.0=7", lambda recipe: recipe.student.architecture.hidden == (7,)),
        ("teachers.0.weight=2", lambda recipe: recipe.teachers[0].weight == 2.0),
        ("monitoring.probe=[1, 2]", lambda recipe: recipe.monitoring.probe == (1, 2)),
        ("stages.0.inputs.augmentation.shift=2", lambda recipe: recipe.stages[0].inputs.augmentation.shift == 2),
        ("export.onnx=false", lambda recipe: recipe.export.onnx is False),
        ("name=two words", lambda recipe: recipe.name == "two words"),
        ("name=", lambda recipe: recipe.name == ""),
        ("name='3'", lambda recipe: recipe.name == "3"),
        ("description=a = b", lambda recipe: recipe.description == "a = b"),
        ("data.file=C:\\data\\new.npz", lambda recipe: recipe.data.file == "C:\\data\\new.npz"),
    ],
)
def test_a_change_replaces_one_value(change, found):
    recipe = parse_recipe(COMMENTED, changes=[change])
    assert found(recipe)
    assert not found(parse_recipe(COMMENTED))


def test_later_changes_win():
    assert parse_recipe(COMMENTED, changes=["student.seed=1", "student.seed=2"]).student.seed == 2


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("student.seed", "is no change"),
        ("=3", "is no change"),
        ("stages.1.name=x", "there is no item 1; the list has 1, from 0"),
        ("stages.first.name=x", "there is no item first"),
        ("stages.-1.name=x", "there is no item -1"),
        ("stages.².name=x", "there is no item ²"),
        ("student.architecture.hidden.3=9", "there is no item 3; the list has 1"),
        ("name.x=3", "name is a value, not a section"),
        ("student.sed=3", "Did you mean “seed”"),
        ("student.seed=x", "must be a whole number"),
        ("stages.0.objective.temperature=0", "out of range: greater than 0"),
    ],
)
def test_a_change_that_cannot_be_is_refused_in_words(change, told):
    with pytest.raises(WorkbenchError) as caught:
        parse_recipe(COMMENTED, changes=[change])
    assert told in str(caught.value)


def test_files_of_an_absolute_recipe_count_from_its_folder_and_comments_stay(tmp_path):
    path = tmp_path / "r.toml"
    path.write_text(COMMENTED, encoding="utf-8")
    text = absolute_recipe(path, ["student.seed=5"])
    recipe = parse_recipe(text)
    assert Path(recipe.teachers[0].checkpoint) == tmp_path.resolve() / "models" / "t.safetensors"
    assert Path(recipe.data.file) == tmp_path.resolve() / "d.npz"
    assert recipe.student.seed == 5
    assert [text.index(comment) for comment in COMMENTS] == sorted(text.index(comment) for comment in COMMENTS)


def test_an_absolute_file_name_stays_and_dots_are_resolved(tmp_path):
    path = tmp_path / "deep" / "r.toml"
    path.parent.mkdir()
    elsewhere = (tmp_path / "elsewhere.npz").resolve()
    text = COMMENTED.replace('"d.npz"', f"'{elsewhere}'").replace("models/", "../")
    path.write_text(text, encoding="utf-8")
    recipe = parse_recipe(absolute_recipe(path))
    assert Path(recipe.data.file) == elsewhere
    assert Path(recipe.teachers[0].checkpoint) == tmp_path.resolve() / "t.safetensors"


def test_an_absolute_recipe_with_a_refused_value_is_refused(tmp_path):
    path = tmp_path / "r.toml"
    path.write_text(COMMENTED.replace("seed = 3", "seed = -3"), encoding="utf-8")
    with pytest.raises(WorkbenchError, match=r"r\.toml, line 9: student\.seed = -3"):
        absolute_recipe(path)


def test_a_refused_change_is_named_instead_of_the_file():
    with pytest.raises(WorkbenchError) as caught:
        parse_recipe(COMMENTED, "r.toml", ["stages.0.objective.temperature=0"])
    message = str(caught.value)
    assert "--set stages.0.objective.temperature=0: stages.0.objective.temperature = 0 is out of range" in message
    assert "r.toml" not in message


def test_two_changes_in_one_are_refused():
    with pytest.raises(WorkbenchError, match="more than one change"):
        parse_recipe(COMMENTED, "r.toml", ["name='a'\nformat=1"])
