"""Every library does something tiny: one that was built in by halves is found here, and by its name."""

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from workbench.cli.selftest.examination import bar_half_a_torch
from workbench.cli.selftest.part import Facts, demand
from workbench.errors import WorkbenchError

NAME = "imports"


def check(folder: Path) -> Facts:
    """Try all of them. Raises WorkbenchError that names every one that failed."""
    facts: Facts = {}
    failed = []
    for name, attempt in TRIES.items():
        try:
            facts[name] = attempt(folder)
        # A library lacking a part raises anything, SystemExit too.
        except (Exception, SystemExit) as error:
            failed.append(f"{name}: {type(error).__name__}: {error}")
            bar_half_a_torch()
    if failed:
        raise WorkbenchError("\n".join((f"{len(failed)} of {len(TRIES)} libraries failed:", *failed)))
    return facts


def _torch(_: Path) -> str:
    import torch

    x = torch.tensor(3.0, requires_grad=True)
    torch.autograd.backward(x**2)
    assert x.grad is not None, "asked for"
    demand(float(x.grad) == 6.0, f"The gradient of x² at 3 is {float(x.grad)}.")
    return f"{torch.__version__}, {torch.get_num_threads()} threads"


def _onnx(_: Path) -> str:
    """A graph is written, checked, folded by the optimiser of onnxscript, and run."""
    import numpy as np
    import onnx
    import onnxruntime
    from onnx import TensorProto, helper
    from onnxscript import optimizer

    given, wanted = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [2]) for name in "xy")
    one = helper.make_node("Constant", [], ["one"], value=helper.make_tensor("one", TensorProto.FLOAT, [1], [1.0]))
    nodes = [one, helper.make_node("Add", ["one", "one"], ["two"]), helper.make_node("Mul", ["x", "two"], ["y"])]
    graph = helper.make_graph(nodes, "double", [given], [wanted])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    folded = optimizer.optimize(model)
    onnx.checker.check_model(folded)
    session = onnxruntime.InferenceSession(folded.SerializeToString(), providers=["CPUExecutionProvider"])
    (answer,) = session.run(None, {"x": np.array([1, 2], np.float32)})
    demand(answer.tolist() == [2.0, 4.0], f"Twice 1 and 2 is {answer.tolist()} to ONNX Runtime.")
    return f"onnx {onnx.__version__}, runtime {onnxruntime.__version__}, {len(folded.graph.node)} nodes"


