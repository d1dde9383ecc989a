"""Every kind of input in a recipe has its source in the engine."""

from workbench.engine.inputs import INPUTS
from workbench.recipe.inputs import INPUTS as SECTIONS


def test_the_engine_and_the_recipe_know_the_same_inputs_in_the_same_order():
    assert [source.__name__ for source in INPUTS] == [section.model_fields["kind"].default for section in SECTIONS]
