"""What new language models are made from: one file each, named as its kind, and its word in STARTS."""

from collections.abc import Callable
from typing import Any

from workbench.engine.language.students.causal_lm import causal_lm
from workbench.engine.language.students.hugging_face_config import hugging_face_config
from workbench.engine.language.students.start import Needs, Start
from workbench.engine.language.students.teacher_layers import teacher_layers

STARTS: tuple[Callable[[Any, Needs], Start], ...] = (causal_lm, hugging_face_config, teacher_layers)

__all__ = ["STARTS", "Needs", "Start"]
