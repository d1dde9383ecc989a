"""The models of a language run answer the same words: token by token, each as it would alone, until stopped."""

import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from chatter import finished_language_run, first_student, model, new_language_run
from engine.language.test_endpoint import Server, event, start_stream

from workbench.engine.language.chat import Chat
from workbench.engine.language.folder import write_weights
from workbench.engine.language.generating import Sampling, write
from workbench.engine.language.loading import read_language_model
from workbench.engine.run_state import Progress, RunState, model_tensors
from workbench.engine.seeding import generator
from workbench.errors import EndpointConsentNeededError
from workbench.session import text_writers
from workbench.session.run_folder import RunFolder
from workbench.session.text_writers import Manner
from workbench.session.trusting import agree_to_endpoint
from workbench.session.turns import TURNS
from workbench.session.writing_answers import DONE, Said, TextAnswerer

ASKED = ({"role": "user", "content": "2+2?"},)
SHORT = Manner(new_tokens=12)
ENDLESS = Manner(temperature=1.0, new_tokens=1900)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A finished run with its export and its baseline."""
    return finished_language_run(tmp_path_factory.mktemp("letters"), onnx=True, baseline=True)


@pytest.fixture
def opened() -> Iterator[Callable[[RunFolder], TextAnswerer]]:
    """Opens answerers, which are gone at the end of the test."""
    there: list[TextAnswerer] = []

    def open_run(folder: RunFolder) -> TextAnswerer:
        there.append(TextAnswerer(folder))
        until(lambda: there[-1].briefing.is_ready)
        return there[-1]

    yield open_run
    for answerer in there:
        answerer.close()
    assert all(answerer.wait(30) for answerer in there)


def until(holds: Callable[[], object], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came so far"
        time.sleep(0.002)


def answers(answerer: TextAnswerer) -> dict[str, Said]:
    """Everybody's answer once all have ended."""
    newest: dict[str, Said] = {}

    def is_over() -> bool:
        newest.update({said.who: said for said in answerer.poll() or ()})
        return bool(newest) and all(said.phase == DONE for said in newest.values())

    until(is_over)
    return newest


def alone(language_model, messages=ASKED, manner: Manner = SHORT) -> str:
    chat = Chat(language_model.blueprint)
    sampling = Sampling(manner.temperature, manner.top_p, manner.new_tokens)
    draws = generator("cpu", manner.seed, "playground")
    written = write(language_model.network, [chat.prompt(messages)], sampling, stop=chat.stop, generator=draws)
    return chat.text(written[0])


def test_all_models_of_a_run_are_found_without_loading_any(run, opened, monkeypatch):
    monkeypatch.setattr("workbench.session.writing_answers.open_writer", lambda *_: pytest.fail("it was loaded"))
    seats = opened(run).briefing.seats
    assert [seat.title for seat in seats] == ["Teacher", "Before training", "Student", "Baseline", "ONNX"]
    assert [seat.through for seat in seats] == ["PyTorch"] * 4 + ["ONNX Runtime"]


@pytest.mark.parametrize("manner", [SHORT, Manner(temperature=0.9, top_p=0.8, new_tokens=12, seed=7)])
def test_each_answers_as_it_would_alone(run, opened, manner):
    answerer = opened(run)
    answerer.ask({seat.who: ASKED for seat in answerer.briefing.seats}, manner)
    said = answers(answerer)
    assert said["teacher"].text == alone(model(3), manner=manner)
    assert said["base"].text == alone(first_student(run), manner=manner)
    assert said["student"].text == alone(read_language_model(run.student_folder), manner=manner)
    assert said["baseline"].text == alone(model(6, layers=2), manner=manner)
    exported = said[str(run.path / "export" / "onnx" / "model.onnx")]
    assert exported.text == said["student"].text
    assert len({each.text for each in said.values()}) == 4
    assert all(each.ending in ("stop", "length") and each.tokens for each in said.values())
    assert all(each.rate and each.first_seconds > 0 for each in said.values() if each.tokens > 1)


def test_words_come_one_after_the_other_and_only_ever_grow(run, opened):
    answerer = opened(run)
    answerer.ask({"student": ASKED}, Manner(temperature=1.0, new_tokens=300))
    seen = [""]

    def is_over() -> bool:
        for said in answerer.poll() or ():
            seen.append(said.text)
            if said.phase == DONE:
                return True
        return False

    until(is_over)
    assert len(set(seen)) > 3
    assert all(after.startswith(before) for before, after in pairwise(seen))


