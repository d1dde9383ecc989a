"""Which build of torch to install: the small CPU build, or the CUDA build where there is an NVIDIA GPU."""

from __future__ import annotations

import http.client
import re
import shutil
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

CPU_INDEX = "https://download.pytorch.org/whl/cpu"
WINDOWS_CUDA = "cu130"  # the CUDA of PyPI's Linux build of this release
WINDOWS_CUDA_INDEX = f"https://download.pytorch.org/whl/{WINDOWS_CUDA}"
PROBE_SECONDS = 3


def pinned_version(locked: Path) -> str:
    """Read torch's release from the lock, the only place that names it."""
    match = re.search(r"^torch==(\S+)", locked.read_text(encoding="utf-8"), flags=re.MULTILINE)
    if match is None:
        raise ValueError(f"{locked} pins no torch")
    return match[1]


def nvidia_gpu_found() -> bool:
    """Ask NVIDIA's own tool; it is there and lists a GPU only when the driver runs."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return False
    try:
        listing = subprocess.run([tool, "-L"], capture_output=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return listing.returncode == 0 and b"GPU" in listing.stdout


def cpu_index_answers() -> bool:
    """Probe the index that holds the CPU builds for Linux, without waiting long for it."""
    request = urllib.request.Request(f"{CPU_INDEX}/torch/", method="HEAD")
    try:
        with urllib.request.urlopen(request, timeout=PROBE_SECONDS):
            return True
    except (OSError, urllib.error.URLError, http.client.HTTPException):
        return False


def pip_arguments(version: str, *, system: str, cuda: bool, cpu_index: bool) -> list[str]:
    """Say what pip has to be asked for.

    PyPI's builds are CUDA builds on Linux and CPU builds on Windows and macOS. Elsewhere a build carries a
    label, `2.13.0+cpu`, which pip prefers to the bare release when an index or folder offers it.

    Args:
        version: The release, as locked.
        system: `platform.system()`.
        cuda: Whether the CUDA build is wanted.
        cpu_index: Whether PyTorch's own index can be reached.
    """
    if system == "Linux" and not cuda and cpu_index:
        return [f"torch=={version}", "--extra-index-url", CPU_INDEX]
    if system == "Windows" and cuda:
        return [f"torch=={version}+{WINDOWS_CUDA}", "--extra-index-url", WINDOWS_CUDA_INDEX]
    return [f"torch=={version}"]
