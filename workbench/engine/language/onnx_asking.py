"""A written graph asked as any other program asks it, with ONNX Runtime and numpy, cache and all.

B texts, T tokens, V vocabulary.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from workbench.errors import WorkbenchError

if TYPE_CHECKING:
    import torch

    from workbench.engine.language.generating import Sampling


class OnnxWriter:
    """One graph in a session of its own."""

    def __init__(self, path: Path, *, threads: int = 0) -> None:
        """Open a graph; `threads` of the processor, 0 leaves the choice to the runtime. Raises WorkbenchError."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self._name = path.name
        with self._runtime_errors():
            # By its path: weights may lie in a second file.
            self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self._past = [given for given in self._session.get_inputs() if given.name.startswith("past_key_values.")]
        self._outputs = [given.name for given in self._session.get_outputs()]

    def logits(self, tokens: Sequence[int]) -> NDArray[np.float32]:
        """The logits [T, V] of a text, read in one go."""
        logits_BTV, _ = self._step(np.array([tokens], np.int64), None)
        result: NDArray[np.float32] = logits_BTV[0]
        return result

    def logits_by_and_by(self, tokens: Sequence[int], first: int) -> NDArray[np.float32]:
        """The same, read in one piece of `first` tokens and then one by one through the cache."""
        logits_BTV, cache = self._step(np.array([tokens[:first]], np.int64), None)
        rows = [logits_BTV[0]]
        for token in tokens[first:]:
            logits_BTV, cache = self._step(np.array([[token]], np.int64), cache)
            rows.append(logits_BTV[0])
        return np.concatenate(rows)

    def greedy(self, prompt: Sequence[int], most: int, stop: frozenset[int]) -> list[int]:
        """What it writes when it always takes the likeliest token."""
        written: list[int] = []
        logits_BTV, cache = self._step(np.array([prompt], np.int64), None)
        while len(written) < most:
            written.append(int(logits_BTV[0, -1].argmax()))
            if written[-1] in stop:
                break
            logits_BTV, cache = self._step(np.array([[written[-1]]], np.int64), cache)
        return written

    def write(
        self,
        prompt: Sequence[int],
        sampling: "Sampling",
        *,
        stop: frozenset[int],
        generator: "torch.Generator",
        heard: Callable[[int, int], None] = lambda _row, _token: None,
    ) -> list[int]:
        """Continue one prompt as `workbench.engine.language.generating.write` does, drawing from the same generator."""
        import torch

        from workbench.engine.language.generating import choose

        written: list[int] = []
        logits_BTV, cache = self._step(np.array([prompt], np.int64), None)
        while True:
            written.append(int(choose(torch.from_numpy(logits_BTV[:, -1]), sampling, generator)))
            heard(0, written[-1])
            if written[-1] in stop or len(written) >= sampling.most:
                return written
            logits_BTV, cache = self._step(np.array([[written[-1]]], np.int64), cache)

    def _step(self, tokens_BT: NDArray[np.int64], cache: list[NDArray[Any]] | None) -> tuple[NDArray[Any], list[Any]]:
        batch, new = tokens_BT.shape
        if cache is None:
            cache = [np.zeros((batch, given.shape[1], 0, given.shape[3]), np.float32) for given in self._past]
        old = cache[0].shape[2]
        feed: dict[str, NDArray[Any]] = {
            "input_ids": tokens_BT,
            "attention_mask": np.ones((batch, old + new), np.int64),
            "position_ids": np.arange(old, old + new, dtype=np.int64)[None].repeat(batch, 0),
        }
        feed |= {given.name: part for given, part in zip(self._past, cache, strict=True)}
        with self._runtime_errors():
            logits_BTV, *present = self._session.run(self._outputs, feed)
        return logits_BTV, present

    @contextmanager
    def _runtime_errors(self) -> Iterator[None]:
        """The runtime's errors have no base class of their own."""
        try:
            yield
        except Exception as error:
            first = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise WorkbenchError(
                f"ONNX Runtime cannot run {self._name}: {first}", "Export the student again."
            ) from None
