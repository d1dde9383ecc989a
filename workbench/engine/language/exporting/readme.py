"""The README beside an exported language model: what is in the folder, how to use it, and how it answers."""

from workbench import __version__
from workbench.engine.exporting.labelling import PROGRAM
from workbench.engine.language.asking import Asking
from workbench.engine.language.exporting.snippets import programs, question_from
from workbench.engine.language.onnx_parity import TextParity

_SAMPLES, _LONGEST = 3, 600
_LANGUAGES = {"transformers.js": "js"}


def readme_text(
    parities: list[TextParity],
    asking: Asking,
    *,
    parameters: int,
    kind: str,
    warnings: list[str],
    recipe_name: str,
    recipe_digest: str,
) -> str:
    """The text, in Markdown.

    Args:
        parities: Of the graphs that were kept, the float one first.
        asking: How a question is asked.
        parameters: How many the model has.
        kind: Of the transformers library, such as llama.
        warnings: What a person should know.
        recipe_name: For people.
        recipe_digest: Which recipe it was.
    """
    rows = "\n".join(_row(parity) for parity in parities)
    graphs = "\n".join(f"* `onnx/{parity.file}`: {_PRECISIONS[parity.file]}" for parity in parities)
    told = "".join(f"\n> {warning}\n" for warning in warnings)
    return f"""\
# A language model ({kind}, {parameters:,} parameters)

Made with {PROGRAM} {__version__} from the recipe

{_as_block(recipe_name)}

(digest `{recipe_digest}`).
{told}
## What is here

* `model.safetensors`, `config.json`: the weights in 32 bits, as transformers loads them.
* `tokenizer.json`, `tokenizer_config.json`{", `chat_template.jinja`" if asking.is_chat else ""}: from text to tokens.
{graphs}
* `genai_config.json`: what onnxruntime-genai must know; to let it use another graph, change `model.decoder.filename`.
* `parity.json`: every number of the comparison below.

Keep the folder together. The graphs take `input_ids`, `attention_mask`, `position_ids` and
`past_key_values.*.key/value`, and give `logits` and `present.*.key/value`; one graph reads the prompt and goes on.

## Use it

Each program runs as it is, in this folder.

{_programs(parities, asking)}
## How closely the graphs repeat the original

Logits on {parities[0].tokens:,} tokens of held-out text, and greedy answers to {len(parities[0].samples):,} prompts.
KL is that of the graph's next-token distribution from PyTorch's.

| file | MB | largest difference of a logit | KL, nats | same likeliest token | same tokens of an answer |
| --- | --- | --- | --- | --- | --- |
{rows}

## How they answer

{_answers(parities)}"""


_PRECISIONS = {
    "model.onnx": "32-bit floats.",
    "model_quantized.onnx": "weights of the matrices in 8 bits, computed in 32.",
    "model_q4.onnx": "weights of the matrices in 4 bits. Compare its answers below before using it.",
}


def _row(parity: TextParity) -> str:
    return (
        f"| {parity.file} | {parity.bytes / 1e6:,.1f} | {parity.largest:.1e} | {parity.kl:.2g} | "
        f"{parity.agreement:.1%} | {parity.same_greedy:.0f} of {parity.greedy:.0f} |"
    )


def _programs(parities: list[TextParity], asking: Asking) -> str:
    question = question_from(sample.prompt for sample in parities[0].samples)
    texts = programs(asking, [parity.file for parity in parities], question).items()
    return "\n".join(
        f"### {library}\n\n```{_LANGUAGES.get(library, 'python')}\n{program}```\n" for library, program in texts
    )


def _answers(parities: list[TextParity]) -> str:
    parts = []
    for place, sample in enumerate(parities[0].samples[:_SAMPLES]):
        answers = [("PyTorch", sample.model), *((parity.file, parity.samples[place].file) for parity in parities)]
        told = "\n".join(f"{name}:\n\n{_as_block(text)}\n" for name, text in answers)
        parts.append(f"Prompt:\n\n{_as_block(sample.prompt)}\n\n{told}")
    return "\n".join(parts)


def _as_block(text: str) -> str:
    """Text of others, which must not become Markdown."""
    cut = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return "\n".join(f"    {line}" for line in (cut.splitlines() or ["(nothing)"]))
