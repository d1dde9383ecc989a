"""What this program runs on: versions, processors, memory and GPUs, and what a person can do about it."""

import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from shutil import which

import psutil

from workbench import __version__
from workbench.frozen import is_frozen
from workbench.session.runtime_advice import Circumstances

# What a report has to name: the numbers of a run and the drawing of the window come from these.
_TOLD = ("torch", "onnxruntime", "onnx", "numpy", "PySide6-Essentials", "pyqtgraph")
_DRIVER = Path("/proc/driver/nvidia")
_PCI = Path("/sys/bus/pci/devices")
_NVIDIA = "0x10de"
_DISPLAY = "0x03"
_SMI_SECONDS = 5
# What CUDA_VISIBLE_DEVICES holds where jobs without a GPU are to see none.
_NO_DEVICE = ("", "-1", "NoDevFiles")


@dataclass(frozen=True)
class RuntimeFacts:
    """What PyTorch and ONNX Runtime find here.

    Attributes:
        devices: Every device a run can use, in words; the one taken by "auto" first.
        torch: Version of PyTorch.
        torch_threads: Processor threads PyTorch chooses by itself or was told to use.
        onnxruntime: Version of ONNX Runtime.
        providers: What ONNX Runtime can run models on.
        circumstances: What an advice depends on.
    """

    devices: tuple[str, ...]
    torch: str
    torch_threads: int
    onnxruntime: str
    providers: tuple[str, ...]
    circumstances: Circumstances


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
        circumstances=circumstances(),
    )


def circumstances() -> Circumstances:
    """What the training runs on; loads PyTorch, so it belongs into a job."""
    import torch

    from workbench.engine.devices import pick_device

    used = pick_device().type
    gpu, has_driver = (_used_gpu(), True) if used == "cuda" else nvidia_gpu()
    rocm = getattr(torch.version, "hip", None)
    return Circumstances(
        is_packaged=is_frozen(),
        system=platform.system(),
        used=used,
        gpu=gpu,
        has_driver=has_driver,
        torch=torch.__version__,
        built_for=f"ROCm {rocm}" if rocm else f"CUDA {torch.version.cuda}" if torch.version.cuda else "",
        threads=torch.get_num_threads(),
        python=sys.executable,
        has_pip=find_spec("pip") is not None,
        is_hidden=os.environ.get("CUDA_VISIBLE_DEVICES", "0").strip() in _NO_DEVICE,
    )


def _used_gpu() -> str:
    import torch

    try:
        return str(torch.cuda.get_device_name(0))
    except RuntimeError:
        # What is wrong with it is told when something is trained on it.
        return "GPU 0"


def nvidia_gpu() -> tuple[str, bool]:
    """Name of the NVIDIA GPU of this computer, empty where there is none, and whether its driver runs."""
    for told in sorted(_DRIVER.glob("gpus/*/information")):
        model = next((line for line in _lines(told) if line.startswith("Model:")), "")
        if model:
            return model.removeprefix("Model:").strip(), True
    # Windows and WSL keep no such files; NVIDIA's tool is there only with the driver.
    named = _named_by_tool()
    if named:
        return named, True
    return ("NVIDIA GPU" if _is_on_the_bus() else ""), (_DRIVER / "version").exists()


def _named_by_tool() -> str:
    tool = which("nvidia-smi")
    if tool is None:
        return ""
    asked = [tool, "--query-gpu=name", "--format=csv,noheader"]
    # No console window flashes up on Windows.
    flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    try:
        done = subprocess.run(  # noqa: S603 - NVIDIA's own tool, with fixed words
            asked, capture_output=True, timeout=_SMI_SECONDS, check=False, creationflags=flags
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    lines = done.stdout.decode(errors="replace").strip().splitlines()
    return lines[0].strip() if done.returncode == 0 and lines else ""


def _is_on_the_bus() -> bool:
    """Whether a graphics card by NVIDIA is plugged in, with or without a driver; known on Linux only."""
    for vendor in sorted(_PCI.glob("*/vendor")):
        kind = _lines(vendor.with_name("class"))
        if _lines(vendor)[:1] == [_NVIDIA] and kind and kind[0].startswith(_DISPLAY):
            return True
    return False


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


def processors() -> int:
    """Processors this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def memory_bytes() -> tuple[int, int]:
    """Memory of this computer, and what of it is free, in bytes."""
    memory = psutil.virtual_memory()
    return int(memory.total), int(memory.available)