def test_stopping_keeps_what_was_written_and_asks_nobody_else(run, opened):
    answerer = opened(run)
    answerer.ask({"teacher": ASKED, "student": ASKED}, ENDLESS)
    until(lambda: any(said.tokens > 3 for said in answerer.poll() or ()))
    answerer.stop()
    said = answers(answerer)
    assert said["teacher"].ending == said["student"].ending == "stopped"
    assert 3 < said["teacher"].tokens < 1900
    assert said["student"].tokens == 0
    # The next question is answered as if nothing had been.
    answerer.ask({"student": ASKED}, SHORT)
    assert answers(answerer)["student"].ending in ("stop", "length")


def test_a_new_question_ends_the_writing_to_the_old_one(run, opened):
    answerer = opened(run)
    answerer.ask({"teacher": ASKED}, ENDLESS)
    until(lambda: any(said.tokens for said in answerer.poll() or ()))
    answerer.ask({"student": ASKED}, SHORT)
    assert set(answers(answerer)) == {"student"}


def test_a_conversation_is_read_with_its_instruction_and_earlier_answers(run, opened):
    talk = (
        {"role": "system", "content": "be brief"},
        {"role": "user", "content": "1+1?"},
        {"role": "assistant", "content": "2"},
        *ASKED,
    )
    answerer = opened(run)
    answerer.ask({"student": talk}, SHORT)
    assert answers(answerer)["student"].text == alone(read_language_model(run.student_folder), talk)


def test_each_model_is_loaded_once_and_a_student_saved_anew_is_loaded_again(run, opened, tmp_path, monkeypatch):
    folder = RunFolder(Path(shutil.copytree(run.path, tmp_path / "run")))
    opened_who: list[str] = []
    real = text_writers.open_writer

    def noted(folder, seat, teacher):
        opened_who.append(seat.who)
        return real(folder, seat, teacher)

    monkeypatch.setattr("workbench.session.writing_answers.open_writer", noted)
    answerer = opened(folder)
    for _ in range(2):
        answerer.ask({"student": ASKED}, SHORT)
        before = answers(answerer)["student"].text
    assert opened_who == ["student"]
    write_weights(model(9, layers=2), folder.student_folder)
    briefing = answerer.briefing
    answerer.look_again()
    until(lambda: answerer.briefing is not briefing)
    answerer.ask({"student": ASKED}, SHORT)
    assert answers(answerer)["student"].text == alone(model(9, layers=2)) != before
    assert opened_who == ["student", "student"]


def test_a_run_that_is_not_finished_answers_with_its_newest_checkpoint(tmp_path, opened):
    folder = new_language_run(tmp_path)
    student = first_student(folder)
    with torch.no_grad():
        for tensor in student.parameters():
            tensor.mul_(1.1)
    folder.save_checkpoint(RunState(Progress(step=1200), model_tensors(student, "student")))
    answerer = opened(folder)
    seat = next(seat for seat in answerer.briefing.seats if seat.who == "student")
    assert seat.note == "step 1,200, not finished"
    answerer.ask({"student": ASKED, "base": ASKED}, SHORT)
    said = answers(answerer)
    assert said["student"].text == alone(student) != said["base"].text


def test_a_model_that_cannot_be_read_says_why_and_the_others_answer(run, opened, tmp_path):
    folder = RunFolder(Path(shutil.copytree(run.path, tmp_path / "run")))
    (folder.student_folder / "model.safetensors").write_bytes(b"no weights at all")
    answerer = opened(folder)
    answerer.ask({"student": ASKED, "baseline": ASKED}, SHORT)
    said = answers(answerer)
    assert said["student"].ending == "failed"
    assert "model.safetensors" in said["student"].trouble
    assert said["baseline"].ending in ("stop", "length")


def test_a_conversation_that_is_too_long_is_refused_in_words(run, opened):
    answerer = opened(run)
    answerer.ask({"student": ({"role": "user", "content": "long " * 600},)}, SHORT)
    said = answers(answerer)["student"]
    assert said.ending == "failed"
    assert "this model reads 2,048" in said.trouble


def test_while_a_run_trains_most_of_the_time_is_left_to_it(run, opened):
    def shares(*, sparing: bool) -> tuple[float, float]:
        answerer = opened(run)
        answerer.is_sparing = sparing
        began = time.perf_counter()
        answerer.ask({"student": ASKED}, Manner(new_tokens=60, temperature=1.0))
        said = answers(answerer)["student"]
        return said.seconds, time.perf_counter() - began

    busy, whole = shares(sparing=True)
    assert busy < 0.45 * whole


