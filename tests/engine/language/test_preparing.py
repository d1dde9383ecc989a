"""From a recipe of a language model to its run: what is written, what is asked again, what it is judged by."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import polars
import pytest
import torch
from closeness import assert_close
from safetensors.torch import load_file

from engine.language.text_workshop import TextWorkshop, stage, text_recipe, tiny_language_model
from workbench.engine.language.folder import write_weights
from workbench.engine.language.inputs import TextMaterial, asking
from workbench.engine.language.local_writer import LocalWriter
from workbench.engine.language.model import LanguageModel, build_network
from workbench.engine.language.preparing import look_at_language
from workbench.errors import WorkbenchError
from workbench.events import Evaluated, Finished, RolledOut, StageStarted, StepDone, TextProbed
from workbench.recipe.inputs import Rollouts, TeacherWritten, TransferSet
from workbench.recipe.models import Lora, Student, Teacher, TeacherLayers
from workbench.recipe.objectives import HardLabels, LogitMatching, ReverseKL, SoftTargets

WORD_LEVEL = SoftTargets(temperature=1.0, alpha=1.0)
OWN = Rollouts(batch_size=4, new_tokens=6)


@pytest.fixture
def workshop(tmp_path: Path) -> TextWorkshop:
    return TextWorkshop.in_folder(tmp_path)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The prompts that local teachers are asked, as they are asked."""
    heard: list[str] = []
    write = LocalWriter.write

    def noting(self: LocalWriter, wanted: Any) -> Any:
        heard.extend(each.prompt.messages[-1]["content"] for each in wanted)
        return write(self, wanted)

    monkeypatch.setattr(LocalWriter, "write", noting)
    return heard


def titles(setup: Any) -> str:
    return "\n".join(finding.title for finding in setup.findings)


def test_the_students_text_learner_ends_judged_by_held_out_answers(workshop: TextWorkshop) -> None:
    events, _ = workshop.run(text_recipe())
    assert isinstance(events[-1], Finished)
    scores = [event for event in events if isinstance(event, Evaluated)]
    assert {score.subject for score in scores} == {"teacher", "student"}
    assert {score.examples for score in scores} == {4}
    assert scores[-1].kl_to_teacher is not None
    looks = [event for event in events if isinstance(event, TextProbed)]
    assert [look.step for look in looks] == [0, 5, 6]
    assert all(look.continued for look in looks)


def test_the_teacher_is_asked_once_for_all_runs(workshop: TextWorkshop, asked: list[str]) -> None:
    workshop.setup(text_recipe())
    first = len(asked)
    assert first == 20
    workshop.setup(text_recipe(stage(objective=WORD_LEVEL)))
    assert len(asked) == first


def test_writing_that_was_interrupted_goes_on_where_it_stopped(workshop: TextWorkshop, asked: list[str]) -> None:
    class StoppedError(Exception):
        pass

    def pulse(words: str) -> None:
        if words == "The teacher writes: 4 of 48 answers":
            raise StoppedError

    recipe = text_recipe(
        stage(TeacherWritten(batch_size=4, new_tokens=8, keep_cut=True, samples=3, sampling_temperature=1.0))
    )
    with pytest.raises(StoppedError):
        prepare_in_fours(workshop, recipe, pulse)
    before = list(asked)
    assert len(before) == 4
    interrupted = prepare_in_fours(workshop, recipe, lambda _: None)
    assert len(asked) == 16 * 3 + 4
    (workshop.cache / "teacher-text").rename(workshop.folder / "away")
    whole = prepare_in_fours(workshop, recipe, lambda _: None)
    assert interrupted.written == whole.written


def prepare_in_fours(workshop: TextWorkshop, recipe: Any, pulse: Any) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asking, "AT_ONCE", 4)
        return workshop.setup(recipe, pulse)


def test_what_the_teacher_wrote_is_kept_beside_the_student_and_can_be_used_again(
    workshop: TextWorkshop, asked: list[str]
) -> None:
    setup = workshop.setup(text_recipe())
    setup.keep(workshop.folder / "run" / "student")
    table = workshop.folder / "run" / "teacher-text" / "stage-1.parquet"
    frame = polars.read_parquet(table)
    assert len(frame) == 16
    # A person opens it and keeps a single row, with an answer of their own.
    frame.head(1).with_columns(polars.lit("mine").alias("response")).write_parquet(table)
    asked.clear()
    alone = {"teachers": (), "student": Student(checkpoint="teacher")}
    again = workshop.setup(text_recipe(stage(TeacherWritten(batch_size=4, file=str(table))), **alone))
    batch = again.stages[0].source.batch(0)
    assert again.chat.text(batch.student.labels_N.tolist()) == "mine"
    assert not asked


