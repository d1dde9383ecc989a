"""Faults of a file are found before it leaves the program, and news from the exporter get through."""

import logging
import warnings
from pathlib import Path

import onnx
import pytest

from workbench.engine.exporting import StudentExport
from workbench.engine.exporting.onnx_classifier import check, quiet_exporter
from workbench.errors import WorkbenchError


def test_a_graph_with_a_wrong_shape_is_rejected(both_files: StudentExport, tmp_path: Path) -> None:
    proto = onnx.load(both_files.exported[0].path)
    proto.graph.output[0].type.tensor_type.shape.dim[1].dim_value = 17
    onnx.save(proto, tmp_path / "wrong.onnx")
    with pytest.raises(WorkbenchError, match=r"wrong\.onnx was written, but ONNX's checker rejects it"):
        check(tmp_path / "wrong.onnx")


def test_only_the_known_remarks_are_silenced(caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("torch.onnx._internal.exporter._registration")
    logger.addHandler(caplog.handler)  # torch's loggers do not pass their records on
    try:
        with quiet_exporter():
            logger.warning("torchvision is not installed. Skipping torchvision::%s", "nms")
            logger.warning("something new")
            with pytest.warns(FutureWarning, match="also new"):
                warnings.warn("also new", FutureWarning, stacklevel=1)
        logger.warning("torchvision is not installed, said outside")
    finally:
        logger.removeHandler(caplog.handler)
    assert list(dict.fromkeys(caplog.messages)) == ["something new", "torchvision is not installed, said outside"]
