"""What teachers say of fixed text, kept on disk by content: the likeliest entries of each position and the tail's mass.

N scored positions of one text, K kept entries.
"""

import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor

from workbench.engine.chunked_scoring import KeptTeaching
from workbench.engine.language.batches import collate
from workbench.engine.language.chat import Encoded
from workbench.engine.language.model import LanguageModel
from workbench.engine.objectives import log_p
from workbench.errors import WorkbenchError
from workbench.writing import write_atomically

_VERSION = 1
_PIECE = 128


@dataclass(frozen=True)
class Kept:
    """One text's share.

    Attributes:
        entries_NK: int32, likeliest first.
        log_p_NK: float16, in nats.
        log_tail_N: float16; −inf where nothing is left.
        width: Entries of the vocabulary that were looked at; None for all of the teacher's.
    """

    entries_NK: Tensor
    log_p_NK: Tensor
    log_tail_N: Tensor
    width: int | None = None


def teaching_of(texts: Sequence[Kept], device: torch.device) -> KeptTeaching:
    """The shares of one batch, in the order of its scored positions."""
    return KeptTeaching(
        torch.cat([text.entries_NK for text in texts]).to(device),
        torch.cat([text.log_p_NK for text in texts]).to(device),
        torch.cat([text.log_tail_N for text in texts]).to(device),
        texts[0].width,
    )


def kept_mass(texts: Sequence[Kept]) -> float:
    """The mean mass of the kept entries, from 0 to 1: what the cache has seen of the teacher."""
    masses = torch.cat([text.log_p_NK.double().exp().sum(1) for text in texts])
    return float(masses.clamp_max(1.0).mean())


class TextCache:
    """Shares by the content of text and teacher; a lost or broken file is only made again.

    Attributes:
        computed: Texts the teacher was asked about.
        reused: Texts that were known.
    """

    def __init__(
        self,
        folder: Path | None,
        kept: int,
        pulse: Callable[[str], None] = lambda _: None,
        *,
        width: int | None = None,
    ) -> None:
        """Keep shares on disk.

        Args:
            folder: Where; None keeps nothing.
            kept: Entries a position.
            pulse: Hears how far it is; what it raises ends the asking, and what was said stays.
            width: Entries of the vocabulary that student and teacher share; None for all of the teacher's.
        """
        self.folder, self.kept, self.width = folder, kept, width
        self._pulse = pulse
        self.computed = self.reused = 0

    def shares(self, teacher: LanguageModel, fingerprint: str, texts: Sequence[Encoded], batch_size: int) -> list[Kept]:
        """What a teacher says of each text, asked where it is not known.

        Args:
            teacher: In eval mode, on its device.
            fingerprint: Its content.
            texts: Fixed ones; each is known by its tokens and its targets.
            batch_size: Texts that are asked about at once.
        """
        path = self._path(fingerprint)
        known = _read(path, self.width)
        keys = [_key(text) for text in texts]
        missing = list(dict.fromkeys(place for place, key in enumerate(keys) if key not in known))
        # Of one length together: less is filled up.
        missing.sort(key=lambda place: len(texts[place].tokens))
        before = len(known)
        try:
            for start in range(0, len(missing), batch_size):
                self._pulse(f"Asking the teacher: {start:,} of {len(missing):,} texts")
                part = missing[start : start + batch_size]
                said = self._ask(teacher, [texts[place] for place in part])
                known.update(zip([keys[place] for place in part], said, strict=True))
        finally:
            # Also after a stop: whoever goes on later need not ask for these again.
            if len(known) > before:
                _write(path, known)
        self.computed += len(missing)
        self.reused += len(texts) - len(missing)
        return [known[key] for key in keys]

    def _path(self, fingerprint: str) -> Path | None:
        if self.folder is None:
            return None
        shared = "" if self.width is None else f"-of{self.width}"
        return self.folder / f"{fingerprint[:32]}-top{self.kept}{shared}-v{_VERSION}.safetensors"

    @torch.no_grad()
    def _ask(self, teacher: LanguageModel, texts: Sequence[Encoded]) -> list[Kept]:
        device = next(teacher.parameters()).device
        batch = collate(texts, device)
        hidden_NH = batch.scored(teacher.hidden(batch.tokens_BT))
        pieces = [self._likeliest(teacher.head(part_MH)) for part_MH in hidden_NH.split(_PIECE)]  # type: ignore[no-untyped-call]
        joined = [torch.cat(part).cpu() for part in zip(*pieces, strict=True)]
        counts = [len(text.targets) for text in texts]
        entries, log_p_K, tails = (part.split(counts) for part in joined)  # type: ignore[no-untyped-call]
        shares = zip(entries, log_p_K, tails, strict=True)
        return [Kept(entries_NK, log_p_NK, tail_N, self.width) for entries_NK, log_p_NK, tail_N in shares]

    def _likeliest(self, logits_MV: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        log_p_MV = log_p(logits_MV[:, : self.width], 1.0)
        log_p_MK, entries_MK = log_p_MV.topk(min(self.kept, log_p_MV.shape[1]), dim=1)
        tail_M = log_p_MV.scatter(1, entries_MK, -torch.inf).logsumexp(1)
        return entries_MK.to(torch.int32), log_p_MK.half(), tail_M.half()


def _key(text: Encoded) -> str:
    return hashlib.blake2b(repr((text.tokens, text.targets)).encode(), digest_size=16).hexdigest()


def _read(path: Path | None, width: int | None) -> dict[str, Kept]:
    if path is None:
        return {}
    try:
        stored = load_file(path)
        keys = bytes(stored["keys"].numpy()).decode().split()
        counts = stored["counts"].tolist()
        parts = [stored[name].split(counts) for name in ("entries", "log_p", "log_tail")]  # type: ignore[no-untyped-call]
        shares = [Kept(entries, log_p_K, tails, width) for entries, log_p_K, tails in zip(*parts, strict=True)]
        return dict(zip(keys, shares, strict=True))
    except (SafetensorError, OSError, KeyError, TypeError, ValueError, RuntimeError):
        return {}


def _write(path: Path | None, known: dict[str, Kept]) -> None:
    """Another run may be reading, so it is replaced as a whole. A disk that refuses only costs the reuse."""
    if path is None:
        return
    shares = list(known.values())
    tensors = {
        "keys": torch.frombuffer(bytearray(" ".join(known).encode()), dtype=torch.uint8),
        "counts": torch.tensor([len(share.log_tail_N) for share in shares]),
        "entries": torch.cat([share.entries_NK for share in shares]),
        "log_p": torch.cat([share.log_p_NK for share in shares]),
        "log_tail": torch.cat([share.log_tail_N for share in shares]),
    }
    with suppress(WorkbenchError):
        write_atomically(path, save(tensors))
