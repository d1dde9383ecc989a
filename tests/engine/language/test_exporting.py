"""A language model's folder: complete, faithful, told in numbers and answers, and never at the cost of another one."""

import json
import math
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM

from engine.language.test_chat import letters
from workbench.engine.language.asking import Asking
from workbench.engine.language.chat import Chat, Encoded
from workbench.engine.language.exporting import export, export_language
from workbench.engine.language.exporting.gates import GATES, Gate
from workbench.engine.language.exporting.snippets import QUESTION, programs, question_from
from workbench.engine.language.generating import Sampling, write
from workbench.engine.language.model import LanguageModel, build_network
from workbench.engine.language.onnx_graph import write_graph
from workbench.errors import WorkbenchError
from workbench.event_records import as_record, event_of
from workbench.events import Exported, Warned
from workbench.recipe.export import Export

CONFIG = {"model_type": "llama", "vocab_size": 101, "hidden_size": 32, "intermediate_size": 48, "eos_token_id": 1}
CONFIG |= {"num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "initializer_range": 0.4}
HELD_OUT = [Encoded((0, 40, 7, 99, 3, 56, 56, 12, 80, 5), (4, 5)), Encoded((5, 60, 61), (2,)), Encoded((7,), ())]
PROMPTS = [(0, 40, 7, 99), (44, 45)]
# What an import of these finds is nothing, as where they are not installed.
BARE = "import sys\nfor name in ('torch', 'transformers', 'jinja2', 'onnx'): sys.modules[name] = None\n"


def made(seed=4):
    """A model with random weights that writes letters."""
    config = json.dumps(CONFIG | {"tie_word_embeddings": True})
    return LanguageModel(letters(), build_network(config, seed)).eval()


def exported(model, folder, section=None, **more):
    """All that an export says."""
    given = {"held_out": HELD_OUT, "prompts": PROMPTS, "step": 7, "recipe_name": "tiny", "recipe_digest": "abc"}
    return list(export_language(model, section or Export(int8=False), folder, **given | more))


def greedy(model, prompt, most=64):
    """What PyTorch writes, without what ends it."""
    chosen = {"stop": frozenset({1}), "generator": torch.Generator()}
    (text,) = write(model.network, [prompt], Sampling(temperature=0, most=most), **chosen)
    return [token for token in text if token != 1]


def contents(folder):
    return {file.relative_to(folder): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def said_of(folder, name):
    return next(file for file in json.loads((folder / "parity.json").read_text())["files"] if file["file"] == name)


def asked_in(folder):
    """What the programs of the README ask: what the model was compared on."""
    return said_of(folder, "model.onnx")["samples"][0]["prompt"]


@pytest.fixture(scope="module")
def model():
    return made()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("run") / "export"


class OpenGate(Gate):
    """Random weights lose more in few bits than trained ones: how much is up to the processor."""

    def fault(self, parity):
        return ""


@pytest.fixture(scope="module")
def events(model, folder):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(export, "GATES", GATES | {bits: OpenGate(kl=9, agreement=0) for bits in (8, 4)})
        return exported(model, folder, Export(int8=True, four_bit=True))


@pytest.fixture
def traced(events, folder, monkeypatch):
    """The model's graph as it was traced before: that is what takes long."""
    monkeypatch.setattr(export, "write_graph", lambda _, path: shutil.copy(folder / "onnx" / "model.onnx", path))


@pytest.fixture(scope="module")
def other_graph(tmp_path_factory):
    """The graph of another model with the same names."""
    path = tmp_path_factory.mktemp("other") / "model.onnx"
    write_graph(made(seed=9), path)
    return path


def test_one_folder_holds_what_every_library_asks_for(events, folder):
    assert {file.as_posix() for file in contents(folder)} == {
        "README.md",
        "chat_template.jinja",
        "config.json",
        "genai_config.json",
        "generation_config.json",
        "model.safetensors",
        "onnx/model.onnx",
        "onnx/model_q4.onnx",
        "onnx/model_quantized.onnx",
        "parity.json",
        "tokenizer.json",
        "tokenizer_config.json",
    }


def test_transformers_alone_loads_it_and_writes_the_same(events, folder, model):
    loaded = AutoModelForCausalLM.from_pretrained(folder)
    output = loaded.generate(
        torch.tensor([PROMPTS[1]]), attention_mask=torch.ones(1, 2), max_new_tokens=20, do_sample=False, pad_token_id=1
    )
    assert output[0, 2:].tolist() == greedy(model, PROMPTS[1], 20)


def test_each_graph_is_told_with_its_numbers_and_answers_and_survives_the_way_into_a_database(events, folder, model):
    told = {event.parity["file"]: event for event in events if isinstance(event, Exported)}
    assert list(told) == ["model.onnx", "model_quantized.onnx", "model_q4.onnx"]
    assert all(Path(event.path).is_file() and event.step == 7 for event in told.values())
    exact = told["model.onnx"].parity
    assert exact["max_logit_difference"] < 1e-4
    assert exact["agreement"] == 1
    assert exact["same_greedy_tokens"] == exact["greedy_tokens"] > 0
    assert (
        exact["samples"][1]["pytorch"]
        == exact["samples"][1]["onnx"]
        == Chat(model.blueprint).text(greedy(model, PROMPTS[1]))
    )
    assert 0 < told["model_quantized.onnx"].parity["kl"] < told["model_q4.onnx"].parity["kl"]
    assert all(event_of(json.loads(json.dumps(as_record(event)))) == event for event in events)
    assert [said_of(folder, name) for name in told] == [event.parity for event in told.values()]


def test_four_bits_are_written_with_a_warning(events):
    (warned,) = [event for event in events if isinstance(event, Warned)]
    assert "4 bits" in warned.title
    assert "model_quantized.onnx" in warned.hint


def test_the_readme_s_onnxruntime_program_writes_pytorch_s_tokens_without_pytorch(events, folder, model):
    readme = (folder / "README.md").read_text()
    program = re.search(r"### onnxruntime\n\n```python\n(.*?)```", readme, re.DOTALL).group(1)
    command = [sys.executable, "-W", "error", "-c", f"{BARE}{program}\nprint(written)"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    prompt = Chat(model.blueprint).prompt([{"role": "user", "content": asked_in(folder)}])
    assert json.loads(done.stdout.splitlines()[-1]) == greedy(model, prompt)


def test_without_a_chat_template_the_question_alone_is_read(events, folder, model):
    program = programs(Asking("", "", is_chat=False), ["model.onnx"])["onnxruntime"]
    command = [sys.executable, "-c", f"{BARE}{program}\nprint(written)"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == greedy(model, Chat(model.blueprint).bare(QUESTION))


@pytest.mark.slow
def test_the_readme_s_transformers_program_writes_the_same_text(events, folder, model):
    readme = (folder / "README.md").read_text()
    program = re.search(r"### transformers\n\n```python\n(.*?)```", readme, re.DOTALL).group(1)
    done = subprocess.run([sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    chat = Chat(model.blueprint)
    assert done.stdout.removesuffix("\n") == chat.text(
        greedy(model, chat.prompt([{"role": "user", "content": asked_in(folder)}]))
    )


def test_programs_ask_what_the_model_was_compared_on_where_that_is_short():
    assert question_from(["", "x" * 201, "12+34=", "7+8="]) == "12+34="
    assert question_from(["x" * 201]) == QUESTION
    program = programs(Asking("", "", is_chat=False), ["model.onnx"], '1 "+" 1')["transformers.js"]
    assert 'const question = "1 \\"+\\" 1";' in program


def test_a_tokenizer_of_letters_says_what_transformers_js_and_onnxruntime_genai_look_for(events, folder, model):
    assert json.loads((folder / "tokenizer_config.json").read_text())["unk_token"] == "<unk>"  # noqa: S105
    written, own = json.loads((folder / "tokenizer.json").read_text()), json.loads(model.blueprint.tokenizer)
    assert written["model"].pop("merges") == []
    assert written == own


def test_texts_of_a_template_stay_what_they_are_in_a_program():
    odd = 'he said "hi" \\n 🙂\n'
    program = programs(Asking(odd, "", is_chat=True), ["model.onnx"])["onnxruntime-genai"]
    given = {}
    exec("\n".join(line for line in program.splitlines() if line.startswith(("question", "prompt"))), given)  # noqa: S102
    assert given["prompt"] == odd + QUESTION


@pytest.mark.usefixtures("traced")
def test_a_variant_that_babbles_is_seen_and_not_kept(model, other_graph, tmp_path, monkeypatch):
    def write_other(source, bits):
        return Path(shutil.copy(other_graph, source.with_name("model_quantized.onnx")))

    monkeypatch.setattr(export, "write_variant", write_other)
    events = exported(model, tmp_path / "out", Export(int8=True))
    assert [event.parity["file"] for event in events if isinstance(event, Exported)] == ["model.onnx"]
    (warned,) = [event for event in events if isinstance(event, Warned)]
    assert re.search(r"model_quantized.onnx was not kept.*babbles", warned.title)
    assert not (tmp_path / "out" / "onnx" / "model_quantized.onnx").exists()
    entry = said_of(tmp_path / "out", "model_quantized.onnx")
    assert (entry["kept"], entry["babbles"]) == (False, True)
    assert entry["samples"][0]["onnx"] != entry["samples"][0]["pytorch"]
    assert "model_quantized.onnx" not in (tmp_path / "out" / "README.md").read_text().partition("## What is here")[2]


@pytest.mark.usefixtures("traced")
def test_a_variant_that_cannot_be_run_costs_nothing_but_itself(model, tmp_path, monkeypatch):
    def write_nonsense(source, bits):
        path = source.with_name("model_q4.onnx")
        path.write_bytes(b"no graph")
        return path

    monkeypatch.setattr(export, "write_variant", write_nonsense)
    events = exported(model, tmp_path / "out", Export(int8=False, four_bit=True))
    assert ["cannot run model_q4.onnx" in event.title for event in events if isinstance(event, Warned)] == [True]
    assert [file.name for file in (tmp_path / "out" / "onnx").iterdir()] == ["model.onnx"]


@pytest.mark.usefixtures("traced")
def test_a_float_graph_that_differs_ends_the_export_and_the_former_one_is_as_it_was(
    model, other_graph, folder, tmp_path, monkeypatch
):
    target = Path(shutil.copytree(folder, tmp_path / "out"))
    before = contents(target)
    monkeypatch.setattr(export, "write_graph", lambda _, path: shutil.copy(other_graph, path))
    with pytest.raises(WorkbenchError, match="does not repeat the student"):
        exported(model, target)
    assert contents(target) == before


@pytest.mark.usefixtures("traced")
def test_an_export_that_is_cancelled_before_any_step_leaves_the_former_one(model, folder, tmp_path):
    target = Path(shutil.copytree(folder, tmp_path / "out"))
    before = contents(target)
    exported(model, tmp_path / "free", Export(int8=True), say=(steps := []).append)
    assert any("Comparing model_quantized.onnx" in step for step in steps)
    for place in range(len(steps)):
        said = []

        def say(words, said=said, place=place):
            said.append(words)
            if len(said) > place:
                raise EOFError

        with pytest.raises(EOFError):
            exported(model, target, Export(int8=True), say=say)
        assert contents(target) == before


@pytest.mark.usefixtures("traced")
def test_a_later_export_takes_the_place_of_a_former_one_and_leaves_other_files(model, folder, tmp_path):
    target = Path(shutil.copytree(folder, tmp_path / "out"))
    (target / "notes.txt").write_text("mine")
    exported(model, target, Export(int8=False))
    assert [file.name for file in (target / "onnx").iterdir()] == ["model.onnx"]
    assert (target / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("name", ["model.safetensors", "onnx/another.onnx"])
def test_the_folder_of_another_model_is_never_written_to(model, tmp_path, name):
    stranger = tmp_path / name
    stranger.parent.mkdir(exist_ok=True)
    stranger.write_bytes(b"precious")
    with pytest.raises(WorkbenchError, match="which no export wrote"):
        exported(model, tmp_path)
    assert stranger.read_bytes() == b"precious"


@pytest.mark.usefixtures("traced")
def test_the_student_is_left_as_it_is(tmp_path):
    student = made().train()
    exported(student, tmp_path / "out")
    assert student.training
    assert all(parameter.requires_grad for parameter in student.parameters())


def test_a_student_that_answers_nan_is_not_exported(tmp_path):
    broken = made()
    next(broken.parameters()).data.fill_(math.nan)
    with pytest.raises(WorkbenchError, match="NaN or infinity"):
        exported(broken, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("traced")
def test_without_prompts_the_beginnings_of_held_out_texts_are_continued(model, tmp_path):
    exported(model, tmp_path / "out", prompts=())
    prompts = [sample["prompt"] for sample in said_of(tmp_path / "out", "model.onnx")["samples"]]
    assert prompts == [Chat(model.blueprint).text(tokens) for tokens in ((0, 40, 7, 99), (5, 60))]


def test_without_any_text_there_is_nothing_to_compare_with(model, tmp_path):
    with pytest.raises(WorkbenchError, match="no held-out text"):
        exported(model, tmp_path / "out", held_out=(), prompts=())


@pytest.mark.usefixtures("traced")
def test_of_much_held_out_text_only_so_much_is_compared(model, tmp_path):
    exported(model, tmp_path / "out", held_out=[Encoded(tuple(range(3, 99)) * 4, ())] * 30)
    assert 2048 <= said_of(tmp_path / "out", "model.onnx")["tokens"] < 2048 + 256
