"""The parsers of the program, each as a function from the bytes of one file to something usable, or a refusal."""

import io
import json
import struct
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from malformed import good
from malformed.case import Case
from malformed.doors import checkpoint, data_warnings, dialogue_warnings, look, picture, tokenizer
from malformed.mutations import mutated, mutated_json
from malformed.recipes import TEXT
from malformed.safetensors_headers import raw_file


@dataclass(frozen=True)
class Parser:
    """What is fuzzed.

    Attributes:
        name: Which parser.
        inputs: Broken files.
        parse: Reads one in a folder of its own; only WorkbenchError may come out of it.
    """

    name: str
    inputs: st.SearchStrategy[bytes]
    parse: Callable[[bytes, Path], object]


def _parts(raw: bytes) -> tuple[dict[str, Any], bytes]:
    """Header and body of safetensors."""
    length = struct.unpack("<Q", raw[:8])[0]
    return json.loads(raw[8 : 8 + length]), raw[8 + length :]


def _described(raw: bytes) -> bytes:
    """Our own checkpoint with another description of its model."""
    header, body = _parts(good.own_checkpoint())
    return raw_file(header | {"__metadata__": {good.KEY: raw.decode()}}, body)


def _headed(raw: bytes) -> bytes:
    """Bare safetensors with another header."""
    return raw_file(raw, _parts(good.bare_safetensors())[1])


def _checkpoint(name: str, **section: Any) -> Callable[[bytes, Path], object]:
    """A file that is dropped, shown and loaded."""

    def parse(raw: bytes, folder: Path) -> object:
        case = Case("", lambda _: folder, "checkpoint", "", section=section)
        return checkpoint(case, good.write(name, raw)(folder), folder)

    return parse


def _in_model(name: str) -> Callable[[bytes, Path], object]:
    """A file of a Hugging Face folder whose other files are good."""

    def parse(raw: bytes, folder: Path) -> object:
        model = good.hugging_face(folder)
        if name.endswith("index.json"):
            (model / "model.safetensors").rename(model / "model-00001-of-00001.safetensors")
        (model / name).write_bytes(raw)
        case = Case("", lambda _: folder, "checkpoint", "")
        return checkpoint(case, model, folder)

    return parse


def _data(
    name: str, beside: dict[str, Callable[[], bytes]] | None = None, **section: Any
) -> Callable[[bytes, Path], object]:
    """A file that a data section names."""

    def parse(raw: bytes, folder: Path) -> object:
        from pydantic import TypeAdapter

        from workbench.engine.data import Wishes, read_data
        from workbench.recipe.data import Data

        good.write(name, raw)(folder)
        for other, content in (beside or {}).items():
            good.write(other, content)(folder)
        read = TypeAdapter(Data).validate_python(section)
        return data_warnings(read_data(read, folder, Wishes(cache_folder=folder / "cache")))

    return parse


def _dialogues(name: str, **section: Any) -> Callable[[bytes, Path], object]:
    """A file of conversations."""

    def parse(raw: bytes, folder: Path) -> object:
        from workbench.engine.data.conversations import read_dialogues
        from workbench.recipe.data import Conversations

        good.write(name, raw)(folder)
        return dialogue_warnings(read_dialogues(Conversations(file=name, **section), folder))

    return parse


def _recipe(raw: bytes, folder: Path) -> object:
    from workbench.recipe import read_recipe, write_recipe

    recipe = read_recipe(good.write("recipe.toml", raw)(folder))
    return write_recipe(recipe)


def _signature(raw: bytes, folder: Path) -> object:
    """A teacher's signature, given to weights that are good."""
    from pydantic import ValidationError

    from workbench.recipe.models import Signature

    try:
        signature = Signature.model_validate_json(raw)
    except ValidationError:
        # Recipes turn these into words; that is what the recipe's own parser is fuzzed for.
        return None
    case = Case("", lambda _: folder, "checkpoint", "", section={"architecture": good.MLP, "signature": signature})
    return checkpoint(case, good.write("bare.safetensors", good.bare_safetensors)(folder), folder)


def _picture(raw: bytes, folder: Path) -> object:
    case = Case("", lambda _: folder, "picture", "")
    return picture(case, good.write("picture.png", raw)(folder), folder)


def _dropped(raw: bytes, folder: Path) -> object:
    """Anything, dropped on the window."""
    case = Case("", lambda _: folder, "look", "")
    return look(case, good.write("dropped.bin", raw)(folder), folder)


