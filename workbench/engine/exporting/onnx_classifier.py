"""A classifier as an ONNX graph that normalises for itself and takes any number of inputs at once."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import onnx
import torch
from torch import nn

from workbench.engine.exporting.interface import INPUT, Interface
from workbench.errors import WorkbenchError

# A protobuf file ends at 2 GiB; above this the weights go into a second file beside it, `<name>.data`.
LARGEST_INLINE_BYTES = 1536 * 2**20

# The exporter reports every operator of a library that is not installed and that no model here uses.
_CHATTER = ("torch.onnx._internal.exporter._registration", "torchvision is not installed")


def write_onnx(network: nn.Module, interface: Interface, path: Path) -> None:
    """Trace a network on the CPU and in eval mode, and save its graph.

    Raises:
        WorkbenchError: The network does something that ONNX, or its exporter, cannot say.
    """
    # Two examples: a batch of one may be taken for a constant.
    sample_BX = torch.zeros((2, *interface.shape), dtype=interface.dtype)
    try:
        with quiet_exporter():
            program = torch.onnx.export(
                network,
                (sample_BX,),
                dynamo=True,
                input_names=[INPUT],
                output_names=[interface.output],
                dynamic_shapes=({0: torch.export.Dim("batch")},),
                verbose=False,
            )
    except Exception as error:
        first_line = (str(error).strip().splitlines() or ["no reason given"])[0]
        raise WorkbenchError(
            f"PyTorch {torch.__version__} cannot turn the student into ONNX: {type(error).__name__}: {first_line}",
            "The student's checkpoint is unharmed; it can be exported later, with another version of PyTorch.",
            str(error),
        ) from error
    assert program is not None, "the dynamo exporter returns its program"
    program.save(path, external_data=is_too_large_for_one_file(network))


def is_too_large_for_one_file(network: nn.Module) -> bool:
    """Whether the weights need a file of their own."""
    weights = [*network.parameters(), *network.buffers()]
    return sum(tensor.numel() * tensor.element_size() for tensor in weights) > LARGEST_INLINE_BYTES


def files_of(path: Path) -> tuple[Path, ...]:
    """An ONNX file and the file with its weights, where there is one."""
    data = path.with_name(f"{path.name}.data")
    return (path, data) if data.exists() else (path,)


def check(path: Path) -> None:
    """Let ONNX's own checker read a file, shapes and types included.

    Raises:
        WorkbenchError: It finds fault with it.
    """
    try:
        # By path: a large model does not fit into the message that the checker would otherwise be handed.
        onnx.checker.check_model(path, full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        raise WorkbenchError(
            f"{path.name} was written, but ONNX's checker rejects it.",
            "Nothing was kept. Another version of PyTorch or onnx may write it well.",
            str(error),
        ) from error


@contextmanager
def quiet_exporter() -> Iterator[None]:
    """Without the exporter's remarks about itself, which nobody here can act on; all others get through."""
    name, beginning = _CHATTER
    logger = logging.getLogger(name)

    def is_news(record: logging.LogRecord) -> bool:
        return not record.getMessage().startswith(beginning)

    logger.addFilter(is_news)
    try:
        with warnings.catch_warnings():
            # torch copies its own tree specifications while it decomposes a program, and warns itself of it.
            warnings.filterwarnings("ignore", r"`isinstance\(treespec, LeafSpec\)` is deprecated", FutureWarning)
            # Axes that are alike share a name, as they are meant to.
            warnings.filterwarnings("ignore", r"# The axis name: \w+ will not be used", UserWarning)
            yield
    finally:
        logger.removeFilter(is_news)