def test_a_student_is_kept_as_a_folder_that_transformers_loads(workshop: TextWorkshop) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    _, distillation = workshop.run(
        text_recipe(student=Student(architecture=TeacherLayers(keep=(1,)), lora=Lora(rank=2)))
    )
    folder = workshop.folder / "student"
    distillation.setup.keep(folder)
    loaded = AutoModelForCausalLM.from_pretrained(folder).eval()
    tokens = AutoTokenizer.from_pretrained(folder)("1+2", return_tensors="pt")["input_ids"]
    with torch.no_grad():
        expected = distillation.student.eval()(tokens)
        assert_close(loaded(tokens).logits, expected)


def test_a_verdict_counts_solved_problems_where_answers_are_known(workshop: TextWorkshop) -> None:
    setup = workshop.setup(text_recipe())
    setup.keep(workshop.folder / "student")
    answers = load_file(workshop.folder / "student" / "answers.safetensors")
    assert answers["labels"].tolist() == [1] * 4
    assert set(answers) == {"labels", "student", "teacher"}


def test_a_verdict_without_known_answers_counts_tokens_and_tells_their_texts(workshop: TextWorkshop) -> None:
    setup = workshop.setup(text_recipe(data={"problems": 0}))
    assert setup.task.compared(setup.student)["group"].max() == 3


def test_only_right_answers_are_learnt_where_that_is_asked(workshop: TextWorkshop) -> None:
    with pytest.raises(WorkbenchError, match="None of the 16 answers of the teacher is kept"):
        workshop.setup(text_recipe(stage(TeacherWritten(new_tokens=8, keep_cut=True, only_right=True))))


def test_prompts_alone_are_judged_by_what_the_teacher_writes(workshop: TextWorkshop) -> None:
    setup = workshop.setup(text_recipe(data={"file": "asked.jsonl"}))
    assert "Judged by 4 held-out texts of the teacher" in titles(setup)


def test_prompts_alone_and_no_teacher_leave_nothing_to_judge_by(workshop: TextWorkshop) -> None:
    recipe = text_recipe(
        stage(TransferSet(batch_size=4)),
        data={"file": "asked.jsonl"},
        teachers=(),
        student=Student(checkpoint="teacher"),
    )
    with pytest.raises(WorkbenchError, match="None of the 16 prompts comes with a response"):
        workshop.setup(recipe)


def test_the_student_reads_then_writes_and_its_rollouts_are_told(workshop: TextWorkshop) -> None:
    recipe = text_recipe(stage(objective=WORD_LEVEL), stage(OWN, ReverseKL(temperature=1.0, alpha=1.0)))
    events, _ = workshop.run(recipe)
    assert [event.stage for event in events if isinstance(event, StageStarted)] == [0, 1]
    rolled = [event for event in events if isinstance(event, RolledOut)]
    assert rolled
    assert rolled[-1].texts == 4


def test_lmbda_mixes_the_students_text_with_the_given_one(workshop: TextWorkshop) -> None:
    mixed = Rollouts(batch_size=4, new_tokens=6, lmbda=0.5, otherwise=TransferSet(batch_size=4))
    source = workshop.setup(text_recipe(stage(mixed, WORD_LEVEL))).stages[0].source
    written = [bool(source.batch(number).rollouts) for number in range(12)]
    assert True in written
    assert False in written


def test_a_teacher_that_is_told_more_reads_longer_prompts_and_scores_the_same_tokens(workshop: TextWorkshop) -> None:
    told = {"teacher_system": "You are good at sums."}
    for inputs in (TransferSet(batch_size=4), OWN, TeacherWritten(batch_size=4, new_tokens=6, keep_cut=True)):
        batch = workshop.setup(text_recipe(stage(inputs, WORD_LEVEL), data=told)).stages[0].source.batch(0)
        assert torch.equal(batch.teacher.labels_N, batch.student.labels_N)
        assert batch.teacher.tokens_BT.shape[1] > batch.student.tokens_BT.shape[1]


def test_the_kept_share_of_the_teachers_mass_is_told(workshop: TextWorkshop) -> None:
    recipe = text_recipe(stage(TransferSet(batch_size=4), WORD_LEVEL), data={"kept_entries": 5})
    setup = workshop.setup(recipe)
    assert "the 5 likeliest tokens a position hold" in titles(setup)
    assert setup.stages[0].source.batch(0).kept is not None