def _wrapped() -> list[bytes]:
    state = good.state()
    wraps = (
        state,
        {"state_dict": state, "epoch": 3},
        {f"module.{key}": value for key, value in state.items()},
        {"model": {f"_orig_mod.{key}": value for key, value in state.items()}, "optimizer": {"state": {}}},
    )
    return [good.saved(wrap, zipped=zipped) for wrap in wraps for zipped in (True, False)]


def _index() -> dict[str, Any]:
    from safetensors.torch import load

    names = sorted(load(good.hugging_face_weights()))
    return {"metadata": {"total_size": 1}, "weight_map": dict.fromkeys(names, "model-00001-of-00001.safetensors")}


def _tokenizer() -> bytes:
    return good.tokenizer().encode()


def _late(
    make: Callable[[], bytes], *more: Callable[[], bytes], family: str = "", door: str = ""
) -> st.SearchStrategy[bytes]:
    """Mutations of files that are only made when they are wanted: collecting tests should take no time.

    Args:
        make: A whole file.
        more: Others.
        family: Of the corpus, whose small files are changed too.
        door: Only those that come through this door.
    """
    return st.deferred(lambda: mutated([*(one() for one in (make, *more)), *_from_corpus(family, door)]))


@cache
def _from_corpus(family: str, door: str) -> tuple[bytes, ...]:
    """The small files of a family of the corpus."""
    from malformed.corpus import FAMILIES

    found = []
    with tempfile.TemporaryDirectory() as name:
        for number, case in enumerate(FAMILIES[family] if family else ()):
            folder = Path(name) / str(number)
            folder.mkdir()
            path = case.make(folder) if not case.posix and case.door == door else folder
            if path.is_file() and path.stat().st_size <= _SMALL:
                found.append(path.read_bytes())
    return tuple(found)


def _gguf() -> bytes:
    """The header of a language model of one tensor, and its numbers."""

    def text(value: str) -> bytes:
        return struct.pack("<Q", len(value)) + value.encode()

    settings = [
        text("general.architecture") + struct.pack("<I", 8) + text("llama"),
        text("llama.block_count") + struct.pack("<II", 4, 1),
        text("tokenizer.ggml.tokens") + struct.pack("<IIQ", 9, 8, 2) + text("a") + text("b"),
        text("tokenizer.ggml.scores") + struct.pack("<IIQ", 9, 6, 2) + bytes(8),
    ]
    tensor = text("token_embd.weight") + struct.pack("<IQQIQ", 2, 4, 2, 0, 0)
    head = b"GGUF" + struct.pack("<IQQ", 3, 1, len(settings)) + b"".join(settings) + tensor
    return head + bytes(-len(head) % 32 + 32)


def _header_of_gguf(raw: bytes, folder: Path) -> object:
    from workbench.engine.language.gguf_header import read_header

    return read_header(good.write("model.gguf", raw)(folder))


def _arrow_stream() -> bytes:
    import polars

    buffer = io.BytesIO()
    polars.DataFrame(good.rows()).write_ipc_stream(buffer, compression="zstd")
    return buffer.getvalue()


def _held_out(raw: bytes, folder: Path) -> object:
    """Anything, given to judge a checkpoint by."""
    from workbench.engine.data.by_content import held_out_examples

    return held_out_examples(good.write("held-out.bin", raw)(folder), None, ("a", "b", "c"), (4,))


def _passages() -> bytes:
    return "".join(f"This is passage {n}.\nIt has two lines.\n\n" for n in range(20)).encode()


def _arrays_in_safetensors() -> bytes:
    from safetensors.numpy import save

    return bytes(save(good.arrays()))


def _late_json(make: Callable[[], Any]) -> st.SearchStrategy[bytes]:
    return st.deferred(lambda: mutated_json([make()]))


def _pictures_as(*forms: str) -> list[Callable[[], bytes]]:
    return [partial(good.picture, form) for form in forms]


_ANY: tuple[Callable[[], bytes], ...] = (
    good.npz,
    good.idx_pictures,
    good.comma_separated,
    good.json_lines,
    good.conversations,
    good.parquet,
    good.arrow,
    good.torchscript,
    good.exported_program,
    good.onnx_model,
    good.own_checkpoint,
    lambda: good.picture("PNG"),
    lambda: good.sound(samples=2048),
)

