"""An endpoint may be down, slow, busy, or talk nonsense: nothing is lost, nothing asked twice, and it is said."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from workbench.consents import agree_to_endpoint
from workbench.engine.language.endpoint import Endpoint
from workbench.engine.language.generating import Sampling
from workbench.engine.language.teacher_text import Prompt, ask_all
from workbench.errors import WorkbenchError
from workbench.origins import split_url

PROMPTS = [Prompt(({"role": "user", "content": f"say {n}"},)) for n in range(6)]


class Server:
    """Answers each prompt with whatever the test has laid out for it, then with the truth."""

    def __init__(self):
        self.moods = {}
        self.heard = []
        self.keys = set()
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                content = body["messages"][-1]["content"]
                owner.heard.append(content)
                owner.keys.add(self.headers.get("Authorization"))
                moods = owner.moods.get(content, [])
                (moods.pop(0) if moods else truth)(self, body)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def start_stream(handler):
    handler.send_response(200)
    handler.send_header("Content-Type", "text/event-stream")
    handler.end_headers()


def event(handler, piece, ending=None):
    choice = {"delta": {"content": piece}, "finish_reason": ending}
    handler.wfile.write(f"data: {json.dumps({'choices': [choice]})}\n\n".encode())
    handler.wfile.flush()


def truth(handler, body):
    start_stream(handler)
    number = body["messages"][-1]["content"].split()[1]
    event(handler, f"here is {number}")
    event(handler, "!", "length" if body["max_tokens"] == 1 else "stop")
    handler.wfile.write(b"data: [DONE]\n\n")


def half_a_stream(handler, body):
    start_stream(handler)
    event(handler, "here i")


def garbage(handler, body):
    start_stream(handler)
    handler.wfile.write(b"data: {<html>\n\n")


def nothing(handler, body):
    start_stream(handler)


def status(code, text="", **headers):
    def answer(handler, body):
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(text.encode())

    return answer


def slow(handler, body):
    time.sleep(6)


@pytest.fixture
def server():
    server = Server()
    yield server
    server.close()


@pytest.fixture
def agreed(server, tmp_path, monkeypatch):
    """A person has agreed to send the key BIG_KEY, which is sk-hidden-1, to the server."""
    monkeypatch.setenv("DISTILLATION_WORKBENCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("BIG_KEY", "sk-hidden-1")
    agree_to_endpoint(split_url(server.url)[0], "BIG_KEY")


def endpoint(server, **settings):
    # Long enough that a busy machine is not taken for a slow endpoint.
    given = {"sampling": Sampling(most=9), "first_wait": 0.01, "seconds": 30, "at_once": 3} | settings
    return Endpoint(server.url, "big", **given)


def texts(written):
    return [each.response for each in written]


@pytest.mark.usefixtures("agreed")
def test_every_prompt_gets_its_own_answer_and_the_key_goes_along(server, tmp_path):
    writer = endpoint(server, key="BIG_KEY")
    written = ask_all(PROMPTS, 1, writer, tmp_path / "journal")
    assert texts(written) == [f"here is {n}!" for n in range(6)]
    assert server.keys == {"Bearer sk-hidden-1"}
    assert "sk-hidden-1" not in (tmp_path / "journal").read_text() + repr(writer) + writer.name


@pytest.mark.parametrize(
    "trouble",
    [half_a_stream, garbage, nothing, slow, status(500), status(503), status(429, Retry_After="0")],
    ids=["half", "garbage", "nothing", "slow", "500", "503", "429"],
)
def test_what_goes_wrong_once_is_asked_again_and_the_others_are_not(server, tmp_path, trouble):
    server.moods["say 2"] = [trouble]
    writer = endpoint(server, seconds=4 if trouble is slow else 30)
    written = ask_all(PROMPTS, 1, writer, tmp_path / "journal")
    assert texts(written) == [f"here is {n}!" for n in range(6)]
    assert sorted(server.heard) == sorted([each.messages[0]["content"] for each in PROMPTS] + ["say 2"])


def test_an_endpoint_that_stays_broken_is_given_up_in_words_and_what_came_before_stays(server, tmp_path):
    server.moods["say 4"] = [status(500)] * 3
    writer = endpoint(server, tries=3, at_once=1)
    with pytest.raises(WorkbenchError, match="did not answer in 3 tries; the last time: it says 500"):
        ask_all(PROMPTS, 1, writer, tmp_path / "journal")
    server.heard.clear()
    assert texts(ask_all(PROMPTS, 1, writer, tmp_path / "journal")) == [f"here is {n}!" for n in range(6)]
    assert server.heard == ["say 4", "say 5"]


def test_a_wrong_key_is_refused_at_once_with_what_the_endpoint_said(server, tmp_path):
    server.moods["say 0"] = [status(401, "no such key")]
    with pytest.raises(WorkbenchError, match="refuses with 401: no such key"):
        ask_all(PROMPTS[:1], 1, endpoint(server), tmp_path / "journal")
    assert server.heard == ["say 0"]


def test_nobody_at_the_address_is_told_after_a_few_tries(tmp_path):
    writer = Endpoint("http://127.0.0.1:9", "big", Sampling(), tries=2, first_wait=0.01)
    with pytest.raises(WorkbenchError, match=r"in 2 tries; the last time: the connection failed"):
        ask_all(PROMPTS[:1], 1, writer, tmp_path / "journal")


@pytest.mark.parametrize("url", ["ftp://example.org", "no address", "http://[::"])
def test_what_is_no_address_is_refused_in_words(url, tmp_path):
    with pytest.raises(WorkbenchError, match="is no address"):
        ask_all(PROMPTS[:1], 1, Endpoint(url, "big", Sampling(), tries=1), tmp_path / "journal")


def test_a_wait_the_endpoint_asked_for_is_said_and_can_be_ended(server, tmp_path):
    class StopAskedError(Exception):
        pass

    said = []

    def pulse(words):
        said.append(words)
        if "it says 429; try 2 of 6" in words:
            raise StopAskedError

    server.moods["say 1"] = [status(429, Retry_After="30")]
    began = time.monotonic()
    with pytest.raises(StopAskedError):
        ask_all(PROMPTS, 1, endpoint(server, pulse=pulse), tmp_path / "journal")
    assert time.monotonic() - began < 10
    assert len((tmp_path / "journal").read_text().splitlines()) >= 1


def test_an_answer_that_was_cut_says_so(server, tmp_path):
    writer = endpoint(server, sampling=Sampling(most=1))
    assert ask_all(PROMPTS[:1], 1, writer, tmp_path / "journal")[0].ending == "length"


def test_another_model_or_sampling_is_another_writer(server):
    names = {endpoint(server).name, endpoint(server, sampling=Sampling(most=8)).name, endpoint(server, seed=1).name}
    assert len(names) == 3


def dripping(handler, body):
    start_stream(handler)
    for _ in range(300):
        event(handler, ".")
        time.sleep(0.1)


def hanging(handler, body):
    time.sleep(20)


@pytest.mark.parametrize("mood", [dripping, hanging])
def test_a_stop_waits_for_no_answer_that_takes_long(server, tmp_path, mood):
    class StopAskedError(Exception):
        pass

    def pulse(words):
        if server.heard and time.monotonic() - began > 0.5:
            raise StopAskedError

    server.moods["say 0"] = [mood]
    began = time.monotonic()
    with pytest.raises(StopAskedError):
        ask_all(PROMPTS[:1], 1, endpoint(server, pulse=pulse, seconds=6), tmp_path / "journal")
    assert time.monotonic() - began < 4


@pytest.mark.usefixtures("agreed")
def test_an_endpoint_that_repeats_the_key_does_not_bring_it_into_a_message(server, tmp_path):
    server.moods["say 0"] = [status(401, "wrong key sk-hidden-1")]
    with pytest.raises(WorkbenchError) as refused:
        ask_all(PROMPTS[:1], 1, endpoint(server, key="BIG_KEY"), tmp_path / "journal")
    assert "sk-hidden-1" not in str(refused.value)


def filtered(handler, body):
    start_stream(handler)
    event(handler, "here", "content_filter")


def test_an_answer_that_a_filter_broke_off_is_not_whole(server, tmp_path):
    server.moods["say 0"] = [filtered]
    assert ask_all(PROMPTS[:1], 1, endpoint(server), tmp_path / "journal")[0].ending == "length"
