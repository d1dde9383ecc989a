"""What a training said: heard live, or read back from its folder."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from workbench.events import (
    CheckpointSaved,
    Continued,
    Evaluated,
    Failed,
    Finished,
    Judged,
    Prepared,
    Probed,
    RolledOut,
    Surveyed,
    TextProbed,
    TokenSeen,
    Warned,
)
from workbench.recipe.monitoring import Autosave
from workbench.session.history import History, histories_of
from workbench.session.library import summary_of
from workbench.session.metric_log import MetricLog
from workbench.session.recorder import Recorder
from workbench.session.reins import Reins
from workbench.session.run_database import RunDatabase
from workbench.session.run_folder import RunFolder
from workbench.session.text_looks import text_look, text_steps
from workbench.session.trials import drive_trials


def _prepared(step: int) -> Prepared:
    return Prepared(
        step=step,
        total_steps=20,
        steps_per_epoch=5,
        device="cpu",
        classes=("0", "1"),
        uniform_loss=0.69,
        teacher_parameters=10,
        student_parameters=5,
    )


def _probed(step: int) -> Probed:
    nothing = ((0.5, 0.5),)
    return Probed(
        step=step,
        examples=(0,),
        labels=(0,),
        temperature=2.0,
        teacher_at_1=nothing,
        student_at_1=nothing,
        teacher_at_t=nothing,
        student_at_t=nothing,
    )


def _surveyed(step: int) -> Surveyed:
    half = ((0.5, 0.5), (0.5, 0.5))
    return Surveyed(
        step=step, temperature=2.0, classes=(0, 1), teacher=half, student=half, disagreements=(), mistakes=()
    )


def _score(step: int, errors: int = 1) -> Evaluated:
    return Evaluated(step=step, subject="student", errors=errors, examples=15, cross_entropy=0.1, calibration_error=0.1)


def _heard(*events: object) -> History:
    history = History("distilled, seed 0", Path("run"))
    for event in events:
        history.hear(event)  # type: ignore[arg-type]
    return history


def test_events_are_kept_in_order_and_found_by_kind() -> None:
    history = _heard(_prepared(0), _score(5, 9), Warned(step=6, title="hot"), _score(10, 7))
    assert [score.errors for score in history.all(Evaluated)] == [9, 7]
    assert history.latest(Evaluated) == _score(10, 7)
    assert history.latest(Finished) is None


def test_only_the_newest_look_at_the_watched_examples_is_kept() -> None:
    history = _heard(_prepared(0), _probed(0), _score(5), _probed(5), _probed(10))
    assert [look.step for look in history.all(Probed)] == [10]
    assert history.latest(Evaluated) == _score(5)


def test_of_surveys_of_whole_classes_only_the_newest_is_kept_too() -> None:
    history = _heard(_prepared(0), _surveyed(0), _score(5), _surveyed(5))
    assert [survey.step for survey in history.all(Surveyed)] == [5]
    assert [type(event) for event in history.events] == [Prepared, Surveyed, Evaluated]


def test_a_training_has_ended_until_it_is_prepared_again() -> None:
    history = _heard(_prepared(0))
    assert not history.has_ended
    history.hear(Finished(step=5, reason="stopped"))
    assert history.has_ended
    history.hear(_prepared(5))
    assert not history.has_ended
    history.hear(Failed(step=6, title="hot"))
    assert history.has_ended


def test_old_looks_are_not_read_back_from_the_disk(tmp_path: Path) -> None:
    with RunDatabase(tmp_path / "run.sqlite") as database:
        database.add_event(_prepared(0), _probed(0), _surveyed(0), _score(0), _probed(5), _surveyed(5), _score(5))
        read = database.events(newest=("Probed", "Surveyed"))
        assert [(record["event"], record["step"]) for record in read if record["event"] != "Prepared"] == [
            ("Evaluated", 0),
            ("Probed", 5),
            ("Surveyed", 5),
            ("Evaluated", 5),
        ]
        assert [record["step"] for record in database.events("Probed")] == [0, 5]
        assert [record["step"] for record in database.events("Probed", newest=("Probed",))] == [5]


def test_a_resumed_run_takes_back_what_it_said_after_its_checkpoint() -> None:
    said = (_prepared(0), _score(5), CheckpointSaved(step=5, path="a"), _score(10), Finished(step=12, reason="stopped"))
    history = _heard(*said, _prepared(5))
    assert [event.step for event in history.events] == [0, 5, 5, 5]
    assert history.latest(Finished) is None


def test_a_run_is_read_back_with_its_baseline_and_its_verdict(
    make_run: Callable[..., RunFolder], tmp_path: Path
) -> None:
    folder = make_run(baseline=True)
    heard = list(drive_trials(folder, Reins(device="cpu", cache_folder=tmp_path / "cache")))
    own, baseline = histories_of(folder)
    assert (own.name, own.is_baseline, own.path) == ("distilled, seed 1", False, folder.path)
    assert (baseline.name, baseline.is_baseline) == ("hard labels, seed 1", True)
    assert len(own.log) == len(baseline.log) == 20
    assert own.latest(Judged) == heard[-1][1]
    scores = [event for trial, event in heard if isinstance(event, Evaluated) and not trial.is_baseline]
    assert list(own.all(Evaluated)) == scores


def test_a_run_without_a_baseline_has_no_verdict(make_run: Callable[..., RunFolder], tmp_path: Path) -> None:
    folder = make_run()
    list(drive_trials(folder, Reins(device="cpu", cache_folder=tmp_path / "cache")))
    (own,) = histories_of(folder)
    assert own.latest(Judged) is None
    assert isinstance(own.events[-1], Finished)


def _text(step: int) -> TextProbed:
    seen = TokenSeen(text=" a", is_scored=True, probability=0.5, kl=0.1, teacher=((" a", 0.9),), student=((" a", 0.5),))
    continued = (Continued(prompt="1 + 1 =", teacher="2", student=str(step)),)
    return TextProbed(step=step, tokens=(seen,), continued=continued, example=3, examples=9)


def _rolled(step: int) -> RolledOut:
    return RolledOut(step=step, texts=4, mean_length=12.5, teacher_log_p=-0.5, repeated=0.25)


def test_of_looks_at_texts_the_newest_is_kept_and_of_rollouts_every_one() -> None:
    history = _heard(_text(5), _rolled(5), _text(10), _rolled(10))
    assert [each.step for each in history.all(TextProbed)] == [10]
    assert [each.step for each in history.all(RolledOut)] == [5, 10]


def test_texts_and_rollouts_are_written_with_the_metrics_and_read_back_as_they_were(
    recipe_file: Path, tmp_path: Path
) -> None:
    folder = RunFolder.create(tmp_path / "run", recipe_file.read_text())
    recorder = Recorder(folder, Autosave(), MetricLog())
    for step in (5, 10):
        recorder.note(_text(step))
        recorder.note(_rolled(step))
    assert text_steps(folder.path) == [], "no wait for the disk at each look"
    recorder.flush()
    recorder.close()
    assert text_steps(folder.path) == [5, 10]
    assert text_look(folder.path, 5) == _text(5)
    assert text_look(folder.path, 7) is None
    own = histories_of(folder)[0]
    assert own.latest(TextProbed) == _text(10)
    assert list(own.all(RolledOut)) == [_rolled(5), _rolled(10)]


def test_what_errors_are_counted_of_is_known_in_the_list_of_runs(recipe_file: Path, tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path / "run", recipe_file.read_text())
    recorder = Recorder(folder, Autosave(), MetricLog())
    recorder.note(replace(_score(5, 7), counted="problems"))
    recorder.close()
    assert summary_of(folder).counted == "problems"
    assert summary_of(folder).student_errors == 7
