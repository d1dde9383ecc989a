"""What a run can say, on its way through JSON and back."""

import json
from typing import get_args

import pytest

from workbench.event_records import as_record, event_of
from workbench.events import (
    CheckpointSaved,
    Continued,
    ControlChanged,
    Evaluated,
    Event,
    Exported,
    Failed,
    Finding,
    Finished,
    Judged,
    Prepared,
    Probed,
    RolledOut,
    StageStarted,
    StepDone,
    StepMetrics,
    Surveyed,
    TextProbed,
    TokenSeen,
    Warned,
)

EVENTS = (
    Prepared(
        step=0,
        total_steps=20,
        steps_per_epoch=5,
        device="CPU",
        classes=("a", "b"),
        uniform_loss=0.693,
        teacher_parameters=10,
        student_parameters=5,
        findings=(Finding(level="warning", title="odd", fix="mend it"), Finding(level="ok", title="fine")),
    ),
    StageStarted(step=1, stage=0, name="soft targets", formula="L = …", soft_term="T² · KL"),
    StepDone(
        step=2, metrics=(StepMetrics(1, 0, 0.2, 0.5, 0.4, 0.1, 0.05), StepMetrics(2, 0, 0.4, 0.4, 0.3, 0.1, 0.05))
    ),
    Probed(
        step=2,
        examples=(4, 9),
        labels=(0, 1),
        temperature=4.0,
        teacher_at_1=((0.9, 0.1), (0.2, 0.8)),
        student_at_1=((0.6, 0.4), (0.5, 0.5)),
        teacher_at_t=((0.7, 0.3), (0.4, 0.6)),
        student_at_t=((0.5, 0.5), (0.5, 0.5)),
    ),
    Probed(
        step=2,
        examples=(),
        labels=(),
        temperature=1.0,
        teacher_at_1=(),
        student_at_1=(),
        teacher_at_t=(),
        student_at_t=(),
    ),
    TextProbed(
        step=2,
        tokens=(
            TokenSeen(
                text="4",
                is_scored=True,
                probability=0.5,
                kl=0.1,
                teacher=(("4", 0.9),),
                student=(("4", 0.5), ("5", 0.2)),
            ),
            TokenSeen(text="<end>", is_scored=False, probability=0.5, kl=None, teacher=(), student=()),
        ),
        continued=(Continued(prompt="2+2=", teacher="4", student="5"),),
    ),
    RolledOut(step=2, texts=16, mean_length=12.5, teacher_log_p=-1.5, repeated=0.25),
    Evaluated(step=2, subject="student", errors=3, examples=9, cross_entropy=0.4, calibration_error=0.1, note="best"),
    Surveyed(
        step=2,
        temperature=4.0,
        classes=(0, 1),
        teacher=((0.9, 0.1), (0.2, 0.8)),
        student=((0.8, 0.2), (0.3, 0.7)),
        disagreements=(3, 1),
        mistakes=(),
    ),
    ControlChanged(step=3, name="temperature", old=4.0, new=7.5),
    ControlChanged(step=3, name="probe", old=None, new=(4, 5)),
    CheckpointSaved(step=4, path="checkpoints/step-4.safetensors"),
    Exported(step=4, path="export/student.onnx", parity={"agreement": 1.0, "variants": ["float32", "int8"]}),
    Warned(step=4, title="The disk is nearly full.", hint="Make room."),
    Judged(step=4, word="BEATS", sentence="It does.", record={"seeds": [0, 1], "errors": {"student": [3, 4]}}),
    Finished(step=4, reason="complete"),
    Failed(step=4, title="The loss became NaN.", hint="Lower the rate.", details="Traceback"),
)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_an_event_comes_back_from_json_as_it_was(event):
    assert event_of(json.loads(json.dumps(as_record(event)))) == event


def test_every_kind_of_event_is_in_this_test():
    assert {type(event) for event in EVENTS} == set(get_args(Event))


def test_an_unknown_event_is_refused():
    with pytest.raises(ValueError, match="'Rumoured' is not a kind of event"):
        event_of({"event": "Rumoured", "step": 1})


def test_an_event_that_lacks_a_value_is_refused():
    with pytest.raises(ValueError, match="Finished lacks reason"):
        event_of({"event": "Finished", "step": 1})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"errors": "many"}, "Evaluated.errors is 'many' where a whole number is expected"),
        ({"errors": None}, "Evaluated.errors is None where a whole number is expected"),
        ({"errors": True}, "Evaluated.errors is True where a whole number is expected"),
        ({"errors": 1.5}, "Evaluated.errors is 1.5 where a whole number is expected"),
        ({"errors": 10**400}, "where a whole number is expected"),
        ({"cross_entropy": 10**400}, "where a number is expected"),
        ({"agreement": []}, r"Evaluated.agreement is \[\] where a number is expected"),
        ({"step": [1]}, r"Evaluated.step is \[1\] where a whole number is expected"),
        ({"mood": 1}, "Evaluated has 'mood', which is not a part of it"),
    ],
)
def test_a_value_of_another_type_is_refused_by_name(changes, words):
    event = Evaluated(step=5, subject="student", errors=1, examples=2, cross_entropy=0.5, calibration_error=0.1)
    with pytest.raises(ValueError, match=words):
        event_of({**as_record(event), **changes})


def test_a_wrong_value_inside_a_list_is_refused_with_its_place():
    record = as_record(EVENTS[0])
    with pytest.raises(ValueError, match=r"Prepared.classes\[1\] is 3 where text is expected"):
        event_of({**record, "classes": ["a", 3]})
    with pytest.raises(ValueError, match=r"Prepared.findings\[0\] is 'odd' where an object is expected"):
        event_of({**record, "findings": ["odd"]})
    with pytest.raises(ValueError, match=r"Probed.teacher_at_1 is 0.5 where a list is expected"):
        event_of({**as_record(EVENTS[3]), "teacher_at_1": 0.5})
