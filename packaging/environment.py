"""The project's own virtual environment: made once, repaired after an interruption, skipped when current.

A stamp inside the environment tells its state. It says "unfinished" from the first moment of an installation
and becomes a fingerprint of everything the result depends on only after the last step; so an environment is
either known to be whole, or known to be ours and rebuilt.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import platform
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import fetching
import torch_build
from reporting import Refusal, phase, run_quietly, say

ROOT = Path(__file__).resolve().parent.parent
OLDEST_PYTHON = (3, 11)
BUNDLE_PYTHON = "3.11"  # the wheels of a bundle are locked for this one
UNFINISHED = "unfinished"


@dataclass(frozen=True)
class Environment:
    """A virtual environment in a folder, for the project in another."""

    folder: Path
    root: Path = ROOT

    @property
    def python(self) -> Path:
        """The interpreter inside."""
        return self.folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    @property
    def program_stamp(self) -> Path:
        """The state of what the program needs; this file also marks the folder as made here."""
        return self.folder / "workbench-program.stamp"

    @property
    def dev_stamp(self) -> Path:
        """The state of what the tests need on top."""
        return self.folder / "workbench-dev.stamp"

    @property
    def locked(self) -> Path:
        """The pins of the program."""
        return self.root / "packaging" / "locked.txt"

    @property
    def locked_dev(self) -> Path:
        """The pins of the test tools."""
        return self.root / "packaging" / "locked-dev.txt"

    @property
    def locked_bundle(self) -> Path:
        """The pins of what a bundle is made of, with hashes."""
        return self.root / "packaging" / "locked-bundle.txt"

    def program_fingerprint(self, *, cuda: bool) -> str:
        """Digest what the program's part depends on."""
        files = (self.locked, self.root / "pyproject.toml")
        return _digest(*files, self.root, sys.version, platform.machine(), "cuda" if cuda else "cpu")

    def dev_fingerprint(self) -> str:
        """Digest what the test tools depend on."""
        return _digest(self.locked_dev, sys.version, platform.machine())

    def bundle_fingerprint(self) -> str:
        """Digest what the environment of a bundle depends on."""
        return _digest(self.locked_bundle, sys.version, platform.machine(), "bundle")

    def program_is_current(self, *, cuda: bool) -> bool:
        """Tell whether the program's part is whole; without a wish for CUDA either build of torch will do."""
        builds = (True,) if cuda else (True, False)
        fingerprints = {self.program_fingerprint(cuda=build) for build in builds}
        return self.python.exists() and _read(self.program_stamp) in fingerprints

    def dev_is_current(self) -> bool:
        """Tell whether the test tools are whole."""
        return self.python.exists() and _read(self.dev_stamp) == self.dev_fingerprint()


def check_python(version: tuple[int, int, int] = sys.version_info[:3]) -> None:
    """Refuse a Python that cannot run the program."""
    if version < OLDEST_PYTHON:
        found = ".".join(str(part) for part in version)
        raise Refusal(f"Python 3.11 or newer is needed; this is Python {found}. Start with a newer one.")


def check_venv() -> None:
    """Refuse a Python that cannot make virtual environments, as Debian's bare one cannot."""
    if importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip"):
        return
    raise Refusal(
        f"This Python ({sys.executable}) cannot make virtual environments: its venv or ensurepip is missing. "
        "On Debian and Ubuntu: apt install python3-venv"
    )


def prepare(folder: Path, *, dev: bool, cuda: bool) -> tuple[Environment, bool]:
    """Make the environment current.

    Args:
        folder: Where it is or shall be.
        dev: Whether the test tools belong into it.
        cuda: Whether torch must be the CUDA build; if not, it is one where an NVIDIA GPU is found.

    Returns:
        The environment, and whether anything had to be installed.
    """
    check_python()
    env = Environment(folder.expanduser().absolute())
    if cuda and platform.system() == "Darwin":
        say("There is no CUDA on macOS; --cuda changes nothing.")
        cuda = False
    if env.program_is_current(cuda=cuda) and (env.dev_is_current() or not dev):
        return env, False
    say(f"Environment in {env.folder}, Python {platform.python_version()}")
    if _must_be_made(env):
        _make(env)
    if not env.program_is_current(cuda=cuda):
        _install_program(env, cuda=cuda or torch_build.nvidia_gpu_found())
    if dev and not env.dev_is_current():
        _install_dev(env)
    return env, True


def prepare_bundle(folder: Path) -> Environment:
    """Make the environment that a bundle is made of: only wheels whose hashes are known, and never a CUDA build.

    Raises:
        Refusal: This is another Python than the wheels are locked for, or a wheel has another content.
    """
    check_python()
    version = ".".join(platform.python_version_tuple()[:2])
    if version != BUNDLE_PYTHON:
        raise Refusal(
            f"A bundle is made with Python {BUNDLE_PYTHON}, for which its wheels are locked; this is Python {version}. "
            f"Start this script with python{BUNDLE_PYTHON}."
        )
    env = Environment(folder.expanduser().absolute())
    if env.python.exists() and _read(env.program_stamp) == env.bundle_fingerprint():
        return env
    if _must_be_made(env) or _read(env.program_stamp) != env.bundle_fingerprint():
        say(f"Environment of the bundle in {env.folder}")
        _make(env)
    index: tuple[str, ...] = ()
    if platform.system() == "Linux" and torch_build.cpu_index_answers():
        index = ("--extra-index-url", torch_build.CPU_INDEX)
    with phase("Installing the locked wheels, each compared with its hash"):
        _pip_install(env, "--no-deps", "--require-hashes", "-r", env.locked_bundle, *index)
    env.program_stamp.write_text(env.bundle_fingerprint(), encoding="utf-8")
    return env


