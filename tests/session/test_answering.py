"""The models of a run answer on a thread of their own: the newest question only, through ONNX Runtime if exported."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from closeness import assert_close
from strokes import CLASSES, finished_run, ink_of, stopped_run

from workbench.recipe.export import Export
from workbench.session.answering import Answer, Answerer
from workbench.session.exporting_again import export_run
from workbench.session.run_folder import RunFolder


@pytest.fixture(scope="module")
def whole_run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A finished run with its export and its baseline."""
    return finished_run(tmp_path_factory.mktemp("whole"), baseline=True, onnx=True)


@pytest.fixture
def own_run(whole_run: RunFolder, tmp_path: Path) -> RunFolder:
    """A copy that a test may change."""
    return RunFolder(Path(shutil.copytree(whole_run.path, tmp_path / "run")))


@pytest.fixture
def answering() -> Iterator[Callable[[RunFolder], Answerer]]:
    """Makes answerers, and sees them end."""
    made: list[Answerer] = []

    def make(folder: RunFolder) -> Answerer:
        made.append(Answerer(folder))
        return made[-1]

    yield make
    for answerer in made:
        answerer.close()
    assert all(answerer.wait(10) for answerer in made)


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.002)


def answer_of(answerer: Answerer, number: int) -> Answer:
    heard: list[Answer] = []

    def came() -> bool:
        answer = answerer.poll()
        heard.extend([answer] if answer is not None else [])
        return bool(heard) and heard[-1].number == number

    until(came)
    return heard[-1]


def top(probabilities: tuple[float, ...]) -> str:
    return CLASSES[int(np.argmax(probabilities))]


def test_teacher_exported_student_and_baseline_name_what_was_drawn(
    whole_run: RunFolder, answering: Callable[[RunFolder], Answerer]
) -> None:
    answerer = answering(whole_run)
    for label, name in enumerate(CLASSES):
        answer = answer_of(answerer, answerer.ask(ink_of(label, 999), like_mnist=True))
        assert [(saying.who, saying.through) for saying in answer.sayings] == [
            ("teacher", "PyTorch"),
            ("student", "ONNX Runtime"),
            ("baseline", "PyTorch"),
        ]
        assert [top(saying.probabilities) for saying in answer.sayings[:2]] == [name, name]
        for saying in answer.sayings:
            assert_close(sum(saying.probabilities), 1.0, layers=1)
        assert all(0 < saying.milliseconds < 1000 for saying in answer.sayings)
        assert answer.seen.shape == (1, 28, 28)
    assert answerer.briefing.shape == (1, 28, 28)
    assert answerer.briefing.classes == CLASSES
    assert answerer.briefing.problems == ()


def test_the_student_through_onnx_says_what_it_says_through_pytorch(
    own_run: RunFolder, whole_run: RunFolder, answering: Callable[[RunFolder], Answerer]
) -> None:
    shutil.rmtree(own_run.path / "export")
    through_onnx, through_pytorch = answering(whole_run), answering(own_run)
    picture = ink_of(1, 500)
    for temperature in (1.0, 3.0):
        answers = [
            answer_of(each, each.ask(picture, like_mnist=True, temperature=temperature)).sayings[1]
            for each in (through_onnx, through_pytorch)
        ]
        assert [answer.through for answer in answers] == ["ONNX Runtime", "PyTorch"]
        assert_close(answers[0].probabilities, answers[1].probabilities, summands=784)
    notes = {who: note for who, _, note in through_pytorch.briefing.models}
    assert "Export the student" in notes["student"]


