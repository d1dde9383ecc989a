"""Teacher outputs kept on disk by content: which weights, which item, which preprocessing; never by position.

N examples, C classes, X any input axes.
"""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor

from workbench.engine.classifier import Classifier
from workbench.engine.mapped import Rows, in_chunks
from workbench.engine.teachers import Teachers
from workbench.errors import WorkbenchError
from workbench.writing import write_atomically

# One fixed size of batch: kernels may round differently for different sizes, and what is cached must not
# depend on which other items were asked for with it.
_BATCH = 256
_KEYS_AT_ONCE = 4096
# Raised whenever a model's arithmetic changes, if only in the last bit: a run must not depend on who asked first.
_VERSION = 2


class TeacherCache:
    """Logits of single teachers for single items; a lost or broken file is only computed again."""

    def __init__(self, folder: Path | None, pulse: Callable[[str], None] = lambda _: None) -> None:
        """Keep outputs under `folder`, None keeps nothing; `pulse` hears how far asking the teachers is, or raises."""
        self.folder = folder
        self._pulse = pulse
        self.computed = 0
        self.reused = 0

    def logits_NKC(self, teachers: Teachers, inputs_NX: Tensor, device: torch.device) -> Tensor:
        """The logits of every teacher for every example, on `device`, float32; what is missing is computed."""
        keys_N = item_keys(inputs_NX)
        columns = [
            self._one(model, fingerprint, inputs_NX, keys_N, device)
            for model, fingerprint in zip(teachers.models, teachers.fingerprints, strict=True)
        ]
        return torch.stack(columns, dim=1).to(device)

    def _one(
        self,
        model: Classifier,
        fingerprint: str,
        inputs_NX: Tensor,
        keys_N: list[bytes],
        device: torch.device,
    ) -> Tensor:
        # Another PyTorch may round otherwise.
        name = f"{fingerprint[:32]}-{device.type}-torch-{torch.__version__}-v{_VERSION}.safetensors"
        path = None if self.folder is None else self.folder / name
        known = _read(path, len(model.blueprint.classes))
        missing = [place for place, key in enumerate(keys_N) if key not in known]
        if missing:
            fresh_MC = self._compute(model, inputs_NX, missing, device)
            known.update({keys_N[place]: fresh_MC[row] for row, place in enumerate(missing)})
            _write(path, known)
        self.computed += len(missing)
        self.reused += len(keys_N) - len(missing)
        return torch.from_numpy(np.stack([known[key] for key in keys_N]))

    @torch.no_grad()
    def _compute(self, model: Classifier, inputs_NX: Tensor, places: list[int], device: torch.device) -> np.ndarray:
        rows, asked = [], Rows(inputs_NX)
        for start in range(0, len(places), _BATCH):
            self._pulse(f"Asking the teacher: {start:,} of {len(places):,} examples")
            chosen = places[start : start + _BATCH]
            padded = chosen + chosen[-1:] * (_BATCH - len(chosen))
            batch_BX = asked.pick(torch.tensor(padded, device=inputs_NX.device), device)
            rows.append(model(batch_BX).float()[: len(chosen)].cpu())
        result: np.ndarray = torch.cat(rows).numpy()
        return result


def item_keys(inputs_NX: Tensor) -> list[bytes]:
    """The identity of each item: a 128-bit hash of its raw values, with their type and shape."""
    kind = f"{inputs_NX.dtype}{tuple(inputs_NX.shape[1:])}".encode()
    key, keys = hashlib.sha256(kind).digest(), []
    for chunk in in_chunks(inputs_NX, _KEYS_AT_ONCE):
        rows = chunk.cpu().contiguous().flatten(1).numpy().view(np.uint8)
        keys += [hashlib.blake2b(row.data, digest_size=16, key=key).digest() for row in rows]
    return keys


def _read(path: Path | None, classes: int) -> dict[bytes, np.ndarray]:
    if path is None:
        return {}
    try:
        stored = load_file(path)
        keys_M16, logits_MC = stored["keys"].numpy(), stored["logits"].numpy()
    except (SafetensorError, OSError, KeyError, TypeError):
        return {}
    shapes_fit = keys_M16.shape == (len(logits_MC), 16) and logits_MC.shape[1:] == (classes,)
    if not shapes_fit or keys_M16.dtype != np.uint8 or logits_MC.dtype != np.float32:
        return {}
    return {key.tobytes(): logits for key, logits in zip(keys_M16, logits_MC, strict=True)}


def _write(path: Path | None, known: dict[bytes, np.ndarray]) -> None:
    """Another run may be reading, so it is replaced as a whole. A disk that refuses only costs the reuse."""
    if path is None:
        return
    keys = torch.from_numpy(np.frombuffer(b"".join(known), dtype=np.uint8).reshape(-1, 16).copy())
    logits = torch.from_numpy(np.stack(list(known.values())))
    with suppress(WorkbenchError):
        write_atomically(path, save({"keys": keys, "logits": logits}))
