"""Answers prompts greedily with onnxruntime-genai: `answer_genai.py < prompts.json`."""

import json
import sys

import onnxruntime_genai

model = onnxruntime_genai.Model(".")
tokenizer = onnxruntime_genai.Tokenizer(model)
answers = []
for prompt in json.load(sys.stdin):
    tokens = tokenizer.encode(prompt)
    parameters = onnxruntime_genai.GeneratorParams(model)
    # genai_config.json says that nothing is sampled
    parameters.set_search_options(max_length=len(tokens) + 64)
    generator = onnxruntime_genai.Generator(model, parameters)
    generator.append_tokens(tokens)
    while not generator.is_done():
        generator.generate_next_token()
    answers.append(tokenizer.decode(generator.get_sequence(0)[len(tokens) :]))
json.dump(answers, sys.stdout)
