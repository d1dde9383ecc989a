"""Recipes that are no TOML, are absurd, or name what a stranger's recipe must not bring about."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

from malformed import good
from malformed.case import REFUSED, Case
from malformed.pickles import by_system, marker

FAMILY = "recipes"
_NOT_TOML = "not TOML|not a text file|refused"


def cases() -> Iterator[Case]:
    """Read from a file; then checked with all they name."""
    for name, content in _BROKEN.items():
        yield Case(name, good.write("recipe.toml", content), "recipe", REFUSED, _NOT_TOML)
    for name, (before, after) in _CHANGED.items():
        yield Case(name, _recipe(before, after), "recipe", REFUSED, _NOT_TOML)
    for name, (before, after, reason, names) in _CHECKED.items():
        yield Case(name, _recipe(before, after), "preflight", REFUSED, reason, names=names)


TEXT = """format = 1
name = "tiny"

[[teachers]]
checkpoint = "teacher.safetensors"

[student]
seed = 1

[student.architecture]
kind = "mlp"
hidden = [8]

[data]
kind = "arrays"
file = "data.npz"
validation_fraction = 0.25

[[stages]]

[stages.inputs]
batch_size = 8

[stages.objective]
kind = "soft_targets"
"""
_BROKEN: dict[str, bytes | str] = {
    "an empty recipe": "",
    "half a recipe": TEXT[:200] + '"',
    "no text": bytes(range(256)),
    "UTF-16": TEXT.encode("utf-16"),
    "NUL": TEXT.replace("tiny", "ti\x00ny"),
    "lists in lists": "name = " + "[" * 5_000 + "]" * 5_000,
    "tables in tables": "[" + ".".join(["a"] * 5_000) + "]\n",
    "tables in one line": "a = " + "{b = " * 2_000 + "1" + "}" * 2_000,
    "a key given twice": TEXT.replace("seed = 1", "seed = 1\nseed = 2"),
    "a section given twice": TEXT + "\n[student]\nseed = 2\n",
    "a section that is a value, too": TEXT + "\nstudent.seed = 4\n",
    "JSON": '{"name": "tiny"}',
    "a key of 10^6 letters": "k" * 10**6 + " = 1\n",
    "10,000 stages that are empty": "[[stages]]\n" * 10_000,
}
_CHANGED: dict[str, tuple[str, str]] = {
    "a seed of 10^400": ("seed = 1", "seed = 1" + "0" * 400),
    "a seed of 5,000 digits": ("seed = 1", "seed = " + "9" * 5_000),
    "a negative seed": ("seed = 1", "seed = -1"),
    "a seed of infinity": ("seed = 1", "seed = inf"),
    "a fraction that is NaN": ("0.25", "nan"),
    "a fraction of 10^308": ("0.25", "1e309"),
    "a width of 10^12": ("[8]", "[1000000000000]"),
    "30,000 layers": ("[8]", "[" + "8," * 30_000 + "]"),
    "a batch of 0": ("batch_size = 8", "batch_size = 0"),
    "a date for a number": ("seed = 1", "seed = 2026-11-24T12:00:00Z"),
    "a time that is not": ("seed = 1", "seed = 99:99:99"),
    "a list for a text": ('"tiny"', '["tiny"]'),
    "an unknown kind": ('"mlp"', '"__import__"'),
    "an unknown key": ("seed = 1", "seed = 1\nrun = 'touch TOUCHED'"),
    "a format of the future": ("format = 1", "format = 99"),
    "data that is a list": ("[data]", "[[data]]"),
    "no teacher's file": ('checkpoint = "teacher.safetensors"', "checkpoint = 5"),
}
_CHECKED: dict[str, tuple[str, str, str, str]] = {
    "data with NUL in its name": ('"data.npz"', '"da\\u0000ta.npz"', ".", "ta.npz"),
    "data at a device": ('"data.npz"', '"/dev/zero"', ".", "/dev/zero"),
    "data that is a folder": ('"data.npz"', '"/"', ".", "/"),
    "data with a name of 10,000 letters": ('"data.npz"', f'"{"d" * 10_000}"', ".", "dddd"),
    "data at an address": ('"data.npz"', '"https://example.org/data.npz"', ".", "data.npz"),
    "a teacher with NUL in its name": ('"teacher.safetensors"', '"tea\\u0000cher"', ".", "cher"),
    "a teacher at a device": ('"teacher.safetensors"', '"/dev/zero"', ".", "/dev/zero"),
    "a teacher that is a pickle": ('"teacher.safetensors"', '"evil.pt"', "code|tensors", "evil.pt"),
    "a teacher that is a script, with its own consent": (
        '"teacher.safetensors"',
        '"script.pt"\ntrust = "sha256:{script}"',
        "code|trust",
        "script.pt",
    ),
    "a student that is a Python file, with its own consent": (
        'kind = "mlp"\nhidden = [8]',
        'kind = "python_class"\nfile = "evil.py"\nname = "Net"\ntrust = "sha256:{evil}"',
        "code|trust",
        "evil.py",
    ),
    "a student that is an installed function": (
        'kind = "mlp"\nhidden = [8]',
        'kind = "python_class"\nmodule = "os"\nname = "system"\narguments = [\'command = "touch TOUCHED"\']',
        "code|trust|module|class",
        "os",
    ),
    "a student of a name that is no class": (
        'kind = "mlp"\nhidden = [8]',
        'kind = "python_class"\nmodule = "os.path"\nname = "join"',
        ".",
        "os.path",
    ),
    "a student that would need 10^15 bytes": (
        "[8]",
        "[65536, 65536, 65536, 65536, 65536, 65536, 65536]",
        "memory|GiB|size",
        "student",
    ),
    "a place in the home of nobody": ('"data.npz"', '"~nobody-at-all/data.npz"', ".", "data.npz"),
}


def _recipe(before: str, after: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        evil = f"import pathlib\npathlib.Path({marker(folder)!r}).touch()\nclass Net: pass\n".encode()
        good.write("evil.py", evil)(folder)
        good.write("script.pt", good.torchscript)(folder)
        good.write("evil.pt", good.saved(good.state() | {"extra": by_system(folder)}))(folder)
        good.write("data.npz", good.npz)(folder)
        good.write("teacher.safetensors", good.own_checkpoint)(folder)
        digests = {"evil": hashlib.sha256(evil).hexdigest(), "script": hashlib.sha256(good.torchscript()).hexdigest()}
        said = after.replace("{evil}", digests["evil"]).replace("{script}", digests["script"])
        return good.write("recipe.toml", TEXT.replace(before, said, 1))(folder)

    return make
