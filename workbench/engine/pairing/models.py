"""Do the models read this data, and do they name the same classes in the same order?"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import nn

from workbench.engine.architectures import FrozenProgram, HuggingFace
from workbench.engine.classifier import Classifier
from workbench.engine.data import Dataset
from workbench.engine.wording import axes_in_words
from workbench.events import Finding
from workbench.recipe.models import ConvNet, Mlp, ResNet

# They compute with their inputs as they are, and a token's number means nothing by itself.
_ONLY_NUMBERS = tuple(section.model_fields["kind"].default for section in (Mlp, ConvNet, ResNet))
_KINDS = {"tokens": "texts as tokens", "values": "pictures or numbers"}


def look_at_models(dataset: Dataset, student: Classifier, teachers: Sequence[Classifier]) -> tuple[Finding, ...]:
    """Inputs, normalisation, vocabulary and classes of each model against the data."""
    named = [("The student", student)]
    one = len(teachers) == 1
    named += [("The teacher" if one else f"Teacher {n}", model) for n, model in enumerate(teachers, start=1)]
    findings = [finding for name, model in named for finding in _fits(name, model, dataset)]
    if all(finding.level == "ok" for finding in findings):
        findings.insert(0, Finding(level="ok", title="Models and data agree on input shape and classes."))
    return tuple(findings)


def _fits(name: str, model: Classifier, dataset: Dataset) -> Iterable[Finding]:
    reads, given = model.blueprint.traits.reads, dataset.training.traits.reads
    if reads != given:
        title = f"{name} reads {_KINDS[reads]}, but the data are {_KINDS[given]}."
        yield Finding(level="refusal", title=title, fix="Use data of that kind, or another checkpoint.")
        return
    kind = model.blueprint.architecture.kind
    if reads == "tokens" and kind in _ONLY_NUMBERS:
        title = f"{name} is of the kind {kind}, which reads pictures or numbers, but the data are {_KINDS[given]}."
        fix = "Use teacher_layers or hugging_face_config for texts, or data of another kind."
        yield Finding(level="refusal", title=title, fix=fix)
        return
    yield from _input_shape(name, model, dataset)
    yield from _normalisation(name, model, dataset)
    if reads == "tokens":
        yield from _tokenizer(name, model, dataset)
        yield from _vocabulary(name, model, dataset)
    yield from _classes(name, model, dataset)


def _input_shape(name: str, model: Classifier, dataset: Dataset) -> Iterable[Finding]:
    reads, given = model.blueprint.input_shape, tuple(dataset.training.inputs_NX.shape[1:])
    if reads == given:
        return
    title = f"{name} reads inputs of {axes_in_words(reads)}, but the data has {axes_in_words(given)}."
    yield Finding(level="refusal", title=title, fix="Use data of that shape, or another checkpoint.")


def _normalisation(name: str, model: Classifier, dataset: Dataset) -> Iterable[Finding]:
    blueprint = model.blueprint
    program = blueprint.architecture
    inside = isinstance(program, FrozenProgram) and program.normalises
    plain = bool(blueprint.mean) and set(blueprint.mean) == {0.0} and set(blueprint.std) == {1.0}
    if plain and not inside and dataset.training.inputs_NX.dtype == torch.uint8:
        title = f"Nothing says how the pixels of {_in_sentence(name)} are normalised: they go in from 0 to 1."
        fix = "If it was trained otherwise, give signature.mean and signature.std, one a channel."
        yield Finding(level="warning", title=title, fix=fix)


def _vocabulary(name: str, model: Classifier, dataset: Dataset) -> Iterable[Finding]:
    known = _known_tokens(model)
    highest = max(int(part.inputs_NX.max()) for part in (dataset.training, dataset.validation))
    if known is not None and highest >= known:
        title = f"{name} knows {known:,} tokens, numbered from 0, but the data has a token {highest:,}."
        fix = "Leave data.tokenizer empty, so that the teacher's is taken; or use a model for this tokenizer."
        yield Finding(level="refusal", title=title, fix=fix)


def _known_tokens(model: Classifier) -> int | None:
    """How many tokens a model has a place for; None where that cannot be told."""
    architecture = model.blueprint.architecture
    if isinstance(architecture, HuggingFace):
        size = json.loads(architecture.config).get("vocab_size")
        return size if isinstance(size, int) else None
    # Positions have a table too, but a smaller one.
    tables = [layer.num_embeddings for layer in model.modules() if isinstance(layer, nn.Embedding)]
    return max(tables, default=None)


def _tokenizer(name: str, model: Classifier, dataset: Dataset) -> Iterable[Finding]:
    own, given = model.blueprint.traits.tokenizer, dataset.training.traits.tokenizer
    if not own or not given or own == given:
        return
    reads, data = _tokens_of(own), _tokens_of(given)
    if reads != data:
        differ = sum(reads.get(token) != place for token, place in data.items())
        title = (
            f"{name} reads with another tokenizer: it has {len(reads):,} tokens and that of the data {len(data):,}, "
            f"and {differ:,} of these mean something else."
        )
        fix = "Leave data.tokenizer empty, so that the teacher's is taken, and use a student for that tokenizer."
        yield Finding(level="refusal", title=title, fix=fix)


def _tokens_of(tokenizer: str) -> dict[str, Any]:
    """Tokens with their numbers; padding and cutting are of no weight here."""
    from tokenizers import Tokenizer

    tokens: dict[str, Any] = Tokenizer.from_str(tokenizer).get_vocab(with_added_tokens=True)
    return tokens


def _classes(name: str, model: Classifier, dataset: Dataset) -> Iterable[Finding]:
    blueprint, classes = model.blueprint, dataset.training.classes
    if len(blueprint.classes) != len(classes):
        title = f"{name} tells {len(blueprint.classes)} classes apart, but the data has {len(classes)}."
        yield Finding(level="refusal", title=title, fix="Use data with the same classes, or another checkpoint.")
    elif blueprint.classes == classes:
        yield from _put_in_order(name, model)
    elif _are_numbers(blueprint.classes):
        title = (
            f"{name} does not name its {len(classes)} classes; they are taken in the order of the data: "
            f"“{blueprint.classes[0]}” is “{classes[0]}”."
        )
        fix = "If they are in another order, list data.classes in that of the model."
        yield Finding(level="warning", title=title, fix=fix)
    else:
        same = sorted(blueprint.classes) == sorted(classes)
        pairs = enumerate(zip(blueprint.classes, classes, strict=True))
        place, (known, other) = next(pair for pair in pairs if pair[1][0] != pair[1][1])
        title = f"{name} names class {place} “{known}”, the data names it “{other}”."
        fix = "If they mean the same, give data.classes the model's names."
        if same:
            fix = "The names are the same in another order: list data.classes in the model's order."
        yield Finding(level="refusal", title=title, fix=fix)


def _are_numbers(classes: tuple[str, ...]) -> bool:
    """Whether classes are only counted, as programs do where nobody has named them."""
    places = range(len(classes))
    return classes in (tuple(map(str, places)), tuple(f"LABEL_{place}" for place in places))


def _put_in_order(name: str, model: Classifier) -> Iterable[Finding]:
    order = model.blueprint.order
    moved = [place for place, before in enumerate(order) if place != before]
    if moved:
        first = moved[0]
        title = (
            f"The classes of {_in_sentence(name)} were put in the order of the data, by name: {len(moved)} of "
            f"{len(order)} moved, and its answer {order[first]} is now class {first}, "
            f"“{model.blueprint.classes[first]}”."
        )
        yield Finding(level="ok", title=title)


def _in_sentence(name: str) -> str:
    return name[0].lower() + name[1:]
