"""What a person agreed to run is known by content, and kept between starts."""

import hashlib
import json
from pathlib import Path

import pytest

from workbench import consents
from workbench.errors import WorkbenchError

DIGEST = "sha256:" + "ab" * 32


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own."""
    monkeypatch.setenv("DISTILLATION_WORKBENCH_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_nothing_is_agreed_to_on_a_new_computer() -> None:
    assert consents.consents() == {}
    assert not consents.is_agreed(DIGEST)


def test_a_consent_is_kept_in_the_persons_own_home_under_the_files_name(home: Path) -> None:
    consents.agree(DIGEST, "/models/möwe model.py")
    assert consents.is_agreed(DIGEST)
    assert json.loads((home / "consents.json").read_text(encoding="utf-8")) == {DIGEST: "/models/möwe model.py"}


def test_without_a_home_of_its_own_the_list_lies_where_the_system_keeps_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("DISTILLATION_WORKBENCH_HOME")
    assert consents.consents_file().name == "consents.json"
    assert consents.consents_file().is_absolute()


def test_one_more_consent_leaves_the_others(home: Path) -> None:
    other = "sha256:" + "cd" * 32
    consents.agree(DIGEST, "a.py")
    consents.agree(other, "b.py")
    consents.withdraw(DIGEST)
    assert consents.consents() == {other: "b.py"}


def test_a_consent_that_is_withdrawn_twice_stays_withdrawn() -> None:
    consents.withdraw(DIGEST)
    assert not consents.is_agreed(DIGEST)


@pytest.mark.parametrize("digest", ["", "sha256:", "ab" * 32, "sha256:" + "ab" * 31, "md5:" + "ab" * 32])
def test_what_is_no_digest_cannot_be_agreed_to(digest: str) -> None:
    with pytest.raises(WorkbenchError, match="is no SHA-256 digest"):
        consents.agree(digest, "a.py")
    assert consents.consents() == {}


BROKEN = {
    "cut short": b'{"sha256:',
    "a list": b"[1, 2]",
    "deep": b"[" * 200_000,
    "no text": b"\xff\xfe\xfd",
    "empty": b"",
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_a_broken_list_counts_as_no_consent_and_can_be_written_anew(home: Path, content: bytes) -> None:
    home.mkdir()
    (home / "consents.json").write_bytes(content)
    assert not consents.is_agreed(DIGEST)
    consents.agree(DIGEST, "a.py")
    assert consents.is_agreed(DIGEST)


def test_a_digest_is_the_sha_256_of_the_whole_content(tmp_path: Path) -> None:
    content = bytes(range(256)) * 9000
    (tmp_path / "large").write_bytes(content)
    assert consents.digest_of(tmp_path / "large") == "sha256:" + hashlib.sha256(content).hexdigest()


def test_a_file_that_is_not_there_has_no_digest(tmp_path: Path) -> None:
    with pytest.raises(WorkbenchError, match="absent"):
        consents.digest_of(tmp_path / "absent")
