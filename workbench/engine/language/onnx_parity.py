"""How a written graph compares with the model it was made from, so that a babbling export is seen before it is used.

N tokens, T tokens of one text, V vocabulary.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from workbench.engine.exporting.parity import short
from workbench.engine.language.asking import asking_of, question_in
from workbench.engine.language.chat import Chat, Encoded
from workbench.engine.language.generating import Sampling, write
from workbench.engine.language.model import LanguageModel
from workbench.engine.language.onnx_asking import OnnxWriter
from workbench.engine.language.onnx_graph import DATA_SUFFIX
from workbench.engine.language.watching import repeated_share
from workbench.wording import counted

GREEDY = 64
# Through the cache goes one token at a time: so many of so many texts show whether it is read as it was written.
_CACHED_TEXTS, _CACHED_TOKENS = 4, 48


@dataclass(frozen=True)
class Sample:
    """One prompt, and what the model and the file answer to it."""

    prompt: str
    model: str
    file: str


@dataclass(frozen=True)
class TextParity:
    """One file against the model.

    Attributes:
        file: Its name.
        bytes: With its weights.
        tokens: How many logits were compared, V numbers each.
        scale: The largest logit of the model.
        largest: The largest difference of a logit.
        mean: The mean difference.
        kl: KL of the file's distribution from the model's, in nats a token.
        agreement: Share of tokens with the same likeliest next one.
        same_greedy: How many tokens of greedy text agree before the first that differs, on average of all prompts.
        greedy: How many there were, on average.
        cached: The largest difference between reading in one go and through the cache.
        surprise: What the file writes, by the model: nats a token.
        own_surprise: The same of what the model writes itself.
        repeated: Share of four-token sequences of the file's text that came before in it.
        own_repeated: The same of the model's text.
        samples: Answers side by side.
    """

    file: str
    bytes: int
    tokens: int
    scale: float
    largest: float
    mean: float
    kl: float
    agreement: float
    same_greedy: float
    greedy: float
    cached: float
    surprise: float
    own_surprise: float
    repeated: float
    own_repeated: float
    samples: tuple[Sample, ...]

    def as_dict(self) -> dict[str, Any]:
        """For parity.json, in an order that reads well; numbers that are not finite become None."""
        return {
            "file": self.file,
            "bytes": self.bytes,
            "tokens": self.tokens,
            "max_logit_difference": short(self.largest),
            "mean_difference": short(self.mean),
            "cached_difference": short(self.cached),
            "largest_logit": short(self.scale),
            "kl": short(self.kl),
            "agreement": self.agreement,
            "greedy_tokens": short(self.greedy),
            "same_greedy_tokens": short(self.same_greedy),
            "surprise": short(self.surprise),
            "own_surprise": short(self.own_surprise),
            "repeated": short(self.repeated),
            "own_repeated": short(self.own_repeated),
            "samples": [
                {"prompt": sample.prompt, "pytorch": sample.model, "onnx": sample.file} for sample in self.samples
            ],
        }


class Original:
    """A model that files are compared with; what it writes is written once."""

    @torch.no_grad()
    def __init__(
        self, model: LanguageModel, chat: Chat, texts: Sequence[Encoded], prompts: Sequence[tuple[int, ...]]
    ) -> None:
        """Let the model continue its prompts.

        Args:
            model: On the CPU, in eval mode.
            chat: Its tokenizer.
            texts: Real held-out ones, at least one.
            prompts: What is continued greedily, at least one.
        """
        self._model, self._chat, self._texts, self._prompts = model, chat, texts, prompts
        sampling = Sampling(temperature=0, most=GREEDY)
        self._written = [
            write(model.network, [prompt], sampling, stop=chat.stop, generator=torch.Generator())[0]
            for prompt in prompts
        ]

    @torch.no_grad()
    def compared(self, path: Path, say: Callable[[str], None] = lambda _: None) -> TextParity:
        """Read the texts and continue the prompts with a graph too.

        Args:
            path: The graph.
            say: Told in a few words what comes next; what it raises ends the comparison.
        """
        say(f"Comparing {path.name} with the student on {len(self._texts):,} held-out texts")
        writer = OnnxWriter(path)
        gaps = _Gaps()
        for place, text in enumerate(self._texts):
            given = torch.tensor([text.tokens])
            own_TV = self._model(given)[0]
            file_TV = torch.from_numpy(writer.logits(text.tokens))
            gaps.add(own_TV, file_TV)
            if place < _CACHED_TEXTS and len(text.tokens) > 1:
                piece = text.tokens[:_CACHED_TOKENS]
                by_and_by_TV = torch.from_numpy(writer.logits_by_and_by(piece, max(len(piece) // 2, 1)))
                gaps.add_cached(file_TV[: len(piece)], by_and_by_TV)
        said = f"Letting {path.name} answer {counted(len(self._prompts), 'prompt')}"
        file_texts = []
        for number, prompt in enumerate(self._prompts, start=1):
            say(f"{said}, {number}")
            file_texts.append(writer.greedy(prompt, GREEDY, self._chat.stop))
        return self._parity(path, gaps, file_texts)

    def _parity(self, path: Path, gaps: "_Gaps", texts: list[list[int]]) -> TextParity:
        count, asking = len(self._prompts), asking_of(self._chat)
        samples = (
            Sample(question_in(self._chat, asking, prompt), self._chat.text(own), self._chat.text(file))
            for prompt, own, file in zip(self._prompts, self._written, texts, strict=True)
        )
        return TextParity(
            file=path.name,
            bytes=sum(file.stat().st_size for file in graph_files(path)),
            tokens=gaps.tokens,
            scale=gaps.scale,
            largest=gaps.largest,
            mean=gaps.total / max(gaps.numbers, 1),
            # Rounding makes a KL of nothing a little less than nothing; NaN stays what it is.
            kl=max(gaps.kl / max(gaps.tokens, 1), 0.0),
            agreement=gaps.same / max(gaps.tokens, 1),
            same_greedy=sum(map(_same, self._written, texts)) / count,
            greedy=sum(map(len, self._written)) / count,
            cached=gaps.cached,
            surprise=self._surprise(texts),
            own_surprise=self._surprise(self._written),
            repeated=repeated_share(texts),
            own_repeated=repeated_share(self._written),
            samples=tuple(samples),
        )

    def _surprise(self, texts: list[list[int]]) -> float:
        """Cross-entropy a token of continuations, by the model."""
        total, tokens = 0.0, 0
        for prompt, text in zip(self._prompts, texts, strict=True):
            given = torch.tensor([[*prompt, *text]])
            log_p_TV = self._model(given)[0].log_softmax(1)
            written = torch.tensor(text)
            total -= float(log_p_TV[len(prompt) - 1 : -1].gather(1, written[:, None]).double().sum())
            tokens += len(text)
        return total / max(tokens, 1)


def graph_files(path: Path) -> list[Path]:
    """A graph, and the file with its weights where they lie apart."""
    return [file for file in (path, path.with_name(f"{path.name}{DATA_SUFFIX}")) if file.exists()]


class _Gaps:
    """Sums over all that was read, so that the logits of one text at a time are all there is."""

    def __init__(self) -> None:
        self.tokens = self.numbers = self.same = 0
        self.scale = self.largest = self.total = self.kl = self.cached = 0.0

    def add(self, own_TV: Tensor, file_TV: Tensor) -> None:
        gap_TV = (own_TV - file_TV).abs()
        self.tokens += len(own_TV)
        self.numbers += gap_TV.numel()
        self.scale = _larger(self.scale, float(own_TV.abs().max()))
        self.largest = _larger(self.largest, float(gap_TV.max()))
        self.total += float(gap_TV.double().sum())
        log_own_TV, log_file_TV = own_TV.log_softmax(1), file_TV.log_softmax(1)
        self.kl += float((log_own_TV.exp() * (log_own_TV - log_file_TV)).double().sum())
        self.same += int((own_TV.argmax(1) == file_TV.argmax(1)).sum())

    def add_cached(self, whole_TV: Tensor, by_and_by_TV: Tensor) -> None:
        self.cached = _larger(self.cached, float((whole_TV - by_and_by_TV).abs().max()))


def _larger(one: float, other: float) -> float:
    """NaN is larger than anything."""
    return other if math.isnan(other) else max(one, other) if not math.isnan(one) else one


def _same(own: list[int], file: list[int]) -> int:
    pairs = zip(own, file, strict=False)
    return next((place for place, (one, other) in enumerate(pairs) if one != other), min(len(own), len(file)))
