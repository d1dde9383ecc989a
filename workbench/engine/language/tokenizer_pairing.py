"""Do the tokenizers of student and teachers fit what the stages ask of them?"""

from collections.abc import Iterable, Sequence

from workbench.engine.language.model import LanguageModel
from workbench.engine.language.tokenizer_files import tokens_in
from workbench.engine.language.vocabularies import same_words
from workbench.events import Finding
from workbench.recipe import Recipe
from workbench.recipe.inputs import Rollouts, TeacherWritten

_INSTEAD = (
    "Use a student that reads with the teacher's tokenizer; or let the teacher write: inputs of the kind "
    "teacher_written with the objective hard_labels, for which tokenizers may differ."
)


def tokenizer_findings(
    recipe: Recipe, student: LanguageModel, teachers: Sequence[LanguageModel]
) -> tuple[Finding, ...]:
    """What must be known of them; a refusal where an objective would compare tokens that mean different things.

    Args:
        recipe: For what its stages need of a teacher.
        student: The student.
        teachers: The teachers, in the order of the recipe.
    """
    one = len(teachers) == 1
    named = [("The teacher" if one else f"Teacher {number}", model) for number, model in enumerate(teachers, start=1)]
    findings = [finding for name, teacher in named for finding in _pair(recipe, student, name, teacher)]
    if teachers and all(finding.level == "ok" for finding in findings):
        whom = "Student and teacher read" if one else f"The student and its {len(teachers)} teachers read"
        if all(same_words(student.blueprint, teacher.blueprint) for teacher in teachers):
            findings.insert(0, Finding(level="ok", title=f"{whom} with the same tokenizer."))
    return tuple(findings)


def _pair(recipe: Recipe, student: LanguageModel, name: str, teacher: LanguageModel) -> Iterable[Finding]:
    if not same_words(student.blueprint, teacher.blueprint):
        yield _on_other_tokens(recipe, student, name, teacher)
        return
    rows = (student.vocabulary, teacher.vocabulary)
    if rows[0] != rows[1]:
        yield _on_widths(student, name, teacher)


def _on_other_tokens(recipe: Recipe, student: LanguageModel, name: str, teacher: LanguageModel) -> Finding:
    entries = [len(tokens_in(model.blueprint.tokenizer, "A tokenizer")) for model in (student, teacher)]
    title = (
        f"{name} reads with another tokenizer than the student: it has {entries[1]:,} tokens and the student's "
        f"{entries[0]:,}, and both cut the same text differently."
    )
    asked = [
        f"stage {number} ({stage.objective.kind.replace('_', ' ')})"
        for number, stage in enumerate(recipe.stages, start=1)
        if stage.objective.uses_teacher
    ]
    if asked:
        why = f" Token by token they cannot be compared, as {asked[0]} would."
        return Finding(level="refusal", title=title + why, fix=_INSTEAD)
    writes = any(_is_written(stage.inputs) for stage in recipe.stages)
    why = " It only writes text, which the student reads in its own way." if writes else " It is not asked."
    return Finding(level="ok", title=title + why)


def _is_written(inputs: object) -> bool:
    return isinstance(inputs.otherwise if isinstance(inputs, Rollouts) else inputs, TeacherWritten)


def _on_widths(student: LanguageModel, name: str, teacher: LanguageModel) -> Finding:
    entries = max(tokens_in(student.blueprint.tokenizer, "A tokenizer").values(), default=-1) + 1
    narrow = min(student.vocabulary, teacher.vocabulary)
    widths = (
        f"{name}'s head has {teacher.vocabulary:,} rows and the student's {student.vocabulary:,}, for a tokenizer of "
        f"{entries:,} tokens"
    )
    if narrow >= entries:
        title = f"{widths}: the rows beyond are padding, and only the first {narrow:,} are compared."
        return Finding(level="ok", title=title)
    title = (
        f"{widths}: only the first {narrow:,} are compared, and the last {entries - narrow:,} tokens have no target."
    )
    fix = "Use models of the same release, whose heads are of one width."
    return Finding(level="warning", title=title, fix=fix)
