"""Write the data of resources/examples/reasoning-addition: problems, worked problems for the teacher, the tokenizer."""

from __future__ import annotations

import json
import random
from pathlib import Path

import polars
from tokenizers import AddedToken, Tokenizer, decoders
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Split

FOLDER = Path(__file__).resolve().parents[1] / "resources" / "examples" / "reasoning-addition"
TRAINING, HELD_OUT, WORKED = 2_000, 300, 20_000
SIGNS = "0123456789+=,"


def working(first: int, second: int) -> str:
    """Digit by digit from the right: digit + digit + carry = sum."""
    steps, carry = [], 0
    for one, other in zip(f"{first:04d}"[::-1], f"{second:04d}"[::-1], strict=True):
        total = int(one) + int(other) + carry
        steps.append(f"{one}+{other}+{carry}={total:02d}")
        carry = total // 10
    return f"<think>{','.join(steps)}</think>"


def problem(pair: tuple[int, int]) -> dict[str, str]:
    """Prompt, the response without any working, and the known answer."""
    first, second = pair
    answer = str(first + second)
    return {"prompt": f"{first:04d}+{second:04d}=", "response": answer, "answer": answer}


def tokenizer() -> Tokenizer:
    """One token a sign; the marks of the working are tokens that stay visible."""
    names = ["<pad>", "<end>", "<think>", "</think>", *SIGNS]
    made = Tokenizer(WordLevel({name: place for place, name in enumerate(names)}, unk_token="<pad>"))  # noqa: S106
    made.add_special_tokens([AddedToken(name, special=True) for name in ("<pad>", "<end>")])
    made.add_tokens([AddedToken(name, normalized=False) for name in ("<think>", "</think>")])
    made.pre_tokenizer = Split("", "isolated")
    made.decoder = decoders.Fuse()
    return made


def main() -> None:
    """Write everything anew; the same bytes every time."""
    draws = random.Random(2015)
    pairs = draws.sample(range(10_000 * 10_000), TRAINING + HELD_OUT + WORKED)
    drawn = [divmod(pair, 10_000) for pair in pairs]
    parts = {"problems": drawn[:TRAINING], "held-out": drawn[TRAINING : TRAINING + HELD_OUT]}
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, some in parts.items():
        lines = [json.dumps(problem(pair)) for pair in some]
        (FOLDER / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    worked = [problem(pair) for pair in drawn[TRAINING + HELD_OUT :]]
    for row, pair in zip(worked, drawn[TRAINING + HELD_OUT :], strict=True):
        row["response"] = working(*pair) + row["answer"]
    polars.DataFrame(worked).write_parquet(FOLDER / "worked.parquet", compression_level=19)
    folder = FOLDER / "tokenizer"
    folder.mkdir(exist_ok=True)
    (folder / "tokenizer.json").write_text(tokenizer().to_str(pretty=True) + "\n", encoding="utf-8")
    settings = {"eos_token": "<end>", "pad_token": "<pad>"}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
