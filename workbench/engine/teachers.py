"""One or many teachers as one: frozen, in eval mode, averaged as the recipe says.

B examples, K teachers, C classes, X any input axes.
"""

import hashlib
import math
from collections.abc import Sequence

import torch
from torch import Tensor

from workbench.engine.averaging import average
from workbench.engine.checkpoints import to_bytes
from workbench.engine.classifier import Classifier


class Teachers:
    """An ensemble, also when it has one member; a temperature is only known when a batch is scored."""

    def __init__(self, models: Sequence[Classifier], weights: Sequence[float], averaging: str) -> None:
        """Freeze the models.

        Args:
            models: At least one, all with the same classes; each normalises raw inputs as it was trained on.
            weights: One a model, above 0; they are scaled to sum to 1.
            averaging: "arithmetic" (mean of probabilities) or "geometric" (mean of log-probabilities).
        """
        self.models = [model.eval().requires_grad_(False) for model in models]
        total = math.fsum(weights)
        self.weights = [weight / total for weight in weights]
        self.averaging = averaging
        # On the teachers' device from the start, so that no step waits for a copy.
        self._weights_K1 = torch.tensor(self.weights, dtype=torch.float64)[:, None]
        # By content, so that a renamed or copied checkpoint is still the same teacher.
        self.fingerprints = [hashlib.sha256(to_bytes(model, checksum=False)).hexdigest() for model in models]

    @property
    def parameter_count(self) -> int:
        """Numbers in all models together."""
        return sum(model.parameter_count for model in self.models)

    def to(self, device: torch.device) -> "Teachers":
        """Move the models, and what averages them, to a device."""
        for model in self.models:
            model.to(device)
        self._weights_K1 = self._weights_K1.float().to(device)
        return self

    @torch.no_grad()
    def logits_BKC(self, inputs_BX: Tensor) -> Tensor:
        """The logits of every teacher for raw inputs, float32."""
        return torch.stack([model(inputs_BX).float() for model in self.models], dim=1)

    def combine(self, logits_BKC: Tensor, temperature: float | None) -> Tensor:
        """Logits [B, C] of the ensemble: dividing them by `temperature` gives its averaged distribution.

        Args:
            logits_BKC: From `logits_BKC` or the cache.
            temperature: T at which probabilities are averaged; None averages the logits themselves, as logit
                matching does, which is the limit T → ∞.
        """
        return average(logits_BKC, self._weights_K1, self.averaging, temperature)
