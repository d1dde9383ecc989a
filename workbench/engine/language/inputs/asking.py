"""Has a teacher write, one that is here or one behind an endpoint; what it wrote before is not asked again."""

from collections.abc import Callable, Sequence

from workbench.engine.language.context import refuse_beyond_context
from workbench.engine.language.dialogues import Dialogue
from workbench.engine.language.endpoint import Endpoint
from workbench.engine.language.generating import Sampling
from workbench.engine.language.inputs.text_material import TextMaterial
from workbench.engine.language.local_writer import LocalWriter
from workbench.engine.language.teacher_text import Prompt, Writer, Written, ask_all
from workbench.recipe import inputs as sections

# Prompts of one batch: large enough to keep a processor busy, small enough for a large teacher's memory.
AT_ONCE = 32


def ask(
    material: TextMaterial,
    dialogues: Sequence[Dialogue],
    sampling: Sampling,
    *,
    endpoint: sections.Endpoint | None = None,
    samples: int = 1,
    seed: int = 0,
) -> list[Written]:
    """Answers to every prompt, with the prompts as the data has them.

    Args:
        material: The first teacher, what it is told, and where answers are taken down.
        dialogues: Their prompts are asked.
        sampling: How it writes.
        endpoint: Who writes instead of the first teacher.
        samples: Answers to each prompt.
        seed: Of what is drawn.

    Raises:
        WorkbenchError: It cannot be asked, or the disk refuses; what was written before is kept.
    """
    data, progress = material.data, _Progress(material.pulse)
    writer = _writer(material, sampling, endpoint, seed, progress.writer)
    told = [dialogue.told(data.teacher_system or data.system) for dialogue in dialogues]
    prompts = [Prompt(each.prompt, each.answer) for each in told]
    if isinstance(writer, LocalWriter):
        longest = max((len(writer.chat.prompt(each.messages)) for each in prompts), default=0)
        refuse_beyond_context([writer.model], longest + sampling.most)
    written = ask_all(prompts, samples, writer, material.journal_of(writer.name), progress.answers)
    # What only the teacher was told is not for the student.
    plain = [dialogue.prompt for dialogue in dialogues for _ in range(samples)]
    return [answer.to(prompt) for answer, prompt in zip(written, plain, strict=True)]


def _writer(
    material: TextMaterial,
    sampling: Sampling,
    endpoint: sections.Endpoint | None,
    seed: int,
    pulse: Callable[[str], None],
) -> Writer:
    if endpoint is not None:
        return Endpoint(
            url=endpoint.url,
            model=endpoint.model,
            sampling=sampling,
            key=endpoint.key,
            seed=seed,
            at_once=endpoint.at_once,
            tries=endpoint.tries,
            seconds=endpoint.seconds,
            pulse=pulse,
        )
    assert material.teachers is not None, "the recipe has checked it"
    teacher, fingerprint = material.teachers.models[0], material.teachers.fingerprints[0]
    return LocalWriter(teacher, material.teacher_chat, fingerprint, sampling, seed, at_once=AT_ONCE, pulse=pulse)


class _Progress:
    """How far the asking is, and what the writer has to say of it, as one sentence."""

    def __init__(self, pulse: Callable[[str], None]) -> None:
        self._pulse, self._answers = pulse, ""

    def answers(self, words: str) -> None:
        self._answers = words
        self._pulse(words)

    def writer(self, words: str) -> None:
        self._pulse(f"{self._answers} ({words})" if words else self._answers)
