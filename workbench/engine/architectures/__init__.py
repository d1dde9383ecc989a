"""The architectures a model is built from: one file each, named as its kind, and its word in this tuple."""

from workbench.engine.architectures.convnet import convnet
from workbench.engine.architectures.frozen_program import FrozenProgram, frozen_program
from workbench.engine.architectures.hugging_face import HuggingFace, hugging_face
from workbench.engine.architectures.mlp import mlp
from workbench.engine.architectures.python_class import python_class
from workbench.engine.architectures.resnet import resnet

ARCHITECTURES = (mlp, convnet, resnet, python_class, hugging_face, frozen_program)

__all__ = ["ARCHITECTURES", "FrozenProgram", "HuggingFace"]
