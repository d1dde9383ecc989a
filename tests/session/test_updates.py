"""The look for a new version: only where it is wanted, once a day, nothing sent, and silent whatever goes wrong."""

import json
import logging
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from releases import Answer, ReleaseServer, release_server, says

from workbench import __version__
from workbench.errors import WorkbenchError
from workbench.session import updates
from workbench.session.preferences import Preferences, keep_preferences
from workbench.session.updates import newer_release_now, newer_release_of_the_day, skip_release


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Looking is wanted; a proxy is not asked for what is on this computer."""
    monkeypatch.setenv("DISTILLATION_WORKBENCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    keep_preferences(Preferences(looks_for_updates=True))
    (tmp_path / "home" / "cache").mkdir()
    return tmp_path / "home"


@pytest.fixture
def server() -> Iterator[ReleaseServer]:
    with release_server() as server:
        yield server


def drip(handler: BaseHTTPRequestHandler) -> None:
    """A byte now and then, for ever."""
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.05)


def flood(handler: BaseHTTPRequestHandler) -> None:
    """More than anybody wants to hear."""
    handler.send_response(200)
    handler.end_headers()
    for _ in range(1000):
        handler.wfile.write(b" " * 2**16)


def silence(_: BaseHTTPRequestHandler) -> None:
    time.sleep(1.5)


ODD: dict[str, Answer] = {
    "no JSON": says(b"<html>Please log in</html>"),
    "no text": says(b"\xff\xfe\x00"),
    "a list": says([{"tag_name": "v99.0"}]),
    "nothing": says(None),
    "no tag": says({}),
    "a number": says({"tag_name": 99}),
    "a list as a tag": says({"tag_name": ["v99.0"]}),
    "a draft": says({"tag_name": "v99.0", "draft": True}),
    "deep": says(b"[" * 100_000),
    "moved": says({"tag_name": "v99.0"}, 302, Location="http://127.0.0.1:1/elsewhere"),
    "packed": says(b"\x1f\x8b\x08", **{"Content-Encoding": "gzip"}),
    "not found": says({"message": "Not Found"}, 404),
    "too often": says({"message": "API rate limit exceeded"}, 403),
    "broken": says(b"", 500),
    "a flood": flood,
    "a drip": drip,
    "silence": silence,
}


def test_a_newer_version_is_told_with_the_page_of_its_release(server: ReleaseServer) -> None:
    server.answer = says({"tag_name": "v99.1.0", "html_url": "https://evil.example/", "assets": [{}]})
    release = newer_release_of_the_day(server.url)
    assert release is not None
    assert release.version == "99.1.0"
    assert release.page == f"https://github.com/{updates.REPOSITORY}/releases/tag/v99.1.0"


def test_nothing_is_sent_but_the_request_itself(server: ReleaseServer) -> None:
    newer_release_of_the_day(server.url)
    [asked] = server.asked
    assert asked["path"] == "/latest"
    assert asked["user-agent"] == "distillation-workbench"
    assert set(asked) <= {"path", "host", "user-agent", "accept", "accept-encoding", "connection"}


def test_where_nobody_wants_it_no_socket_is_opened(server: ReleaseServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    keep_preferences(Preferences())
    monkeypatch.setattr(socket, "socket", refuse)
    assert newer_release_of_the_day(server.url) is None
    assert not server.asked


def test_where_nobody_wants_it_not_even_the_library_for_it_is_loaded(home: Path) -> None:
    keep_preferences(Preferences())
    code = (
        "import sys; from workbench.session.updates import newer_release_of_the_day as look; "
        "assert look() is None; assert not {'httpx2', 'ssl'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_within_a_day_it_is_asked_once_whatever_the_answer(server: ReleaseServer) -> None:
    assert newer_release_of_the_day(server.url) is not None
    assert newer_release_of_the_day(server.url) is None
    assert len(server.asked) == 1


def test_a_failure_counts_as_the_day_s_look(server: ReleaseServer) -> None:
    server.answer = says(b"", 500)
    newer_release_of_the_day(server.url)
    newer_release_of_the_day(server.url)
    assert len(server.asked) == 1


@pytest.mark.parametrize(("ago", "times"), [(24 * 3600 + 60, 1), (23 * 3600, 0), (-3600, 1)])
def test_it_is_asked_again_after_a_day_or_where_the_clock_was_wrong(
    server: ReleaseServer, home: Path, ago: float, times: int
) -> None:
    (home / "cache" / "updates.json").write_text(json.dumps({"asked": time.time() - ago}))
    newer_release_of_the_day(server.url)
    assert len(server.asked) == times


@pytest.mark.parametrize("content", ["{", "[]", '{"asked": "soon"}', '{"asked": 1e999}', '{"skipped": 3}'])
def test_a_memory_that_cannot_be_read_counts_as_none(server: ReleaseServer, home: Path, content: str) -> None:
    (home / "cache" / "updates.json").write_text(content)
    assert newer_release_of_the_day(server.url) is not None


def test_where_the_day_cannot_be_remembered_nobody_is_asked(server: ReleaseServer, home: Path) -> None:
    (home / "cache" / "updates.json").mkdir()
    assert newer_release_of_the_day(server.url) is None
    assert not server.asked


def test_a_skipped_version_is_not_told_again_but_the_next_one_is(server: ReleaseServer, home: Path) -> None:
    skip_release("99.1.0")
    assert newer_release_of_the_day(server.url) is None
    assert len(server.asked) == 1
    (home / "cache" / "updates.json").write_text(json.dumps({"skipped": "99.1.0"}))
    server.answer = says({"tag_name": "v99.2.0"})
    told = newer_release_of_the_day(server.url)
    assert told is not None
    assert told.version == "99.2.0"


def test_skipping_keeps_the_day(server: ReleaseServer, home: Path) -> None:
    newer_release_of_the_day(server.url)
    skip_release("99.1.0")
    assert newer_release_of_the_day(server.url) is None
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "answer",
    [
        {"tag_name": f"v{__version__}"},
        {"tag_name": __version__ + ".0"},
        {"tag_name": "v0.0.9"},
        {"tag_name": "v99.0rc1"},
        {"tag_name": "v99.0-beta"},
        {"tag_name": "nightly"},
        {"tag_name": "v99.0", "prerelease": True},
        {"tag_name": "v99.0\n"},
        {"tag_name": "v99/../../evil"},
        {"tag_name": "v" + "9" * 5000},
        {"tag_name": "v٩٩.0"},
    ],
)
def test_the_same_an_older_a_test_version_and_a_strange_name_are_no_news(server: ReleaseServer, answer: object) -> None:
    server.answer = says(answer)
    assert newer_release_now(server.url) is None


@pytest.mark.parametrize(
    ("here", "there", "is_newer"),
    [("0.9.9", "0.10.0", True), ("1.2.3", "1.2.3.1", True), ("1.2", "1.2.0", False), ("0.2.0.dev1", "0.2.1", True)],
)
def test_versions_are_compared_number_by_number(
    server: ReleaseServer, monkeypatch: pytest.MonkeyPatch, here: str, there: str, is_newer: bool
) -> None:
    monkeypatch.setattr(updates, "__version__", here)
    server.answer = says({"tag_name": there})
    assert (newer_release_now(server.url) is not None) is is_newer


@pytest.mark.parametrize("kind", ODD)
def test_an_odd_answer_is_not_told_but_logged_and_in_words_for_whoever_asked_now(
    server: ReleaseServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    monkeypatch.setattr(updates, "_SECONDS", 0.5)
    server.answer = ODD[kind]
    began = time.monotonic()
    with caplog.at_level(logging.DEBUG, "workbench"):
        assert newer_release_of_the_day(server.url) is None
    assert time.monotonic() - began < 5
    assert [record.levelno for record in caplog.records if record.name == "workbench.updates"] == [logging.DEBUG]
    caplog.clear()
    with pytest.raises(WorkbenchError) as told:
        newer_release_now(server.url)
    assert told.value.title.endswith(".")


def test_it_is_not_led_elsewhere(server: ReleaseServer) -> None:
    with release_server() as other:
        server.answer = says({}, 302, Location=other.url)
        assert newer_release_of_the_day(server.url) is None
        assert not other.asked


def test_offline_nothing_is_told_and_nothing_breaks(server: ReleaseServer) -> None:
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unheard.getsockname()[1]}/"
        assert newer_release_of_the_day(url) is None
        with pytest.raises(WorkbenchError, match="could not be reached"):
            newer_release_now(url)


def test_asking_now_needs_no_preference_and_tells_skipped_versions_too(server: ReleaseServer) -> None:
    keep_preferences(Preferences())
    skip_release("99.1.0")
    found = newer_release_now(server.url)
    assert found is not None
    assert found.version == "99.1.0"


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "nonsense://x", "http://[", "127.0.0.1:1"])
def test_a_proxy_that_cannot_be_used_is_as_good_as_being_offline(
    server: ReleaseServer, monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("HTTP_PROXY", proxy)
    monkeypatch.setenv("http_proxy", proxy)
    assert newer_release_of_the_day(server.url) is None
    with pytest.raises(WorkbenchError, match="could not be reached"):
        newer_release_now(server.url)
