"""What is known of a model before it is used, as plain values: a classifier's, or a language model's."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.events import Finding
from workbench.recipe.models import Architecture, Teacher


@dataclass(frozen=True)
class TensorFacts:
    """One tensor of a checkpoint, its values unread."""

    name: str
    shape: tuple[int, ...]
    dtype: str


@dataclass(frozen=True)
class LanguageFacts:
    """What is known of a language model besides.

    Attributes:
        vocabulary: Tokens it can write.
        layers: How many.
        width: Hidden size.
        context: The longest text it reads, in tokens; 0 where there is no limit.
        chat: Whether it has a chat template.
    """

    vocabulary: int
    layers: int
    width: int
    context: int
    chat: bool


@dataclass(frozen=True)
class ModelFacts:
    """What is known of a model before it is used.

    Attributes:
        architecture: Its kind, such as "mlp".
        parameters: How many numbers are trained.
        bytes: Size of its file, or of its weights where it is not made yet.
        input_shape: Axes of one input.
        classes: Names in label order.
        format: How it lies on disk, in words; empty for a new one.
        tokenizer: Where that of a model of texts lies; empty for others.
        needs: What is missing before it can be used: "" for nothing, "architecture" or "consent".
        digest: That of a file that can run code.
        tensors: Name, axes and type of each.
        notes: What a person should know.
        language: What is known besides, where it writes text; None where it tells classes apart.
    """

    architecture: str
    parameters: int
    bytes: int
    input_shape: tuple[int, ...]
    classes: tuple[str, ...]
    format: str = ""
    tokenizer: str = ""
    needs: str = ""
    digest: str = ""
    tensors: tuple[TensorFacts, ...] = ()
    notes: tuple[Finding, ...] = ()
    language: LanguageFacts | None = None


def language_facts(path: Path) -> ModelFacts:
    """What a language model says of itself, its weights unread. Raises WorkbenchError."""
    from workbench.engine.language.loading import inspect_language_model

    card = inspect_language_model(path)
    return ModelFacts(
        card.architecture,
        card.parameters,
        card.bytes,
        (),
        (),
        format=card.format,
        tensors=tuple(TensorFacts(row.name, row.shape, row.dtype) for row in card.tensors),
        notes=card.notes,
        language=LanguageFacts(card.vocabulary, card.layers, card.width, card.context, card.chat),
    )


def planned_language(architecture: Architecture, longest: int, folder: Path, teacher: Teacher | None) -> ModelFacts:
    """What a language model would be that is made anew; no memory is taken for it.

    Args:
        architecture: What to make.
        longest: The longest text it is to read, in tokens.
        folder: What file names count from.
        teacher: Whose layers or tokenizer it takes; None where there is none.

    Raises:
        WorkbenchError: There is no such model.
    """
    from workbench.engine.language.chat import Chat
    from workbench.engine.language.loading import planned_student

    student = planned_student(architecture, longest, folder, teacher)
    config: Any = student.network.config
    known = LanguageFacts(
        vocabulary=student.vocabulary,
        layers=config.num_hidden_layers,
        width=config.hidden_size,
        context=getattr(config, "max_position_embeddings", 0) or 0,
        chat=Chat(student.blueprint).has_template,
    )
    return ModelFacts(architecture.kind, student.parameter_count, 4 * student.parameter_count, (), (), language=known)