_TINY = {"hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 1, "num_attention_heads": 2}
_FAMILIES: dict[str, tuple[dict[str, Any], str]] = {
    "llama": ({"vocab_size": 20} | _TINY, "AutoModelForCausalLM"),
    "bert": ({"vocab_size": 20} | _TINY, "AutoModelForSequenceClassification"),
    "vit": ({"image_size": 8, "patch_size": 4} | _TINY, "AutoModelForImageClassification"),
    "resnet": ({"embedding_size": 8, "hidden_sizes": [8, 8], "depths": [1, 1]}, "AutoModelForImageClassification"),
}


def _transformers(_: Path) -> str:
    """Families are modules that are loaded by name, which a built program can lack."""
    import torch
    import transformers

    text_BT, pictures_BCHW = torch.tensor([[1, 2, 3]]), torch.zeros(1, 3, 8, 8)
    for family, (sizes, kind) in _FAMILIES.items():
        model = getattr(transformers, kind).from_config(transformers.AutoConfig.for_model(family, **sizes)).eval()
        with torch.no_grad():
            logits = model(text_BT if "vocab_size" in sizes else pictures_BCHW).logits
        demand(bool(torch.isfinite(logits).all()), f"A new {family} answers {logits}.")
    return f"{transformers.__version__}: {', '.join(_FAMILIES)}"


def _tokenizers(_: Path) -> str:
    import tokenizers
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace

    tokenizer = tokenizers.Tokenizer(WordLevel({"a": 0, "b": 1, "?": 2}, unk_token="?"))  # noqa: S106 - no secret
    tokenizer.pre_tokenizer = Whitespace()
    tokens = tokenizers.Tokenizer.from_str(tokenizer.to_str()).encode("a b c").ids
    demand(tokens == [0, 1, 2], f"“a b c” became {tokens}.")
    return str(tokenizers.__version__)


def _gguf(_: Path) -> str:
    import gguf
    import numpy as np

    row = np.linspace(-1, 1, 32, dtype=np.float32)
    back = gguf.dequantize(gguf.quantize(row, gguf.GGMLQuantizationType.Q8_0), gguf.GGMLQuantizationType.Q8_0)
    demand(float(np.abs(back - row).max()) < 0.01, "Weights in 8 bits came back otherwise.")
    return "quantised and back"


def _peft(_: Path) -> str:
    import peft
    import torch

    adapted = peft.get_peft_model(torch.nn.Sequential(torch.nn.Linear(4, 4)), peft.LoraConfig(target_modules=["0"]))
    demand(adapted(torch.ones(1, 4)).shape == (1, 4), "A layer with an adapter answers in another shape.")
    return str(peft.__version__)


def _accelerate(_: Path) -> str:
    import accelerate  # type: ignore[import-untyped]
    import torch

    with accelerate.init_empty_weights():
        layer = torch.nn.Linear(4, 4)
    demand(layer.weight.device.type == "meta", "An empty layer takes memory.")
    return str(accelerate.__version__)


def _polars(folder: Path) -> str:
    import polars

    table, path = polars.DataFrame({"text": ["α", "b"], "label": [0, 1]}), folder / "table.parquet"
    table.write_parquet(path)
    demand(polars.read_parquet(path).equals(table), "A Parquet file was read otherwise than it was written.")
    table.write_csv(path.with_suffix(".csv"))
    demand(polars.read_csv(path.with_suffix(".csv")).equals(table), "So was a CSV file.")
    return str(polars.__version__)


def _sound(folder: Path) -> str:
    import numpy as np
    import soundfile
    import soxr

    wave = np.sin(np.arange(16000, dtype=np.float32) * (440 * 2 * np.pi / 16000))
    for suffix in ("wav", "flac"):
        path = folder / f"sound.{suffix}"
        soundfile.write(path, wave, 16000)
        heard, rate = soundfile.read(path, dtype="float32")
        demand(rate == 16000 and float(np.abs(heard - wave).max()) < 1e-3, f"{suffix} came back otherwise.")
    halved = soxr.resample(wave, 16000, 8000)
    demand(abs(len(halved) - 8000) <= 1, f"A second at 8,000 Hz has {len(halved)} values.")
    return f"{soundfile.__libsndfile_version__}, soxr {soxr.__version__}"


def _pictures(_: Path) -> str:
    import PIL
    from PIL import Image

    for kind in ("PNG", "JPEG", "WEBP"):
        file = io.BytesIO()
        Image.new("RGB", (8, 8), (200, 30, 30)).save(file, kind)
        red, green, _blue = Image.open(file).convert("RGB").getpixel((4, 4))  # type: ignore[misc]
        demand(red > 150 and green < 80, f"A red picture came back otherwise as {kind}.")
    return PIL.__version__


def _endpoints(_: Path) -> str:
    """A client as endpoints get it, with the certificates that it trusts; it asks nobody but itself."""
    import httpx2

    def answer(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, json={"said": "α"})

    httpx2.Client().close()
    with httpx2.Client(transport=httpx2.MockTransport(answer)) as client:
        said = client.post("https://nowhere.invalid/v1", json={"prompt": "1+1="}).json()["said"]
    demand(said == "α", f"The answer became “{said}”.")
    return httpx2.__version__


def _keyring(_: Path) -> str:
    import keyring.backend

    names = sorted({type(backend).__module__.rpartition(".")[2] for backend in keyring.backend.get_all_keyring()})
    demand(bool(names), "keyring knows no place to keep keys in.")
    return ", ".join(names)


def _trash(folder: Path) -> str:
    """Thrown away on Linux alone: elsewhere it would lie in the person's own trash."""
    from send2trash import send2trash

    path = folder / "thrown away.txt"
    path.write_text("Nobody misses it.", encoding="utf-8")
    if sys.platform != "linux":
        return "not used here"
    send2trash(path)
    kept = list((folder / "data").rglob(path.name))
    demand(not path.exists(), f"{path} is still there.")
    return f"kept in {kept[0].parent.relative_to(folder)}" if kept else "thrown away"


def _cryptography(_: Path) -> str:
    import cryptography
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    cipher = AESGCM(bytes(16))
    demand(
        cipher.decrypt(bytes(12), cipher.encrypt(bytes(12), b"secret", None), None) == b"secret",
        "It deciphers otherwise.",
    )
    return cryptography.__version__


TRIES: dict[str, Callable[[Path], str]] = {
    "torch": _torch,
    "onnx, onnxscript, onnxruntime": _onnx,
    "transformers": _transformers,
    "tokenizers": _tokenizers,
    "gguf": _gguf,
    "peft": _peft,
    "accelerate": _accelerate,
    "polars": _polars,
    "soundfile, soxr": _sound,
    "Pillow": _pictures,
    "httpx2": _endpoints,
    "keyring": _keyring,
    "Send2Trash": _trash,
    "cryptography": _cryptography,
}
