"""Zip archives with a program inside: their members by name and size, read without unpickling or running any."""

import io
import struct
import zipfile
from pathlib import Path

from workbench.engine.checkpoints.pickle_contents import contents_of
from workbench.errors import WorkbenchError
from workbench.writing import disk_errors

_ZIP = b"PK\x03\x04"
_END = b"PK\x05\x06"
_TAIL = 66_000
_MOST_DIRECTORY = 16 * 2**20
_MOST_MEMBER = 64 * 2**20
_FAULTS = (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, EOFError, OSError, struct.error)


class Archive:
    """A zip whose members all lie in one folder, as PyTorch writes it."""

    def __init__(self, path: Path) -> None:
        """Read the list of members.

        Raises:
            WorkbenchError: It is no zip, is broken, or claims absurd sizes.
        """
        self.path = path
        with disk_errors(path):
            self.bytes = path.stat().st_size
            _refuse_absurd_directory(path)
        try:
            with zipfile.ZipFile(path) as archive:
                members = archive.infolist()
        except _FAULTS as error:
            raise self._broken(error) from None
        claimed = sum(member.compress_size for member in members)
        if claimed > self.bytes:
            raise WorkbenchError(
                f"{path} is broken: its members claim {claimed:,} bytes, and the whole file has {self.bytes:,}."
            )
        folder = _folder_of([member.filename for member in members])
        self._names = {member.filename.removeprefix(folder): member.filename for member in members}
        self.sizes = {member.filename.removeprefix(folder): member.file_size for member in members}
        if len(self._names) != len(members):
            # Who reads it would see one, and who looks at it the other.
            raise WorkbenchError(f"{path} is broken: it has two members of the same name.")

    def read(self, name: str) -> bytes:
        """A member. Raises WorkbenchError: it is not there, broken, or more than 64 MiB."""
        if self.sizes.get(name, 0) > _MOST_MEMBER:
            raise WorkbenchError(f"{self.path} has a member {name} of {self.sizes[name]:,} bytes; that is absurd.")
        try:
            with zipfile.ZipFile(self.path) as archive:
                return archive.read(self._names[name])
        except (*_FAULTS, KeyError) as error:
            raise self._broken(error) from None

    def starts(self, name: str) -> bytes:
        """The first bytes of a member. Raises WorkbenchError: it is broken."""
        try:
            with zipfile.ZipFile(self.path) as archive, archive.open(self._names[name]) as member:
                return member.read(4)
        except _FAULTS as error:
            raise self._broken(error) from None

    def _broken(self, error: Exception) -> WorkbenchError:
        return WorkbenchError(
            f"{self.path} ({self.bytes:,} bytes) is broken or cut short, and none of its code was run: {error}.",
            "Copy or download it again.",
        )


def names_in(path: Path) -> frozenset[str]:
    """The names of the members of a zip, without the folder around them; none where it is no zip."""
    try:
        with path.open("rb") as file:
            if file.read(4) != _ZIP:
                return frozenset()
        return frozenset(Archive(path).sizes)
    except (OSError, WorkbenchError):
        return frozenset()


def pickled_wishes(name: str, raw: bytes) -> tuple[str, ...]:
    """What a pickled member would import besides weights, a line each; told from its opcodes, nothing is run.

    Args:
        name: Of the member, for the lines.
        raw: Its bytes: a pickle, or a zip by torch.save.
    """
    if raw[:4] == _ZIP:
        try:
            raw = _pickle_of(raw)
        except (*_FAULTS, KeyError, StopIteration):
            return (f"{name} cannot be looked into",)
    try:
        unsafe = contents_of(raw).unsafe
    except (ValueError, UnicodeError, struct.error, RecursionError, MemoryError):
        return (f"{name} cannot be looked into",)
    return tuple(f"{name} asks for {wish}" for wish in unsafe)


def _pickle_of(raw: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        member = next(one for one in archive.infolist() if one.filename.rpartition("/")[2] == "data.pkl")
        if member.file_size > _MOST_MEMBER:
            raise ValueError("too large")
        return archive.read(member)


def _folder_of(names: list[str]) -> str:
    """The folder that PyTorch puts around everything; none where members lie outside it."""
    folders = {name.partition("/")[0] for name in names}
    return f"{folders.pop()}/" if len(folders) == 1 and all("/" in name for name in names) else ""


def _refuse_absurd_directory(path: Path) -> None:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL))
        tail = file.read()
    place = tail.rfind(_END)
    length = int(struct.unpack_from("<L", tail, place + 12)[0]) if 0 <= place <= len(tail) - 22 else 0
    longer = tail.rfind(b"PK\x06\x06", 0, max(place, 0))
    if length == 0xFFFFFFFF and 0 <= longer <= len(tail) - 56:
        length = int(struct.unpack_from("<Q", tail, longer + 40)[0])
    if length > _MOST_DIRECTORY:
        raise WorkbenchError(f"{path} has an absurd number of members; no checkpoint has so many.")