@pytest.mark.slow
def test_a_newer_export_of_bytes_to_probabilities_is_found_elsewhere_and_answers_the_same(
    own_run: RunFolder, tmp_path: Path, answering: Callable[[RunFolder], Answerer]
) -> None:
    answerer = answering(own_run)
    picture = ink_of(2, 500)
    before = answer_of(answerer, answerer.ask(picture, like_mnist=True, temperature=3.0)).sayings[1]
    shutil.rmtree(own_run.path / "export")
    list(export_run(own_run, Export(int8=False, input="uint8", softmax=True), tmp_path / "elsewhere"))
    answerer.look_again()
    number = answerer.ask(picture, like_mnist=True, temperature=3.0)
    after = answer_of(answerer, number).sayings[1]
    assert after.through == "ONNX Runtime"
    assert_close(after.probabilities, before.probabilities, summands=784)


def test_a_run_that_was_stopped_answers_with_its_newest_checkpoint(
    tmp_path: Path, answering: Callable[[RunFolder], Answerer]
) -> None:
    folder = stopped_run(tmp_path)
    answerer = answering(folder)
    answer = answer_of(answerer, answerer.ask(ink_of(0), like_mnist=True))
    assert [saying.who for saying in answer.sayings] == ["teacher", "student"]
    step = int(folder.checkpoints()[-1].stem.partition("-")[2])
    assert f"step {step}" in answerer.briefing.models[1][2]


def test_looking_for_a_checkpoint_draws_nothing_from_the_generator_of_a_run_that_trains(
    tmp_path: Path, answering: Callable[[RunFolder], Answerer]
) -> None:
    import torch

    folder = stopped_run(tmp_path)
    torch.manual_seed(5)
    expected = torch.random.get_rng_state()
    answerer = answering(folder)
    answer_of(answerer, answerer.ask(ink_of(0), like_mnist=True))
    assert torch.equal(torch.random.get_rng_state(), expected)


def test_an_example_is_fed_exactly_as_the_data_has_it(
    whole_run: RunFolder, answering: Callable[[RunFolder], Answerer]
) -> None:
    answerer = answering(whole_run)
    example = np.random.default_rng(0).integers(0, 256, (1, 28, 28), np.uint8)
    assert np.array_equal(answer_of(answerer, answerer.ask(example)).seen, example)


def test_of_many_questions_at_once_the_last_is_answered_and_not_all(
    whole_run: RunFolder, answering: Callable[[RunFolder], Answerer]
) -> None:
    answerer = answering(whole_run)
    numbers = [answerer.ask(ink_of(place % 3), like_mnist=True) for place in range(2000)]
    heard = []

    def last_came() -> bool:
        answer = answerer.poll()
        heard.extend([answer.number] if answer is not None else [])
        return bool(heard) and heard[-1] == numbers[-1]

    until(last_came)
    assert len(heard) < len(numbers) / 2
    assert heard == sorted(heard)


def test_a_lost_teacher_is_told_and_the_student_answers_all_the_same(
    own_run: RunFolder, answering: Callable[[RunFolder], Answerer]
) -> None:
    lost = own_run.recipe.teachers[0].checkpoint
    text = own_run.recipe_file.read_text()
    own_run.recipe_file.write_text(text.replace(lost, "/nowhere/teacher.safetensors"))
    answerer = answering(own_run)
    answer = answer_of(answerer, answerer.ask(ink_of(1), like_mnist=True))
    assert [saying.who for saying in answer.sayings] == ["student", "baseline"]
    assert any("/nowhere/teacher.safetensors" in problem for problem in answerer.briefing.problems)


def test_a_broken_export_is_told_in_words(own_run: RunFolder, answering: Callable[[RunFolder], Answerer]) -> None:
    (own_run.path / "export" / "student.onnx").write_bytes(b"no model")
    answerer = answering(own_run)
    until(lambda: answerer.briefing.is_ready)
    assert [who for who, _, _ in answerer.briefing.models] == ["teacher", "baseline"]
    assert any("student.onnx" in problem for problem in answerer.briefing.problems)


def test_after_close_the_thread_is_gone(whole_run: RunFolder) -> None:
    answerer = Answerer(whole_run)
    answerer.ask(ink_of(0), like_mnist=True)
    answerer.close()
    assert answerer.wait(10)
    assert not any("answering" in thread.name for thread in threading.enumerate())
