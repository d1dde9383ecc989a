"""Short programs that ask an exported student something, with nothing but an ONNX runtime; for README and window."""

import json
import math

from workbench.engine.exporting.interface import Interface

_FEEDING = {
    "bytes": "inputs = np.zeros({shape}, dtype=np.uint8)  # your pictures: bytes from 0 to 255",
    "pixels": (
        "pictures = np.zeros({shape}, dtype=np.uint8)  # your pictures: bytes from 0 to 255\n"
        "inputs = pictures.astype(np.float32) / 255"
    ),
    "features": "inputs = np.zeros({shape}, dtype=np.float32)  # your feature values, not normalised",
    "tokens": "inputs = np.full({shape}, {pad}, dtype=np.int64)  # your texts as tokens; {pad} fills up short ones",
}

_TOKENIZING = """\
# pip install tokenizers
tokenizer = Tokenizer.from_str(session.get_modelmeta().custom_metadata_map["tokenizer"])
tokenizer.enable_truncation({length})
tokenizer.enable_padding(length={length}, pad_id={pad})
texts = ["your text"]
inputs = np.array([tokenizer.encode(text).ids for text in texts], dtype=np.int64)"""

_TO_PROBABILITIES = """\
exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
probabilities = exponentials / exponentials.sum(axis=1, keepdims=True)

"""

_SNIPPET = """\
import json

import numpy as np
import onnxruntime
{imports}
session = onnxruntime.InferenceSession("student.onnx", providers=["CPUExecutionProvider"])
classes = json.loads(session.get_modelmeta().custom_metadata_map["classes"])

{feeding}
{output} = session.run(["{output}"], {{"input": inputs}})[0]
{to_probabilities}for row in probabilities:
    print(classes[row.argmax()], f"{{row.max():.1%}}")
"""

_JAVASCRIPT_FEEDING = {
    "bytes": ("Uint8Array", "uint8", "your picture: bytes from 0 to 255"),
    "pixels": ("Float32Array", "float32", "your picture: bytes divided by 255"),
    "features": ("Float32Array", "float32", "your feature values, not normalised"),
    "tokens": ("BigInt64Array", "int64", "your text as tokens, filled up with the padding token {pad}"),
}

_JAVASCRIPT_SOFTMAX = """\
const exponentials = logits.map((logit) => Math.exp(logit - Math.max(...logits)));
const sum = exponentials.reduce((total, value) => total + value, 0);
const probabilities = exponentials.map((value) => value / sum);
"""

_JAVASCRIPT = """\
// student.mjs, after: npm install onnxruntime-node
// In a web page: npm install onnxruntime-web, and import that instead.
import * as ort from "onnxruntime-node";

const session = await ort.InferenceSession.create("student.onnx");
const classes = {classes};

const values = new {array}({count}); // {feeding}
const input = new ort.Tensor("{type}", values, [{shape}]);
const results = await session.run({{ input }});
const {output} = Array.from(results.{output}.data);
{softmax}
const best = probabilities.indexOf(Math.max(...probabilities));
console.log(classes[best], probabilities[best]);
"""


def python_snippet(interface: Interface) -> str:
    """A Python program that needs onnxruntime and numpy; it runs as it is, on empty inputs."""
    feeding = _TOKENIZING if interface.tokenizer else _FEEDING[interface.takes]
    return _SNIPPET.format(
        imports="from tokenizers import Tokenizer\n" if interface.tokenizer else "",
        feeding=feeding.format(shape=(1, *interface.shape), length=interface.shape[0], pad=interface.pad),
        output=interface.output,
        to_probabilities="" if interface.softmax else _TO_PROBABILITIES,
    )


def javascript_snippet(interface: Interface, classes: tuple[str, ...]) -> str:
    """The same for one input in JavaScript, whose runtimes do not show a file's metadata: the classes are spelt out."""
    array, type_name, feeding = _JAVASCRIPT_FEEDING[interface.takes]
    return _JAVASCRIPT.format(
        classes=json.dumps(classes, ensure_ascii=False),
        array=array,
        type=type_name,
        feeding=feeding.format(pad=interface.pad),
        count=math.prod(interface.shape),
        shape=", ".join(map(str, (1, *interface.shape))),
        output=interface.output,
        softmax="" if interface.softmax else _JAVASCRIPT_SOFTMAX,
    )