def _digest(*parts: Path | str) -> str:
    digest = hashlib.sha256()
    for part in parts:
        content = part.read_bytes() if isinstance(part, Path) and part.is_file() else str(part).encode()
        digest.update(b"%d:%s" % (len(content), content))
    return digest.hexdigest()


def _read(stamp: Path) -> str:
    return stamp.read_text(encoding="utf-8").strip() if stamp.is_file() else ""


def _must_be_made(env: Environment) -> bool:
    if not any(path.is_file() for path in env.folder.rglob("*")):
        return True
    if not env.program_stamp.is_file():
        raise Refusal(
            f"{env.folder} has files in it that were not put there by this script, and is left alone. "
            "Remove it, or name another folder."
        )
    if UNFINISHED in {_read(env.program_stamp), _read(env.dev_stamp)}:
        say("The last installation did not finish: starting afresh.")
        return True
    # a system update may have taken away the interpreter, or put a newer one in its place
    return not (env.python.exists() and _python_of(env) == platform.python_version())


def _python_of(env: Environment) -> str:
    for line in _read(env.folder / "pyvenv.cfg").splitlines():
        key, _, value = line.partition("=")
        if key.strip() == "version":
            return value.strip()
    return ""


def _make(env: Environment) -> None:
    check_venv()
    if Path(sys.prefix).resolve() == env.folder.resolve():
        raise Refusal("The environment has to be rebuilt: start this script with a Python outside of it.")
    env.folder.mkdir(parents=True, exist_ok=True)
    env.program_stamp.write_text(UNFINISHED, encoding="utf-8")
    with phase("Making the environment"):
        for path in env.folder.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            elif path != env.program_stamp:  # stays, so that the folder is known to be ours all the time
                path.unlink()
        run_quietly([sys.executable, "-m", "venv", env.folder], "python -m venv")


def _install_program(env: Environment, *, cuda: bool) -> None:
    env.program_stamp.write_text(UNFINISHED, encoding="utf-8")
    _install_torch(env, cuda=cuda)
    with phase("Installing the libraries at their locked versions"):
        _pip_install(env, "--no-deps", "-r", env.locked)
    with phase("Installing the program itself"):
        _pip_install(env, "--no-deps", "--no-build-isolation", "--editable", env.root)
    if cuda:
        _check_cuda(env)
    env.program_stamp.write_text(env.program_fingerprint(cuda=cuda), encoding="utf-8")


def _install_torch(env: Environment, *, cuda: bool) -> None:
    system = platform.system()
    version = torch_build.pinned_version(env.locked)
    cpu_index = system == "Linux" and not cuda and torch_build.cpu_index_answers()
    arguments = torch_build.pip_arguments(version, system=system, cuda=cuda, cpu_index=cpu_index)
    build = "CUDA build" if cuda else "CPU build"
    if system == "Linux" and not (cuda or cpu_index):
        build = "whichever build pip finds: PyTorch's index of CPU builds does not answer"
    with phase(f"Installing torch {version} ({build})"):
        if cuda and _torch_in(env).endswith("+cpu"):
            # pip takes 2.13.0+cpu for 2.13.0 and would leave it there
            run_quietly([env.python, "-m", "pip", "uninstall", "--yes", "torch"], "pip uninstall")
        _pip_install(env, *arguments, "--constraint", env.locked)


def _torch_in(env: Environment) -> str:
    script = "import importlib.metadata as m; print(*(d.version for d in m.distributions(name='torch')))"
    return run_quietly([env.python, "-c", script], "looking for torch").strip()


def _check_cuda(env: Environment) -> None:
    with phase("Looking for the GPU through torch"):
        seen = run_quietly([env.python, "-c", "import torch; print(torch.cuda.is_available())"], "torch")
    if seen.split()[-1:] != ["True"]:
        say("Warning: torch sees no CUDA device; training will run on the CPU.")


def _install_dev(env: Environment) -> None:
    env.dev_stamp.write_text(UNFINISHED, encoding="utf-8")
    with phase("Installing the test tools at their locked versions"):
        _pip_install(env, "--no-deps", "-r", env.locked_dev)
    env.dev_stamp.write_text(env.dev_fingerprint(), encoding="utf-8")


def _pip_install(env: Environment, *arguments: str | Path) -> None:
    # a wheel that is missing shall be a clear refusal, not an attempt to compile
    wheels_only = () if "--editable" in arguments else ("--only-binary", ":all:")
    command = [env.python, "-m", "pip", "install", "--quiet", *wheels_only, *arguments]
    run_quietly(command, "pip install", fetching.pip_environ())
