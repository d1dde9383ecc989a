"""Every kind of input in a recipe has its source in the engine: for classifiers, for language models, or for both."""

from workbench.engine.inputs import INPUTS
from workbench.engine.language.inputs import TEXT_INPUTS
from workbench.recipe.inputs import INPUTS as SECTIONS


def test_the_engine_and_the_recipe_know_the_same_inputs_in_the_same_order():
    kinds = [section.model_fields["kind"].default for section in SECTIONS]
    assert [source.__name__ for source in TEXT_INPUTS] == kinds
    assert [source.__name__ for source in INPUTS] == ["transfer_set"]
    assert {source.__name__ for source in INPUTS} <= set(kinds)
