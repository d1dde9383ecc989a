"""Some layers of the teacher, with its embeddings and head: a student that starts from what the teacher knows."""

from typing import Any

from workbench.engine.architectures.transformers_config import as_json, settings_of
from workbench.engine.language.students.start import Needs, Start
from workbench.engine.starts.teacher_layers import kept_layers, renumbered, settings_for, stack_of
from workbench.errors import WorkbenchError
from workbench.recipe.models import TeacherLayers


def teacher_layers(section: TeacherLayers, needs: Needs) -> Start:
    """The first teacher with fewer layers; what shares its weights in the teacher does so in the student.

    Raises:
        WorkbenchError: There is no teacher, its layers are not alike, or one is named that it does not have.
    """
    if not needs.teachers:
        raise WorkbenchError(
            "A student of the teacher's layers needs a teacher, and none is loaded.",
            "Name a teacher in the recipe, or choose another architecture for the student.",
        )
    teacher = needs.teachers[0]
    network: Any = teacher.network
    layers = network.config.num_hidden_layers
    stack = stack_of(network, layers)
    kept = kept_layers(section, layers)
    settings = settings_for(settings_of(network.config), network.config, kept)
    return Start(
        teacher.blueprint.model_copy(update={"config": as_json(settings)}),
        lambda: renumbered(teacher.state_dict(), f"network.{stack}.", kept),
    )
