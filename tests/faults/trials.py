"""What is run under faults: two small recipes that reach every phase, and what must be the same after each."""

import hashlib
import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np

from faults.layer import NO_FAULT, Counted, Fault, operations
from faults.processes import Child, forked, import_what_it_imports, program

_CLASSIFIER = """
name = "classifier"
[[teachers]]
checkpoint = "teacher.safetensors"
[student]
seed = 1
[student.architecture]
kind = "mlp"
hidden = [8]
dropout = 0.2
[data]
kind = "arrays"
file = "data.npz"
validation_fraction = 0.25
[[stages]]
[stages.inputs]
batch_size = 16
[stages.objective]
kind = "soft_targets"
temperature = 2.0
alpha = 0.5
[stages.optimisation]
steps = 8
[[stages]]
[stages.inputs]
batch_size = 16
[stages.objective]
kind = "reverse_kl"
[stages.optimisation]
optimiser = "adamw"
learning_rate = 0.001
steps = 8
[monitoring]
evaluate_every = 4
[autosave]
steps = 4
seconds = 0
"""
_LANGUAGE_MODEL = """
name = "language model"
[[teachers]]
checkpoint = "teacher"
[student]
seed = 1
[student.architecture]
kind = "causal_lm"
layers = 1
width = 16
heads = 2
[data]
kind = "conversations"
file = "sums.jsonl"
validation_fraction = 0.2
new_tokens = 6
[[stages]]
[stages.inputs]
kind = "teacher_written"
batch_size = 4
new_tokens = 8
keep_cut = true
endpoint = { url = "URL", model = "big", at_once = 2 }
[stages.objective]
kind = "hard_labels"
[stages.optimisation]
optimiser = "adamw"
learning_rate = 0.01
steps = 6
[[stages]]
[stages.inputs]
kind = "rollouts"
batch_size = 4
new_tokens = 6
lmbda = 0.7
otherwise = { kind = "transfer_set", batch_size = 4 }
[stages.objective]
kind = "reverse_kl"
temperature = 1.0
alpha = 1.0
[stages.optimisation]
optimiser = "adamw"
learning_rate = 0.01
steps = 6
[monitoring]
evaluate_every = 3
probe_every = 3
[autosave]
steps = 3
seconds = 0
"""
# A finished run beside the one at hand.
EARLIER = "earlier"
_LOG = "operations.log"
_SAME_BYTES = (".safetensors", ".onnx", ".onnx_data", ".parquet")
_RECIPES = {"classifier": _CLASSIFIER, "language-model": _LANGUAGE_MODEL}
# Left by a reader of a database, for the next one; and made by PyTorch when it is imported.
_NOT_OF_THE_RUN = ("-wal", "-shm", "compiled")
# Wall-clock times, and where a run lies.
_DIFFERENT_EACH_TIME = {"created", "seconds", "environment", "path", "exported_to", "findings", "digest"}


@dataclass(frozen=True)
class Task:
    """A recipe with its inputs.

    Attributes:
        inputs: The folder with the recipe, the data and the teacher.
        kind: What is trained.
        exports: Whether the student is exported as ONNX, which takes most of the time.
    """

    inputs: Path
    kind: str
    exports: bool

    @property
    def name(self) -> str:
        """What is trained, and whether it is exported."""
        return f"{self.kind}{'' if self.exports else ', no export'}"

    @property
    def recipe(self) -> Path:
        """The recipe's file."""
        return self.inputs / ("recipe.toml" if self.exports else "no-export.toml")

    def write_recipe(self, url: str = "") -> None:
        """Write the recipe's file."""
        text = _RECIPES[self.kind].replace("URL", url)
        self.recipe.write_text(text if self.exports else f"{text}[export]\nonnx = false\n")


@dataclass(frozen=True)
class Place:
    """Where one run has its inputs, its home and its temporary files.

    Attributes:
        folder: Of its own: what it printed, and what the layer logged.
        world: What the program reads and writes, and where faults happen; the same for all runs, one after the other,
            since files name the paths of others.
        task: What is run.
    """

    folder: Path
    world: Path
    task: Task

    @property
    def state(self) -> Path:
        """Everything that the program writes lies below it."""
        return self.world / "state"

    @property
    def home(self) -> Path:
        """The program's own home, with its cache."""
        return self.state / "home"

    @property
    def runs(self) -> Path:
        """Where runs are kept."""
        return self.state / "runs"

    @property
    def log(self) -> Path:
        """What the layer logged."""
        return self.folder / _LOG

    @property
    def run(self) -> Path | None:
        """The folder of the run, once there is one."""
        found = sorted(path for path in self.runs.glob("[!.]*") if path.name != EARLIER)
        assert len(found) < 2, f"{len(found)} runs in {self.runs}"
        return found[0] if found else None

    def start(
        self,
        fault: Fault = NO_FAULT,
        *,
        name: str = "output",
        gate: int | None = None,
        modules: Path | None = None,
    ) -> Child:
        """Begin the run, or resume it where it has begun; other arguments as for `program`."""
        self.state.mkdir(parents=True, exist_ok=True)
        words = ["resume", str(self.run)] if self.run else ["run", str(self.task.recipe), "--runs-dir", str(self.runs)]
        if not self.run:
            words.append("--baseline")
        words += ["--device", "cpu", "--json"]
        output = self.folder / name
        return program(words, self.home, output, self.world, fault=fault, log=self.log, gate=gate, modules=modules)

    def keep(self, folder: Path) -> None:
        """Copy everything to a folder."""
        shutil.copytree(self.folder, folder / self.folder.name, dirs_exist_ok=True)
        shutil.copytree(self.world, folder / self.folder.name / "world", dirs_exist_ok=True)


