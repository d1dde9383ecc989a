"""The architectures a new student is made from: one file each, named as its kind, and its word in this tuple."""

from workbench.engine.architectures.convnet import convnet
from workbench.engine.architectures.mlp import mlp
from workbench.engine.architectures.resnet import resnet

ARCHITECTURES = (mlp, convnet, resnet)

__all__ = ["ARCHITECTURES"]
