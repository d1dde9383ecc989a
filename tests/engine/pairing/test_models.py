"""Whether models read the data, and name the same classes."""

import json

import torch
from tokenizers import Tokenizer, models
from torch import nn

from engine.pairing.material import dataset, examples, of_level, only, with_classes
from engine.workshop import tiny_classifier
from workbench.engine.architectures import FrozenProgram
from workbench.engine.classifier import Blueprint, Classifier, InputStatistics, new_classifier
from workbench.engine.data import Dataset, Examples
from workbench.engine.pairing import look_at_models
from workbench.engine.traits import Traits
from workbench.recipe.models import Mlp, PythonClass


def test_models_that_fit_are_told():
    found = look_at_models(dataset(), tiny_classifier(), [tiny_classifier(seed=1)])
    assert only(found, "ok").title == "Models and data agree on input shape and classes."


def test_another_input_shape_is_refused_with_both_shapes():
    finding = only(look_at_models(dataset(shape=(2, 3, 5)), tiny_classifier(features=6), []), "refusal")
    assert finding.title == "The student reads inputs of 6, but the data has 2 × 3 × 5."


def test_another_number_of_classes_is_refused_with_both_numbers():
    finding = only(look_at_models(dataset(), tiny_classifier(), [tiny_classifier(classes=10)]), "refusal")
    assert finding.title == "The teacher tells 10 classes apart, but the data has 3."


def test_the_same_classes_in_another_order_are_refused_with_the_first_difference():
    finding = only(look_at_models(dataset(), with_classes("0", "2", "1"), []), "refusal")
    assert finding.title == "The student names class 1 “2”, the data names it “1”."
    assert "in another order" in finding.fix


def test_other_names_for_classes_are_refused_with_another_fix():
    finding = only(look_at_models(dataset(), with_classes("0", "1", "two"), []), "refusal")
    assert "“two”, the data names it “2”" in finding.title
    assert "in another order" not in finding.fix


def test_several_teachers_are_told_apart_by_number_and_every_misfit_is_told():
    teachers = [tiny_classifier(), tiny_classifier(classes=4), tiny_classifier(features=5)]
    findings = look_at_models(dataset(), tiny_classifier(), teachers)
    assert [finding.title.split(" ")[:2] for finding in findings] == [["Teacher", "2"], ["Teacher", "3"]]


def test_classes_that_were_put_in_order_are_told_by_number_and_name():
    model = with_classes("2", "1", "0")
    model.reorder(("0", "1", "2"))
    found = look_at_models(dataset(), tiny_classifier(), [model])
    assert [finding.level for finding in found] == ["ok", "ok"]
    assert found[1].title.endswith("by name: 2 of 3 moved, and its answer 2 is now class 0, “0”.")


def test_numbered_classes_are_a_warning_where_the_data_has_names():
    named = dataset(classes=("cat", "dog", "owl"))
    for names in (("0", "1", "2"), ("LABEL_0", "LABEL_1", "LABEL_2")):
        finding = only(look_at_models(named, with_classes("cat", "dog", "owl"), [with_classes(*names)]), "warning")
        assert f"“{names[0]}” is “cat”" in finding.title


def test_pixels_that_nothing_normalises_are_a_warning_unless_the_program_does():
    pixels = torch.randint(0, 255, (12, 1, 4, 4), dtype=torch.uint8)
    data = Dataset(*(Examples(pixels, torch.arange(12) % 3, ("0", "1", "2")) for _ in range(2)))
    plain = new_classifier(Mlp(hidden=()), InputStatistics((1, 4, 4), (0.0,), (1.0,)), ("0", "1", "2"), 0)
    usual = new_classifier(Mlp(hidden=()), InputStatistics((1, 4, 4), (0.5,), (0.2,)), ("0", "1", "2"), 0)
    finding = only(look_at_models(data, usual, [plain]), "warning")
    assert "pixels of the teacher" in finding.title
    assert "signature.mean" in finding.fix
    program = FrozenProgram(format="ONNX", digest="sha256:0", normalises=True)
    inside = Classifier(plain.blueprint.model_copy(update={"architecture": program}), plain.network)
    assert only(look_at_models(data, usual, [inside]), "ok")


def reader(words: int, traits: Traits, length: int = 5) -> Classifier:
    """A model of texts that knows so many tokens."""
    blueprint = Blueprint(
        architecture=PythonClass(file="net.py", name="Net"),
        input_shape=(length,),
        classes=("0", "1", "2"),
        mean=(),
        std=(),
        traits=traits,
    )
    network = nn.Sequential(nn.Embedding(words, 2), nn.Flatten(), nn.Linear(2 * length, 3))
    return Classifier(blueprint, network)


def texts(highest: int, traits: Traits) -> Dataset:
    """Texts of five tokens, the highest among them."""
    tokens = torch.arange(60, dtype=torch.int32).reshape(12, 5) % (highest + 1)
    part = Examples(tokens, torch.arange(12) % 3, ("0", "1", "2"), traits)
    return Dataset(part, part)


def tokenizer(*words: str) -> str:
    made: str = Tokenizer(models.WordLevel({word: place for place, word in enumerate(words)})).to_str()
    return made


def test_texts_for_a_model_of_numbers_are_refused_and_the_other_way_round():
    tokens = Traits(reads="tokens")
    finding = only(look_at_models(texts(9, tokens), tiny_classifier(features=5), []), "refusal")
    assert finding.title == "The student reads pictures or numbers, but the data are texts as tokens."
    finding = only(look_at_models(dataset(shape=(5,)), reader(10, tokens), []), "refusal")
    assert finding.title == "The student reads texts as tokens, but the data are pictures or numbers."


def test_tokens_beyond_the_vocabulary_are_refused_with_both_numbers():
    tokens = Traits(reads="tokens")
    finding = only(look_at_models(texts(10, tokens), reader(10, tokens), []), "refusal")
    assert finding.title == "The student knows 10 tokens, numbered from 0, but the data has a token 10."
    assert only(look_at_models(texts(9, tokens), reader(10, tokens), []), "ok")


def test_a_student_that_computes_with_numbers_is_refused_for_texts():
    tokens = Traits(reads="tokens")
    model = reader(10, tokens)
    model.blueprint = model.blueprint.model_copy(update={"architecture": Mlp()})
    finding = only(look_at_models(texts(9, tokens), model, []), "refusal")
    assert finding.title == (
        "The student is of the kind mlp, which reads pictures or numbers, but the data are texts as tokens."
    )
    assert "hugging_face_config" in finding.fix


def test_another_tokenizer_is_refused_and_one_that_only_cuts_otherwise_is_not():
    own = tokenizer("?", "a", "b")
    cuts = json.dumps(json.loads(own) | {"truncation": None, "version": "1.0"}, indent=1)
    other = tokenizer("?", "b", "a", "c")
    data = texts(2, Traits(reads="tokens", tokenizer=own))
    same, foreign = (reader(10, Traits(reads="tokens", tokenizer=text)) for text in (cuts, other))
    assert only(look_at_models(data, same, []), "ok")
    (finding,) = of_level(look_at_models(data, same, [foreign]), "refusal")
    assert "it has 4 tokens and that of the data 3, and 2 of these mean something else" in finding.title
    assert "Leave data.tokenizer empty" in finding.fix


def test_examples_of_the_material_are_all_different():
    assert len(torch.unique(examples().inputs_NX, dim=0)) == 12
