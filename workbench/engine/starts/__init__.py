"""What is more than an architecture with sizes of its own: one file each, named as its kind, and its word in STARTS."""

from collections.abc import Callable
from typing import Any

from workbench.engine.starts.hugging_face_config import hugging_face_config
from workbench.engine.starts.python_class import python_class
from workbench.engine.starts.start import Needs, Start
from workbench.engine.starts.teacher_layers import teacher_layers

# All other architectures are built as the recipe says it.
STARTS: tuple[Callable[[Any, Needs], Start], ...] = (hugging_face_config, teacher_layers, python_class)

__all__ = ["STARTS", "Needs", "Start"]