_LISTING = ("file,label\n" + "".join(f"{n}.png,{'ab'[n % 2]}\n" for n in range(8))).encode()
_LISTED = {f"pictures/{n}.png": partial(good.picture, "PNG", seed=n) for n in range(8)}
_SOUND = partial(good.sound, samples=2048)
_SOUNDS = {f"sounds/{'ab'[n % 2]}/{n}.wav": _SOUND for n in range(4)}
_PROCESSOR = {"image_mean": [0.5] * 3, "image_std": [0.5] * 3, "size": {"height": 8, "width": 8}, "do_resize": True}
_SIGNATURE = {"input_shape": [4], "mean": [0.5] * 4, "std": [2.0] * 4, "classes": ["a", "b", "c"], "answers": "logits"}
_TABLE = {"kind": "table", "file": "table.csv", "label": "label", "validation_fraction": 0.25}
_TEXTS = {"kind": "text", "file": "texts.jsonl", "tokenizer": "tokenizer.json", "max_length": 8}
_FOLDER = {"kind": "image_folder", "folder": "pictures", "size": (8, 8), "listing": "list.csv"}
_ARRAYS = {"kind": "arrays", "file": "a.safetensors", "validation_fraction": 0.25}
_SOUND_LISTING = ("file,label\n" + "".join(f"{'ab'[n % 2]}/{n}.wav,{'ab'[n % 2]}\n" for n in range(4))).encode()
_LISTED_SOUNDS = {"kind": "audio", "folder": "sounds", "listing": "list.csv", "validation_fraction": 0.25}
_SMALL = 2**16
_IDX = {"kind": "idx", "images": "pictures", "labels": "labels"}
_MLP = {"architecture": good.MLP}

_PIECES = ("messages", "messages[0].content", "m.content", "ns.x", "'a'", "9", "range(9)", "[1, 'b']", "{'a': 1}", "x")
_FILTERS = (
    "trim",
    "length",
    "join(', ')",
    "tojson(indent=2)",
    "replace('a', ns.x)",
    "center(900)",
    "list",
    "indent(99)",
)
_FILTERS += ("batch(2)|list", "map('upper')|list", "string", "wordwrap(2)", "sum(start='')", "sort", "default('d')")


