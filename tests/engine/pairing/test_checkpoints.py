"""The warnings on the cards of a recipe's checkpoints are findings too."""

from dataclasses import replace

from engine.pairing.material import dataset
from engine.workshop import tiny_recipe
from workbench.engine import checkpoints
from workbench.engine.pairing import look_at_checkpoints
from workbench.events import Finding
from workbench.recipe.models import Student, Teacher

UNNAMED = Finding(level="warning", title="Its classes have no names.", fix="List them in signature.classes.")
CODE = Finding(level="warning", title="Its code is not run.", fix="Compare.")
PIXELS = Finding(level="warning", title="Pixels.", fix="Give signature.mean and std.")
FINE = Finding(level="ok", title="Fine.")


def look(workshop, monkeypatch, *notes, classes=("0", "1", "2"), **changes):
    inspect = checkpoints.inspect
    monkeypatch.setattr(checkpoints, "inspect", lambda path, wanted: replace(inspect(path, wanted), notes=notes))
    return look_at_checkpoints(tiny_recipe(**changes), workshop.folder, dataset(classes=classes))


def test_warnings_are_told_with_whose_they_are_and_what_is_merely_so_is_not(workshop, monkeypatch):
    (finding,) = look(workshop, monkeypatch, CODE, FINE, PIXELS)
    assert finding == Finding(
        level="warning", title="The teacher (teacher.safetensors): Its code is not run.", fix="Compare."
    )


def test_classes_without_names_matter_only_where_the_data_has_some(workshop, monkeypatch):
    assert look(workshop, monkeypatch, UNNAMED) == ()
    assert len(look(workshop, monkeypatch, UNNAMED, classes=("a", "b", "c"))) == 1


def test_every_checkpoint_is_looked_at(workshop, monkeypatch):
    teachers = (Teacher(checkpoint="teacher.safetensors"), Teacher(checkpoint="other.safetensors"))
    student = Student(checkpoint="other.safetensors")
    found = look(workshop, monkeypatch, CODE, teachers=teachers, student=student)
    assert [finding.title.split(" (")[0] for finding in found] == ["Teacher 1", "Teacher 2", "The student’s checkpoint"]