@dataclass(frozen=True)
class Result:
    """What a finished run comes to; equal for two runs that are the same.

    Attributes:
        files: The digest of every file that must be the same, by its name.
        names: The name of every file and folder that there is.
        database: The rows of each table, without times.
    """

    files: dict[str, str]
    names: tuple[str, ...]
    database: dict[str, Any]

    def differences(self, other: "Result") -> list[str]:
        """How another one differs from this one."""
        found = [f"{name} has other bytes" for name, digest in self.files.items() if other.files.get(name) != digest]
        found += [f"{name} is left over" for name in sorted(set(other.names) - set(self.names))]
        found += [f"{name} is missing" for name in sorted(set(self.names) - set(other.names))]
        found += [
            f"{name} differs: {_first_difference(rows, other.database.get(name, []))}"
            for name, rows in self.database.items()
            if rows != other.database.get(name)
        ]
        return found


def result_of(place: Place) -> Result:
    """Read what a finished run has left."""
    run = place.run
    assert run is not None, "there is no run"
    names = {
        path: path.relative_to(place.state).as_posix().replace(run.name, "RUN")
        for path in sorted(place.state.rglob("*"))
        if not path.name.endswith(_NOT_OF_THE_RUN) and place.runs / EARLIER not in (path, *path.parents)
    }
    digests = {
        name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path, name in names.items()
        if path.is_file() and (path.suffix in _SAME_BYTES or path.name == "verdict.json")
    }
    database = {}
    for file in (run / "run.sqlite", *sorted(run.glob("trials/[!.]*/run.sqlite"))):
        for table in ("facts", "metrics", "events", "journal"):
            rows = json.dumps(_rows(file, table)).replace(str(run), "RUN").replace(str(place.world), "WORLD")
            database[f"{table} of {file.parent.name.replace(run.name, 'RUN')}"] = json.loads(rows)
    for file in sorted(place.home.rglob("*.jsonl")):
        # Two answers are asked for at once, and come in any order.
        database[f"answers in {file.name}"] = sorted(file.read_text().splitlines())
    return Result(digests, tuple(sorted(names.values())), database)


