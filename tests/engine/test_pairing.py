"""Whether data, teachers and student fit: each finding in words, with both numbers and the fix."""

import pytest
import torch

from engine.workshop import CPU, tiny_classifier, tiny_recipe, tiny_stage
from workbench.engine import pairing
from workbench.engine.classifier import InputStatistics, new_classifier
from workbench.engine.data import Dataset, Examples
from workbench.engine.pairing import look_at_data, look_at_memory, look_at_models, refuse_if_needed
from workbench.errors import WorkbenchError
from workbench.events import Finding
from workbench.recipe.models import Mlp


def examples(count=12, shape=(4,), classes=("0", "1", "2"), labels=None) -> Examples:
    labels_N = torch.arange(count) % len(classes) if labels is None else torch.tensor(labels)
    return Examples(torch.zeros(count, *shape), labels_N, classes)


def dataset(**changes) -> Dataset:
    return Dataset(examples(**changes), examples(**changes))


def only(findings, level):
    """The single finding, of this level."""
    (finding,) = findings
    assert finding.level == level
    return finding


def with_classes(*names):
    return new_classifier(Mlp(hidden=()), InputStatistics((4,), (0.0,) * 4, (1.0,) * 4), names, 0)


def test_data_that_fit_are_told_with_their_numbers():
    finding = only(look_at_data(dataset()), "ok")
    assert finding.title == "Data: 12 to train on, 12 held out, 3 classes."


def test_a_single_class_is_refused():
    finding = only(look_at_data(dataset(classes=("0",))), "refusal")
    assert "1 class; a classifier needs at least 2" in finding.title


def test_held_out_inputs_of_another_shape_are_refused_with_both_shapes():
    finding = only(look_at_data(Dataset(examples(shape=(1, 4, 4)), examples(shape=(3, 4, 4)))), "refusal")
    assert "1 × 4 × 4" in finding.title
    assert "3 × 4 × 4" in finding.title


def test_held_out_examples_without_labels_are_refused_with_their_number():
    held_out = examples(labels=[0, 1, 2, -100] * 3)
    finding = only(look_at_data(Dataset(examples(), held_out)), "refusal")
    assert "3 of 12 held-out examples have no label" in finding.title


def test_classes_without_a_held_out_example_are_a_warning_by_name():
    held_out = examples(labels=[0, 0, 2] * 4)
    finding = only(look_at_data(Dataset(examples(), held_out)), "warning")
    assert "1 of 3 classes have no held-out example: 1." in finding.title


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


def test_refusals_are_raised_together_and_others_are_not():
    fine = Finding(level="ok", title="fine")
    warned = Finding(level="warning", title="careful", fix="look")
    refuse_if_needed([fine, warned])
    refused = [Finding(level="refusal", title=name, fix=f"fix {name}") for name in ("one", "two")]
    with pytest.raises(WorkbenchError) as caught:
        refuse_if_needed([fine, *refused, warned])
    assert caught.value.title == "one\ntwo"
    assert caught.value.hint == "fix one\nfix two"


def test_memory_is_told_with_what_is_needed_and_what_is_free():
    finding = only(look_at_memory(tiny_recipe(), dataset(), [tiny_classifier()], CPU), "ok")
    assert "GiB needed" in finding.title
    assert "GiB free on cpu" in finding.title


def test_too_little_memory_is_refused(monkeypatch):
    monkeypatch.setattr(pairing, "free_bytes", lambda device: 1000)
    finding = only(look_at_memory(tiny_recipe(), dataset(), [tiny_classifier()], CPU), "refusal")
    assert finding.title.startswith("Not enough memory: about 0.00 GiB needed")
    assert "batch_size" in finding.fix


def test_a_larger_student_and_a_hungrier_optimiser_need_more(monkeypatch):
    def needed(student, recipe):
        lowest, highest = 0, 2**40
        while highest - lowest > 1000:
            free = (lowest + highest) // 2
            monkeypatch.setattr(pairing, "free_bytes", lambda device, free=free: free)
            (finding,) = look_at_memory(recipe, dataset(), [student], CPU)
            lowest, highest = (free, highest) if finding.level == "refusal" else (lowest, free)
        return highest

    small, large = tiny_classifier(hidden=(1000,)), tiny_classifier(hidden=(1000, 1000))
    plain = needed(large, tiny_recipe())
    assert plain > needed(small, tiny_recipe())
    assert needed(large, tiny_recipe(tiny_stage(optimiser="adam"))) - plain == pytest.approx(
        4 * large.parameter_count, abs=2000
    )
