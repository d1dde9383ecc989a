"""One run on disk: recipe.toml, run.sqlite, checkpoints/, student/, export/; found again after a crash."""

import json
import os
import platform
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from workbench import __version__
from workbench.errors import WorkbenchError
from workbench.session.run_database import RunDatabase
from workbench.session.stored import Facts
from workbench.writing import disk_errors, sync_folder, write_atomically

if TYPE_CHECKING:
    from workbench.engine.run_state import RunState
    from workbench.recipe import Recipe

# How a run ends whose student is finished.
FINISHED = ("complete", "early stop")

_KEPT_CHECKPOINTS = 2


class RunFolder:
    """The files of one run; everything in it is written under a temporary name, flushed and renamed."""

    def __init__(self, path: Path, *, must_be_whole: bool = True) -> None:
        """An existing run.

        Args:
            path: Its folder.
            must_be_whole: False for whoever shows or deletes what is left of a damaged run.

        Raises:
            WorkbenchError: There is no run in this folder.
        """
        self.path = path
        self.recipe_file = path / "recipe.toml"
        self.database_file = path / "run.sqlite"
        if must_be_whole and not (self.recipe_file.is_file() and self.database_file.is_file()):
            raise WorkbenchError(
                f"There is no run in {path}: a run folder holds recipe.toml and run.sqlite.",
                "Name the folder that `distillation-workbench run` printed, or list them with `runs`.",
            )

    @classmethod
    def create(cls, path: Path, recipe_text: str, **facts: Any) -> "RunFolder":
        """A new run at `path`; it appears there complete or not at all.

        Raises:
            WorkbenchError: The disk refuses, or there is something at `path`.
        """
        with disk_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            building = Path(tempfile.mkdtemp(dir=path.parent, prefix=".new-"))
            building.chmod(0o755)
        try:
            write_atomically(building / "recipe.toml", recipe_text.encode())
            with RunDatabase(building / "run.sqlite") as database:
                database.know(created=_now(), environment=_environment(), status="new", **facts)
            with disk_errors(path):
                if path.exists():
                    raise WorkbenchError(f"There is already something at {path}.", "Choose another name.")
                building.rename(path)
                sync_folder(path.parent)
        except BaseException:
            shutil.rmtree(building, ignore_errors=True)
            raise
        return cls(path)

    @property
    def recipe(self) -> "Recipe":
        """What was asked for. Raises WorkbenchError."""
        # Imported here: pydantic takes as long to load as a list of 500 runs.
        from workbench.recipe import read_recipe

        return read_recipe(self.recipe_file)

    @property
    def student_folder(self) -> Path:
        """Where the finished student lies, with what it answered."""
        return self.path / "student"

    @property
    def student_file(self) -> Path:
        """The finished student's weights; those of a language model lie in a folder that transformers reads."""
        text_model = self.student_folder / "model.safetensors"
        return text_model if text_model.exists() else self.student_folder / "student.safetensors"

    @property
    def answers_file(self) -> Path:
        """What teacher and student answered to the held-out examples."""
        return self.student_folder / "answers.safetensors"

    def companions(self) -> list[Path]:
        """The folders of the baseline and of other seeds that were trained with this run."""
        # One that is just being made has a temporary name.
        found = (self.path / "trials").glob("*")
        return sorted(path for path in found if path.is_dir() and not path.name.startswith("."))

    def facts(self) -> Facts:
        """What is known of the run: status, step, device, …. Raises WorkbenchError."""
        with RunDatabase(self.database_file, read_only=True) as database:
            return database.facts()

    def save_checkpoint(self, state: "RunState") -> Path:
        """Keep a state; older ones go only once it is safe on the disk. Raises WorkbenchError."""
        path = self.path / "checkpoints" / f"step-{state.progress.step:09d}.safetensors"
        write_atomically(path, state.to_bytes())
        for old in self.checkpoints()[:-_KEPT_CHECKPOINTS]:
            old.unlink(missing_ok=True)
        return path

    def checkpoints(self) -> list[Path]:
        """All kept states, oldest first."""
        return sorted((self.path / "checkpoints").glob("step-*.safetensors"))

    def latest_state(self) -> "RunState | None":
        """The newest state that can be read; None when there is none. Raises WorkbenchError if all are broken."""
        # Imported here: a list of runs needs no torch, and a window is painted before torch has loaded.
        from workbench.engine.run_state import from_bytes

        broken: WorkbenchError | None = None
        for path in reversed(self.checkpoints()):
            try:
                with disk_errors(path):
                    return from_bytes(path.read_bytes(), str(path))
            except WorkbenchError as error:
                broken = broken or error
        if broken is not None:
            raise broken
        return None

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Hold the run for this process; what a killed process left behind is taken over.

        Raises:
            WorkbenchError: Another process is running it right now.
        """
        claim = self.path / "running.json"
        holder = _holder_of(claim)
        if holder is not None:
            raise WorkbenchError(
                f"{self.path.name} is being run right now, by process {holder}.", "Wait for it, or stop it there."
            )
        me = psutil.Process()
        write_atomically(claim, json.dumps({"pid": me.pid, "started": me.create_time()}).encode())
        # What a killed process was writing when it went.
        for leftover in (*self.path.glob(".new-*"), *self.path.glob("*/.new-*")):
            leftover.unlink(missing_ok=True)
        try:
            yield
        finally:
            claim.unlink(missing_ok=True)

    @property
    def is_running(self) -> bool:
        """Whether a living process holds the run."""
        return _holder_of(self.path / "running.json") is not None


def new_run_path(runs_folder: Path, recipe_name: str) -> Path:
    """A free name such as 2026-11-24_15-04-05_hinton-mnist."""
    slug = re.sub(r"[^\w-]+", "-", recipe_name).strip("-").lower()[:60] or "run"
    stem = f"{datetime.now():%Y-%m-%d_%H-%M-%S}_{slug}"
    names = (stem if number == 1 else f"{stem}-{number}" for number in range(1, 10_000))
    return next(runs_folder / name for name in names if not (runs_folder / name).exists())


def _holder_of(claim: Path) -> int | None:
    """The process that holds a claim and still lives; a process number used again does not count."""
    try:
        content = json.loads(claim.read_text())
        pid, started = int(content["pid"]), float(content["started"])
        alive = abs(psutil.Process(pid).create_time() - started) < 1
    except (OSError, ValueError, KeyError, TypeError, psutil.Error):
        return None
    return pid if alive else None


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="seconds")


def _environment() -> dict[str, str]:
    packages = ("torch", "numpy", "onnx", "onnxruntime", "safetensors")
    return {
        "program": __version__,
        "python": platform.python_version(),
        "system": platform.platform(),
        "processors": str(os.cpu_count()),
        **{name: version(name) for name in packages},
    }
