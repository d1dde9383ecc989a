"""Do teacher, student and data fit? One file a subject; each finding is a sentence with both numbers, and a fix."""

from workbench.engine.pairing.checkpoints import look_at_checkpoints
from workbench.engine.pairing.data import look_at_data
from workbench.engine.pairing.disk import look_at_disk
from workbench.engine.pairing.memory import look_at_memory
from workbench.engine.pairing.models import look_at_models
from workbench.engine.pairing.refusing import refuse_if_needed

__all__ = [
    "look_at_checkpoints",
    "look_at_data",
    "look_at_disk",
    "look_at_memory",
    "look_at_models",
    "refuse_if_needed",
]
