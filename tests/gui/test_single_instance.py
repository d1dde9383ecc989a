"""One window for each person and home: who is first, what the others hand over, and who is not listened to."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from workbench import app
from workbench.gui import single_instance
from workbench.gui.single_instance import SingleInstance, Standing, understood

_ROOT = Path(__file__).parents[2]
# Begins as the program does; tells of what was dropped on it, and leaves when it is told to open such a file.
_WINDOW = """
import json, sys
import workbench.app as app

make = app.build

def tell(**facts):
    print(json.dumps(facts), flush=True)

def build(application, **wishes):
    window = make(application, **wishes)
    window.workspace.settings.tour_seen = True

    def dropped(paths):
        tell(dropped=[str(path) for path in paths], minimised=window.isMinimized(), front=window.isActiveWindow())
        if any(path.name == "leave.toml" for path in paths):
            window.leave()
        elif any(path.name == "minimise.toml" for path in paths):
            window.showMinimized()

    window.dropped.connect(dropped)
    window.workspace.noticed.connect(lambda level, words: tell(level=level, words=words))
    window.docks.furnished.connect(lambda: tell(furnished=True))
    return window

app.build = build
sys.exit(app.main(sys.argv[1:]))
"""
needs_unix = pytest.mark.skipif(sys.platform == "win32", reason="speaks to a Unix socket; Windows has pipes")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where lock and socket lie."""
    folder = tmp_path / "meet"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def first(place: Path, qtbot: QtBot) -> Iterator[SingleInstance]:
    """The one who is first, and listens."""
    instance = SingleInstance(place)
    assert instance.seek([]) is Standing.FIRST
    instance.listen()
    yield instance
    instance.end()


@pytest.fixture
def taken(first: SingleInstance) -> list[tuple[list[Path], dict[str, str]]]:
    """What the first was handed."""
    told: list[tuple[list[Path], dict[str, str]]] = []
    first.handed_over.connect(lambda paths, tokens: told.append((paths, tokens)))
    return told


_SECOND = """
import json, sys
from pathlib import Path
from workbench.gui.single_instance import SingleInstance

paths = [Path(name) for name in json.load(sys.stdin)]
print(SingleInstance(Path(sys.argv[1])).seek(paths).name)
"""


