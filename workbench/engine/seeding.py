"""Every random choice is a pure function of a seed and a place, so that a resumed run repeats it exactly."""

import hashlib

import torch


def derive(seed: int, *place: str | int) -> int:
    """A 63-bit seed for one place, such as ("order", epoch); unrelated places get unrelated seeds."""
    text = "/".join(str(part) for part in (seed, *place))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little") >> 1


def generator(device: torch.device | str, seed: int, *place: str | int) -> torch.Generator:
    """A generator of its own for one place."""
    return torch.Generator(device=device).manual_seed(derive(seed, *place))