def test_an_export_has_its_turn_between_two_tokens(run, opened):
    answerer = opened(run)
    answerer.ask({"student": ASKED}, ENDLESS)
    until(lambda: any(said.tokens for said in answerer.poll() or ()))
    had_turn = threading.Event()

    def export() -> None:
        with TURNS.exporting():
            answerer.poll()
            time.sleep(0.05)
            # Nobody writes meanwhile.
            if answerer.poll() is None:
                had_turn.set()

    thread = threading.Thread(target=export)
    thread.start()
    thread.join(30)
    assert had_turn.is_set()
    until(lambda: any(said.tokens for said in answerer.poll() or ()))
    answerer.stop()


def test_closing_lets_go_of_the_models_and_of_the_thread(run):
    answerer = TextAnswerer(run)
    until(lambda: answerer.briefing.is_ready)
    answerer.ask({"teacher": ASKED}, ENDLESS)
    until(lambda: any(said.tokens for said in answerer.poll() or ()))
    answerer.close()
    assert answerer.wait(30)
    assert answerer._writers == {}


def with_endpoint(folder: RunFolder, url: str, key: str = "") -> RunFolder:
    text = folder.recipe_file.read_text()
    inputs = f'[stages.inputs]\nkind = "teacher_written"\nendpoint = {{url = "{url}", model = "big", key = "{key}"}}\n'
    folder.recipe_file.write_text(text.replace("[stages.inputs]\n", inputs))
    return folder


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


def agree(server: Server, key: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a person does who is asked for it."""
    monkeypatch.setenv("DISTILLATION_WORKBENCH_HOME", str(home))
    agree_to_endpoint(server.url, key)


def test_a_teacher_elsewhere_answers_piece_by_piece_with_its_key(tmp_path, opened, server, monkeypatch):
    monkeypatch.setenv("BIG_KEY", "sesame")
    agree(server, "BIG_KEY", tmp_path / "home", monkeypatch)
    may_end = threading.Event()

    def slowly(handler, _body):
        start_stream(handler)
        event(handler, "It ")
        may_end.wait(30)
        event(handler, "is 4.", "stop")

    server.moods["2+2?"] = [slowly]
    answerer = opened(with_endpoint(new_language_run(tmp_path), server.url, "BIG_KEY"))
    answerer.ask({"endpoint": ASKED}, SHORT)
    until(lambda: any(said.text == "It " for said in answerer.poll() or ()))
    may_end.set()
    said = answers(answerer)["endpoint"]
    assert (said.text, said.ending) == ("It is 4.", "stop")
    assert server.keys == {"Bearer sesame"}


def test_a_teacher_elsewhere_is_sent_nothing_before_a_person_agrees(tmp_path, opened, server, monkeypatch):
    monkeypatch.setenv("DISTILLATION_WORKBENCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("BIG_KEY", "sesame")
    answerer = opened(with_endpoint(new_language_run(tmp_path), server.url, "BIG_KEY"))
    answerer.ask({"endpoint": ASKED}, SHORT)
    said = answers(answerer)["endpoint"]
    assert said.ending == "failed"
    assert isinstance(said.consent, EndpointConsentNeededError)
    assert (said.consent.address, said.consent.key) == (server.url.removesuffix("/v1"), "BIG_KEY")
    assert server.heard == []


def test_a_teacher_elsewhere_without_its_key_says_which_is_missing(tmp_path, opened, server, monkeypatch):
    agree(server, "NO_SUCH_KEY_HERE", tmp_path / "home", monkeypatch)
    answerer = opened(with_endpoint(new_language_run(tmp_path), server.url, "NO_SUCH_KEY_HERE"))
    answerer.ask({"endpoint": ASKED}, SHORT)
    said = answers(answerer)["endpoint"]
    assert said.ending == "failed"
    assert "NO_SUCH_KEY_HERE" in said.trouble
    assert server.heard == []


def test_prompts_of_the_data_come_with_their_known_answers(tmp_path):
    from workbench.session.starters import read_starters

    folder = new_language_run(tmp_path)
    starters = read_starters(folder.recipe, folder.path)
    rows = [json.loads(line) for line in (tmp_path / "prompts.jsonl").read_text().splitlines()]
    known = {row["prompt"]: row["answer"] for row in rows}
    assert 1 <= len(starters) < 30
    assert all(known[starter.question] == starter.known for starter in starters)
