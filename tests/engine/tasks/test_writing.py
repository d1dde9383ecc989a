"""Language models in the same loop: off-policy, on-policy, two stages, resumed; judged by texts and by answers."""

import json
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from engine.language.test_chat import letters
from workbench.engine.distilling import Distillation
from workbench.engine.language.chat import Chat
from workbench.engine.language.generating import Sampling
from workbench.engine.language.kept_teaching import TextCache
from workbench.engine.language.model import LanguageModel, build_network
from workbench.engine.language.sources import FixedTexts, Rollouts
from workbench.engine.language.teachers import LanguageTeachers
from workbench.engine.run_state import from_bytes
from workbench.engine.setup import StagePlan
from workbench.engine.tasks.writing import HeldOutTexts, Problems, Writing
from workbench.events import Evaluated, Prepared, RolledOut, StepDone, TextProbed
from workbench.recipe import Stage
from workbench.recipe.monitoring import Monitoring
from workbench.recipe.objectives import HardLabels, ReverseKL, SoftTargets
from workbench.recipe.optimisation import Optimisation

CPU = torch.device("cpu")
TALKS = [
    [{"role": "user", "content": f"{a}+{b}"}, {"role": "assistant", "content": f"{a + b}"}]
    for a in range(5)
    for b in range(4)
]


def _model(seed, layers=1, scale=0.5):
    config = {"model_type": "llama", "vocab_size": 101, "hidden_size": 16, "intermediate_size": 24}
    config |= {"num_hidden_layers": layers, "num_attention_heads": 2, "num_key_value_heads": 2}
    return LanguageModel(letters(), build_network(json.dumps(config | {"initializer_range": scale}), seed))


@dataclass
class Ready:
    """What the loop asks of a setup."""

    student: LanguageModel
    stages: tuple[StagePlan, ...]
    task: Writing
    device: torch.device = CPU
    findings: tuple = ()
    recipe: Any = field(
        default_factory=lambda: SimpleNamespace(
            monitoring=Monitoring(evaluate_every=1, probe_every=5), student=SimpleNamespace(seed=1)
        )
    )


def _ready(*kinds, teacher_seed=2):
    chat, teacher, student = Chat(letters()), _model(teacher_seed, scale=1.0), _model(1, scale=0.1)
    teachers = LanguageTeachers([teacher], [1.0], "arithmetic")
    texts = [chat.conversation(talk) for talk in TALKS]
    prompts = [chat.prompt(talk[:1]) for talk in TALKS]
    plans = []
    for kind in kinds:
        if kind == "text":
            source, objective = FixedTexts(texts, None, batch_size=5, seed=0, device=CPU), HardLabels()
        elif kind == "kept":
            shares = TextCache(None, 101).shares(teacher, "print", texts, 8)
            source = FixedTexts(texts, shares, batch_size=5, seed=0, device=CPU)
            objective = SoftTargets(temperature=1.0, alpha=1.0)
        elif kind == "live":
            source = FixedTexts(texts, None, batch_size=5, seed=0, device=CPU)
            objective = SoftTargets(temperature=1.0, alpha=1.0)
        else:
            source = Rollouts(student, prompts, Sampling(most=8), stop=chat.stop, batch_size=5, seed=0, device=CPU)
            objective = ReverseKL(temperature=1.0, alpha=1.0)
        section = Optimisation(optimiser="adamw", learning_rate=0.02, steps=20)
        plans.append(StagePlan(Stage(objective=objective, optimisation=section), source, 20, source.batches_per_epoch))
    problems = Problems(tuple(prompts[:6]), tuple(talk[1]["content"] for talk in TALKS[:6]), r"^(\d+)", 6)
    held_out = HeldOutTexts(tuple(texts[:8]), (), problems, tuple(prompts[:2]), 6)
    return Ready(student, tuple(plans), Writing(chat, teachers, held_out, 101, CPU))


def _students(events):
    return [event for event in events if isinstance(event, Evaluated) and event.subject == "student"]


@pytest.mark.parametrize("kind", ["kept", "live"])
def test_word_level_distillation_brings_the_student_closer_to_the_teacher(kind):
    scores = _students(Distillation(_ready(kind)).events())
    assert scores[-1].kl_to_teacher < 0.6 * scores[0].kl_to_teacher
    assert scores[-1].agreement > scores[0].agreement


def test_what_was_kept_teaches_as_the_living_teacher_does():
    runs = [list(Distillation(_ready(kind)).events()) for kind in ("kept", "live")]
    losses = [[m.total for e in run if isinstance(e, StepDone) for m in e.metrics] for run in runs]
    assert losses[0] == pytest.approx(losses[1], rel=0.02, abs=2e-3)


def test_teacher_text_teaches_what_it_says():
    scores = _students(Distillation(_ready("text")).events())
    assert scores[-1].cross_entropy < 0.6 * scores[0].cross_entropy
    assert (scores[0].examples, scores[-1].errors <= scores[0].errors) == (6, True)


def test_on_policy_the_divergence_falls_and_rollouts_are_told():
    events = list(Distillation(_ready("rollouts")).events())
    soft = [m.soft for e in events if isinstance(e, StepDone) for m in e.metrics]
    assert sum(soft[-5:]) < 0.9 * sum(soft[:5])
    told = [event for event in events if isinstance(event, RolledOut)]
    assert told[-1].texts == 5
    assert told[-1].teacher_log_p > told[0].teacher_log_p
    assert 1 <= told[0].mean_length <= 8


def test_the_loss_of_uniform_guessing_is_that_of_the_vocabulary():
    prepared = next(iter(Distillation(_ready("text")).events()))
    assert isinstance(prepared, Prepared)
    assert prepared.uniform_loss == pytest.approx(4.61512, abs=1e-4)
    assert prepared.classes == ()


def test_the_watched_text_and_prompts_are_looked_at_as_it_trains():
    looks = [event for event in Distillation(_ready("live")).events() if isinstance(event, TextProbed)]
    assert [look.step for look in looks] == [0, 5, 10, 15, 20]
    first, last = (sum(t.kl for t in look.tokens if t.is_scored) for look in (looks[0], looks[-1]))
    assert last < first
    assert [each.teacher for each in looks[0].continued] == [each.teacher for each in looks[-1].continued]


def test_two_stages_interrupted_anywhere_end_as_one_that_was_not():
    whole = Distillation(_ready("text", "rollouts"))
    states = {e.step: whole.state().to_bytes() for e in whole.events() if isinstance(e, StepDone)}
    expected = {name: tensor.clone() for name, tensor in whole.student.state_dict().items()}
    for step in (7, 20, 33):
        again = Distillation(_ready("text", "rollouts"))
        again.restore(from_bytes(states[step], "state"))
        list(again.events())
        assert all(torch.equal(expected[name], tensor) for name, tensor in again.student.state_dict().items())


@pytest.mark.parametrize(
    ("pattern", "texts", "right"),
    [
        (r"</t>(\d+)", ["<t>1</t>4", "<t>4</t>5", "4"], [True, False, False]),
        ("", ["4", " 4 ", "44"], [True, True, False]),
    ],
)
def test_an_answer_is_what_the_pattern_finds(pattern, texts, right):
    assert Problems(((1,),) * 3, ("4",) * 3, pattern, 5).right(texts) == right
