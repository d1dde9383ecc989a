"""How a written graph compares with the model it was made from, so that a babbling export is seen before it is used.

N tokens, V vocabulary.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from workbench.engine.language.chat import Chat, Encoded
from workbench.engine.language.generating import Sampling, write
from workbench.engine.language.model import LanguageModel
from workbench.engine.language.onnx_asking import OnnxWriter

_GREEDY = 64


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
        largest: The largest difference of a logit.
        mean: The mean difference.
        kl: KL of the file's distribution from the model's, in nats a token.
        agreement: Share of tokens with the same likeliest next one.
        same_greedy: How many tokens of greedy text agree before the first that differs, on average of all prompts.
        greedy: How many there were, on average.
        cached: The largest difference between reading in one go and through the cache.
        samples: Answers side by side.
    """

    file: str
    bytes: int
    tokens: int
    largest: float
    mean: float
    kl: float
    agreement: float
    same_greedy: float
    greedy: float
    cached: float
    samples: tuple[Sample, ...]

    def as_dict(self) -> dict[str, Any]:
        """For parity.json."""
        return asdict(self)


@torch.no_grad()
def compare_graph(
    model: LanguageModel, chat: Chat, path: Path, texts: Sequence[Encoded], prompts: Sequence[tuple[int, ...]]
) -> TextParity:
    """Read texts and continue prompts with both.

    Args:
        model: On the CPU, in eval mode.
        chat: Its tokenizer.
        path: The graph.
        texts: Real held-out ones, at least one of two tokens.
        prompts: What is continued greedily, at least one.
    """
    writer = OnnxWriter(path)
    gaps: list[Any] = []
    kls, agreements, cached = [], [], 0.0
    for text in texts:
        given = torch.tensor([text.tokens])
        own_NV = model(given, torch.ones_like(given))[0]
        file_NV = torch.from_numpy(writer.logits(text.tokens))
        gaps.append((own_NV - file_NV).abs().flatten())
        log_own, log_file = own_NV.log_softmax(1), file_NV.log_softmax(1)
        kls.append((log_own.exp() * (log_own - log_file)).sum(1))
        agreements.append(own_NV.argmax(1) == file_NV.argmax(1))
        if len(text.tokens) > 1:
            by_and_by_NV = writer.logits_by_and_by(text.tokens, len(text.tokens) // 2)
            cached = max(cached, float(np.abs(by_and_by_NV - file_NV.numpy()).max()))
    samples, same, lengths = _greedy(model, chat, writer, prompts)
    all_gaps = torch.cat(gaps)
    return TextParity(
        file=path.name,
        bytes=sum(file.stat().st_size for file in path.parent.glob(f"{path.name}*")),
        tokens=sum(len(text.tokens) for text in texts),
        largest=float(all_gaps.max()),
        mean=float(all_gaps.mean()),
        kl=float(torch.cat(kls).double().mean()),
        agreement=float(torch.cat(agreements).double().mean()),
        same_greedy=same,
        greedy=lengths,
        cached=cached,
        samples=samples,
    )


def _greedy(
    model: LanguageModel, chat: Chat, writer: OnnxWriter, prompts: Sequence[tuple[int, ...]]
) -> tuple[tuple[Sample, ...], float, float]:
    sampling = Sampling(temperature=0, most=_GREEDY)
    samples, same, lengths = [], [], []
    for prompt in prompts:
        (own,) = write(model.network, [prompt], sampling, stop=chat.stop, generator=torch.Generator())
        file = writer.greedy(prompt, _GREEDY, chat.stop)
        pairs = zip(own, file, strict=False)
        same.append(next((n for n, (one, other) in enumerate(pairs) if one != other), min(len(own), len(file))))
        lengths.append(len(own))
        samples.append(Sample(chat.text(prompt), chat.text(own), chat.text(file)))
    return tuple(samples), float(np.mean(same)), float(np.mean(lengths))
