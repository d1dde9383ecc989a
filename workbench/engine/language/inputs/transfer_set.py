"""Responses that the data gives, and running text: a fixed set, reshuffled every epoch."""

from workbench.engine.language.inputs.text_material import TextMaterial
from workbench.engine.language.sources import FixedTexts
from workbench.errors import WorkbenchError
from workbench.recipe import Stage
from workbench.recipe.inputs import TransferSet


def transfer_set(section: TransferSet, stage: Stage, material: TextMaterial) -> FixedTexts:
    """The batches of what is given.

    Raises:
        WorkbenchError: The data has prompts alone.
    """
    given = [dialogue for dialogue in material.dialogues if dialogue.has_response]
    if not given:
        raise WorkbenchError(
            f"None of the {len(material.dialogues):,} prompts comes with a response to learn from.",
            "Let the teacher write (inputs: teacher_written), or name the field of the response in the data.",
        )
    return material.texts(given, section.batch_size, stage)
