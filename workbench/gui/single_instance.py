"""One window for each person, home and screen: a second start hands its files to the window that is open, and ends."""

import hashlib
import json
import os
import sys
import time
from enum import Enum
from pathlib import Path
from typing import Any

from PySide6.QtCore import QDeadlineTimer, QLockFile, QObject, QTimer, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from workbench.own_home import data_folder, meeting_folder

# From then on a lock that nobody holds is left over, and not just being made.
_SETTLED = 1.0  # seconds
# A cold start from a slow disk takes five seconds; whoever waits longer is better served by another window.
_PATIENCE = 8_000
_BETWEEN_TRIES = 0.05  # seconds; all others are milliseconds
_FOR_ONE_TRY = 200
# Who connects and says nothing is not waited for.
_LONGEST_VISIT = 10_000
# All the names that a command line can hold, made absolute.
_LARGEST = 2**24
_MOST_PATHS = 50_000
_LONGEST_TOKEN = 1_000
# Of a socket's path: 104 bytes on macOS, 108 on Linux, and Qt keeps two.
_LONGEST_ADDRESS = 100
# The first line of every conversation; another number, and the other is another version that is not understood.
_GREETING = "distillation-workbench 1"
_TAKEN = b"taken\n"
_TOKENS = "XDG_ACTIVATION_TOKEN", "DESKTOP_STARTUP_ID"


class Standing(Enum):
    """What a start is among the others of the same person and home."""

    FIRST = "the only one: it opens the window and listens"
    HANDED_OVER = "another window has taken the files"
    UNANSWERED = "another window is open and does not answer"
    ALONE = "there is no place where two could meet"


class SingleInstance(QObject):
    """The lock that says who is first, and the line by which the others hand over what they were to open.

    Args:
        folder: Where lock and socket lie; by default a private one of this person on this computer.

    Signals:
        handed_over: (list[Path], dict[str, str]): what another start was to open, and what lets the window come to
            the front: variables of its environment by their names.
    """

    handed_over = Signal(object, object)

    def __init__(self, folder: Path | None = None) -> None:
        super().__init__()
        folder = folder or meeting_folder()
        # A window on the screen of another login would be of no use to whoever starts the program here.
        screen = os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY", "")
        name = hashlib.sha256(os.fsencode(f"{data_folder().resolve()}\0{screen}")).hexdigest()[:16]
        self._lock: QLockFile | None = None
        # Pipes of Windows have no folders.
        self.address = f"distillation-workbench-{name}" if sys.platform == "win32" else str((folder or Path()) / name)
        if folder is not None and len(os.fsencode(self.address)) <= _LONGEST_ADDRESS:
            # Whoever died with it in hand is mostly found out by its process; age says nothing about a window.
            self._lock = QLockFile(str(folder / f"{name}.lock"))
            self._lock.setStaleLockTime(0)
        self._server: QLocalServer | None = None

    def seek(self, paths: list[Path], *, patience: int = _PATIENCE) -> Standing:
        """Become the first, or hand over to the one who is; needs no application, and blocks as long as it takes.

        Args:
            paths: What is to be opened, absolute.
            patience: How long the other may take, in milliseconds.
        """
        if self._lock is None:
            return Standing.ALONE
        deadline = QDeadlineTimer(patience)
        while not self._lock.tryLock(0):
            if self._lock.error() is not QLockFile.LockError.LockFailedError:
                return Standing.ALONE
            # Nobody answers while the other is still starting, or already leaving: then it is tried again.
            if _hand_over(self.address, _request(paths), deadline):
                return Standing.HANDED_OVER
            if deadline.hasExpired():
                return Standing.UNANSWERED
            _remove_if_abandoned(Path(self._lock.fileName()))
            time.sleep(_BETWEEN_TRIES)
        return Standing.FIRST

    def listen(self) -> None:
        """Take what others hand over, from now on; where the system does not let it, every start is a first."""
        server = QLocalServer(self)
        server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        # Left by one who was killed: the lock says that nobody listens there.
        QLocalServer.removeServer(self.address)
        server.newConnection.connect(self._receive)
        self._server = server
        if not server.listen(self.address):
            self.end()

    def end(self) -> None:
        """The next start is the first: this one takes nothing any more."""
        if self._server is not None:
            self._server.close()
            # Whoever is in the middle of a sentence tries again, and finds the lock free.
            for visit in self.findChildren(_Visit):
                visit.show_out()
            self._server = None
        if self._lock is not None:
            self._lock.unlock()

    def _receive(self) -> None:
        while self._server is not None and (socket := self._server.nextPendingConnection()) is not None:
            visit = _Visit(socket, self)
            visit.asked.connect(self.handed_over)


