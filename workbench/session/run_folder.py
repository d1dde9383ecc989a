"""One run on disk: recipe.toml, run.sqlite, checkpoints/, student/, export/; found again after a crash."""

import os
import platform
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench import __version__
from workbench.errors import WorkbenchError
from workbench.session.claiming import claimed, holder_of
from workbench.session.run_database import RunDatabase
from workbench.session.stored import Facts
from workbench.writing import disk_errors, remove_abandoned, sync_folder, unfinished_prefix, write_atomically

if TYPE_CHECKING:
    from workbench.engine.run_state import RunState
    from workbench.recipe import Recipe

# How a run ends whose student is finished.
FINISHED = ("complete", "early stop")

_KEPT_CHECKPOINTS = 2


@dataclass(frozen=True)
class Damaged:
    """A checkpoint that cannot be used, and why."""

    path: Path
    error: WorkbenchError

    @property
    def name(self) -> str:
        """Without its ending."""
        return self.path.stem

    @property
    def reason(self) -> str:
        """In a few words, without the file's name."""
        return self.error.title.replace(str(self.path), "the file").rstrip(".")


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
            remove_abandoned(path.parent)
            building = Path(tempfile.mkdtemp(dir=path.parent, prefix=unfinished_prefix("new")))
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

    @property
    def step(self) -> int:
        """How far the run came, as its facts give it; 0 where they are damaged."""
        with suppress(WorkbenchError):
            return int(self.facts().get("step", 0))
        return 0

    @property
    def exported_to(self) -> list[Path]:
        """Where else exports of it were written; empty where that is damaged. Shares of other machines are left out."""
        names: list[str] = []
        with suppress(WorkbenchError):
            names = self.facts().get("exported_to", [])
        return [Path(name) for name in names if not name.startswith(("//", "\\\\")) and Path(name).is_absolute()]

    def refuse_damaged_student(self) -> None:
        """Look at the files of the finished student.

        Raises:
            WorkbenchError: One is missing, or damaged.
        """
        from safetensors import SafetensorError, safe_open

        from workbench.engine import checksums
        from workbench.engine.answers import read_answers

        self.refuse_links()
        path = self.student_file
        if not path.is_file():
            raise WorkbenchError(f"{path} is missing.")
        checksums.check_sums(path.parent)
        try:
            with disk_errors(path), path.open("rb") as file:
                checksums.verify(file, str(path))
            with safe_open(path, framework="numpy"):
                pass
        except SafetensorError as error:
            raise WorkbenchError(f"{path} is broken: {error}.") from None
        read_answers(self.answers_file)

    def save_checkpoint(self, state: "RunState") -> Path:
        """Keep a state; older ones go only once it is safe on the disk. Raises WorkbenchError."""
        path = self._checkpoints / f"step-{state.progress.step:09d}.safetensors"
        write_atomically(path, state.to_bytes())
        # Those that were damaged are kept until the run is as far again.
        damaged = sorted(self._checkpoints.glob("damaged-step-*.safetensors"))
        old = [each for each in damaged if each.name.removeprefix("damaged-") <= path.name]
        for each in (*self.checkpoints()[:-_KEPT_CHECKPOINTS], *old):
            # What was put in the place of a file may be a folder.
            with suppress(OSError):
                each.unlink(missing_ok=True)
        return path

    def checkpoints(self) -> list[Path]:
        """All kept states, oldest first."""
        return sorted(self._checkpoints.glob("step-*.safetensors"))

    def latest_state(self, use: "Callable[[RunState], None]" = lambda _: None) -> "RunState | None":
        """The newest state that is whole; None when there is none.

        Args:
            use: Takes the state over, and raises WorkbenchError where it does not fit.

        Raises:
            WorkbenchError: There are some, and all of them are damaged.
        """
        return self.whole_state(use)[0]

    def whole_state(self, use: "Callable[[RunState], None]") -> "tuple[RunState | None, list[Damaged]]":
        """As `latest_state`, with the newer ones that are damaged, newest first."""
        # Imported here: a list of runs needs no torch, and a window is painted before torch has loaded.
        from workbench.engine.run_state import from_bytes

        self.refuse_links()
        damaged: list[Damaged] = []
        for path in reversed(self.checkpoints()):
            try:
                state = from_bytes(_read_whole(path), str(path))
                use(state)
            except WorkbenchError as error:
                damaged.append(Damaged(path, error))
            else:
                return state, damaged
        if damaged:
            raise _all_damaged(self.path, damaged)
        return None, []

    def set_aside(self, damaged: "Iterable[Damaged]") -> None:
        """Rename damaged checkpoints, so that they are not tried again. Raises WorkbenchError."""
        for each in damaged:
            with disk_errors(each.path):
                each.path.replace(each.path.with_name(f"damaged-{each.path.name}"))

    @property
    def _checkpoints(self) -> Path:
        return self.path / "checkpoints"

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Hold the run for this process; what a killed process left behind is taken over.

        Raises:
            WorkbenchError: Another process is running it right now, or a link leads out of its folder.
        """
        self.refuse_links()
        with claimed(self.path):
            with disk_errors(self.path):
                folders = [path for path in self.path.iterdir() if path.is_dir() and not path.is_symlink()]
            for folder in (self.path, *folders):
                remove_abandoned(folder, of_earlier_versions=True)
            yield

    def refuse_links(self) -> None:
        """Refuse a folder some of whose files lie elsewhere: somebody else may have sent it.

        Raises:
            WorkbenchError: A link in the folder leads out of it.
        """
        root = self.path.resolve()
        for place, folders, files in os.walk(root):
            for name in (*folders, *files):
                path = Path(place, name)
                # Junctions of Windows are no symbolic links, and lead elsewhere too.
                if (path.is_symlink() or name in folders) and not path.resolve().is_relative_to(root):
                    raise WorkbenchError(
                        f"{path} is a link to {path.resolve()}, outside of the run folder.",
                        "A run keeps all its files in its own folder: put the files themselves there.",
                    )

    @property
    def is_running(self) -> bool:
        """Whether a living process holds the run."""
        return holder_of(self.path) is not None


def new_run_path(runs_folder: Path, recipe_name: str) -> Path:
    """A free name such as 2026-11-24_15-04-05_hinton-mnist."""
    slug = re.sub(r"[^\w-]+", "-", recipe_name).strip("-").lower()[:60] or "run"
    stem = f"{datetime.now():%Y-%m-%d_%H-%M-%S}_{slug}"
    names = (stem if number == 1 else f"{stem}-{number}" for number in range(1, 10_000))
    return next(runs_folder / name for name in names if not (runs_folder / name).exists())


def _read_whole(path: Path) -> bytes:
    """A checkpoint's bytes. Raises WorkbenchError, also where no memory would hold it."""
    import psutil

    if not path.is_file():
        raise WorkbenchError(f"{path} is not a file.")
    with disk_errors(path):
        size, free = path.stat().st_size, psutil.virtual_memory().available
        if size > free:
            raise WorkbenchError(f"{path} has {size:,} bytes, and {free:,} bytes of memory are free.")
        return path.read_bytes()


def _all_damaged(folder: Path, damaged: list[Damaged]) -> WorkbenchError:
    reasons = "\n".join(f"{each.name}: {each.reason}." for each in damaged)
    count = f"All {len(damaged)} checkpoints" if len(damaged) > 1 else "The only checkpoint"
    return WorkbenchError(
        f"{count} of {folder.name} cannot be used. {damaged[0].name}: {damaged[0].reason}.",
        f"Put back the files the run began with, or copy {folder / 'checkpoints'} again from where it came from. "
        "To train from the first step again, move that folder away and resume.",
        reasons,
    )


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
