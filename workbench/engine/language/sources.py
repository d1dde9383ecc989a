"""Where a language stage's batches come from: fixed texts, or what the student itself has just written.

B texts, T tokens, N scored positions.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch

from workbench.engine.chunked_scoring import KeptTeaching
from workbench.engine.language.batches import BatchOrder, Texts, collate
from workbench.engine.language.chat import Encoded
from workbench.engine.language.generating import Sampling, write
from workbench.engine.language.kept_teaching import Kept, teaching_of
from workbench.engine.language.model import LanguageModel
from workbench.engine.seeding import derive, generator


@dataclass(frozen=True)
class TextBatch:
    """One batch on the run's device.

    Attributes:
        student: What the student reads.
        teacher: What the teacher reads: the same, unless it is prompted otherwise; as many scored positions.
        scored: How many positions have a target.
        labelled: How many of them have a hard label: none where the student wrote the text itself.
        kept: What the teacher said before, where that is kept; else None.
        rollouts: How long the texts are that the student wrote, in tokens; empty where it wrote none.
    """

    student: Texts
    teacher: Texts
    scored: int
    labelled: int
    kept: KeptTeaching | None = None
    rollouts: tuple[int, ...] = ()


class TextSource(Protocol):
    """Where batches come from; batch n is a function of n, and of the student where it writes itself."""

    batches_per_epoch: int

    def batch(self, number: int) -> TextBatch:
        """Batch `number`, counted from 0 over the whole stage."""
        ...


class FixedTexts:
    """Texts that are there: given, or written by the teacher before."""

    def __init__(
        self,
        texts: Sequence[Encoded],
        kept: Sequence[Kept] | None,
        *,
        batch_size: int,
        seed: int,
        device: torch.device,
        for_teacher: Sequence[Encoded] | None = None,
    ) -> None:
        """Plan the batches.

        Args:
            texts: At least one with a target each.
            kept: What the teacher said of each; None where it is asked each time.
            batch_size: Texts in a batch.
            seed: Of the order.
            device: Where batches are wanted.
            for_teacher: The same texts behind other prompts; None for the same.
        """
        self._texts, self._kept, self._device = texts, kept, device
        self._for_teacher = for_teacher
        self._order = BatchOrder([len(text.tokens) for text in texts], batch_size, seed)
        self.batches_per_epoch = self._order.per_epoch

    def batch(self, number: int) -> TextBatch:
        """Batch `number`."""
        places = self._order.batch(number)
        student = collate([self._texts[place] for place in places], self._device)
        teacher = student
        if self._for_teacher is not None:
            teacher = collate([self._for_teacher[place] for place in places], self._device)
        count = sum(len(self._texts[place].targets) for place in places)
        kept = None if self._kept is None else teaching_of([self._kept[place] for place in places], self._device)
        return TextBatch(student, teacher, count, count, kept)


class Rollouts:
    """Texts the student writes now, with its weights of now (Agarwal et al. 2024, GKD); scored by the teacher."""

    def __init__(
        self,
        student: LanguageModel,
        prompts: Sequence[tuple[int, ...]],
        sampling: Sampling,
        *,
        stop: frozenset[int],
        batch_size: int,
        seed: int,
        device: torch.device,
        share: float = 1.0,
        otherwise: FixedTexts | None = None,
        for_teacher: Sequence[tuple[int, ...]] | None = None,
        width: int | None = None,
        heard: Callable[[int, int], None] = lambda _row, _token: None,
    ) -> None:
        """Plan the prompts.

        Args:
            student: The model that is trained.
            prompts: Tokens that it continues.
            sampling: How.
            stop: What ends a text.
            batch_size: Texts in a batch.
            seed: Of the order and of what is drawn.
            device: Where batches are wanted.
            share: Of the batches that the student writes (lmbda); the others come from `otherwise`.
            otherwise: Fixed texts for the rest; needed where `share` is below 1.
            for_teacher: Other prompts for the teacher; None for the same.
            width: Tokens that the teacher knows too; None for all of the student's.
            heard: Told of every new token; what it raises ends the batch.
        """
        self._student, self._prompts, self._sampling, self._stop = student, prompts, sampling, stop
        self._seed, self._device, self._share = seed, device, share
        self._otherwise, self._for_teacher, self._heard = otherwise, for_teacher, heard
        self._width = width
        self._order = BatchOrder([len(prompt) for prompt in prompts], batch_size, seed)
        self.batches_per_epoch = self._order.per_epoch

    def batch(self, number: int) -> TextBatch:
        """Batch `number`, written by the student as it is now unless it is the turn of a fixed one."""
        if self._otherwise is not None and self._draw(number) >= self._share:
            return self._otherwise.batch(number)
        places = self._order.batch(number)
        written = self._write([self._prompts[place] for place in places], number)
        texts = [_joined(self._prompts[place], text) for place, text in zip(places, written, strict=True)]
        student = collate(texts, self._device)
        teacher = student
        if self._for_teacher is not None:
            pairs = zip(places, written, strict=True)
            teacher = collate([_joined(self._for_teacher[place], text) for place, text in pairs], self._device)
        count = sum(map(len, written))
        return TextBatch(student, teacher, count, 0, rollouts=tuple(map(len, written)))

    def _write(self, prompts: Sequence[tuple[int, ...]], number: int) -> list[list[int]]:
        was_training = self._student.training
        # Dropout would make it another writer than the one that is used later.
        self._student.eval()
        draws = generator(str(self._device), self._seed, "rollout", number)
        try:
            return write(
                self._student.network,
                prompts,
                self._sampling,
                stop=self._stop,
                generator=draws,
                width=self._width,
                heard=self._heard,
            )
        finally:
            self._student.train(was_training)

    def _draw(self, number: int) -> float:
        return derive(self._seed, "share", number) / 2**63


def _joined(prompt: Sequence[int], written: Sequence[int]) -> Encoded:
    """A prompt and what was written after it; all of that is scored, its end too."""
    return Encoded((*prompt, *written), tuple(range(len(prompt), len(prompt) + len(written))))