def test_logits_that_are_matched_one_by_one_are_never_the_kept_ones(workshop: TextWorkshop) -> None:
    recipe = text_recipe(stage(TransferSet(batch_size=4), LogitMatching(alpha=1.0)), data={"kept_entries": 5})
    setup = workshop.setup(recipe)
    assert "Logits are matched one by one" in titles(setup)
    assert setup.stages[0].source.batch(0).kept is None


def test_a_teacher_of_other_tokens_may_write_but_not_be_compared(workshop: TextWorkshop) -> None:
    other = tiny_language_model(3, template="{% for m in messages %}{{ m['content'] }}{% endfor %}")
    words = json.loads(other.blueprint.tokenizer)
    entries = words["model"]["vocab"]
    entries["a"], entries["b"] = entries["b"], entries["a"]
    other.blueprint = other.blueprint.model_copy(update={"tokenizer": json.dumps(words)})
    write_weights(other, workshop.folder / "other")
    recipe = text_recipe(
        student=Student(checkpoint="teacher"), teachers=(Teacher(checkpoint="other"),), data={"file": "sums.jsonl"}
    )
    setup = workshop.setup(recipe)
    assert setup.task.judge_teacher() == []
    with pytest.raises(WorkbenchError, match="another tokenizer"):
        workshop.setup(recipe.model_copy(update={"stages": (stage(objective=WORD_LEVEL),)}))


def test_preflight_asks_nobody_and_writes_nothing(workshop: TextWorkshop, asked: list[str]) -> None:
    found = [
        finding for part in look_at_language(text_recipe(), workshop.folder, torch.device("cpu")) for finding in part
    ]
    assert any("Memory" in finding.title for finding in found)
    assert not asked
    assert not workshop.cache.exists()


def test_promises_of_the_objectives_are_checked_on_the_texts(workshop: TextWorkshop) -> None:
    setup = workshop.setup(text_recipe(stage(objective=WORD_LEVEL), stage(OWN, ReverseKL(alpha=0.5)), stage()))
    findings = setup.self_check()
    assert {finding.level for finding in findings} == {"ok"}
    assert len(findings) == 4 + 4 + 1


def test_a_changed_prompt_or_teacher_is_noticed(workshop: TextWorkshop) -> None:
    before = workshop.setup(text_recipe()).content
    assert workshop.setup(text_recipe()).content == before
    with (workshop.folder / "sums.jsonl").open("a") as file:
        file.write('\n{"prompt": "9+9", "response": "18", "answer": "18"}')
    assert workshop.setup(text_recipe()).content != before


def test_hard_labels_alone_are_the_baseline(workshop: TextWorkshop) -> None:
    baseline = text_recipe(stage(objective=WORD_LEVEL), stage(OWN, ReverseKL())).as_baseline()
    assert [each.objective for each in baseline.stages] == [HardLabels()] * 2
    events, _ = workshop.run(baseline)
    assert isinstance(events[-1], Finished)


def terms_of(events: list[Any]) -> list[Any]:
    return [row for event in events if isinstance(event, StepDone) for row in event.metrics]


def test_what_the_student_wrote_is_never_its_own_hard_label(workshop: TextWorkshop) -> None:
    events, _ = workshop.run(text_recipe(stage(OWN, ReverseKL(temperature=1.0, alpha=0.5))))
    assert [row.hard for row in terms_of(events)] == [0.0] * 6
    assert all(row.total == pytest.approx(0.5 * row.soft) for row in terms_of(events))


def wide_model(folder: Path) -> None:
    """Forty rows of its head are padding, and as likely as any other."""
    model = tiny_language_model(5)
    network = build_network(json.dumps(json.loads(model.blueprint.config) | {"vocab_size": 141}), 3)
    config = json.dumps(cast(Any, network).config.to_dict())
    write_weights(LanguageModel(model.blueprint.model_copy(update={"config": config}), network), folder)


def test_a_wider_student_writes_no_token_that_its_teacher_does_not_know(workshop: TextWorkshop) -> None:
    wide_model(workshop.folder / "wide")
    setup = workshop.setup(text_recipe(stage(OWN, ReverseKL()), student=Student(checkpoint="wide")))
    written = torch.cat([setup.stages[0].source.batch(number).student.labels_N for number in range(6)])
    assert int(written.max()) < 101


