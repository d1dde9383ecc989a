"""Recipes and their sections as hypothesis draws them: any value that its field allows."""

import types
import typing
from typing import Any, get_args, get_origin

from hypothesis import strategies as st
from pydantic.fields import FieldInfo

from workbench.recipe.data import DATA, Conversations, Idx
from workbench.recipe.inputs import INPUTS, Endpoint, Rollouts, TransferSet
from workbench.recipe.models import ARCHITECTURES, CausalLm, PythonClass, Signature, Student, Teacher
from workbench.recipe.objectives import OBJECTIVES, HardLabels
from workbench.recipe.recipe import Recipe, Stage
from workbench.recipe.section import Section, bounds_of, sections_in

WORDS = st.text(st.characters(codec="utf-8"), max_size=8)


def sections(section: type[Section]) -> st.SearchStrategy[Any]:
    """Any section of this class."""
    if section in _SPECIAL:
        return _SPECIAL[section]()
    return st.builds(section, **{name: values_of(field) for name, field in section.model_fields.items()})


def values_of(field: FieldInfo) -> st.SearchStrategy[Any]:
    """Any value of a field."""
    values = _values(field.annotation, bounds_of(field), _longest(field))
    return values.filter(bool) if _must_be_named(field) else values


def _must_be_named(field: FieldInfo) -> bool:
    """A text that may not be empty: a file without which there is nothing to do."""
    return field.annotation is str and any(getattr(item, "min_length", None) for item in field.metadata)


def _longest(field: FieldInfo) -> int:
    lengths = [item.max_length for item in field.metadata if getattr(item, "max_length", None) is not None]
    return min([3, *lengths])


def _values(annotation: Any, bounds: dict[str, float], longest: int) -> st.SearchStrategy[Any]:
    origin = get_origin(annotation)
    if origin is typing.Literal:
        return st.sampled_from(get_args(annotation))
    if origin is tuple:
        return st.lists(_values(get_args(annotation)[0], {}, longest), max_size=longest).map(tuple)
    if origin is typing.Annotated:
        inner, *metadata = get_args(annotation)
        return _values(inner, bounds_of(FieldInfo.from_annotation(annotation)) if metadata else {}, longest)
    if origin in (typing.Union, types.UnionType):
        return st.one_of([_values(part, bounds, longest) for part in get_args(annotation)])
    return _plain(annotation, bounds)


def _plain(annotation: Any, bounds: dict[str, float]) -> st.SearchStrategy[Any]:
    if annotation is bool:
        return st.booleans()
    if annotation is int:
        low = bounds.get("ge", -(2**63))
        high = bounds["lt"] - 1 if "lt" in bounds else bounds.get("le", 2**63 - 1)
        return st.integers(int(low), int(high))
    if annotation is float:
        return st.floats(
            bounds.get("gt", bounds.get("ge")),
            bounds.get("lt", bounds.get("le")),
            exclude_min="gt" in bounds,
            exclude_max="lt" in bounds,
            allow_nan=False,
            allow_infinity=False,
        )
    if annotation is type(None):
        return st.none()
    if annotation is str:
        return WORDS
    (section,) = sections_in(annotation)
    return sections(section)


def _students() -> st.SearchStrategy[Student]:
    return _classifiers() | _writers()


def _classifiers() -> st.SearchStrategy[Student]:
    """Students that tell classes apart."""
    seeds = values_of(Student.model_fields["seed"])
    kinds = [sections(kind) for kind in ARCHITECTURES if kind is not CausalLm]
    made = st.builds(Student, seed=seeds, architecture=st.one_of(kinds))
    return made | st.builds(Student, seed=seeds, checkpoint=WORDS.filter(bool))


def _writers() -> st.SearchStrategy[Student]:
    """Students that write text, with adapters or without."""
    seeds, lora = (values_of(Student.model_fields[name]) for name in ("seed", "lora"))
    made = st.builds(Student, seed=seeds, lora=lora, architecture=sections(CausalLm))
    return made | st.builds(Student, seed=seeds, lora=lora, checkpoint=WORDS.filter(bool))


def _new_language_models() -> st.SearchStrategy[CausalLm]:
    fields = {name: values_of(field) for name, field in CausalLm.model_fields.items()}
    return st.builds(CausalLm, **(fields | {"width": st.just(96), "heads": st.sampled_from([1, 2, 3, 4])}))