def tree_of(folder: Path) -> dict[str, bytes]:
    """All files below a folder with their bytes, but for those that readers of a database leave."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(("-wal", "-shm")))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def _rows(file: Path, table: str) -> list[Any]:
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as connection:
        cursor = connection.execute(f"SELECT * FROM {table}")  # noqa: S608
        columns = [column[0] for column in cursor.description]
        rows = [dict(zip(columns, row, strict=True)) for row in cursor]
    connection.close()
    # Noted by each process that resumes a run; and the last, not by one that is killed between file and note.
    again = ("Prepared", "StageStarted", "CheckpointSaved")
    rows = [row for row in rows if row.get("name") not in _DIFFERENT_EACH_TIME and row.get("kind") not in again]
    return sorted(map(_lasting, rows), key=lambda row: json.dumps(row, sort_keys=True))


def _lasting(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in "{[":
        try:
            return _lasting(json.loads(value))
        except ValueError:
            return value
    if isinstance(value, dict):
        return {
            name: _lasting(inner)
            for name, inner in value.items()
            if name not in _DIFFERENT_EACH_TIME and not name.startswith("ms_")
        }
    if isinstance(value, list):
        return [_lasting(inner) for inner in value]
    return value


def _first_difference(wanted: list[Any], found: list[Any]) -> str:
    missing = [row for row in wanted if row not in found]
    added = [row for row in found if row not in wanted]
    words = [f"{len(wanted)} rows, now {len(found)}"]
    words += [f"missing {str(missing[0])[:300]}"] if missing else []
    words += [f"added {str(added[0])[:300]}"] if added else []
    return "; ".join(words)


class Workshop:
    """A folder with the inputs of both tasks, the endpoint, and the results of runs that were left alone."""

    def __init__(self, folder: Path, only: str = "") -> None:
        """With all tasks, or only those whose names contain some words."""
        self.folder = folder
        self.requests = folder / "requests.log"
        self.inputs = folder / "inputs"
        every = [Task(self.inputs / kind, kind, exports) for kind in _RECIPES for exports in (True, False)]
        self.tasks = [task for task in every if only in task.name]
        # What the runs that nothing disturbed have come to, by task.
        self.results: dict[str, Result] = {}

    @contextmanager
    def open(self) -> Iterator["Workshop"]:
        """As `written`; and every task has run once."""
        with self.written():
            self._run_alone()
            yield self

    @contextmanager
    def written(self) -> Iterator["Workshop"]:
        """The inputs are written, and the endpoint answers."""
        self.folder.mkdir(exist_ok=True)
        address = self.folder / "address"
        server = forked(lambda: _serve(address, self.requests), self.folder / "server.out")
        try:
            while not (address.exists() and address.read_text()):
                assert not server.look(), server.text
            maker = forked(lambda: self._write_inputs(address.read_text()), self.folder / "inputs.out")
            assert maker.wait() == 0, maker.text
            yield self
        finally:
            server.send(9)
            server.wait()

    def _run_alone(self) -> None:
        for task in self.tasks:
            place = self.place(task, f"alone-{task.name}")
            imported = self.folder / f"{task.name}.modules"
            child = place.start(modules=imported)
            assert child.wait() == 0, child.text
            import_what_it_imports(imported)
            self.results[task.name] = result_of(place)
            assert place.run is not None, "it was run just now"
            shutil.copytree(place.run, self.finished_run(task))

    def _write_inputs(self, url: str) -> None:
        _write_classifier(self.inputs / "classifier")
        _write_language_model(self.inputs / "language-model")
        for task in self.tasks:
            task.write_recipe(url)

    def place(self, task: Task, name: str) -> Place:
        """A new place for a run of a task; what an earlier one left is removed."""
        world, folder = self.folder / "world", self.folder / "places" / name
        shutil.rmtree(world, ignore_errors=True)
        folder.mkdir(parents=True)
        shutil.copytree(task.inputs, world / "inputs")
        return Place(folder, world, replace(task, inputs=world / "inputs"))

    def finished_run(self, task: Task) -> Path:
        """A copy of the run of a task that nothing disturbed."""
        return self.folder / "places" / f"alone-{task.name}" / "run"

    def count(self, task: Task, match: str, counted: Counted) -> int:
        """How many operations of an undisturbed run are of this kind and have this in their line."""
        return sum(
            match in each.words and each.kind in counted for each in operations(self.finished_run(task).with_name(_LOG))
        )


def _write_classifier(folder: Path) -> None:
    folder.mkdir(parents=True)
    from workbench.engine.checkpoints import to_bytes
    from workbench.engine.classifier import measure, new_classifier
    from workbench.engine.data.arrays import read_arrays
    from workbench.recipe.models import Mlp

    random = np.random.default_rng(0)
    labels = np.arange(240) % 3
    inputs = 2 * random.standard_normal((3, 8))[labels] + random.standard_normal((240, 8))
    np.savez(folder / "data.npz", inputs=inputs.astype(np.float32), labels=labels)
    statistics = measure(read_arrays(folder / "data.npz")["inputs"])
    teacher = new_classifier(Mlp(hidden=(16,)), statistics, ("0", "1", "2"), seed=3)
    (folder / "teacher.safetensors").write_bytes(to_bytes(teacher))


def write_classifier_run(inputs: Path, runs: Path) -> Path:
    """A finished run of the classifier's recipe, trained in a process of its own."""
    _write_classifier(inputs)
    task = Task(inputs, "classifier", exports=False)
    task.write_recipe()
    command = [sys.executable, "-m", "workbench", "run", str(task.recipe), "--runs-dir", str(runs), "--device", "cpu"]
    subprocess.run(command, check=True, capture_output=True)
    return next(runs.iterdir())


def _write_language_model(folder: Path) -> None:
    folder.mkdir(parents=True)
    from engine.language.text_workshop import tiny_language_model

    from workbench.engine.language.folder import write_weights

    write_weights(tiny_language_model(2, layers=2, scale=1.0), folder / "teacher")
    rows = [{"prompt": f"{a}+{b}", "response": str(a + b), "answer": str(a + b)} for a in range(5) for b in range(4)]
    (folder / "sums.jsonl").write_text("\n".join(map(json.dumps, rows)))


class _Handler(BaseHTTPRequestHandler):
    requests: Path

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        prompt = body["messages"][-1]["content"]
        with self.requests.open("a") as file:
            file.write(prompt + "\n")
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        choice = {"delta": {"content": f"{prompt}={eval_sum(prompt)}"}, "finish_reason": "stop"}
        self.wfile.write(f"data: {json.dumps({'choices': [choice]})}\n\ndata: [DONE]\n\n".encode())

    def log_message(self, *_: object) -> None:
        pass


def eval_sum(prompt: str) -> int:
    """The answer to a prompt such as 2+3."""
    return sum(int(part) for part in prompt.split("+"))


def _serve(address: Path, requests: Path) -> None:
    _Handler.requests = requests
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    address.write_text(f"http://127.0.0.1:{server.server_address[1]}/v1")
    server.serve_forever()
