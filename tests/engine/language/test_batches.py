"""Batches of texts: what is scored is what was meant, filling up changes nothing, and order is a function of n."""

import json

import pytest
import torch
from closeness import assert_close

from workbench.engine.chunked_scoring import score_hidden
from workbench.engine.language.batches import BatchOrder, collate
from workbench.engine.language.chat import Encoded
from workbench.engine.language.model import LanguageBlueprint, LanguageModel, build_network
from workbench.engine.scoring import Scale, Weighting
from workbench.recipe.objectives import HardLabels

CPU = torch.device("cpu")
LONG, SHORT = Encoded((4, 5, 6, 7, 8), (2, 4)), Encoded((9, 3), (1,))


def test_a_target_is_predicted_from_the_token_before_it():
    batch = collate([SHORT, LONG], CPU)
    assert batch.labels_N.tolist() == [3, 6, 8]
    assert batch.tokens_BT.flatten()[batch.at_N].tolist() == [9, 5, 7]
    assert batch.tokens_BT.tolist() == [[9, 3, 0, 0, 0], [4, 5, 6, 7, 8]]


@pytest.fixture(scope="module")
def model():
    config = {"model_type": "llama", "vocab_size": 31, "hidden_size": 16, "intermediate_size": 24}
    config |= {"num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 2}
    network = build_network(json.dumps(config), seed=2)
    return LanguageModel(LanguageBlueprint(config="{}", tokenizer="{}"), network)


def _loss_and_gradient(model, batches):
    model.zero_grad()
    count, total = sum(len(text.targets) for batch in batches for text in batch), 0.0
    for texts in batches:
        batch = collate(texts, CPU)
        hidden_NH = batch.scored(model.hidden(batch.tokens_BT))
        terms = score_hidden(
            Weighting.of(HardLabels()), hidden_NH, model.head, None, batch.labels_N, scale=Scale(count, count)
        )
        terms.total.backward()
        total += float(terms.total.detach())
    return total, torch.cat([parameter.grad.flatten() for parameter in model.parameters()])


def test_neither_filling_up_nor_splitting_changes_loss_or_gradient(model):
    texts = [LONG, SHORT, Encoded((1, 2, 3), (1, 2)), Encoded(tuple(range(1, 20)), (5, 18))]
    together = _loss_and_gradient(model, [texts])
    for batches in ([[text] for text in texts], [texts[:3], texts[3:]], [texts[::-1]]):
        found = _loss_and_gradient(model, batches)
        assert_close(found[0], together[0])
        assert_close(found[1], together[1])


def test_every_text_comes_once_an_epoch_and_each_epoch_in_another_order():
    order = BatchOrder([place % 7 + 1 for place in range(24)], 4, seed=3)
    epochs = [[place for n in range(6) for place in order.batch(6 * epoch + n)] for epoch in range(2)]
    assert sorted(epochs[0]) == sorted(epochs[1]) == list(range(24))
    assert epochs[0] != epochs[1]


def test_a_batch_is_a_function_of_its_number_alone():
    lengths = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5]
    forward, jumping = BatchOrder(lengths, 3, seed=1), BatchOrder(lengths, 3, seed=1)
    batches = [forward.batch(n) for n in range(9)]
    assert [jumping.batch(n) for n in (8, 0, 4)] == [batches[8], batches[0], batches[4]]
    assert BatchOrder(lengths, 3, seed=2).batch(0) != batches[0]


def test_texts_of_one_length_lie_together():
    lengths = [10] * 40 + [100] * 40
    order = BatchOrder(lengths, 8, seed=0)
    mixed = sum(len({lengths[place] for place in order.batch(n)}) > 1 for n in range(10))
    assert mixed <= 1


def test_fewer_texts_than_a_batch_make_one_batch():
    order = BatchOrder([3, 4], 128, seed=0)
    assert sorted(order.batch(0)) == sorted(order.batch(1)) == [0, 1]
