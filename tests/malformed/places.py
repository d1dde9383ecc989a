"""Files and folders that are strange by their names, or by what they are to the system."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from malformed import good
from malformed.case import ACCEPTED, REFUSED, WARNED, Case

FAMILY = "names and places"


def cases() -> Iterator[Case]:
    """Names first: they are no fault. Then what is no plain file."""
    for name, word in _NAMES.items():
        posix = any(letter in word for letter in '\n\t"*?:|\\')
        yield Case(
            f"a checkpoint with {name}",
            good.write(f"{word}.safetensors", good.own_checkpoint),
            "checkpoint",
            ACCEPTED,
            posix=posix,
        )
        section = _ARRAYS | {"file": f"{word}.npz"}
        yield Case(
            f"data with {name}", good.write(f"{word}.npz", good.npz), "data", ACCEPTED, section=section, posix=posix
        )
        yield Case(f"classes with {name}", _classes(word), "data", ACCEPTED, section=_FOLDER, posix=posix)
        broken = good.write(f"{word}.safetensors", b"this is no checkpoint")
        yield Case(f"something else with {name}", broken, "checkpoint", REFUSED, "not a checkpoint", posix=posix)
    for kind, make in _STRANGE.items():
        for door, (file, section) in DOORS.items():
            unreadable = kind == "an unreadable file"
            yield Case(
                f"{kind} as {door}", _named(make, file), door.split()[0], REFUSED, ".", section, file, unreadable, True
            )
    for kind, make in _IN_FOLDERS.items():
        yield Case(
            f"{kind} among pictures", make, "data", REFUSED, ".", _FOLDER, "odd", kind == "an unreadable file", True
        )
        skipping = _FOLDER | {"skip_broken": True}
        yield Case(
            f"{kind} among pictures, left out",
            make,
            "data",
            WARNED,
            "odd",
            skipping,
            "",
            kind == "an unreadable file",
            True,
        )
    for name, (make, section, reason) in _FOLDERS.items():
        yield Case(name, make, "data", REFUSED, reason, section, "pictures|data")
    for name, maker, door, section, names in with_another(_pipe):
        yield Case(f"a pipe for {name}", maker, door, REFUSED, ".", section, names, posix=True)
    for name, word in _WRONG_NAMES.items():
        yield Case(
            f"data with {name}",
            good.write("data.npz", good.npz),
            "data",
            REFUSED,
            ".",
            _ARRAYS | {"file": word},
            word[:40],
        )
    yield Case("a folder that links to itself", _loop, "checkpoint", REFUSED, ".", names="model", posix=True)
    yield Case(
        "pictures in a folder that links to itself", _picture_loop, "data", ACCEPTED, section=_FOLDER, posix=True
    )
    yield Case("pictures in folders 300 deep", _deep, "data", ACCEPTED, section=_FOLDER, posix=True)
    yield Case(
        "a listing that leaves its folder", _listing("../elsewhere/note.txt"), "data", REFUSED, ".", _LISTED, "note.txt"
    )
    yield Case("a listing of a device", _listing("/dev/zero"), "data", REFUSED, ".", _LISTED, "/dev/zero", posix=True)
    yield Case(
        "a listing of nothing that is there", _listing("absent.png"), "data", REFUSED, ".", _LISTED, "absent.png"
    )


_NAMES = {
    "spaces": " a name with  spaces ",
    "a line end": "two\nlines",
    "quotes": 'it\'s "quoted"',
    "emoji": "🐈‍⬛ ❤️",
    "right-to-left letters": "شبكة",
    "an override of direction": "model\u202egnp",
    "Chinese letters": "模型",
    "letters that are put together": "e\u0301te\u0301",
    "a percent sign": "100%s%d{0}",
    "200 letters": "n" * 200,
    "a dash in front": "-rf",
    "square brackets": "[bold]name[/bold]",
}
_ARRAYS: dict[str, Any] = {"kind": "arrays", "file": "data.npz", "validation_fraction": 0.25}
_FOLDER: dict[str, Any] = {"kind": "image_folder", "folder": "pictures", "size": (8, 8), "validation_fraction": 0.25}
_LISTED = _FOLDER | {"listing": "list.csv"}
DOORS: dict[str, tuple[str, dict[str, Any]]] = {
    "checkpoint": ("model.safetensors", {}),
    "data of arrays": ("data.npz", _ARRAYS),
    "data of IDX": ("digits", {"kind": "idx", "images": "digits"}),
    "data of a table": ("table.csv", {"kind": "table", "file": "table.csv"}),
    "recipe": ("recipe.toml", {}),
    "picture": ("picture.png", {}),
    "look": ("dropped.bin", {}),
}
_WRONG_NAMES = {
    "NUL in its name": "data\x00.npz",
    "a name of 5,000 letters": "d" * 5000,
    "a user nobody knows": "~nobody-at-all/data.npz",
}


def _named(make: Callable[[Path], None], file: str) -> Callable[[Path], Path]:
    def made(folder: Path) -> Path:
        make(folder / file)
        return folder / file

    return made


def _unreadable(path: Path) -> None:
    path.write_bytes(good.own_checkpoint())
    path.chmod(0)


def _circle(path: Path) -> None:
    path.symlink_to(path.name)


def _pipe(path: Path) -> None:
    os.mkfifo(path)


_STRANGE: dict[str, Callable[[Path], None]] = {
    "nothing": lambda path: None,
    "a pipe": _pipe,
    "a device without end": lambda path: path.symlink_to("/dev/zero"),
    "an empty device": lambda path: path.symlink_to("/dev/null"),
    "a folder": lambda path: path.mkdir(),
    "a link to itself": _circle,
    "a link to nothing": lambda path: path.symlink_to("absent"),
    "an unreadable file": _unreadable,
    "an empty file": lambda path: path.write_bytes(b"") and None,
}


def _pictures(folder: Path, count: int = 12) -> Path:
    for n in range(count):
        good.write(f"pictures/{'ab'[n % 2]}/{n}.png", good.picture("PNG", seed=n))(folder)
    return folder / "pictures"


def _with(make: Callable[[Path], None]) -> Callable[[Path], Path]:
    def made(folder: Path) -> Path:
        pictures = _pictures(folder)
        make(pictures / "a" / "odd.png")
        return pictures

    return made


_IN_FOLDERS = {kind: _with(make) for kind, make in _STRANGE.items() if kind not in ("nothing", "a folder")}


def _classes(word: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        for n in range(12):
            name = f"pictures/{(word, 'other')[n % 2]}/{n} {word[:150]}.png"
            good.write(name, good.picture("PNG", seed=n))(folder)
        return folder / "pictures"

    return make


def _empty(folder: Path) -> Path:
    (folder / "pictures").mkdir()
    return folder / "pictures"


def _one_class(folder: Path) -> Path:
    for n in range(8):
        good.write(f"pictures/only/{n}.png", good.picture("PNG", seed=n))(folder)
    return folder / "pictures"


def _empty_class(folder: Path) -> Path:
    for name in ("a", "b"):
        (folder / "pictures" / name).mkdir(parents=True)
    return folder / "pictures"


def _no_pictures(folder: Path) -> Path:
    for n in range(8):
        good.write(f"pictures/{'ab'[n % 2]}/{n}.txt", b"text")(folder)
    return folder / "pictures"


_FOLDERS: dict[str, tuple[Callable[[Path], Path], dict[str, Any], str]] = {
    "a folder without classes": (_empty, _FOLDER, "no .*folder|no picture|empty|class"),
    "classes without pictures": (_empty_class, _FOLDER, "no picture|empty|class"),
    "pictures of one class": (_one_class, _FOLDER, "1 class|one class|only"),
    "folders of texts": (_no_pictures, _FOLDER, "no picture|picture"),
    "a folder that is not there": (lambda folder: folder / "pictures", _FOLDER, "no folder|not there|no .* at|cannot"),
}


def _texts(folder: Path) -> Path:
    return good.write("texts.jsonl", good.json_lines)(folder)


_TEXTS: dict[str, Any] = {"kind": "text", "file": "texts.jsonl", "tokenizer": "tokenizer.json"}
# What is read beside the file that is named: its place, what else is there, the door, and what a recipe says.
_BESIDE: dict[str, tuple[str, Callable[[Path], Path], str, dict[str, Any]]] = {
    "a tokenizer": ("tokenizer.json", _texts, "data", _TEXTS),
    "a listing": ("list.csv", _pictures, "data", _LISTED),
    "a config": ("model/config.json", good.hugging_face, "checkpoint", {}),
    "a processor": ("model/preprocessor_config.json", good.hugging_face, "checkpoint", {}),
    "weights in a folder": ("model/model.safetensors", good.hugging_face, "checkpoint", {}),
    "IDX labels": (
        "labels",
        good.write("pictures", good.idx_pictures),
        "data",
        {"kind": "idx", "images": "pictures", "labels": "labels"},
    ),
    "held-out arrays": (
        "more.npz",
        good.write("data.npz", good.npz),
        "data",
        _ARRAYS | {"validation_file": "more.npz"},
    ),
    "a Python file": (
        "net.py",
        good.write("bare.safetensors", good.bare_safetensors),
        "checkpoint",
        {"architecture": {"kind": "python_class", "file": "net.py", "name": "Net"}},
    ),
}


def with_another(
    odd: Callable[[Path], None],
) -> Iterator[tuple[str, Callable[[Path], Path], str, dict[str, Any], str]]:
    """Something odd in place of each file that is read beside the one that is named: as cases take it."""
    for name, (place, make, door, section) in _BESIDE.items():

        def made(folder: Path, place: str = place, make: Callable[[Path], Path] = make) -> Path:
            path = make(folder)
            (folder / place).unlink(missing_ok=True)
            odd(folder / place)
            return path

        # Without a config it is no such folder at all.
        names = "model" if place == "model/config.json" else Path(place).name
        yield name, made, door, section, names


def _loop(folder: Path) -> Path:
    (folder / "model").symlink_to("model")
    return folder / "model"


def _picture_loop(folder: Path) -> Path:
    pictures = _pictures(folder)
    (pictures / "a" / "again").symlink_to(pictures, target_is_directory=True)
    (pictures / "b" / "up").symlink_to("..", target_is_directory=True)
    return pictures


def _deep(folder: Path) -> Path:
    pictures = _pictures(folder)
    (pictures / "a" / "/".join(["d"] * 300)).mkdir(parents=True)
    return pictures


def _listing(odd: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        pictures = _pictures(folder)
        lines = ["file,label", *(f"{'ab'[n % 2]}/{n}.png,{'ab'[n % 2]}" for n in range(12)), f"{odd},a"]
        (folder / "list.csv").write_text("\n".join(lines))
        return pictures

    return make
