"""What the export of a language model left on disk, as a person reads it: numbers, and answers side by side."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.session.run_folder import RunFolder

# What parity.json calls itself beside a language model.
TEXT_KIND = "language model"
TEXT_FEED = "tokens of tokenizer.json. The larger libraries make them of text by themselves."

_WEIGHTS = (".safetensors", ".gguf", ".bin")


@dataclass(frozen=True)
class SampleAnswer:
    """A prompt, and what PyTorch and a file answer to it."""

    prompt: str
    pytorch: str
    onnx: str

    @property
    def is_same(self) -> bool:
        """Whether the two are the same, word for word."""
        return self.pytorch == self.onnx


@dataclass(frozen=True)
class TextFileReport:
    """One graph against the PyTorch original; numbers are None where they are not finite.

    Attributes:
        name: Of the file.
        kept: Whether it was good enough to stay.
        babbles: Whether its answers are nothing the student would have written.
        gate: What was asked of it, in words.
        bytes: Its size.
        tokens: How many logits were compared.
        max_difference: The largest one of a logit.
        kl: Mean KL(PyTorch ‖ ONNX) in nats a token.
        agreement: Share of tokens with the same likeliest next one.
        same_greedy: Tokens of an answer before the first that differs, and all of them, on average.
        surprise: What the file's answers are worth to the student, and its own, in nats a token.
        repeated: Share of them that repeats itself, and of the student's own.
        samples: Answers.
    """

    name: str
    kept: bool
    babbles: bool
    gate: str
    bytes: int
    tokens: int
    max_difference: float | None
    kl: float | None
    agreement: float
    same_greedy: tuple[float, float]
    surprise: tuple[float | None, float | None]
    repeated: tuple[float, float]
    samples: tuple[SampleAnswer, ...]

    @property
    def answers_alike(self) -> bool:
        """Whether all answers are the student's own, word for word."""
        return all(sample.is_same for sample in self.samples)


def text_file_report(entry: dict[str, Any]) -> TextFileReport:
    """A file's report from its entry in parity.json. Raises KeyError or TypeError where it is broken."""
    return TextFileReport(
        name=entry["file"],
        kept=entry["kept"],
        babbles=entry["babbles"],
        gate=entry["gate"],
        bytes=entry["bytes"],
        tokens=entry["tokens"],
        max_difference=entry["max_logit_difference"],
        kl=entry["kl"],
        agreement=entry["agreement"],
        same_greedy=(entry["same_greedy_tokens"], entry["greedy_tokens"]),
        surprise=(entry["surprise"], entry["own_surprise"]),
        repeated=(entry["repeated"], entry["own_repeated"]),
        samples=tuple(SampleAnswer(**sample) for sample in entry["samples"]),
    )


def text_programs(said: dict[str, Any]) -> dict[str, str]:
    """Programs that use the folder, by their library. Raises KeyError or TypeError where the report is broken."""
    from workbench.engine.language.asking import Asking
    from workbench.engine.language.exporting.snippets import programs, question_from

    kept = [entry for entry in said["files"] if entry["kept"]]
    question = question_from(sample["prompt"] for entry in kept for sample in entry["samples"])
    return programs(Asking(**said["asking"]), [entry["file"] for entry in kept], question)


def text_teacher_bytes(folder: RunFolder) -> int | None:
    """Size of all teachers' weights; None where they are gone or there is none. Raises WorkbenchError."""
    teachers = folder.recipe.teachers
    try:
        files = [file for teacher in teachers for file in _weights(folder.path / teacher.checkpoint)]
        return sum(file.stat().st_size for file in files) or None
    except OSError:
        return None


def _weights(path: Path) -> list[Path]:
    return [file for file in path.iterdir() if file.suffix in _WEIGHTS] if path.is_dir() else [path]
