"""The line named in a refusal is the one where the key stands."""

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from workbench.recipe.places import line_of

RECIPE = """\
# name = "a comment with = and [data]"
name = "r"  # [student] seed = 4

[[teachers]]
checkpoint = "a"
[[teachers]]
checkpoint = "b"  # weight = 3
weight = 2.0

[student]
seed = 1
[student.architecture]
kind = "mlp"
hidden = [
  8,
  8,
]

[[stages]]
name = "first"
objective.temperature = 2.0
[[stages]]
[stages.objective]  # the second stage's
temperature = 3.0
[stages.inputs]
augmentation = { shift = 2, flip = true }
"""


@pytest.mark.parametrize(
    ("location", "line"),
    [
        (("name",), 2),
        (("teachers", 0, "checkpoint"), 5),
        (("teachers", 1, "checkpoint"), 7),
        (("teachers", 1, "weight"), 8),
        (("student", "seed"), 11),
        (("student", "architecture", "mlp", "hidden"), 14),
        (("student", "architecture", "mlp", "hidden", 1), 14),
        (("stages", 0, "name"), 20),
        (("stages", 0, "objective", "soft_targets", "temperature"), 21),
        (("stages", 1, "objective", "soft_targets", "temperature"), 24),
        (("stages", 1, "inputs", "augmentation", "shift"), 26),
    ],
)
def test_a_written_key_is_found_on_its_own_line(location, line):
    assert line_of(RECIPE, location) == line


@pytest.mark.parametrize(
    ("location", "line"),
    [
        (("data",), 1),
        (("student", "checkpoint"), 10),
        (("teachers", 0, "weight"), 4),
        (("stages", 1, "name"), 22),
        (("stages", 1, "objective", "soft_targets", "alpha"), 23),
        ((), 1),
    ],
)
def test_an_absent_key_is_placed_at_the_nearest_section_around_it(location, line):
    assert line_of(RECIPE, location) == line


@pytest.mark.parametrize(
    ("text", "location", "line"),
    [
        ("a = 1\nb.c = 2\nb.d = 3\n", ("b", "d"), 3),
        ('a = 1\n"b" = 2\n', ("b",), 2),
        ("a = 1\n'b' . c = 2\n", ("b", "c"), 2),
        ("a = 1\n  [ b . c ]  # why\n\td = 2\n", ("b", "c", "d"), 3),
        ("[[a]]\n[[a.b]]\nc = 1\n[[a.b]]\nc = 2\n[[a]]\n[[a.b]]\nc = 3\n", ("a", 0, "b", 1, "c"), 5),
        ("[[a]]\n[[a.b]]\nc = 1\n[[a.b]]\nc = 2\n[[a]]\n[[a.b]]\nc = 3\n", ("a", 1, "b", 0, "c"), 8),
        ("# [b]\n# c = 1\n[b]\n# c = 2\nc = 3\n", ("b", "c"), 5),
        ("a = [\n  'b = 1',\n]\nb = 2\n", ("b",), 4),
    ],
    ids=[
        "dotted key",
        "quoted key",
        "spaced dots",
        "spaced header",
        "nested array",
        "second parent",
        "comments",
        "list",
    ],
)
def test_toml_may_be_written_in_many_ways(text, location, line):
    assert line_of(text, location) == line


def test_a_key_of_the_same_name_further_out_is_not_mistaken_for_it():
    text = 'name = "outer"\nstages = [{ name = 3 }]\n'
    assert line_of(text, ("stages", 0, "name")) == 2


def test_text_in_a_multi_line_string_is_not_mistaken_for_a_key():
    text = 'description = """\nname = 1\n[data]\n"""\nname = 2\n'
    assert line_of(text, ("name",)) == 5


def test_a_header_in_a_multi_line_string_opens_no_section():
    text = "description = '''\n[student]\n'''\nname = 2\n"
    assert line_of(text, ("name",)) == 4


def test_only_line_ends_of_toml_count_as_lines():
    assert line_of('description = "a\u2028b\x85c"\nname = 2\n', ("name",)) == 2


def test_windows_line_ends_count_once():
    assert line_of("a = 1\r\n\r\nb = 2\r\n", ("b",)) == 3


TRICKS = st.lists(
    st.sampled_from(['"', "'", '"""', "'''", "#", "[data]", "name = 1", "\n", "\\", "[", "{", " "]), max_size=9
)


@given(TRICKS.map("".join), st.booleans(), st.booleans())
def test_no_text_before_a_key_leads_astray(text, is_long, in_a_list):
    value = tomlkit.string(text, multiline=is_long)
    written = tomlkit.dumps({"description": [value, value] if in_a_list else value})
    assert tomlkit.parse(written)
    line = written.count("\n") + 1
    assert line_of(written + "name = 2  # " + text.replace("\n", " ") + "\nseed = 3\n", ("name",)) == line
    assert line_of(written + "name = 2  # " + text.replace("\n", " ") + "\nseed = 3\n", ("seed",)) == line + 1
