"""The README's program runs as it stands."""

import re
from pathlib import Path

import pytest
import torch

from engine.exporting.students import CLASSES, Case, run_alone
from workbench.engine.exporting import StudentExport
from workbench.engine.exporting.interface import Interface
from workbench.engine.exporting.parity import BatchParity, Parity
from workbench.engine.exporting.readme import readme_text
from workbench.engine.exporting.snippets import javascript_snippet


@pytest.mark.parametrize(
    ("export", "student"), [("both_files", "digits"), ("from_bytes", "digits"), ("from_features", "measurements")]
)
def test_the_program_in_the_readme_prints_the_class_that_pytorch_gives(
    export: str, student: str, request: pytest.FixtureRequest
) -> None:
    result: StudentExport = request.getfixturevalue(export)
    case: Case = request.getfixturevalue(student)
    folder = result.exported[0].path.parent
    program = re.search(r"```python\n(.*?)```", (folder / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert program is not None
    blank_NX = torch.zeros_like(case.held_out.inputs_NX[:1])
    probabilities_C = case.logits_NC(blank_NX).softmax(1)[0]
    expected = f"{CLASSES[int(probabilities_C.argmax())]} {float(probabilities_C.max()):.1%}\n"
    assert run_alone(program[1], folder) == expected


def test_the_readme_has_the_program_in_javascript_too(both_files: StudentExport) -> None:
    text = (both_files.exported[0].path.parent / "README.md").read_text(encoding="utf-8")
    program = javascript_snippet(Interface("pixels", (1, 8, 8), softmax=False), CLASSES)
    assert f"```js\n{program}```\n" in text


def test_the_readme_names_files_numbers_and_classes(both_files: StudentExport) -> None:
    text = (both_files.exported[0].path.parent / "README.md").read_text(encoding="utf-8")
    for report in (exported.parity for exported in both_files.exported):
        same = report["examples"] - report["disagreements"]
        row = f"| {report['file']} | {report['bytes']:,} | {same:,} | "
        assert row + f"{report['errors_pytorch']} → {report['errors_onnx']} |" in text
    assert '    "zero", "eins", "deux"\n' in text
    assert "float32 [batch, 1, 8, 8]" in text
    assert "keep each beside" not in text


def test_a_persons_own_words_cannot_become_markdown(digits: Case) -> None:
    blueprint = digits.model.blueprint.model_copy(update={"classes": ("```", "# two\nlines")})
    batch = BatchParity(256, 10, 1e-6, 1e-7, 1e-7, 0.0, 0, 1, 1, 0.1, 0.1)
    text = readme_text(
        Interface("bytes", (1, 8, 8), softmax=True),
        blueprint,
        recipe_name="```\n# loud",
        recipe_digest="abc",
        parities=[Parity("student.onnx", "probabilities", 20, 1e-4, (batch,))],
        files=["student.onnx"],
    )
    outside = [line for line in text.splitlines() if not line.startswith("    ")]
    assert [line for line in outside if line.startswith("```")] == ["```python", "```", "```js", "```"]
    assert [line for line in outside if line.startswith("# ")] == ["# student.onnx"]


def test_a_thousand_classes_are_not_all_listed(digits: Case) -> None:
    blueprint = digits.model.blueprint.model_copy(update={"classes": tuple(f"class {n}" for n in range(1000))})
    batch = BatchParity(256, 10, 1e-6, 1e-7, 1e-7, 0.0, 0, 1, 1, 0.1, 0.1)
    text = readme_text(
        Interface("bytes", (1, 8, 8), softmax=False),
        blueprint,
        recipe_name="many",
        recipe_digest="abc",
        parities=[Parity("student.onnx", "logits", 20, 1e-4, (batch,))],
        files=["student.onnx", "student.onnx.data"],
    )
    assert '"class 99", and 900 more' in text
    assert text.endswith("The weights are in student.onnx.data: keep each beside the file it is named after.\n")
    assert len(text) < 5000


def test_every_export_has_its_readme_beside_it(both_files: StudentExport) -> None:
    assert Path(both_files.files[-1]).name == "README.md"
