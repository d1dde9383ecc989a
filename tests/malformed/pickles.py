"""Pickled files that hold more than tensors; what they would run only touches a file beside the case."""

import builtins
import functools
import io
import json
import operator
import os
import subprocess
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from malformed import good
from malformed.case import REFUSED, Case

FAMILY = "pickles that hold more than tensors"
_BLOCKED = "more than tensors|can run code|not allowed|refuse|unsafe|code"


class Touching:
    """Unpickled, it calls a function instead of becoming an object."""

    def __init__(self, call: Any, *arguments: Any) -> None:
        self.call, self.arguments = call, arguments

    def __call__(self) -> None:
        """Never called here: pickle only takes what could be."""

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return self.call, self.arguments


def marker(folder: Path) -> str:
    """The file that must never be there."""
    return str(folder.parent / "elsewhere" / "TOUCHED")


def by_system(folder: Path) -> Touching:
    """Through a shell."""
    return Touching(os.system, f"touch '{marker(folder)}'")


def by_evaluation(folder: Path) -> Touching:
    """Through eval."""
    return Touching(builtins.eval, f"open({marker(folder)!r}, 'w')")


def by_execution(folder: Path) -> Touching:
    """Through exec."""
    return Touching(builtins.exec, f"open({marker(folder)!r}, 'w')")


def by_opening(folder: Path) -> Touching:
    """Through open alone."""
    return Touching(builtins.open, marker(folder), "w")


def by_process(folder: Path) -> Touching:
    """Through a process."""
    return Touching(subprocess.Popen, ["touch", marker(folder)])


def by_partial(folder: Path) -> Touching:
    """A function that is put together first: nothing in the list of names looks dangerous but `partial`."""
    return Touching(Touching(functools.partial, os.system, f"touch '{marker(folder)}'"))


def by_getattr(folder: Path) -> Touching:
    """A method of a path, found by its name."""
    return Touching(Touching(getattr, Path(marker(folder)), "touch"))


def by_caller(folder: Path) -> Touching:
    """An operator that calls a method."""
    return Touching(Touching(operator.methodcaller, "touch"), Path(marker(folder)))


def by_torch_load(folder: Path) -> Touching:
    """torch.load itself, called with a file that holds the marker."""
    import torch

    return Touching(torch.load, io.BytesIO(good.pickled(by_system(folder))))


PAYLOADS: tuple[Callable[[Path], Touching], ...] = (
    by_system,
    by_evaluation,
    by_execution,
    by_opening,
    by_process,
    by_partial,
    by_getattr,
    by_caller,
    by_torch_load,
)


def cases() -> Iterator[Case]:
    """Every way to call in a zip and in the old form; then every other place a pickle hides in."""
    for payload in PAYLOADS:
        way = payload.__name__.removeprefix("by_").replace("_", " ")
        for ending, zipped in ((".pt", True), (".pth", False)):
            form = "zip" if zipped else "old form"
            yield Case(f"{way} in a {form}", _saved(payload, ending, zipped), "checkpoint", REFUSED, _BLOCKED, _SAID)
    for name, make in _PLACES:
        yield Case(name, make, "checkpoint", REFUSED, _BLOCKED, _SAID)
    for name, make, section in _DATA:
        yield Case(name, make, "data", REFUSED, "object|pickle|neither", section, names=str(section["file"]))


_SAID: dict[str, Any] = {"architecture": good.MLP}


def _saved(payload: Callable[[Path], Touching], ending: str, zipped: bool) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        state = good.state() | {"extra": payload(folder)}
        return good.write(f"model{ending}", good.saved(state, zipped=zipped))(folder)

    return make


def _in_a_wrapper(folder: Path) -> Path:
    lightning = {"state_dict": good.state(), "hyper_parameters": {"note": by_system(folder)}, "epoch": 3}
    return good.write("last.ckpt", good.saved(lightning))(folder)


def _as_an_attribute(folder: Path) -> Path:
    weights = OrderedDict(good.state())
    weights._metadata = by_system(folder)  # type: ignore[attr-defined]
    return good.write("model.pt", good.saved(weights))(folder)


def _whole_module(folder: Path) -> Path:
    import torch

    return good.write("module.pt", good.saved(torch.nn.Sequential(torch.nn.Linear(4, 3))))(folder)


def _plain_pickle(folder: Path) -> Path:
    return good.write("model.pkl", good.pickled(good.state() | {"extra": by_system(folder)}))(folder)


def _nested(folder: Path) -> Path:
    """A zip within the zip that torch would never write."""
    raw = good.saved(good.state() | {"extra": by_system(folder)})
    return good.write("outer.pt", good.npz_of({"archive/data.pkl": raw, "archive/version": b"3"}))(folder)


