"""Which sections go with which data, and a draft that follows data of another kind."""

import pytest

from workbench.recipe.companions import ONLY_CLASSES, ONLY_TEXT, following, usual_stage, why_not
from workbench.recipe.data import DATA, Conversations, Idx, Table
from workbench.recipe.drafts import checked, fresh, with_value
from workbench.recipe.inputs import INPUTS, TransferSet
from workbench.recipe.models import ARCHITECTURES, HuggingFaceConfig, Lora, Mlp, Teacher, TeacherLayers
from workbench.recipe.recipe import Recipe

_INPUTS = ("stages", 0, "inputs")
_ARCHITECTURE = ("student", "architecture")


def _draft(data=Idx, architecture=Mlp):
    """A recipe without a file yet, and with a teacher."""
    draft = {**fresh(Recipe), "data": fresh(data), "stages": [usual_stage(writes_text=data is Conversations)]}
    draft["teachers"] = [{**fresh(Teacher), "checkpoint": "teacher"}]
    return with_value(draft, _ARCHITECTURE, fresh(architecture))


def _conversations():
    return {**fresh(Conversations), "file": "talks.jsonl"}


@pytest.mark.parametrize("data", [Idx, Table])
def test_what_writes_text_is_refused_beside_data_with_classes(data):
    refused = {kind for kind in (*ARCHITECTURES, *INPUTS, Lora) if why_not(kind, _draft(data))}
    assert refused == set(ONLY_TEXT)
    assert "conversations" in why_not(Lora, _draft(data))


def test_what_tells_classes_apart_is_refused_beside_conversations():
    refused = {kind for kind in (*ARCHITECTURES, *INPUTS, Lora) if why_not(kind, _draft(Conversations, TeacherLayers))}
    assert refused == set(ONLY_CLASSES)


def test_nothing_speaks_against_a_section_of_anything_but_a_recipe():
    assert why_not(Mlp, {"age": 7}) == ""
    assert why_not(Mlp, []) == ""


def test_an_untouched_recipe_that_is_given_conversations_lacks_nothing_more():
    before = _draft()
    after = following(before, {**before, "data": _conversations()})
    recipe, problems = checked(after)
    assert problems == {}
    assert recipe.student.architecture.kind == "teacher_layers"
    (stage,) = recipe.stages
    assert (stage.inputs.kind, stage.objective.kind) == ("teacher_written", "hard_labels")
    assert (stage.optimisation.optimiser, stage.optimisation.learning_rate) == ("adamw", 0.001)


def test_data_with_classes_again_bring_back_what_is_usual_for_them():
    before = _draft()
    text = following(before, {**before, "data": _conversations()})
    back = following(text, {**text, "data": fresh(Table)})
    assert back["stages"] == before["stages"]
    assert back["student"]["lora"] is None


@pytest.mark.parametrize("data", DATA)
def test_data_of_the_same_sort_change_nothing_else(data):
    before = _draft(data, HuggingFaceConfig)
    changed = {**before, "data": {**before["data"], "seed": 5}}
    assert following(before, changed) is changed


def test_what_goes_with_the_new_data_stays_as_a_person_made_it():
    before = with_value(_draft(architecture=HuggingFaceConfig), ("stages", 0, "optimisation", "learning_rate"), 0.5)
    after = following(before, {**before, "data": _conversations()})
    assert after["student"] == before["student"]
    assert after["stages"] == before["stages"]


def test_classes_that_are_left_out_mean_nothing_to_text():
    inputs = {**fresh(TransferSet), "omit_classes": [3], "batch_size": 7}
    before = with_value(_draft(), _INPUTS, inputs)
    after = following(before, {**before, "data": _conversations()})
    assert after["stages"][0]["inputs"] == {**fresh(TransferSet), "batch_size": 7}
    assert after["stages"][0]["objective"] == before["stages"][0]["objective"]


def test_a_checkpoint_is_kept_and_says_itself_what_it_is_poured_into():
    before = with_value(_draft(), ("student", "checkpoint"), "small")
    after = following(before, {**before, "data": _conversations()})
    assert (after["student"]["checkpoint"], after["student"]["architecture"]) == ("small", None)


def test_text_inputs_and_adapters_go_when_classes_come():
    text = with_value(_draft(Conversations, TeacherLayers), ("student", "lora"), fresh(Lora))
    text = with_value(text, ("stages", 0, "name"), "first")
    text = with_value(text, ("stages", 0, "optimisation", "epochs"), 9)
    after = following(text, {**text, "data": {**fresh(Idx), "images": "digits"}})
    assert after["student"]["lora"] is None
    assert after["stages"][0]["inputs"] == fresh(TransferSet)
    assert after["stages"][0]["optimisation"]["epochs"] == 9
    assert checked(after)[1] == {}
