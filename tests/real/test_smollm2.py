"""SmolLM2-135M-Instruct in 4 bits: a teacher that writes, and the start of a student."""

from pathlib import Path

import pytest
import torch
from closeness import assert_close

from workbench.engine.language.chat import Chat
from workbench.engine.language.folder import write_weights
from workbench.engine.language.generating import Sampling, write
from workbench.engine.language.loading import inspect_language_model, make_language_student, read_language_model
from workbench.engine.language.model import LanguageModel
from workbench.recipe import Recipe

_ASKED = "What is the capital of France? Answer in one sentence."


@pytest.fixture(scope="module")
def model(smollm2: Path) -> LanguageModel:
    """Read once: it takes its time."""
    return read_language_model(smollm2)


def test_its_card_tells_what_it_is_from_the_header_alone(smollm2: Path) -> None:
    card = inspect_language_model(smollm2)
    assert (card.format, card.architecture) == ("GGUF file (Q4_1)", "llama")
    assert (card.parameters, card.vocabulary, card.layers) == (134_515_008, 49_152, 30)
    assert (card.width, card.context, card.chat) == (576, 8192, True)


@pytest.mark.slow
def test_it_answers_a_question(model: LanguageModel) -> None:
    chat = Chat(model.blueprint)
    prompt = chat.prompt([{"role": "user", "content": _ASKED}])
    sampling = Sampling(temperature=0, most=20)
    (written,) = write(model.network, [prompt], sampling, stop=chat.stop, generator=torch.Generator())
    assert chat.text(written).strip() == "The capital of France is Paris."


@pytest.mark.slow
def test_six_of_its_layers_are_a_student_that_others_load(model: LanguageModel, tmp_path: Path) -> None:
    from transformers import AutoModelForCausalLM

    recipe = Recipe.model_validate(
        {
            "teachers": [{"checkpoint": "teacher.gguf"}],
            "student": {"architecture": {"kind": "teacher_layers", "every": 5}},
            "data": {"kind": "conversations", "file": "data.jsonl"},
        }
    )
    student = make_language_student(recipe, tmp_path, [model])
    assert student.network.config.num_hidden_layers == 6
    assert student.parameter_count == 49_552_704
    write_weights(student, tmp_path)
    other = AutoModelForCausalLM.from_pretrained(tmp_path, local_files_only=True).eval()
    tokens_BT = torch.tensor([[1, 4093, 198, 1780]])
    with torch.no_grad():
        assert_close(other(tokens_BT).logits, student(tokens_BT))
