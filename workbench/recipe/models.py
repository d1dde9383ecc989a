"""Teachers and the student: which checkpoint, or which architecture to make anew."""

from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from workbench.recipe.section import Section, setting

Widths: TypeAlias = tuple[Annotated[int, Field(ge=1, le=65536)], ...]


class Mlp(Section):
    """Fully connected layers with ReLU, for pictures (flattened) and feature vectors."""

    kind: Literal["mlp"] = "mlp"
    hidden: Widths = setting((800, 800), help="Units of each hidden layer, first to last.", max_length=64)
    dropout: float = setting(0.0, help="Share of hidden units dropped in training.", ge=0, lt=1)
    input_dropout: float = setting(0.0, help="Share of input values dropped in training.", ge=0, lt=1)


class ConvNet(Section):
    """Small convolutional network: one 3×3 convolution, batch norm and 2× pooling a width, then a head."""

    kind: Literal["convnet"] = "convnet"
    widths: Widths = setting((32, 64), help="Channels of each convolution, first to last.", max_length=8)
    dropout: float = setting(0.0, help="Share of units dropped before the head in training.", ge=0, lt=1)


class ResNet(Section):
    """CIFAR-style residual network of 6n + 2 layers (He et al. 2016, §4.2)."""

    kind: Literal["resnet"] = "resnet"
    blocks: int = setting(3, help="Residual blocks in each of the three groups: 3 makes ResNet-20.", ge=1, le=64)
    width: int = setting(16, help="Channels of the first group; the next two have 2× and 4×.", ge=1, le=1024)


ARCHITECTURES = (Mlp, ConvNet, ResNet)
Architecture: TypeAlias = Annotated[Mlp | ConvNet | ResNet, Field(discriminator="kind")]


class Teacher(Section):
    """One teacher; with several, their predictions are averaged."""

    checkpoint: str = setting(..., help="File or folder of the trained teacher, relative to the recipe.", is_file=True)
    weight: float = setting(1.0, help="Weight of this teacher in the average.", gt=0, le=1e6)


class Student(Section):
    """The small model: a new one from an architecture, or one that goes on from a checkpoint."""

    seed: int = setting(
        0,
        help="Seeds the student's weights, the order of examples, augmentation and dropout.",
        ge=0,
        lt=2**31,
    )
    checkpoint: str = setting("", help="Checkpoint to start from; leave empty to make a new student.", is_file=True)
    architecture: Architecture | None = Field(
        default=None, description="What to build when there is no checkpoint to start from."
    )

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if bool(self.checkpoint) == (self.architecture is not None):
            raise ValueError("give the student either an architecture or a checkpoint, not both and not neither")
        return self
