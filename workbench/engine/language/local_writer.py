"""A teacher that writes here: batches of prompts, each batch from a seed of its own."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from workbench.engine.language.chat import Chat
from workbench.engine.language.generating import Sampling, write
from workbench.engine.language.model import LanguageModel
from workbench.engine.language.teacher_text import Asked, Response
from workbench.engine.seeding import generator


@dataclass(frozen=True)
class LocalWriter:
    """Writes with a model in this process; a `workbench.engine.language.teacher_text.Writer`.

    Attributes:
        model: In eval mode, on its device.
        chat: Its tokenizer and template.
        fingerprint: Its content: another model is asked anew.
        sampling: How the next token is chosen.
        seed: Of what is drawn.
        at_once: Prompts in a batch.
        pulse: Hears how long the texts are so far; what it raises ends the writing.
    """

    model: LanguageModel
    chat: Chat
    fingerprint: str
    sampling: Sampling
    seed: int = 0
    at_once: int = 16
    pulse: Callable[[str], None] = lambda _: None

    @property
    def name(self) -> str:
        """By content, sampling and seed."""
        return hashlib.sha256(f"{self.fingerprint} {self.sampling} {self.seed}".encode()).hexdigest()[:16]

    def write(self, asked: Sequence[Asked]) -> Iterator[tuple[int, Response]]:
        """The answers of one batch, all at its end."""
        prompts = [self.chat.prompt(each.prompt.messages) for each in asked]
        device = next(self.model.parameters()).device
        # By what is asked and not by when: after a break the same batch is written the same.
        draws = generator(str(device), self.seed, *(f"{each.prompt.identity} {each.sample}" for each in asked))
        longest = 0
        lengths = [0] * len(asked)

        def heard(row: int, _token: int) -> None:
            nonlocal longest
            lengths[row] += 1
            if lengths[row] > longest:
                longest = lengths[row]
                if longest % 16 == 0:
                    self.pulse(f"{len(asked)} at once, {longest} tokens so far")

        texts = write(self.model.network, prompts, self.sampling, stop=self.chat.stop, generator=draws, heard=heard)
        for place, tokens in enumerate(texts):
            ended = bool(tokens) and tokens[-1] in self.chat.stop
            yield place, Response(self.chat.text(tokens), "stop" if ended else "length")