def _hugging_face_bin(folder: Path) -> Path:
    model = good.hugging_face(folder)
    (model / "model.safetensors").unlink()
    (model / "pytorch_model.bin").write_bytes(good.saved(good.state() | {"extra": by_system(folder)}))
    return model


def _changed_member(raw: bytes, ending: str, content: bytes) -> bytes:
    """An archive in which one member is another one."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as before, zipfile.ZipFile(buffer, "w") as after:
        names = before.namelist()
        target = next(name for name in names if name.endswith(ending))
        for name in names:
            after.writestr(name, content if name == target else before.read(name))
    return buffer.getvalue()


def _sample_inputs(folder: Path) -> Path:
    payload = good.saved(((by_system(folder),), {}))
    raw = _changed_member(good.exported_program(), "sample_inputs/model.pt", payload)
    return good.write("program.pt2", raw)(folder)


def _pickled_weight(folder: Path) -> Path:
    """A weight that is said to be a pickle, and is."""
    raw = _changed_member(good.exported_program(), "weights/weight_0", good.saved(by_system(folder)))
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        name = next(name for name in archive.namelist() if name.endswith("model_weights_config.json"))
        said = archive.read(name).replace(b'"use_pickle": false', b'"use_pickle": true')
    return good.write("program.pt2", _changed_member(raw, "model_weights_config.json", said))(folder)


def _evaluated(folder: Path) -> Path:
    """A size that is an expression, which is evaluated."""
    raw = good.exported_program()
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        name = next(name for name in archive.namelist() if name.endswith("models/model.json"))
        text = f"__import__('pathlib').Path({marker(folder)!r}).touch()"
        said = json.loads(archive.read(name))
    said["range_constraints"] = {text: {"min_val": 0, "max_val": 9}}
    return good.write("program.pt2", _changed_member(raw, "models/model.json", json.dumps(said).encode()))(folder)


def _script(folder: Path) -> Path:
    payload = good.pickled(by_system(folder))
    return good.write("script.pt", _changed_member(good.torchscript(), "data.pkl", payload))(folder)


def _scripted(folder: Path) -> Path:
    return good.write("script.pt", good.torchscript())(folder)


def _untouched_program(folder: Path) -> Path:
    return good.write("program.pt2", good.exported_program())(folder)


def _script_named_as_weights(folder: Path) -> Path:
    return good.write("model.bin", good.torchscript())(folder)


_PLACES: tuple[tuple[str, Callable[[Path], Path]], ...] = (
    ("hyperparameters beside a state dict", _in_a_wrapper),
    ("an attribute of the state dict", _as_an_attribute),
    ("a whole module instead of its weights", _whole_module),
    ("a plain pickle", _plain_pickle),
    ("a zip within a zip", _nested),
    ("pytorch_model.bin in a folder", _hugging_face_bin),
    ("sample inputs of an exported program", _sample_inputs),
    ("a pickled weight of an exported program", _pickled_weight),
    ("an expression in an exported program", _evaluated),
    ("a changed member of a script", _script),
    ("a script that nobody agreed to", _scripted),
    ("an exported program that nobody agreed to", _untouched_program),
    ("a script that is named as weights", _script_named_as_weights),
)


def _object_array(folder: Path) -> np.ndarray:
    return np.array([by_system(folder)] * 4, dtype=object)


def _objects_in_npz(folder: Path) -> Path:
    member = good.npy_of(_object_array(folder))
    return good.write("data.npz", good.npz_of({"inputs.npy": member, "labels.npy": good.npy_of(np.arange(4))}))(folder)


def _labels_in_npz(folder: Path) -> Path:
    members = {"inputs.npy": good.npy_of(good.arrays()["inputs"]), "labels.npy": good.npy_of(_object_array(folder))}
    return good.write("data.npz", good.npz_of(members))(folder)


def _objects_in_npy(folder: Path) -> Path:
    return good.write("data.npy", good.npy_of(_object_array(folder)))(folder)


def _pickle_as_npz(folder: Path) -> Path:
    return good.write("data.npz", good.pickled(by_system(folder)))(folder)


def _fields(name: str) -> dict[str, Any]:
    return {"kind": "arrays", "file": name}


_DATA: tuple[tuple[str, Callable[[Path], Path], dict[str, Any]], ...] = (
    ("objects for inputs in an npz", _objects_in_npz, _fields("data.npz")),
    ("objects for labels in an npz", _labels_in_npz, _fields("data.npz")),
    ("objects in an npy", _objects_in_npy, _fields("data.npy")),
    ("a pickle that is named as npz", _pickle_as_npz, _fields("data.npz")),
)
