"""Text the teacher writes once, before training, and what of it is learnt from (Kim & Rush 2016, §3.2)."""

from workbench.engine.language.dialogues import Dialogue
from workbench.engine.language.generating import Sampling
from workbench.engine.language.inputs.asking import ask
from workbench.engine.language.inputs.text_material import TextMaterial
from workbench.engine.language.sources import FixedTexts
from workbench.engine.language.teacher_table import read_table
from workbench.engine.language.teacher_text import Filters, Written
from workbench.errors import WorkbenchError
from workbench.events import Finding
from workbench.recipe import Stage
from workbench.recipe.inputs import TeacherWritten
from workbench.recipe.section import whole_name
from workbench.wording import counted


def teacher_written(section: TeacherWritten, stage: Stage, material: TextMaterial) -> FixedTexts:
    """The batches of what the teacher wrote; it is asked for what is not written down yet.

    Raises:
        WorkbenchError: The teacher cannot be asked, the table cannot be read, or the filters leave nothing.
    """
    written = _read(section, material) if section.file else _written(section, material)
    kept = [each for each in written if each.kept]
    left_out = len(written) - len(kept)
    if not kept:
        first = written[0].reason if written else "there are no answers at all"
        raise WorkbenchError(
            f"None of the {len(written):,} answers of the teacher is kept; the first is left out because: {first}.",
            "Loosen the filters, let the teacher write longer answers, or sample several.",
        )
    title = f"The teacher's text: {counted(len(kept), 'answer')} are learnt from"
    title += f", {left_out:,} are left out ({_reasons(written)})." if left_out else "."
    material.findings.append(Finding(level="ok" if len(kept) >= left_out else "warning", title=title))
    dialogues = [Dialogue(each.messages, each.answer) for each in kept]
    return material.texts(dialogues, section.batch_size, stage)


def _read(section: TeacherWritten, material: TextMaterial) -> list[Written]:
    return read_table(whole_name(material.folder, section.file))


def _written(section: TeacherWritten, material: TextMaterial) -> list[Written]:
    if section.only_right and not any(dialogue.answer for dialogue in material.dialogues):
        raise WorkbenchError(
            "Only right answers are asked for, and the data knows none.",
            "Name the field of the known answer in the data, or switch only_right off.",
        )
    data = material.data
    sampling = Sampling(section.sampling_temperature, section.top_p, section.new_tokens)
    answers = ask(
        material, material.asked(), sampling, endpoint=section.endpoint, samples=section.samples, seed=section.seed
    )
    filters = Filters(
        shortest=section.shortest,
        longest=section.longest,
        pattern=section.pattern,
        finished=not section.keep_cut,
        answer_pattern=(data.answer_pattern or "(?s).*") if section.only_right else "",
    )
    judged = filters.judged(answers)
    material.written[f"stage-{len(material.written) + 1}.parquet"] = judged
    return judged


def _reasons(written: list[Written]) -> str:
    """The commonest reasons first, in few words."""
    counts: dict[str, int] = {}
    for each in written:
        if not each.kept:
            word = each.reason.split("“")[0].strip()
            counts[word] = counts.get(word, 0) + 1
    named = sorted(counts.items(), key=lambda item: -item[1])[:3]
    return "; ".join(f"{count:,}: {reason}" for reason, count in named)