def _expressions(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = st.sampled_from(("+", "*", "~", "%", "**", "//", "==", "in", "and"))
    return st.one_of(
        st.builds("({} {} {})".format, inner, operators, inner),
        st.builds("{}|{}".format, inner, st.sampled_from(_FILTERS)),
        st.builds("[{}, {}]".format, inner, inner),
        st.builds("({}).{}".format, inner, st.sampled_from(("strip()", "split('a')", "format(ns.x)", "items()"))),
    )


def _statements(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    value = st.recursive(st.sampled_from(_PIECES), _expressions, max_leaves=6)
    return st.one_of(
        st.builds("{{% for m in {} %}}{}{{% endfor %}}".format, value, inner),
        st.builds("{{% for i in range(99) %}}{{% set ns.x = {} %}}{}{{% endfor %}}".format, value, inner),
        st.builds("{{% if {} %}}{}{{% endif %}}".format, value, inner),
        st.builds("{{% macro x(m=1) %}}{}{{% endmacro %}}{{{{ x() }}}}".format, inner),
        st.builds("{{% set ns.x = {} %}}{}".format, value, inner),
        st.builds("{}{}".format, inner, inner),
    )


_TEMPLATES = (
    st.recursive(
        st.recursive(st.sampled_from(_PIECES), _expressions, max_leaves=6).map("{{{{ {} }}}}".format),
        _statements,
        max_leaves=5,
    )
    .map("{{% set ns = namespace(x='a') %}}{}".format)
    .map(str.encode)
)


def _language(name: str) -> Callable[[bytes, Path], object]:
    """A file of a language model's folder whose tokenizer, or else whose template, is good."""

    def parse(raw: bytes, folder: Path) -> object:
        good.write("model/tokenizer.json", good.tokenizer)(folder)
        path = good.write(f"model/{name}", raw)(folder)
        return tokenizer(Case("", lambda _: folder, "tokenizer", ""), path.parent, folder)

    return parse


def _steps() -> dict[str, Any]:
    """A tokenizer with steps of many kinds."""
    values = dict(json.loads(good.tokenizer()))
    kinds = ({"type": "NFKC"}, {"type": "Replace", "pattern": {"Regex": "a+"}, "content": "aa"}, {"type": "Lowercase"})
    values["normalizer"] = {"type": "Sequence", "normalizers": list(kinds)}
    return values


def _settings() -> dict[str, Any]:
    return {"unk_token": "[UNK]", "eos_token": {"content": "[PAD]"}, "chat_template": "{{ messages[0].content }}"}


PARSERS = (
    Parser(
        "blueprint metadata",
        _late_json(lambda: json.loads(_parts(good.own_checkpoint())[0]["__metadata__"][good.KEY])).map(_described),
        _checkpoint("own.safetensors"),
    ),
    Parser("safetensors header, ours", _late(good.own_checkpoint), _checkpoint("own.safetensors")),
    Parser(
        "safetensors header, bare",
        _late_json(lambda: _parts(good.bare_safetensors())[0]).map(_headed),
        _checkpoint("bare.safetensors", **_MLP),
    ),
    Parser(
        "safetensors bytes, bare",
        _late(good.bare_safetensors, family="safetensors headers", door="checkpoint"),
        _checkpoint("bare.safetensors", **_MLP),
    ),
    Parser("state dicts", st.deferred(lambda: mutated(_wrapped())), _checkpoint("model.pt", **_MLP)),
    Parser("ONNX", _late(good.onnx_model), _checkpoint("model.onnx")),
    Parser("chat templates", _TEMPLATES, _language("chat_template.jinja")),
    Parser("steps of tokenizers", _late_json(_steps), _language("tokenizer.json")),
    Parser("tokenizer_config.json", _late_json(_settings), _language("tokenizer_config.json")),
    Parser("programs", _late(good.torchscript, good.exported_program), _checkpoint("program.pt")),
    Parser("config.json", _late_json(good.config), _in_model("config.json")),
    Parser("preprocessor_config.json", _late_json(lambda: _PROCESSOR), _in_model("preprocessor_config.json")),
    Parser("index.json", _late_json(_index), _in_model("model.safetensors.index.json")),
    Parser("signature", _late_json(lambda: _SIGNATURE), _signature),
    Parser(
        "npz",
        _late(good.npz, family="labels and values", door="data"),
        _data("data.npz", kind="arrays", file="data.npz"),
    ),
    Parser(
        "IDX",
        _late(
            good.idx_pictures,
            good.idx_labels,
            lambda: good.zipped(good.idx_pictures()),
            family="IDX files",
            door="data",
        ),
        _data("pictures", {"labels": good.idx_labels}, **_IDX),
    ),
    Parser("dropped files", _late(*_ANY), _dropped),
    Parser("recipes", _late(TEXT.encode, family="recipes", door="recipe"), _recipe),
    Parser("pictures", _late(*_pictures_as("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP")), _picture),
    Parser(
        "tables",
        _late(good.comma_separated, family="numbers beyond measure", door="data"),
        _data("table.csv", **_TABLE),
    ),
    Parser("Parquet", _late(good.parquet), _data("table.parquet", **_TABLE | {"file": "table.parquet"})),
    Parser("Arrow", _late(good.arrow, _arrow_stream), _data("table.arrow", **_TABLE | {"file": "table.arrow"})),
    Parser("GGUF headers", _late(_gguf), _header_of_gguf),
    Parser("arrays in safetensors", _late(_arrays_in_safetensors), _data("a.safetensors", **_ARRAYS)),
    Parser("passages", _late(_passages), _dialogues("text.txt", plain_text="passages", skip_broken=True)),
    Parser("sound listings", _late(lambda: _SOUND_LISTING), _data("list.csv", _SOUNDS, **_LISTED_SOUNDS)),
    Parser("held-out data", _late(*_ANY), _held_out),
    Parser("JSONL", _late(good.json_lines), _data("texts.jsonl", {"tokenizer.json": _tokenizer}, **_TEXTS)),
    Parser("conversations", _late(good.conversations), _dialogues("chats.jsonl", skip_broken=True)),
    Parser("conversations in one JSON", _late_json(good.chats), _dialogues("chats.json")),
    Parser("tokenizers", _late(_tokenizer), _data("tokenizer.json", {"texts.jsonl": good.json_lines}, **_TEXTS)),
    Parser("picture listings", _late(lambda: _LISTING), _data("list.csv", _LISTED, **_FOLDER)),
    Parser("sounds", _late(_SOUND), _data("sounds/a/odd.wav", _SOUNDS, kind="audio", folder="sounds")),
)
