"""Adapters change no answer at first, are all that is trained, and are gone once they are merged."""

import pytest
import torch
from closeness import assert_close

from engine.language.language_models import LETTERS, answers, tiny_language_model
from workbench.engine.architectures.dropout import SeededDropout
from workbench.engine.language.adapters import add_adapters, merged
from workbench.engine.language.folder import write_weights
from workbench.engine.language.loading import read_language_model
from workbench.errors import WorkbenchError
from workbench.recipe.models import Lora

FAMILIES = {"llama": {}, "gpt2": {"n_embd": 16, "n_layer": 4, "n_head": 2}}


def adapted(family="llama", *, seed=0, **settings):
    model = tiny_language_model(family, **FAMILIES[family])
    add_adapters(model, Lora(**{"rank": 2} | settings), seed)
    return model


def trained(model):
    """After one large step."""
    model(torch.arange(3, 11)[None]).logsumexp(-1).sum().backward()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.grad is not None:
                parameter.sub_(parameter.grad.sign(), alpha=0.1)
    return model


@pytest.mark.parametrize("family", FAMILIES)
def test_they_change_no_answer_before_they_are_trained(family):
    assert_close(answers(adapted(family)), answers(tiny_language_model(family, **FAMILIES[family])))


@pytest.mark.parametrize("family", FAMILIES)
def test_merged_the_model_is_plain_and_answers_as_before(family, tmp_path):
    model = trained(adapted(family))
    plain = merged(model)
    assert_close(answers(plain), answers(model), layers=16)
    assert not torch.allclose(answers(plain), answers(adapted(family)), atol=1e-2)
    original = tiny_language_model(family, **FAMILIES[family])
    assert list(plain.network.state_dict()) == list(original.network.state_dict())
    assert all(parameter.requires_grad for parameter in plain.parameters())
    write_weights(plain, tmp_path)
    assert_close(answers(read_language_model(tmp_path)), answers(plain))


def test_merging_leaves_the_model_as_it_was():
    model = trained(adapted())
    before = answers(model)
    merged(model)
    torch.testing.assert_close(answers(model), before, rtol=0, atol=0)
    assert any("lora_A" in name for name, _ in model.named_parameters())


def test_a_model_without_adapters_is_its_own_merged_one():
    model = tiny_language_model()
    assert merged(model) is model


def test_only_they_are_trained():
    model = adapted()
    names = [name for name, parameter in model.named_parameters() if parameter.requires_grad]
    assert names
    assert all("lora_" in name for name in names)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    trained(model)
    changed = {name for name, tensor in model.state_dict().items() if not torch.equal(tensor, before[name])}
    assert changed
    assert all("lora_" in name for name in changed)


def test_the_head_that_shares_its_weights_gets_none():
    model = adapted()
    assert model.head.layer.weight is model.network.get_input_embeddings().weight
    assert not any("lm_head" in name for name, _ in model.named_parameters())
    plain = merged(trained(model))
    assert plain.head.layer.weight is plain.network.get_input_embeddings().weight
    assert model.vocabulary == plain.vocabulary == len(LETTERS)


def test_the_same_seed_gives_the_same_adapters_and_leaves_other_draws_alone():
    torch.manual_seed(5)
    first, after = adapted(seed=3), torch.rand(1)
    torch.manual_seed(6)
    second, other = adapted(seed=3), adapted(seed=4)
    torch.manual_seed(5)
    assert torch.equal(torch.rand(1), after)
    drawn = [[each for name, each in model.named_parameters() if "lora_A" in name] for model in (first, second, other)]
    assert all(torch.equal(one, two) for one, two in zip(drawn[0], drawn[1], strict=True))
    assert not torch.equal(drawn[0][0], drawn[2][0])


def test_only_the_named_layers_get_some():
    model = adapted(layers=("q_proj", "layers.3.mlp.up_proj"))
    owners = {
        name.split(".lora_")[0].partition("layers.")[2] for name, _ in model.named_parameters() if "lora_" in name
    }
    assert owners == {*(f"{layer}.self_attn.q_proj" for layer in range(4)), "3.mlp.up_proj"}


@pytest.mark.parametrize("name", ["lm_head", "attention"])
def test_a_layer_that_can_have_none_is_refused_with_those_that_can(name):
    with pytest.raises(WorkbenchError, match=f"no linear layer {name}") as caught:
        adapted(layers=("q_proj", name))
    assert "down_proj, gate_proj, k_proj" in caught.value.hint


def test_what_they_add_is_scaled_by_scale_over_rank():
    weak, strong = (adapted(scale=scale, rank=4) for scale in (4.0, 8.0))
    for model in (weak, strong):
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                if "lora_" in name:
                    parameter.fill_(0.01)
    plain = tiny_language_model()
    name = "model.layers.0.self_attn.q_proj.weight"
    added = [merged(model).network.state_dict()[name] - plain.network.state_dict()[name] for model in (weak, strong)]
    torch.testing.assert_close(added[0], torch.full_like(added[0], 4 * 0.01**2))
    torch.testing.assert_close(added[1], 2 * added[0])


def test_their_dropout_draws_by_the_seed_of_the_run():
    model = adapted(dropout=0.5)
    dropouts = [module for module in model.modules() if isinstance(module, SeededDropout)]
    assert len(dropouts) == 4 * 7
    assert {module.p for module in dropouts} == {0.5}