class _Visit(QObject):
    """One other start, or a stranger: what it says is taken, or it is shown out.

    Signals:
        asked: As `SingleInstance.handed_over`.
    """

    asked = Signal(object, object)

    def __init__(self, socket: QLocalSocket, parent: QObject) -> None:
        super().__init__(parent)
        self._socket = socket
        self._heard = bytearray()
        # One owner of both: the socket goes with its visit.
        socket.setParent(self)
        socket.disconnected.connect(self.deleteLater)
        socket.readyRead.connect(self._listen)
        QTimer.singleShot(_LONGEST_VISIT, self, self.show_out)
        socket.write(f"{_GREETING} {os.getpid()}\n".encode())

    def _listen(self) -> None:
        self._heard += bytes(self._socket.readAll().data())
        if len(self._heard) > _LARGEST:
            self.show_out()
        elif self._heard.endswith(b"\n"):
            asked = understood(bytes(self._heard))
            if asked is None:
                self.show_out()
                return
            self._heard.clear()
            self.asked.emit(*asked)
            self._socket.write(_TAKEN)
            self._socket.disconnectFromServer()

    def show_out(self) -> None:
        """End it, whatever was said."""
        self._socket.abort()
        self.deleteLater()


def _remove_if_abandoned(lock: Path) -> None:
    """Another process may have the number of the one that died, and in a container that starts anew it is this one."""
    if sys.platform == "win32":
        return
    import fcntl

    try:
        with lock.open("rb") as file:
            found = os.fstat(file.fileno())
            if abs(time.time() - found.st_mtime) < _SETTLED:
                return
            # Qt keeps it locked in the system too, which lets go of it when the process ends, whatever its number.
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(found, lock.lstat()):
                lock.unlink()
    except OSError:
        return


def understood(line: bytes) -> tuple[list[Path], dict[str, str]] | None:
    """What another start asks for: paths to open, and variables that let the window come to the front.

    Args:
        line: What was said.

    Returns:
        None when it was not said by a start of this program.
    """
    try:
        asked: Any = json.loads(line)
        paths, tokens = asked["paths"], asked["tokens"]
        known = {name: tokens[name] for name in _TOKENS if name in tokens}
    except (ValueError, RecursionError, TypeError, KeyError):
        return None
    if not isinstance(paths, list) or len(paths) > _MOST_PATHS or not all(map(_is_path, paths)):
        return None
    if not all(map(_is_token, known.values())):
        return None
    return [Path(path) for path in paths], known


def _is_path(told: object) -> bool:
    return isinstance(told, str) and "\0" not in told and Path(told).is_absolute()


def _is_token(told: object) -> bool:
    return isinstance(told, str) and len(told) <= _LONGEST_TOKEN and "\0" not in told


def _request(paths: list[Path]) -> bytes:
    # Escapes keep names that are no proper text, and the line in one line.
    tokens = {name: os.environ[name] for name in _TOKENS if os.environ.get(name)}
    return json.dumps({"paths": [str(path) for path in paths], "tokens": tokens}).encode("ascii") + b"\n"


def _hand_over(address: str, request: bytes, deadline: QDeadlineTimer) -> bool:
    """Say it to the window that is open; False when it does not answer in time, or nobody is there."""
    socket = QLocalSocket()
    socket.connectToServer(address)
    if not socket.waitForConnected(_FOR_ONE_TRY):
        return False
    # Nothing is said before it greets: a window that hangs would otherwise open everything when it comes to itself.
    greeting = _line(socket, deadline).decode("utf-8", "replace")
    if not greeting.startswith(_GREETING + " "):
        return False
    _let_it_come_forward(greeting.removeprefix(_GREETING).strip())
    socket.write(request)
    return _line(socket, deadline) == _TAKEN


def _line(socket: QLocalSocket, deadline: QDeadlineTimer) -> bytes:
    while not socket.canReadLine():
        if not socket.waitForReadyRead(max(1, deadline.remainingTime())):
            break
    return bytes(socket.readLine().data()) if socket.canReadLine() else b""


def _let_it_come_forward(process: str) -> None:
    """Windows lets only the program that a person has just used pass the front on."""
    if sys.platform == "win32" and process.isdecimal():
        import ctypes

        ctypes.windll.user32.AllowSetForegroundWindow(int(process))
