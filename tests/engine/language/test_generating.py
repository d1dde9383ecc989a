"""Writing in batches with a cache is writing: greedy text is the model's own, a seed repeats, mass is kept to."""

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from workbench.engine.language.generating import Sampling, choose, write

V = 61
PROMPTS = [[5, 9, 3], [7], [1, 2, 3, 4, 5, 6, 7, 8]]
GREEDY = Sampling(temperature=0, most=12)


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(3)
    config = LlamaConfig(
        vocab_size=V,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        initializer_range=0.6,
    )
    return LlamaForCausalLM(config).eval()


def _draws(seed=0):
    return torch.Generator().manual_seed(seed)


def _one_by_one(network, prompt, most, stop=frozenset()):
    tokens = list(prompt)
    for _ in range(most):
        with torch.no_grad():
            tokens.append(int(network(torch.tensor([tokens])).logits[0, -1].argmax()))
        if tokens[-1] in stop:
            break
    return tokens[len(prompt) :]


def test_greedy_text_is_that_of_the_whole_forward_pass_token_by_token(network):
    written = write(network, PROMPTS, GREEDY, stop=frozenset(), generator=_draws())
    assert written == [_one_by_one(network, prompt, 12) for prompt in PROMPTS]


def test_a_text_that_ends_ends_alone_and_the_others_go_on_as_before(network):
    whole = write(network, PROMPTS, GREEDY, stop=frozenset(), generator=_draws())
    stop = frozenset({whole[0][3]})
    written = write(network, PROMPTS, GREEDY, stop=stop, generator=_draws())
    assert written == [_one_by_one(network, prompt, 12, stop) for prompt in PROMPTS]
    assert len(written[0]) < 12


def test_the_same_seed_writes_the_same_text_whatever_else_is_drawn(network):
    sampling = Sampling(temperature=1.3, top_p=0.9, most=10)
    torch.manual_seed(1)
    one = write(network, PROMPTS, sampling, stop=frozenset(), generator=_draws(5))
    torch.rand(7)
    assert write(network, PROMPTS, sampling, stop=frozenset(), generator=_draws(5)) == one
    assert write(network, PROMPTS, sampling, stop=frozenset(), generator=_draws(6)) != one


def test_every_token_is_heard_as_it_is_written(network):
    heard = [[] for _ in PROMPTS]
    written = write(
        network,
        PROMPTS,
        GREEDY,
        stop=frozenset(),
        generator=_draws(),
        heard=lambda row, token: heard[row].append(token),
    )
    assert heard == written


def test_only_the_likeliest_tokens_with_the_mass_are_drawn():
    logits_BV = torch.tensor([[0.5, 0.3, 0.15, 0.05]]).log().repeat(4000, 1)
    drawn = choose(logits_BV, Sampling(top_p=0.7), _draws())
    assert set(drawn.tolist()) == {0, 1}
    assert float((drawn == 0).float().mean()) == pytest.approx(0.5 / 0.8, abs=0.03)


def test_the_sampling_temperature_flattens_what_is_drawn():
    logits_BV = torch.tensor([[2.0, 0.0]]).repeat(20_000, 1)
    share = float((choose(logits_BV, Sampling(temperature=2.0), _draws()) == 0).float().mean())
    assert share == pytest.approx(float(torch.tensor(1.0).sigmoid()), abs=0.02)
