"""A stranger's ONNX model is tried in a child process, and stopped where a batch takes far too long."""

import numpy as np
import onnx
import pytest
from malformed import good, onnx_bombs

from workbench.engine import checkpoints, onnx_session
from workbench.engine.checkpoints import Wanted
from workbench.engine.checkpoints.onnx_expansion import may_propagate, refuse_endless_functions
from workbench.engine.onnx_session import Port, asking, open_session, tried
from workbench.errors import WorkbenchError

PORT = Port("input", "logits", (4,), "float32", (2,))


@pytest.fixture
def endless(tmp_path):
    return good.write("endless.onnx", onnx_bombs.LOOPS["a loop without end"])(tmp_path)


def test_a_good_model_is_timed(tmp_path):
    path = good.write("model.onnx", good.onnx_model)(tmp_path)
    found = tried(path, PORT, 1, path.stat().st_size)
    assert not found.failure
    assert found.seconds > 0


def test_a_model_that_fails_does_so_in_the_words_of_the_runtime(tmp_path):
    path = good.write("model.onnx", good.onnx_model)(tmp_path)
    wrong = Port("input", "logits", (5,), "float32", (2, 1))
    assert "dimension" in tried(path, wrong, 1, path.stat().st_size).failure.lower()


def test_a_batch_that_never_ends_is_stopped_in_words(endless, monkeypatch):
    monkeypatch.setattr(onnx_session, "_GENEROUS_SECONDS", 0.5)
    ask = asking(endless, PORT, open_session(endless, 1), 0.0)
    with pytest.raises(WorkbenchError, match=r"endless\.onnx was stopped: a batch of 3 inputs took more than 1 s"):
        ask(np.zeros((3, 4), np.float32))


def test_a_stopped_model_says_so_through_its_classifier(tmp_path, monkeypatch):
    path = good.write("model.onnx", good.onnx_model)(tmp_path)
    model = checkpoints.load(path, Wanted(input_shape=(4,), classes=("a", "b", "c")))

    def stop(_):
        raise WorkbenchError("model.onnx was stopped: it took too long.")

    monkeypatch.setattr(model.network, "_ask", stop)
    with pytest.raises(WorkbenchError, match=r"^model\.onnx was stopped: it took too long\.$"):
        model(np_rows())


def np_rows():
    import torch

    return torch.zeros(2, 4)


def test_functions_that_are_put_in_place_are_counted(tmp_path):
    few = onnx.load_model_from_string(onnx_bombs.nested(4, 10))
    refuse_endless_functions(few, tmp_path)
    with pytest.raises(WorkbenchError, match=r"its function own::f6 unfolds into 1,000,000 operators"):
        refuse_endless_functions(onnx.load_model_from_string(onnx_bombs.nested(11, 10)), tmp_path)


def test_values_are_followed_where_they_stay_few():
    assert may_propagate(onnx.load_model_from_string(good.onnx_model()))
    assert not may_propagate(onnx.load_model_from_string(onnx_bombs.LARGE["a shape put after itself 40 times"]()))
    assert not may_propagate(onnx.load_model_from_string(onnx_bombs.LARGE["a constant of 2^30 numbers"]()))
