"""ONNX Runtime for a stranger's model: tried in a child process first, then run with a limit of time.

It imports little, so that the child starts soon.
"""

import math
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.bounded import LimitError, bounded
from workbench.errors import WorkbenchError
from workbench.watchdog import watched

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# For a small model; a large one gets more for reading its weights.
_SECONDS = 5.0
_BYTES_A_SECOND = 25e6
_MEMORY = 2**30
_TIMES_ITS_SIZE = 4
# Of a batch, beyond what the first answers let expect.
_GENEROUS_SECONDS, _GENEROUS_TIMES = 60.0, 100.0
_ENDLESS = (
    "It may have a loop without end, or make far more numbers than its file holds. Do not use it, unless you know "
    "where it comes from."
)


@dataclass(frozen=True)
class Port:
    """What is asked of a model, and how.

    Attributes:
        input: The name of the one input.
        output: The name of the output that is wanted.
        shape: Of one input.
        dtype: Of the input, as numpy names it.
        counts: So many inputs are tried in one call; where that fails, the next number.
    """

    input: str
    output: str
    shape: tuple[int, ...]
    dtype: str
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Tried:
    """How a model did.

    Attributes:
        seconds: For one input, the slowest time.
        failure: Why it did not answer, in ONNX Runtime's words; empty where it did.
    """

    seconds: float
    failure: str = ""


def limits_of(path: Path, size: int) -> tuple[float, int]:
    """Most seconds and bytes for reading a model of `size` bytes and asking it once."""
    return _SECONDS + size / _BYTES_A_SECOND, _MEMORY + _TIMES_ITS_SIZE * size


def parsed(path: str) -> None:
    """Read a model, to see whether it can be; for a child process."""
    import onnx
    from google.protobuf.message import DecodeError

    # What is broken is told by the parent, which reads it again.
    with suppress(DecodeError, ValueError, OSError):
        onnx.load(path, load_external_data=False)


def tried(path: Path, port: Port, threads: int, size: int) -> Tried:
    """Load a model and ask it once, in a child process.

    Args:
        path: The model.
        port: What to ask.
        threads: Of the processor.
        size: Bytes of the model with all its files.

    Raises:
        WorkbenchError: It takes too long or too much, or ONNX Runtime cannot load it.
    """
    seconds, memory = limits_of(path, size)
    try:
        found = bounded(_try, str(path), port, threads, seconds=seconds, memory=memory, prepare=_imports)
    except LimitError as error:
        raise WorkbenchError(
            f"{path} cannot be run: loading it and asking it for {port.counts[0]} answers {error.reason}.", _ENDLESS
        ) from None
    return Tried(found["seconds"], found["failure"])


def _imports() -> None:
    import numpy
    import onnxruntime

    # Otherwise the first session would count what it imports.
    assert numpy is not None
    onnxruntime.SessionOptions()


def _try(path: str, port: Port, threads: int) -> dict[str, Any]:
    """In the child."""
    import numpy as np

    session = open_session(Path(path), threads)
    random = np.random.default_rng(0)
    whole = np.dtype(port.dtype).kind in "iu"
    failure = ""
    for count in port.counts:
        shape = (count, *port.shape)
        inputs_MX = np.zeros(shape, port.dtype) if whole else random.random(shape).astype(port.dtype)
        start = time.perf_counter()
        try:
            session.run([port.output], {port.input: inputs_MX})
        except Exception as error:
            # ONNX Runtime's errors have no base class of their own.
            failure = str(error)
        else:
            return {"seconds": (time.perf_counter() - start) / count, "failure": ""}
    return {"seconds": 0.0, "failure": failure}


def open_session(path: Path, threads: int) -> Any:
    """A session on the CPU. Raises WorkbenchError in ONNX Runtime's words."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    # Threads that spin while they wait would starve the student and the window.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 4
    try:
        # Its second try would print to the terminal, and there is no other provider to fall back to.
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"], enable_fallback=0)
    except Exception as error:
        # ONNX Runtime's errors have no base class of their own.
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise WorkbenchError(
            f"{path} cannot be run by ONNX Runtime {onnxruntime.__version__}: {reason}",
            "Export it again, for an older opset if this one is too new.",
            str(error),
        ) from None


def asking(path: Path, port: Port, session: Any, expected: float) -> "Callable[[NDArray[Any]], NDArray[np.floating]]":
    """A function from a batch to its answers that ends with words where a batch takes far too long.

    Args:
        path: The model, for messages.
        port: What to ask.
        session: From `open_session`.
        expected: Seconds for one input, as they were measured.
    """
    import onnxruntime

    def ask(inputs_MX: "NDArray[Any]") -> "NDArray[np.floating]":
        options = onnxruntime.RunOptions()
        # The words are those of the error that is raised.
        options.log_severity_level = 4
        seconds = math.ceil(_GENEROUS_SECONDS + _GENEROUS_TIMES * expected * len(inputs_MX))

        def stop() -> None:
            options.terminate = True

        with watched(stop, seconds) as watch:
            try:
                answers: NDArray[np.floating] = session.run([port.output], {port.input: inputs_MX}, options)[0]
            except Exception:
                if watch.reason:
                    raise WorkbenchError(
                        f"{path} was stopped: a batch of {len(inputs_MX):,} inputs {watch.reason}.", _ENDLESS
                    ) from None
                raise
        return answers

    return ask