@pytest.mark.parametrize("objective", [WORD_LEVEL, ReverseKL(temperature=1.0, alpha=1.0)])
@pytest.mark.parametrize("wide", ["student", "teacher"])
def test_heads_of_two_widths_are_compared_the_same_whether_kept_or_asked(
    workshop: TextWorkshop, wide: str, objective: Any
) -> None:
    wide_model(workshop.folder / "wide")
    names = ("wide", "teacher") if wide == "student" else ("teacher", "wide")
    models = {"student": Student(checkpoint=names[0]), "teachers": (Teacher(checkpoint=names[1]),)}
    parts = stage(TransferSet(batch_size=4), objective)
    asked, kept = (
        [row.total for row in terms_of(workshop.run(text_recipe(parts, data={"kept_entries": count}, **models))[0])]
        for count in (0, 1000)
    )
    assert kept == pytest.approx(asked, rel=5e-3)


def test_texts_beyond_a_table_of_positions_are_refused_before_the_run(workshop: TextWorkshop) -> None:
    sizes = {"model_type": "gpt2", "vocab_size": 101, "n_embd": 16, "n_layer": 1, "n_head": 2, "n_positions": 10}
    network = build_network(json.dumps(sizes), 3)
    blueprint = tiny_language_model(5).blueprint
    config = json.dumps(cast(Any, network).config.to_dict())
    write_weights(LanguageModel(blueprint.model_copy(update={"config": config}), network), workshop.folder / "short")
    recipe = text_recipe(stage(TransferSet(batch_size=4)), teachers=(), student=Student(checkpoint="short"))
    with pytest.raises(WorkbenchError, match="GPT2LMHeadModel reads texts of up to 10 tokens"):
        workshop.setup(recipe)


def test_the_objective_is_checked_where_long_prompts_let_the_answers_begin(workshop: TextWorkshop) -> None:
    rows = [{"prompt": "x" * 600 + str(number), "response": "1"} for number in range(20)]
    (workshop.folder / "long.jsonl").write_text("\n".join(map(json.dumps, rows)))
    setup = workshop.setup(text_recipe(stage(TransferSet(batch_size=2), WORD_LEVEL), data={"file": "long.jsonl"}))
    assert {finding.level for finding in setup.self_check()} == {"ok"}


@pytest.mark.parametrize("where", ["data", "stage"])
def test_a_broken_pattern_is_refused_before_anything_is_asked(
    workshop: TextWorkshop, asked: list[str], where: str
) -> None:
    inputs = TeacherWritten(batch_size=4, new_tokens=8, pattern="(" if where == "stage" else "")
    with pytest.raises(WorkbenchError, match="is no regular expression"):
        workshop.setup(text_recipe(stage(inputs), data={"answer_pattern": "(" if where == "data" else ""}))
    assert not asked


def test_an_edited_table_is_noticed(workshop: TextWorkshop) -> None:
    table = workshop.folder / "table.parquet"
    contents = []
    for response in ("2", "3"):
        prompt = json.dumps([{"role": "user", "content": "1+1"}])
        polars.DataFrame({"prompt": [prompt], "response": [response]}).write_parquet(table)
        contents.append(workshop.setup(text_recipe(stage(TeacherWritten(batch_size=1, file=str(table))))).content)
    assert contents[0] != contents[1]


def test_texts_without_room_for_their_answer_are_told(workshop: TextWorkshop) -> None:
    rows = [{"prompt": "x" * (40 if number % 2 else 4) + str(number), "response": "1"} for number in range(20)]
    (workshop.folder / "long.jsonl").write_text("\n".join(map(json.dumps, rows)))
    setup = workshop.setup(
        text_recipe(
            stage(TransferSet(batch_size=2)), data={"file": "long.jsonl", "max_length": 40}, teachers=()
        ).model_copy(update={"student": Student(checkpoint="teacher")})
    )
    assert "have no response within their first 40 tokens" in titles(setup)


@pytest.mark.parametrize("name", ["../../../evil", "meta/big model:7b at http://localhost:8000/v1 (1234abcd)"])
def test_answers_are_taken_down_in_the_folder_for_them_whatever_their_writer_is_called(
    workshop: TextWorkshop, name: str
) -> None:
    material = SimpleNamespace(journals=workshop.folder / "journals")
    path = TextMaterial.journal_of(cast(Any, material), name)
    assert path.resolve().parent == (workshop.folder / "journals").resolve()
    assert not set(path.name) & set('/\\:*?"<>| ')
