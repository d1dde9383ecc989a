"""Short programs that let an exported language model answer, one for each library that loads its folder."""

import json
from collections.abc import Iterable

from workbench.engine.language.asking import Asking

QUESTION = "What is 2 + 2?"

_ONNXRUNTIME = """\
# pip install onnxruntime tokenizers numpy
import json

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

question = {question}
prompt = {prompt}

tokenizer = Tokenizer.from_file("tokenizer.json")
session = onnxruntime.InferenceSession("{graph}", providers=["CPUExecutionProvider"])
with open("generation_config.json", encoding="utf-8") as file:
    end = json.load(file).get("eos_token_id")
ends = end if isinstance(end, list) else [end]

# What the model remembers: for each layer keys and values, at first of no token.
past = {{
    given.name: np.zeros((1, given.shape[1], 0, given.shape[3]), np.float32)
    for given in session.get_inputs()
    if given.name.startswith("past_key_values.")
}}
new = tokenizer.encode(prompt, add_special_tokens=False).ids
read, written = 0, []
while len(written) < {most}:
    positions = np.arange(read, read + len(new), dtype=np.int64)
    read += len(new)
    feed = {{
        "input_ids": np.array([new], np.int64),
        "attention_mask": np.ones((1, read), np.int64),
        "position_ids": positions[None],
    }}
    logits, *present = session.run(None, feed | past)
    token = int(logits[0, -1].argmax())
    if token in ends:
        break
    written.append(token)
    new, past = [token], dict(zip(past, present))

print(tokenizer.decode(written))
"""

_TRANSFORMERS = """\
# pip install transformers torch
from transformers import AutoModelForCausalLM, AutoTokenizer

question = {question}

tokenizer = AutoTokenizer.from_pretrained(".")
model = AutoModelForCausalLM.from_pretrained(".")
{asking}
output = model.generate(**inputs, max_new_tokens={most}, do_sample=False)
print(tokenizer.decode(output[0, inputs["input_ids"].shape[1] :], skip_special_tokens=True))
"""

_ASKING_CHAT = """\
messages = [{"role": "user", "content": question}]
inputs = tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_tensors="pt", return_dict=True)"""

_ASKING_PLAIN = """\
inputs = tokenizer(question, add_special_tokens=False, return_tensors="pt")"""

_TRANSFORMERS_JS = """\
// answer.mjs, after: npm install @huggingface/transformers
// In a web page, serve the folder and set env.localModelPath to the address above it.
import {{ env, pipeline }} from "@huggingface/transformers";
import path from "node:path";

const folder = process.cwd();
env.allowRemoteModels = false;
env.localModelPath = path.dirname(folder);

const question = {question};
// dtype: "fp32" takes {graph}{others}.
const generator = await pipeline("text-generation", path.basename(folder), {{ dtype: "fp32" }});
const asked = {asked};
const output = await generator(asked, {{ max_new_tokens: {most}, do_sample: false{more} }});
console.log({answer});
"""

_GENAI = """\
# pip install onnxruntime-genai
import onnxruntime_genai

question = {question}
prompt = {prompt}

# genai_config.json names the graph: model.decoder.filename, now "{graph}".
model = onnxruntime_genai.Model(".")
tokenizer = onnxruntime_genai.Tokenizer(model)
tokens = tokenizer.encode(prompt)
parameters = onnxruntime_genai.GeneratorParams(model)
parameters.set_search_options(do_sample=False, max_length=len(tokens) + {most})
generator = onnxruntime_genai.Generator(model, parameters)
generator.append_tokens(tokens)
while not generator.is_done():
    generator.generate_next_token()
print(tokenizer.decode(generator.get_sequence(0)[len(tokens) :]))
"""

_DTYPES = {"model_quantized.onnx": "q8", "model_q4.onnx": "q4"}
_MOST = 64
_LONGEST_QUESTION = 200


def question_from(prompts: Iterable[str]) -> str:
    """A question that the model was compared on: its tokenizer may not know the letters of another one."""
    return next((prompt for prompt in prompts if 0 < len(prompt) <= _LONGEST_QUESTION), QUESTION)


def programs(asking: Asking, graphs: list[str], question: str = QUESTION) -> dict[str, str]:
    """Programs by the library they use; each runs as it is, inside the folder.

    Args:
        asking: How a question is asked.
        graphs: Names of the files in onnx/ that were kept, the float one first.
        question: What they ask.
    """
    parts = (
        [_literal(asking.before)] * bool(asking.before) + ["question"] + [_literal(asking.after)] * bool(asking.after)
    )
    prompt = " + ".join(parts)
    graph = f"onnx/{graphs[0]}"
    common = {"question": _literal(question), "graph": graph, "most": _MOST}
    others = "".join(f', "{_DTYPES[name]}" onnx/{name}' for name in graphs[1:])
    chat = asking.is_chat
    return {
        "onnxruntime": _ONNXRUNTIME.format(prompt=prompt, **common),
        "transformers": _TRANSFORMERS.format(asking=_ASKING_CHAT if chat else _ASKING_PLAIN, **common),
        "transformers.js": _TRANSFORMERS_JS.format(
            others=others,
            asked='[{ role: "user", content: question }]' if chat else "question",
            more="" if chat else ", return_full_text: false",
            answer="output[0].generated_text.at(-1).content" if chat else "output[0].generated_text",
            **common,
        ),
        "onnxruntime-genai": _GENAI.format(prompt=prompt, **common),
    }


def _literal(text: str) -> str:
    """As a text in Python and in JavaScript, which JSON's are too; unescaped, for Python escapes otherwise."""
    return json.dumps(text, ensure_ascii=False)
