"""A fixed set of examples, in a new order every epoch; teacher outputs ride along where they are cached.

B examples in a batch, N examples in the set, K teachers, C classes.
"""

from dataclasses import replace

import torch
from torch import Tensor

from workbench.engine.data import Examples
from workbench.engine.inputs.augmentation import augment
from workbench.engine.inputs.batch import Batch
from workbench.engine.inputs.material import Material
from workbench.engine.mapped import Rows, is_mapped, on_device
from workbench.engine.objectives import UNLABELLED
from workbench.engine.seeding import derive, generator
from workbench.errors import WorkbenchError
from workbench.recipe import Stage
from workbench.recipe.inputs import TransferSet


class TransferSetSource:
    """Batches of a transfer set; indexed directly, with no workers; the set lies on the device as a whole."""

    def __init__(
        self,
        section: TransferSet,
        examples: Examples,
        teacher_NKC: Tensor | None,
        seed: int,
        device: torch.device,
        *,
        epoch_length: int = 0,
        places_N: Tensor | None = None,
    ) -> None:
        """Move the set to the device; what lies in a file stays there, and only batches of it come over.

        Args:
            section: Batch size and augmentation.
            examples: From `chosen_examples`; same order as `teacher_NKC`.
            teacher_NKC: Cached teacher logits of every example; None when teachers must be asked each time.
            seed: Seeds order and augmentation.
            device: Where batches are wanted.
            epoch_length: Examples that count as an epoch, where some of them are of no use here: a baseline on
                few labels has the budget of the student it is compared with.
            places_N: Where in the inputs each example lies, if these lie in a file and hold others too; labels and
                teacher outputs are those of the chosen ones only.
        """
        count = len(examples.labels_N)
        self.section = section
        self.size = min(section.batch_size, count)
        # What is left over after the last full batch waits for the next order: batches keep one size.
        self._batches_per_order = count // self.size
        self.batches_per_epoch = max((epoch_length or count) // section.batch_size, 1)
        self._in_file = is_mapped(examples.inputs_NX)
        self._rows = Rows(on_device(examples.inputs_NX, device), places_N)
        self._labels_N = examples.labels_N.to(device)
        self._is_labelled_N = examples.labels_N.cpu() != UNLABELLED
        self._all_labelled = bool(self._is_labelled_N.all())
        self._teacher_NKC = None if teacher_NKC is None else teacher_NKC.to(device)
        self._seed = seed
        self._device = device
        self._order = -1
        self._order_N = self._order_there_N = torch.empty(0, dtype=torch.int64)
        self._augmenter = torch.Generator(device=device)

    def batch(self, number: int) -> Batch:
        """Batch `number` of the stage."""
        order, place = divmod(number, self._batches_per_order)
        if order != self._order:
            random = generator("cpu", self._seed, "order", order)
            self._order_N, self._order = torch.randperm(len(self._labels_N), generator=random), order
            # One copy an epoch: a copy a step would make the processor wait for the device each time.
            self._order_there_N = self._order_N.to(self._device)
        part = slice(place * self.size, (place + 1) * self.size)
        labelled = self.size if self._all_labelled else int(self._is_labelled_N[self._order_N[part]].sum())
        chosen = self._order_there_N[part]
        inputs_BX = self._rows.pick(self._order_N[part] if self._in_file else chosen, self._device)
        if self.section.augmentation.active:
            self._augmenter.manual_seed(derive(self._seed, "augmentation", number))
            inputs_BX = augment(inputs_BX, self.section.augmentation, self._augmenter)
        return Batch(
            inputs_BX=inputs_BX,
            labels_N=self._labels_N.index_select(0, chosen),
            scored=self.size,
            labelled=labelled,
            teacher_NKC=None if self._teacher_NKC is None else self._teacher_NKC.index_select(0, chosen),
        )


def transfer_set(stage: Stage, material: Material) -> TransferSetSource:
    """The batches of a stage; teachers are asked in advance where their answers cannot change.

    Raises:
        WorkbenchError: As `chosen_examples`.
    """
    section = stage.inputs
    assert isinstance(section, TransferSet), "the recipe has checked it"
    recipe, teachers, whole = material.recipe, material.teachers, material.training
    in_file = is_mapped(whole.inputs_NX)
    if in_file:
        # Chosen by number: the examples themselves would be copied into memory.
        whole = replace(whole, inputs_NX=torch.arange(len(whole)).unsqueeze(1))
    examples = chosen_examples(section, whole, recipe.data.seed)
    epoch_length = len(examples)
    if not stage.objective.uses_teacher:
        examples = _labelled(examples)
    places_N = None
    if in_file:
        places_N = examples.inputs_NX.flatten()
        examples = replace(examples, inputs_NX=material.training.inputs_NX)
    teacher_NKC = None
    if teachers is not None and stage.objective.uses_teacher and not section.augmentation.active:
        teacher_NKC = material.cache.logits_NKC(teachers, examples.inputs_NX, material.device)
        teacher_NKC = teacher_NKC if places_N is None else teacher_NKC[places_N.to(material.device)]
    return TransferSetSource(
        section,
        examples,
        teacher_NKC,
        recipe.student.seed,
        material.device,
        epoch_length=epoch_length,
        places_N=places_N,
    )


def _labelled(examples: Examples) -> Examples:
    """What hard labels can be learnt from: the rest would only make batches of very few labels."""
    known = examples.labels_N != UNLABELLED
    if not known.any():
        raise WorkbenchError(
            f"None of the {len(examples):,} examples of the transfer set has a label, and hard labels need some.",
            "Choose an objective that learns from a teacher, or give labelled data.",
        )
    return examples if bool(known.all()) else examples.take(known.nonzero().flatten())


def chosen_examples(section: TransferSet, examples: Examples, seed: int) -> Examples:
    """The examples of a stage: some classes left out, some labels hidden.

    Args:
        section: What to leave out and hide.
        examples: All training examples.
        seed: Chooses whose labels are hidden; the data's seed, so that every student of a recipe sees the same.

    Raises:
        WorkbenchError: A class that does not exist is left out, or nothing is left.
    """
    unknown = [label for label in section.omit_classes if not 0 <= label < len(examples.classes)]
    if unknown:
        raise WorkbenchError(
            f"omit_classes names {unknown[0]}, but the labels run from 0 to {len(examples.classes) - 1}."
        )
    kept = ~torch.isin(examples.labels_N, torch.tensor(section.omit_classes, dtype=torch.int64))
    if not kept.any():
        raise WorkbenchError("omit_classes leaves no example in the transfer set.", "Leave out fewer classes.")
    if not kept.all():
        examples = examples.take(kept.nonzero().flatten())
    if section.unlabelled:
        order = torch.randperm(len(examples), generator=generator("cpu", seed, "unlabelled"))
        labels_N = examples.labels_N.clone()
        labels_N[order[: round(len(examples) * section.unlabelled)]] = UNLABELLED
        examples = replace(examples, labels_N=labels_N)
    return examples
