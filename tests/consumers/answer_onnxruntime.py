"""Answers prompts greedily with nothing but ONNX Runtime and NumPy: `answer_onnxruntime.py GRAPH < prompts.json`."""

import json
import re
import sys
from collections.abc import Iterator

import numpy as np
import onnxruntime

MOST = 64

with open("tokenizer.json", encoding="utf-8") as file:  # noqa: PTH123 - as its readers write it
    tokenizer = json.load(file)
with open("generation_config.json", encoding="utf-8") as file:  # noqa: PTH123
    end = json.load(file)["eos_token_id"]
special = {added["content"]: added["id"] for added in tokenizer["added_tokens"]}
tokens = tokenizer["model"]["vocab"] | special
texts = {token: text for text, token in tokens.items()}
# this tokenizer has one token a letter, but for those that were added
pieces = re.compile("|".join([*map(re.escape, special), "."]))
session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
cache = [given for given in session.get_inputs() if given.name.startswith("past_key_values.")]


def greedy(prompt: str) -> Iterator[int]:
    """Read the prompt at once and go on token by token; what was read is never read again."""
    past = {given.name: np.zeros((1, given.shape[1], 0, given.shape[3]), np.float32) for given in cache}
    new, read = [tokens[piece] for piece in pieces.findall(prompt)], 0
    for _ in range(MOST):
        positions = np.arange(read, read + len(new))[None]
        read += len(new)
        feed = {"input_ids": np.array([new]), "attention_mask": np.ones((1, read), np.int64), "position_ids": positions}
        logits, *present = session.run(None, feed | past)
        past = dict(zip(past, present, strict=True))
        new = [int(logits[0, -1].argmax())]
        if new[0] == end:
            return
        yield new[0]


answers = ["".join(texts[token] for token in greedy(prompt)) for prompt in json.load(sys.stdin)]
json.dump(answers, sys.stdout)
