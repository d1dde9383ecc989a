"""Text the student writes while it trains, for the teacher to correct (Agarwal et al. 2024, GKD)."""

from workbench.engine.language.context import refuse_beyond_context
from workbench.engine.language.generating import Sampling
from workbench.engine.language.inputs.teacher_written import teacher_written
from workbench.engine.language.inputs.text_material import TextMaterial
from workbench.engine.language.inputs.transfer_set import transfer_set
from workbench.engine.language.sources import FixedTexts, Rollouts
from workbench.recipe import Stage
from workbench.recipe import inputs as sections


def rollouts(section: sections.Rollouts, stage: Stage, material: TextMaterial) -> Rollouts:
    """Batches the student writes with its weights of the moment, mixed with fixed ones where lmbda is below 1.

    Raises:
        WorkbenchError: There are no prompts, or the fixed texts cannot be had.
    """
    data = material.data
    otherwise: FixedTexts | None = None
    if section.lmbda < 1:
        fixed = section.otherwise
        otherwise = (
            transfer_set(fixed, stage, material)
            if isinstance(fixed, sections.TransferSet)
            else teacher_written(fixed, stage, material)
        )
    prompts = material.prompts(data.system)
    told = material.prompts(data.teacher_system) if data.teacher_system else None
    teachers = material.teachers.models if material.teachers else []
    refuse_beyond_context([material.student, *teachers], max(map(len, prompts + (told or []))) + section.new_tokens)
    return Rollouts(
        material.student,
        prompts,
        Sampling(section.sampling_temperature, section.top_p, section.new_tokens),
        stop=material.chat.stop,
        batch_size=section.batch_size,
        seed=material.recipe.student.seed,
        device=material.device,
        share=section.lmbda,
        otherwise=otherwise,
        for_teacher=told,
        width=min(model.vocabulary for model in (material.student, *teachers)),
        # A stop need not wait until the whole batch is written.
        heard=lambda _row, _token: material.pulse("The student writes"),
    )
