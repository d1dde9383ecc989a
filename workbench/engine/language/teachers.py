"""One or many language models as the teacher: frozen, in eval mode, of one tokenizer.

B texts, N scored positions, H hidden size of a teacher, M positions of a piece, K teachers, V vocabulary.
"""

import hashlib
import math
from collections.abc import Sequence

import torch
from torch import Tensor

from workbench.engine.averaging import average
from workbench.engine.chunked_scoring import LiveTeaching
from workbench.engine.language.batches import Texts
from workbench.engine.language.model import LanguageModel


class LanguageTeachers:
    """An ensemble, also when it has one member."""

    def __init__(self, models: Sequence[LanguageModel], weights: Sequence[float], averaging: str) -> None:
        """Freeze the models.

        Args:
            models: At least one.
            weights: One a model, above 0; they are scaled to sum to 1.
            averaging: "arithmetic" or "geometric".
        """
        self.models = [model.eval().requires_grad_(False) for model in models]
        total = math.fsum(weights)
        self.averaging = averaging
        self._weights_K1 = torch.tensor([weight / total for weight in weights], dtype=torch.float32)[:, None]
        self.fingerprints = [fingerprint(model) for model in models]

    @property
    def parameter_count(self) -> int:
        """Numbers in all models together."""
        return sum(model.parameter_count for model in self.models)

    def to(self, device: torch.device) -> "LanguageTeachers":
        """Move the models, and what averages them, to a device."""
        for model in self.models:
            model.to(device)
        self._weights_K1 = self._weights_K1.to(device)
        return self

    @torch.no_grad()
    def teaching(self, texts: Texts) -> LiveTeaching:
        """What the teachers say at the scored positions of some texts; as hidden states, until a piece is scored."""
        hidden_KNH = [texts.scored(model.hidden(texts.tokens_BT)) for model in self.models]
        return LiveTeaching(hidden_KNH, [model.head for model in self.models], self.combine)

    def combine(self, logits_MKV: Tensor, temperature: float | None) -> Tensor:
        """Logits [M, V] of the ensemble at a temperature."""
        return average(logits_MKV, self._weights_K1, self.averaging, temperature)


def fingerprint(model: LanguageModel) -> str:
    """SHA-256 of config, tokenizer and weights: a renamed or copied model is still the same teacher."""
    digest = hashlib.sha256((model.blueprint.config + model.blueprint.tokenizer).encode())
    for name, tensor in sorted(model.network.state_dict().items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()
