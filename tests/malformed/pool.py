"""Worker processes that open malformed files: one that crashes or hangs is one failing case, and is replaced."""

import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import IO, Any, Self

from malformed.case import Case, Outcome

# Beyond the limit that is judged: a slow machine should give a number, and only a real hang should be cut off.
_LONGEST = 20.0
_LONGEST_TO_MAKE = 120.0
_LONGEST_TO_START = 180.0


class Worker:
    """One process at a time, with a folder, a home and temporary files of its own."""

    def __init__(self) -> None:
        """Start nothing yet."""
        self._base = Path(tempfile.mkdtemp(prefix="malformed-"))
        # Whoever has no privileges must get as far as the file itself.
        self._base.chmod(0o755)
        self._process: subprocess.Popen[str] | None = None
        self._answers: queue.Queue[str] = queue.Queue()
        self._count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()
        shutil.rmtree(self._base, ignore_errors=True)

    def run(self, family: str, case: Case, role: str = "") -> Outcome:
        """Open one case, by its own door or in another role, and report what became of it."""
        self._count += 1
        root = self._base / str(self._count)
        try:
            process = self._started()
            asked = {"family": family, "case": case.name, "role": role, "root": str(root)}
            assert process.stdin is not None
            process.stdin.write(json.dumps(asked) + "\n")
            process.stdin.flush()
            self._hear(_LONGEST_TO_MAKE)
            found = self._hear(_LONGEST)
            found["written"], found["started"] = tuple(found["written"]), tuple(found["started"])
            return Outcome(**found)
        except queue.Empty:
            self._end()
            return Outcome("hung", self._last_words())
        except EOFError:
            self._end()
            return Outcome("crashed", self._last_words())
        finally:
            shutil.rmtree(root, ignore_errors=True)

    def _started(self) -> "subprocess.Popen[str]":
        if self._process is None:
            folders = {name: self._base / name for name in ("home", "own", "temporary")}
            for folder in folders.values():
                folder.mkdir(exist_ok=True)
            tests = Path(__file__).parents[1]
            environment = os.environ | {
                "HOME": str(folders["home"]),
                "DISTILLATION_WORKBENCH_HOME": str(folders["home"] / "workbench"),
                "TMPDIR": str(folders["temporary"]),
                "PYTHONPATH": os.pathsep.join([str(tests), str(tests.parent)]),
                "PYTHONDONTWRITEBYTECODE": "1",
                "OMP_WAIT_POLICY": "PASSIVE",
            }
            with (self._base / "words").open("w") as words:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "malformed.worker"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=words,
                    env=environment,
                    text=True,
                    encoding="utf-8",
                )
            assert self._process.stdout is not None
            self._answers = queue.Queue()
            threading.Thread(target=_listen, args=(self._process.stdout, self._answers), daemon=True).start()
            try:
                self._hear(_LONGEST_TO_START)
            except (EOFError, queue.Empty):
                raise RuntimeError(f"The worker did not start:\n{self._last_words()}") from None
        return self._process

    def _hear(self, longest: float) -> dict[str, Any]:
        line = self._answers.get(timeout=longest)
        if not line:
            raise EOFError
        said: dict[str, Any] = json.loads(line)
        return said

    def _last_words(self) -> str:
        return (self._base / "words").read_text(errors="replace")[-2000:]

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    pipe.close()
            self._process = None


def _listen(pipe: IO[str], answers: "queue.Queue[str]") -> None:
    """Pass on every line, and an empty one at the end."""
    try:
        for line in pipe:
            answers.put(line)
    except ValueError:
        pass
    answers.put("")
