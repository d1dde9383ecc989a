"""What this program runs on: versions, licences, processors and memory, for About, Preferences and reports."""

import os
import platform
import re
import sys
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution, version

import psutil

from workbench import __version__

_PROGRAM = "distillation-workbench"
# What a report has to name: the numbers of a run and the drawing of the window come from these.
_TOLD = ("torch", "onnxruntime", "onnx", "numpy", "PySide6-Essentials", "pyqtgraph")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
# Metadata may hold the whole text of a licence where its name belongs.
_LONGEST_NAME = 120
_CLASSIFIER = "License :: OSI Approved :: "


@dataclass(frozen=True)
class RuntimeFacts:
    """What PyTorch and ONNX Runtime find here.

    Attributes:
        devices: Every device a run can use, in words; the one taken by "auto" first.
        torch: Version of PyTorch.
        torch_threads: Processor threads PyTorch chooses by itself or was told to use.
        onnxruntime: Version of ONNX Runtime.
        providers: What ONNX Runtime can run models on.
    """

    devices: tuple[str, ...]
    torch: str
    torch_threads: int
    onnxruntime: str
    providers: tuple[str, ...]


@dataclass(frozen=True)
class Component:
    """Something by others that this program uses.

    Attributes:
        name: As it is published.
        version: Empty for what has none, such as a font.
        licence: Its name, or an SPDX expression.
    """

    name: str
    version: str
    licence: str


@lru_cache(maxsize=1)
def versions() -> dict[str, str]:
    """Program, Python, system and the libraries that matter; reads a few small files once, imports nothing."""
    found = {
        "Distillation Workbench": __version__,
        "Python": platform.python_version(),
        "System": f"{platform.platform()}, {platform.machine()}",
    }
    for name in _TOLD:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not found"
    return found


def versions_text() -> str:
    """The versions, one a line, as they belong into a report."""
    return "\n".join(f"{name} {number}" for name, number in versions().items())


def runtime_facts() -> RuntimeFacts:
    """Devices and libraries as they are once loaded; takes seconds the first time, so it belongs into a job."""
    import onnxruntime
    import torch

    from workbench.engine.devices import describe_device, pick_device

    chosen = pick_device()
    devices = [
        chosen,
        *(torch.device("cuda", place) for place in range(torch.cuda.device_count())),
        torch.device("cpu"),
    ]
    words = [describe_device(device) for device in devices if device == chosen or device.type != chosen.type]
    return RuntimeFacts(
        devices=tuple(dict.fromkeys(words)),
        torch=torch.__version__,
        torch_threads=torch.get_num_threads(),
        onnxruntime=onnxruntime.__version__,
        providers=tuple(onnxruntime.get_available_providers()),
    )


def processors() -> int:
    """Processors this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def memory_bytes() -> tuple[int, int]:
    """Memory of this computer, and what of it is free, in bytes."""
    memory = psutil.virtual_memory()
    return int(memory.total), int(memory.available)


def components() -> tuple[Component, ...]:
    """Everything by others that is used here, with what that uses in turn; by name."""
    found: dict[str, Component] = {}
    waiting = [_PROGRAM]
    while waiting:
        try:
            package = distribution(waiting.pop())
        except PackageNotFoundError:
            continue
        name = str(package.metadata["Name"])
        key = name.lower()
        if key in found:
            continue
        found[key] = Component(name, package.version, _licence(package))
        # Extras are optional, and nobody asked for them.
        needed = [line for line in package.requires or () if "extra ==" not in line]
        waiting += [match.group() for line in needed if (match := _NAME.match(line))]
    found.pop(_PROGRAM, None)
    for other in _NOT_PACKAGES:
        found[other.name.lower()] = other
    return tuple(found[key] for key in sorted(found))


_NOT_PACKAGES = (
    Component("Python", platform.python_version(), "PSF-2.0"),
    Component("Inter (font)", "", "OFL-1.1"),
    Component("MNIST digits (example)", "", "CC-BY-SA-3.0"),
)


def _licence(package: Distribution) -> str:
    metadata = package.metadata
    for key in ("License-Expression", "License"):
        words = " ".join(" ".join(metadata.get_all(key) or ()).split())
        if words and len(words) <= _LONGEST_NAME:
            return words
    named = [line.removeprefix(_CLASSIFIER) for line in metadata.get_all("Classifier") or () if _CLASSIFIER in line]
    return ", ".join(named) or "see its own files"
