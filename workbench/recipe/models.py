"""Teachers and the student: which checkpoint, or which architecture to make anew."""

from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from workbench.recipe.section import Places, Section, setting

Widths: TypeAlias = tuple[Annotated[int, Field(ge=1, le=65536)], ...]
Values: TypeAlias = tuple[Annotated[float, Field(ge=-1e9, le=1e9)], ...]
Shape: TypeAlias = tuple[Annotated[int, Field(ge=1, le=10_000_000)], ...]


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


class HuggingFaceConfig(Section):
    """A model of the transformers library, made from the config of another one with changed sizes."""

    kind: Literal["hugging_face_config"] = "hugging_face_config"
    config: str = setting(..., help="Folder of a Hugging Face model, or its config.json.", is_file=True)
    layers: float = setting(1.0, help="Share of the layers, or of the blocks of each stage, that is kept.", gt=0, le=4)
    width: float = setting(1.0, help="Share of the width: hidden sizes, heads and channels.", gt=0, le=4)


class TeacherLayers(Section):
    """Some layers of the teacher, weights included: a student that starts from what the teacher knows."""

    kind: Literal["teacher_layers"] = "teacher_layers"
    every: int = setting(2, help="Keep every k-th layer, the first always.", ge=1, le=1024)
    keep: Places = setting((), help="The layers to keep, counted from 0; empty goes by `every`.")


class PythonClass(Section):
    """A class in a Python file: code that is run, once a person has agreed to it."""

    kind: Literal["python_class"] = "python_class"
    file: str = setting("", help="The .py file with the class; or give module.", is_file=True)
    module: str = setting("", help="An installed module with the class, as package.module; or give file.")
    name: str = setting(..., help="Name of the class, or of a function that makes the network.")
    arguments: tuple[str, ...] = setting((), help='What it is called with, each as in TOML: width = 64, size = "full".')
    trust: str = setting("", help="SHA-256 of the file as sha256:…; another content is refused.")

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if bool(self.file) == bool(self.module):
            raise ValueError("give a Python class either a file or a module, not both and not neither")
        if not self.name.isidentifier():
            raise ValueError(f"“{self.name}” is not the name of a Python class")
        return self


class CausalLm(Section):
    """A small language model of Llama's kind, made anew; its vocabulary is the teacher's."""

    kind: Literal["causal_lm"] = "causal_lm"
    layers: int = setting(2, help="Transformer layers.", ge=1, le=1024)
    width: int = setting(64, help="Hidden size.", ge=2, le=65536)
    heads: int = setting(2, help="Attention heads; they divide the width.", ge=1, le=1024)
    feed_forward: int = setting(0, help="Size inside each layer; 0 takes 8/3 of the width.", ge=0, le=1_000_000)
    tokenizer: str = setting("", help="Folder with a tokenizer.json; empty takes the teacher's.", is_file=True)

    @model_validator(mode="after")
    def _heads_fit(self) -> Self:
        if self.width % (2 * self.heads):
            raise ValueError(f"a width of {self.width} cannot be shared by {self.heads} heads of an even size each")
        return self


ARCHITECTURES = (Mlp, ConvNet, ResNet, HuggingFaceConfig, TeacherLayers, PythonClass, CausalLm)
Architecture: TypeAlias = Annotated[
    Mlp | ConvNet | ResNet | HuggingFaceConfig | TeacherLayers | PythonClass | CausalLm, Field(discriminator="kind")
]


class Lora(Section):
    """Low-rank adapters (Hu et al. 2021): only they are trained, and they are merged into the weights at the end."""

    rank: int = setting(16, help="Rank of each adapter.", ge=1, le=4096)
    scale: float = setting(
        32.0, help="LoRA's α: what the adapters add is multiplied by scale / rank.", gt=0, le=100_000
    )
    dropout: float = setting(0.0, help="Share of the adapters' inputs dropped in training.", ge=0, lt=1)
    layers: tuple[str, ...] = setting(
        (), help="Names of the linear layers, such as q_proj; empty takes all but the head."
    )


class Signature(Section):
    """What a model reads and what it answers, where its own file does not say."""

    input_shape: Shape = setting(
        (), help="Axes of one input, such as 3, 224, 224; empty: as the file says, else as the data.", max_length=4
    )
    mean: Values = setting((), help="Subtracted from inputs, one a channel; of bytes scaled to 0–1.")
    std: Values = setting((), help="Divided by after that, one a channel.")
    classes: tuple[str, ...] = setting((), help="Class names in the order of the answers; empty: as the data.")
    answers: Literal["logits", "probabilities", "sigmoids"] = setting(
        "logits", help="What comes out; probabilities and sigmoids are turned back into logits."
    )
    output: str = setting("", help="Which output holds the answer, by name or number; empty takes the first.")

    @model_validator(mode="after")
    def _one_std_a_mean(self) -> Self:
        if len(self.mean) != len(self.std):
            raise ValueError(f"{len(self.mean)} means and {len(self.std)} standard deviations: give as many of both")
        if self.std and min(self.std) <= 0:
            raise ValueError("standard deviations must be greater than 0")
        return self


class Teacher(Section):
    """One teacher; with several, their predictions are averaged."""

    checkpoint: str = setting(..., help="File or folder of the trained teacher, relative to the recipe.", is_file=True)
    weight: float = setting(1.0, help="Weight of this teacher in the average.", gt=0, le=1e6)
    architecture: Architecture | None = Field(
        default=None, description="What the weights are poured into, where the checkpoint does not say."
    )
    signature: Signature = Field(default=Signature(), description="What it reads and answers.")
    trust: str = setting("", help="SHA-256 of a checkpoint that can run code, as sha256:…; another content is refused.")


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
        default=None,
        description="What to build; with a checkpoint, what its weights are poured into where it does not say.",
    )
    signature: Signature = Field(default=Signature(), description="What a checkpoint reads and answers.")
    trust: str = setting("", help="SHA-256 of a checkpoint that can run code, as sha256:…; another content is refused.")
    lora: Lora | None = Field(default=None, description="Train low-rank adapters instead of all weights.")

    @model_validator(mode="after")
    def _some_origin(self) -> Self:
        if not self.checkpoint and self.architecture is None:
            raise ValueError("give the student an architecture, or a checkpoint to start from")
        if self.checkpoint and isinstance(self.architecture, TeacherLayers):
            raise ValueError("a student starts from layers of the teacher or from a checkpoint, not from both")
        return self