def _endpoints() -> st.SearchStrategy[Endpoint]:
    fields = {name: values_of(field) for name, field in Endpoint.model_fields.items()}
    fields |= {"model": WORDS.filter(str.isprintable), "key": st.sampled_from(["", "MY_KEY", "my-key.2", "Schlüssel"])}
    return st.builds(Endpoint, **(fields | {"url": st.sampled_from(["http://localhost:8000/v1", "https://a.b/v1"])}))


def _transfer_sets(*, plain: bool) -> st.SearchStrategy[TransferSet]:
    fields = {name: values_of(field) for name, field in TransferSet.model_fields.items()}
    return st.builds(TransferSet, batch_size=fields["batch_size"]) if plain else st.builds(TransferSet, **fields)


def _stages(*, writes: bool, teacher: bool) -> st.SearchStrategy[tuple[Stage, ...]]:
    """Stages for language models or for classifiers, with a teacher to ask or without one."""
    fields = {name: values_of(field) for name, field in Stage.model_fields.items()}
    objective = st.one_of([sections(kind) for kind in OBJECTIVES]) if teacher else sections(HardLabels)
    given = _transfer_sets(plain=writes)
    if not (writes and teacher):
        return st.lists(
            st.builds(Stage, **(fields | {"inputs": given, "objective": objective})), min_size=1, max_size=3
        ).map(tuple)
    taught = st.one_of([sections(kind) for kind in OBJECTIVES if kind is not HardLabels])
    rollouts = st.builds(
        Rollouts,
        **(
            {name: values_of(field) for name, field in Rollouts.model_fields.items()}
            | {"otherwise": given | sections(INPUTS[1])}
        ),
    )
    fixed = st.builds(Stage, **(fields | {"inputs": given | sections(INPUTS[1]), "objective": objective}))
    own = st.builds(Stage, **(fields | {"inputs": rollouts, "objective": taught}))
    return st.lists(fixed | own, min_size=1, max_size=3).map(tuple)


def _idx_data() -> st.SearchStrategy[Idx]:
    fields = {name: values_of(field) for name, field in Idx.model_fields.items()}
    neither = fields | {"validation_images": st.just(""), "validation_labels": st.just("")}
    both = fields | {name: WORDS.filter(bool) for name in ("validation_images", "validation_labels")}
    return st.builds(Idx, **neither) | st.builds(Idx, **both)


def _python_classes() -> st.SearchStrategy[PythonClass]:
    fields = {name: values_of(field) for name, field in PythonClass.model_fields.items()}
    fields["name"] = st.sampled_from(["Net", "make_net", "Größe"])
    in_a_file = fields | {"file": WORDS.filter(bool), "module": st.just("")}
    installed = fields | {"file": st.just(""), "module": st.sampled_from(["nets", "package.nets"])}
    return st.builds(PythonClass, **in_a_file) | st.builds(PythonClass, **installed)


def _signatures() -> st.SearchStrategy[Signature]:
    fields = {name: values_of(field) for name, field in Signature.model_fields.items()}
    unsaid = fields | {"mean": st.just(()), "std": st.just(())}
    said = fields | {"mean": st.just((0.5, -1.0)), "std": st.just((0.25, 3.0))}
    return st.builds(Signature, **unsaid) | st.builds(Signature, **said)


def _recipes() -> st.SearchStrategy[Recipe]:
    fields = {name: values_of(field) for name, field in Recipe.model_fields.items()}
    some_teachers = st.lists(sections(Teacher), min_size=1, max_size=2).map(tuple)
    classes = st.one_of([sections(kind) for kind in DATA if kind is not Conversations])
    drawn = []
    for writes, data, students in ((False, classes, _classifiers()), (True, sections(Conversations), _writers())):
        for teacher in (True, False):
            parts = fields | {"data": data, "student": students, "stages": _stages(writes=writes, teacher=teacher)}
            drawn.append(st.builds(Recipe, **(parts | {"teachers": some_teachers if teacher else st.just(())})))
    return st.one_of(drawn)


_SPECIAL: dict[type[Section], Any] = {
    Student: _students,
    Idx: _idx_data,
    Recipe: _recipes,
    PythonClass: _python_classes,
    CausalLm: _new_language_models,
    Endpoint: _endpoints,
    Signature: _signatures,
}
__all__ = ["WORDS", "sections", "values_of"]
