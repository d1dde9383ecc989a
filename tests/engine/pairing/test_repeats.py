"""Examples that occur twice are told by their content, with their number and share."""

from engine.pairing.material import dataset, examples, of_level, only
from workbench.engine.data import Dataset
from workbench.engine.pairing import look_at_data, repeats


def test_held_out_examples_that_are_trained_on_are_a_warning_with_number_and_share():
    training, held_out = examples(count=30), examples(seed=1)
    held_out.inputs_NX[:3] = training.inputs_NX[[4, 9, 2]]
    finding = only(look_at_data(Dataset(training, held_out)), "warning")
    assert finding.title.startswith("3 of 12 held-out examples (25 %) are among those trained on")
    assert "without them" in finding.fix


def test_many_repeats_in_training_are_a_warning_and_few_are_told():
    training = examples(count=300)
    training.inputs_NX[1], training.labels_N[1] = training.inputs_NX[0], training.labels_N[0]
    found = look_at_data(Dataset(training, examples(seed=1)))
    assert [finding.level for finding in found] == ["ok", "ok"]
    assert found[1].title == "1 of 300 training examples (0.33 %) are repeats."
    training.inputs_NX[:30], training.labels_N[:30] = training.inputs_NX[0], training.labels_N[0]
    assert "29 of 300" in of_level(look_at_data(Dataset(training, examples(seed=1))), "warning")[0].title


def test_data_too_large_to_look_through_are_told_as_such(monkeypatch):
    monkeypatch.setattr(repeats, "_MOST_BYTES", 100)
    assert look_at_data(dataset())[1].title.startswith("Not looked for repeated examples")


def test_repeats_under_different_labels_contradict_each_other():
    training = examples(count=30)
    training.inputs_NX[1], training.labels_N[1] = training.inputs_NX[0], 1 - training.labels_N[0].clamp_max(1)
    titles = [finding.title for finding in look_at_data(Dataset(training, examples(seed=1)))]
    assert "1 training examples repeat another one under a different label." in titles
