"""The folder of an exported language model answers in the programs of others as it does in PyTorch here."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from other_programs import Node, Python, programs_in

from workbench.engine.language.chat import Chat
from workbench.engine.language.generating import Sampling, write
from workbench.engine.language.loading import read_language_model
from workbench.session.run_folder import RunFolder

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
PROBLEMS = ("2917+9285=", "9124+5844=", "0624+2486=", "4552+4498=", "9999+0001=", "8021+6701=")
# Part of a problem, and part of an answer: whatever the model makes of them is made elsewhere too.
PROMPTS = (*PROBLEMS, "12+3", "4349+6493=<think>9+3+0=")


@dataclass(frozen=True)
class Original:
    """An exported folder, and what PyTorch answers to PROMPTS."""

    folder: Path
    chat: Chat
    answers: list[str]


@pytest.fixture(scope="session")
def original(addition_run: RunFolder) -> Original:
    model = read_language_model(addition_run.student_folder).eval()
    chat = Chat(model.blueprint)
    sampling = Sampling(temperature=0, most=64)
    written = [
        write(model.network, [chat.bare(prompt)], sampling, stop=chat.stop, generator=torch.Generator())[0]
        for prompt in PROMPTS
    ]
    return Original(addition_run.path / "export", chat, [chat.text(tokens) for tokens in written])


def given(prompts: tuple[str, ...] = PROMPTS) -> bytes:
    return json.dumps(prompts).encode()


def with_question(program: str, question: str) -> str:
    """A program of the README as a person changes it."""
    changed, count = re.subn(r'question = ".*"', lambda _: f"question = {json.dumps(question)}", program)
    assert count == 1
    return changed


def test_the_exported_model_adds_up_in_pytorch(onnxruntime_alone: Python, original: Original) -> None:
    for problem, answer in zip(PROBLEMS, original.answers, strict=False):
        first, second = problem.rstrip("=").split("+")
        assert answer.startswith("<think>")
        assert answer.split("</think>")[1] == str(int(first) + int(second))


@pytest.mark.parametrize("graph", ["model.onnx", "model_quantized.onnx"])
def test_onnxruntime_alone_writes_the_same_with_a_cache(
    onnxruntime_alone: Python, original: Original, graph: str
) -> None:
    for absent in ("workbench", "torch", "transformers", "tokenizers"):
        assert not onnxruntime_alone.knows(absent)
    said = onnxruntime_alone.run(HERE / "answer_onnxruntime.py", original.folder, f"onnx/{graph}", given=given())
    # Token by token, and so without the library's own way of leaving out special ones.
    assert json.loads(said) == original.answers


@pytest.mark.parametrize("dtype", ["fp32", "q8"])
def test_transformers_js_writes_the_same(node: Node, original: Original, dtype: str) -> None:
    said = node.run(HERE / "answer.mjs", original.folder, str(original.folder), dtype, given=given())
    assert json.loads(said) == original.answers


def test_onnxruntime_genai_writes_the_same(genai: Python, original: Original) -> None:
    for absent in ("workbench", "torch", "transformers"):
        assert not genai.knows(absent)
    # Six times: where a file lacks what the library reads, it reads what happens to be in memory, and may be lucky.
    for _ in range(6):
        said = genai.run(HERE / "answer_genai.py", original.folder, given=given())
        assert json.loads(said) == original.answers


@pytest.mark.parametrize("library", ["onnxruntime", "onnxruntime-genai"])
def test_the_python_programs_of_the_readme_answer_as_they_stand(
    genai: Python, original: Original, tmp_path: Path, library: str
) -> None:
    program = programs_in(original.folder / "README.md")[library]
    asked = json.loads((original.folder / "parity.json").read_text())["files"][0]["samples"][0]
    file = tmp_path / "answer.py"
    file.write_text(program, encoding="utf-8")
    assert genai.run(file, original.folder) == asked["pytorch"] + "\n"
    file.write_text(with_question(program, PROMPTS[4]), encoding="utf-8")
    assert genai.run(file, original.folder) == original.answers[4] + "\n"


def test_the_javascript_program_of_the_readme_answers_as_it_stands(node: Node, original: Original) -> None:
    program = programs_in(original.folder / "README.md")["transformers.js"]
    asked = json.loads((original.folder / "parity.json").read_text())["files"][0]["samples"][0]
    file = node.folder / "readme.mjs"
    file.write_text(program, encoding="utf-8")
    assert node.run(file, original.folder) == asked["pytorch"] + "\n"
    file.write_text(with_question(program, PROMPTS[4]).replace('"fp32" })', '"q8" })'), encoding="utf-8")
    assert node.run(file, original.folder) == original.answers[4] + "\n"


def test_letters_that_the_tokenizer_does_not_know_are_read_alike_in_transformers_js(
    node: Node, genai: Python, original: Original, tmp_path: Path
) -> None:
    question = "What is 2 + 2?"
    file = tmp_path / "answer.py"
    file.write_text(with_question(programs_in(original.folder / "README.md")["onnxruntime"], question), "utf-8")
    here = genai.run(file, original.folder)
    said = node.run(HERE / "answer.mjs", original.folder, str(original.folder), "fp32", given=given((question,)))
    assert json.loads(said) == [here.removesuffix("\n")]
