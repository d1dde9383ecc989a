"""Whether training runs on a GPU, why not, and what a person can do about it: words from facts, and nothing else."""

from dataclasses import dataclass

_PACKAGE = "distillation-workbench"
# PyPI's Windows build of PyTorch is for the processor; the CUDA builds have an index of their own.
_WINDOWS_CUDA = "https://download.pytorch.org/whl/cu130"


@dataclass(frozen=True)
class Circumstances:
    """What an advice depends on.

    Attributes:
        is_packaged: Whether the program brought its own Python and PyTorch along.
        system: "Linux", "Windows" or "Darwin".
        used: What a run trains on: "cpu", "cuda" or "mps".
        gpu: Name of the NVIDIA GPU; empty where none was found. With "cuda", of the GPU that is used.
        has_driver: Whether the GPU's driver runs.
        torch: Version of PyTorch.
        built_for: What its build can use besides the processor, such as "CUDA 13.0"; empty for nothing.
        threads: Processor threads PyTorch uses.
        python: The interpreter.
        has_pip: Whether that interpreter has pip; environments made by uv have none.
        is_hidden: Whether the environment hides every NVIDIA GPU from this process.
    """

    is_packaged: bool
    system: str
    used: str
    gpu: str
    has_driver: bool
    torch: str
    built_for: str
    threads: int
    python: str = "python"
    has_pip: bool = True
    is_hidden: bool = False


@dataclass(frozen=True)
class Advice:
    """What to tell a person.

    Attributes:
        state: What is the case, in one sentence.
        what_to_do: The next step, or why there is none.
        command: What to type into a terminal for it; empty where nothing is to be typed.
    """

    state: str
    what_to_do: str
    command: str = ""

    @property
    def text(self) -> str:
        """Everything but the command."""
        return f"{self.state} {self.what_to_do}".strip()


def in_short(found: Circumstances, threads: int = 0) -> str:
    """What training runs on, in a few words.

    Args:
        found: The facts.
        threads: How many a person prefers; 0 leaves it to PyTorch.
    """
    if found.used == "cuda":
        return f"{found.built_for.partition(' ')[0] or 'CUDA'}: {found.gpu}"
    if found.used == "mps":
        return "MPS: Apple GPU"
    count = threads or found.threads
    return f"CPU, {count} thread{'s' if count != 1 else ''}"


def advise(found: Circumstances) -> Advice:
    """What to tell a person about what training runs on."""
    if found.used == "cuda":
        return Advice(f"Training runs on {found.gpu}, with PyTorch for {found.built_for}.", "Nothing needs to be done.")
    if found.used == "mps":
        return Advice("Training runs on the Apple GPU (MPS).", "Nothing needs to be done.")
    if found.built_for:
        return _built_in_vain(found)
    if not found.gpu:
        return _no_gpu(found)
    if found.is_packaged:
        return _packaged_beside_gpu(found)
    return Advice(
        f"This PyTorch ({found.torch}) is the build for the processor, though this computer has a GPU: {found.gpu}.",
        f"{_driver_too(found)} Close the program before you bring the build for CUDA:".strip(),
        _cuda_command(found),
    )


def _built_in_vain(found: Circumstances) -> Advice:
    """The build could use a GPU, and does not."""
    state = f"This PyTorch is built for {found.built_for}, but training runs on the processor:"
    if found.built_for.startswith("ROCm"):
        return Advice(f"{state} no AMD GPU with a driver was found.", "Install AMD's driver (ROCm), then start again.")
    if not found.gpu and not found.has_driver:
        todo = "If this computer has an NVIDIA GPU, install NVIDIA's driver, then start the program again."
        return Advice(f"{state} no NVIDIA GPU with a driver was found.", todo)
    gpu = found.gpu or "NVIDIA GPU"
    if not found.has_driver:
        todo = "Install NVIDIA's driver, then start the program again."
        return Advice(f"{state} there is a GPU ({gpu}), but its driver does not run.", todo)
    if found.is_hidden:
        todo = "Start the program without that variable, or with the number of the GPU in it."
        return Advice(f"{state} the variable CUDA_VISIBLE_DEVICES of the environment hides the GPU ({gpu}).", todo)
    todo = "Most likely its driver is too old for that: update NVIDIA's driver, then start the program again."
    return Advice(f"{state} it cannot use the GPU ({gpu}).", todo)


def _no_gpu(found: Circumstances) -> Advice:
    if found.system == "Darwin":
        todo = "Macs with Apple silicon train on their GPU; this one has none that PyTorch can use."
        return Advice("Training runs on the processor.", todo)
    with_it = " With one, the program would have to be installed by pip, which brings PyTorch for CUDA."
    return Advice(
        "Training runs on the processor; no NVIDIA GPU was found.",
        f"Nothing needs to be done.{with_it if found.is_packaged else ''}",
    )


def _packaged_beside_gpu(found: Circumstances) -> Advice:
    is_windows = found.system == "Windows"
    by_uv = f"uv tool install {_PACKAGE}" + (" --torch-backend=auto" if is_windows else "")
    by_pip = f"pip install {_PACKAGE}" + (f" --extra-index-url {_WINDOWS_CUDA}" if is_windows else "")
    return Advice(
        f"This package carries PyTorch for the processor. Your GPU ({found.gpu}) can train with the program as Python "
        "installs it, which brings PyTorch for CUDA.",
        f"It needs Python 3.11 or newer and about 6 GB; runs and preferences are shared.{_driver_too(found)} "
        f"With uv: “{by_uv}”; with pip, in a virtual environment:",
        by_pip,
    )


def _driver_too(found: Circumstances) -> str:
    return "" if found.has_driver else " NVIDIA's driver does not run; it has to be installed too."


def _cuda_command(found: Circumstances) -> str:
    """Replaces the build in the environment the program runs in; its version stays."""
    release = f"torch=={found.torch.partition('+')[0]}"
    python = found.python
    if " " in python:
        # PowerShell, which Windows opens, takes a quoted name for a text unless & stands before it.
        python = f'& "{python}"' if found.system == "Windows" else f'"{python}"'
    if not found.has_pip:
        return f'uv pip install --python "{found.python}" --reinstall-package torch --torch-backend=auto {release}'
    if found.system == "Windows":
        return f"{python} -m pip install --force-reinstall --extra-index-url {_WINDOWS_CUDA} {release}+cu130"
    return f"{python} -m pip install --force-reinstall {release}"