class Second:
    """Another start, in a process of its own."""

    def __init__(self, place: Path, paths: list[Path]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", _SECOND, place],
            env={**os.environ, "PYTHONPATH": str(_ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        assert self.process.stdin is not None
        json.dump([str(path) for path in paths], self.process.stdin)
        self.process.stdin.close()
        self.process.stdin = None

    def standing(self, qtbot: QtBot) -> Standing:
        """What it comes to, while the first answers here."""
        qtbot.waitUntil(lambda: self.process.poll() is not None)
        return Standing[self.process.communicate()[0].strip()]


def second(place: Path, paths: list[Path], qtbot: QtBot) -> Standing:
    """What another start comes to."""
    return Second(place, paths).standing(qtbot)


def test_a_second_start_hands_over_every_name_as_it_is(
    place: Path, taken: list[tuple[list[Path], dict[str, str]]], qtbot: QtBot
) -> None:
    paths = [Path("/a b/naïve ✓\n.toml"), Path(os.fsdecode(b"/no text \xff")), Path("/gone")]
    assert second(place, paths, qtbot) is Standing.HANDED_OVER
    assert [handed for handed, _ in taken] == [paths]


def test_a_long_list_arrives_whole(place: Path, taken: list[tuple[list[Path], dict[str, str]]], qtbot: QtBot) -> None:
    paths = [Path("/", "a long folder" * 10, f"{number}.toml") for number in range(20_000)]
    assert second(place, paths, qtbot) is Standing.HANDED_OVER
    assert taken[0][0] == paths


def test_what_lets_a_window_come_to_the_front_is_handed_over_too(
    place: Path,
    taken: list[tuple[list[Path], dict[str, str]]],
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_ACTIVATION_TOKEN", "of a click")
    monkeypatch.delenv("DESKTOP_STARTUP_ID", raising=False)
    assert second(place, [], qtbot) is Standing.HANDED_OVER
    assert taken == [([], {"XDG_ACTIVATION_TOKEN": "of a click"})]


def test_a_window_that_hangs_is_not_waited_for_and_opens_nothing_when_it_comes_to_itself(
    place: Path, taken: list[tuple[list[Path], dict[str, str]]], qtbot: QtBot
) -> None:
    began = time.monotonic()
    # On this thread, where the first answers: it cannot.
    assert SingleInstance(place).seek([Path("/a.toml")], patience=300) is Standing.UNANSWERED
    assert time.monotonic() - began < 5
    assert second(place, [Path("/b.toml")], qtbot) is Standing.HANDED_OVER
    assert [paths for paths, _ in taken] == [[Path("/b.toml")]]


def test_who_is_still_starting_is_waited_for(place: Path, qtbot: QtBot) -> None:
    first = SingleInstance(place)
    taken: list[list[Path]] = []
    first.handed_over.connect(lambda paths, _: taken.append(paths))
    assert first.seek([]) is Standing.FIRST
    other = Second(place, [Path("/a.toml")])
    with pytest.raises(subprocess.TimeoutExpired):
        other.process.wait(1)
    first.listen()
    standing = other.standing(qtbot)
    first.end()
    assert (standing, taken) == (Standing.HANDED_OVER, [[Path("/a.toml")]])


def test_whoever_starts_while_the_first_is_leaving_becomes_the_first(place: Path, first: SingleInstance) -> None:
    first.end()
    other = SingleInstance(place)
    assert other.seek([]) is Standing.FIRST
    other.end()
    assert list(place.iterdir()) == []


@needs_unix
def test_nothing_is_taken_once_the_window_is_closed_even_from_whoever_was_greeted_before(
    first: SingleInstance, taken: list[tuple[list[Path], dict[str, str]]], qtbot: QtBot
) -> None:
    visitor = _greeted(first, qtbot)
    first.end()
    qtbot.waitUntil(lambda: _is_shown_out(visitor))
    assert taken == []


@needs_unix
@pytest.mark.parametrize(
    "words",
    [
        b"hello\n",
        b"\xff\x00\n",
        b"[" * 100_000 + b"\n",
        b'"paths"\n',
        b'{"paths": []}\n',
        b'{"paths": "/a.toml", "tokens": {}}\n',
        b'{"paths": ["a.toml"], "tokens": {}}\n',
        b'{"paths": ["/a\\u0000.toml"], "tokens": {}}\n',
        b'{"paths": [1], "tokens": {}}\n',
        b'{"paths": [], "tokens": {"XDG_ACTIVATION_TOKEN": 1}}\n',
        b'{"paths": [], "tokens": {"XDG_ACTIVATION_TOKEN": "' + b"x" * 5000 + b'"}}\n',
    ],
)
def test_strangers_are_shown_out_and_the_next_start_is_taken(
    words: bytes, place: Path, first: SingleInstance, taken: list[tuple[list[Path], dict[str, str]]], qtbot: QtBot
) -> None:
    visitor = _greeted(first, qtbot)
    visitor.sendall(words)
    qtbot.waitUntil(lambda: _is_shown_out(visitor))
    assert taken == []
    assert second(place, [Path("/a.toml")], qtbot) is Standing.HANDED_OVER


@needs_unix
def test_whoever_says_too_much_or_nothing_is_shown_out(
    first: SingleInstance,
    taken: list[tuple[list[Path], dict[str, str]]],
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(single_instance, "_LARGEST", 1000)
    talker = _greeted(first, qtbot)
    talker.sendall(b" " * 1001)
    qtbot.waitUntil(lambda: _is_shown_out(talker))
    monkeypatch.setattr(single_instance, "_LONGEST_VISIT", 50)
    silent = _greeted(first, qtbot)
    qtbot.waitUntil(lambda: _is_shown_out(silent))
    assert taken == []


def test_only_known_variables_are_taken_over() -> None:
    line = b'{"paths": [], "tokens": {"DESKTOP_STARTUP_ID": "a_TIME1", "LD_PRELOAD": "/evil.so"}}'
    assert understood(line) == ([], {"DESKTOP_STARTUP_ID": "a_TIME1"})


def test_a_variable_that_no_system_would_take_is_refused() -> None:
    assert understood(b'{"paths": [], "tokens": {"DESKTOP_STARTUP_ID": "a\\u0000b"}}') is None


@needs_unix
@pytest.mark.parametrize("has_content", [True, False])
def test_a_lock_that_was_left_over_is_taken_though_its_number_is_that_of_a_living_process(
    place: Path, *, has_content: bool
) -> None:
    instance = SingleInstance(place)
    assert instance.seek([]) is Standing.FIRST
    (lock,) = place.glob("*.lock")
    written = lock.read_bytes()
    instance.end()
    # In a container that starts anew, every process has the number that it had before.
    lock.write_bytes(written if has_content else b"")
    an_hour_ago = time.time() - 3600
    os.utime(lock, (an_hour_ago, an_hour_ago))
    again = SingleInstance(place)
    assert again.seek([], patience=1000) is Standing.FIRST
    again.end()


@needs_unix
def test_a_lock_that_somebody_holds_or_is_just_making_is_left_alone(place: Path) -> None:
    first = SingleInstance(place)
    assert first.seek([]) is Standing.FIRST
    (lock,) = place.glob("*.lock")
    written = lock.read_bytes()
    an_hour_ago = time.time() - 3600
    os.utime(lock, (an_hour_ago, an_hour_ago))
    assert SingleInstance(place).seek([], patience=200) is Standing.UNANSWERED
    first.end()
    lock.write_bytes(written)
    assert SingleInstance(place).seek([], patience=200) is Standing.UNANSWERED
    assert lock.read_bytes() == written


@needs_unix
def test_nobody_else_can_reach_the_socket(first: SingleInstance) -> None:
    path = Path(first.address)
    assert path.is_socket()
    assert not path.stat().st_mode & 0o077


@needs_unix
def test_a_place_that_is_not_only_ones_own_or_whose_name_is_too_long_is_not_used(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(single_instance, "meeting_folder", lambda: None)
    assert SingleInstance().seek([]) is Standing.ALONE
    assert SingleInstance(tmp_path / ("x" * 100)).seek([]) is Standing.ALONE
    assert SingleInstance(tmp_path / "not there").seek([]) is Standing.ALONE


def test_every_home_and_every_screen_has_a_window_of_its_own(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    addresses = {SingleInstance(place).address}
    monkeypatch.setenv("DISPLAY", "localhost:10.0")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    addresses.add(SingleInstance(place).address)
    monkeypatch.setenv("DISTILLATION_WORKBENCH_HOME", str(tmp_path / "another"))
    addresses.add(SingleInstance(place).address)
    monkeypatch.setenv("DISTILLATION_WORKBENCH_HOME", str(tmp_path / "x" / ".." / "another"))
    addresses.add(SingleInstance(place).address)
    assert len(addresses) == 3


def test_pictures_are_taken_without_looking_for_an_open_window(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[list[str]] = []
    monkeypatch.setattr(app, "_photograph", lambda words: taken.append(words) or 0)
    monkeypatch.setattr(SingleInstance, "seek", lambda *_: pytest.fail("it looked for another window"))
    assert app.main(["--screenshot", "folder", "800x600"]) == 0
    assert taken == [["folder", "800x600"]]


# -- with processes of their own


class Program:
    """The program in a process of its own, and what it told."""

    def __init__(self, *arguments: str, cwd: Path, environ: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", _WINDOW, *arguments],
            cwd=cwd,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )

    def hears(self) -> dict[str, object]:
        """The next thing it tells."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read() if self.process.stderr else ""
        told: dict[str, object] = json.loads(line)
        return told

    def ends(self) -> int:
        """Wait for its end; its exit code."""
        self.process.communicate(timeout=60)
        return self.process.returncode


@pytest.fixture
def runtime(home: Path) -> Iterator[Path]:
    """Where the processes meet; the path of a socket may not be as long as those of tests are."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.fixture
def program(tmp_path: Path, runtime: Path) -> Iterator[Callable[..., Program]]:
    """Starts the program; whatever is left of it at the end of the test is killed."""
    environ = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(_ROOT), "XDG_RUNTIME_DIR": str(runtime)}
    started: list[Program] = []

    def start(*arguments: str, cwd: Path = tmp_path) -> Program:
        started.append(Program(*arguments, cwd=cwd, environ=environ))
        return started[-1]

    yield start
    for one in started:
        one.process.kill()
        one.process.communicate()


@pytest.mark.slow
def test_the_open_window_takes_the_files_of_a_second_start_from_its_folder_and_comes_to_the_front(
    program: Callable[..., Program], tmp_path: Path
) -> None:
    window = program("first.toml")
    window.hears()
    assert window.hears()["dropped"] == [str(tmp_path / "first.toml")]
    folder = tmp_path / "naïve ✓"
    folder.mkdir()
    assert program("minimise.toml", str(tmp_path / "gone.toml"), cwd=folder).ends() == 0
    assert window.hears()["dropped"] == [str(folder / "minimise.toml"), str(tmp_path / "gone.toml")]
    # A start without files only brings it to the front.
    assert program().ends() == 0
    assert program("leave.toml").ends() == 0
    assert window.hears() == {"dropped": [str(tmp_path / "leave.toml")], "minimised": False, "front": True}
    assert window.ends() == 0


@pytest.mark.slow
def test_after_a_kill_the_next_start_is_the_first(program: Callable[..., Program], runtime: Path) -> None:
    window = program()
    window.hears()
    window.process.kill()
    window.process.communicate()
    again = program("leave.toml")
    assert again.hears() == {"furnished": True}
    assert again.ends() == 0
    assert list((runtime / "distillation-workbench").iterdir()) == []


@pytest.mark.slow
def test_a_window_of_its_own_is_opened_when_asked_for(program: Callable[..., Program]) -> None:
    window = program()
    window.hears()
    other = program("--new-window", "leave.toml")
    assert other.hears() == {"furnished": True}
    assert other.ends() == 0
    assert program("leave.toml").ends() == 0
    assert window.ends() == 0


@pytest.mark.slow
@needs_unix
def test_beside_a_window_that_hangs_another_opens_and_says_why(program: Callable[..., Program], tmp_path: Path) -> None:
    window = program()
    window.hears()
    window.process.send_signal(19)
    other = program("leave.toml")
    words = "Another window of this program is open and does not answer; this one opens beside it."
    told, said = other.process.communicate(timeout=60)
    assert {"level": "warning", "words": words} in [json.loads(line) for line in told.splitlines()]
    assert words in said
    assert other.process.returncode == 0


def _greeted(first: SingleInstance, qtbot: QtBot) -> socket.socket:
    visitor = socket.socket(socket.AF_UNIX)
    visitor.connect(first.address)
    visitor.setblocking(False)
    qtbot.waitUntil(lambda: _heard(visitor) not in (b"", None))
    visitor.setblocking(True)
    visitor.settimeout(10)
    return visitor


def _heard(visitor: socket.socket) -> bytes | None:
    try:
        return visitor.recv(1000)
    except BlockingIOError:
        return None


def _is_shown_out(visitor: socket.socket) -> bool:
    visitor.setblocking(False)
    try:
        is_out = visitor.recv(1000) == b""
    except BlockingIOError:
        return False
    except ConnectionResetError:
        is_out = True
    visitor.close()
    return is_out
