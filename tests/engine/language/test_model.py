"""A language model in two parts is the whole model, whatever its family does to logits."""

import json

import pytest
import torch
from closeness import assert_close

from workbench.engine.language.model import LanguageBlueprint, LanguageModel, build_network
from workbench.errors import WorkbenchError

SMALL = {
    "vocab_size": 53,
    "hidden_size": 24,
    "intermediate_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 6,
}
FAMILIES = [
    {"model_type": "llama", "tie_word_embeddings": True},
    {"model_type": "llama", "tie_word_embeddings": False},
    {"model_type": "qwen2"},
    {"model_type": "qwen3"},
    {"model_type": "gemma2", "final_logit_softcapping": 5.0},
    {"model_type": "granite", "logits_scaling": 4.0},
    {"model_type": "cohere", "logit_scale": 0.25},
    {"model_type": "gpt2", "n_embd": 24, "n_layer": 2, "n_head": 4},
]


def _model(changes, seed=0):
    config = json.dumps(SMALL | changes)
    return LanguageModel(LanguageBlueprint(config=config, tokenizer="{}"), build_network(config, seed)).eval()


@pytest.mark.parametrize("changes", FAMILIES, ids=lambda c: f"{c['model_type']}-{len(c)}")
def test_hidden_states_and_head_give_the_logits_of_the_library(changes):
    model = _model(changes)
    tokens_BT = torch.randint(0, 53, (2, 7), generator=torch.Generator().manual_seed(1))
    mask_BT = torch.ones_like(tokens_BT)
    mask_BT[1, 5:] = 0
    with torch.no_grad():
        expected = model.network(input_ids=tokens_BT, attention_mask=mask_BT).logits
        found = model(tokens_BT)
    assert_close(found[0], expected[0])
    assert_close(found[1, :5], expected[1, :5])


def test_the_head_is_trained_with_the_network_and_counted_once():
    tied = _model({"model_type": "llama", "tie_word_embeddings": True})
    untied = _model({"model_type": "llama", "tie_word_embeddings": False})
    assert untied.parameter_count - tied.parameter_count == 53 * 24
    assert not any(name.startswith("head.") for name in tied.state_dict())
    assert tied.vocabulary == 53


def test_the_same_seed_gives_the_same_weights():
    one, other, third = (_model({"model_type": "llama"}, seed).state_dict() for seed in (1, 1, 2))
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert any(not torch.equal(one[name], third[name]) for name in one)


@pytest.mark.parametrize(
    "changes",
    [{"model_type": "vit"}, {"model_type": "nonsense"}, {}, {"model_type": "llama", "num_attention_heads": 5}],
)
def test_what_cannot_write_is_refused_in_words(changes):
    with pytest.raises(WorkbenchError, match="No language model"):
        build_network(json.dumps(SMALL | changes))


def test_dropout_of_the_librarys_own_layers_repeats_by_the_seed_of_the_step():
    model = _model({"model_type": "gpt2", "n_embd": 24, "n_layer": 2, "n_head": 4, "resid_pdrop": 0.5}).train()
    tokens_BT = torch.randint(0, 53, (2, 7), generator=torch.Generator().manual_seed(1))

    def pass_with(seed):
        model.draws.seed = seed
        return model.hidden(tokens_BT)

    first = pass_with(3)
    torch.rand(5)
    assert torch.equal(pass_with(3), first)
    assert not torch.equal(pass_with(4), first)


def test_a_network_that_drops_nothing_sets_no_generator_aside():
    assert _model({"model_type": "llama"}).draws is None
    assert _model({"model_type": "llama", "attention_dropout": 0.1}).draws is not None
