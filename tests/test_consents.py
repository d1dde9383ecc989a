"""What a person agreed to run is known by content, and kept between starts."""

import hashlib
import json
from pathlib import Path

import pytest

from workbench import consents
from workbench.errors import WorkbenchError
from workbench.origins import Origin, split_url

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


def origin(url: str = "https://api.example.com/v1") -> Origin:
    return split_url(url)[0]


def test_a_consent_for_an_endpoint_is_for_its_origin_and_the_name_of_the_key_together(home: Path) -> None:
    consents.agree(DIGEST, "a.py")
    consents.agree_to_endpoint(origin(), "MY_KEY")
    assert consents.may_send(origin("https://API.example.com:443/v2"), "MY_KEY")
    for url, key in (
        ("https://api.example.com", "OTHER_KEY"),
        ("https://api.example.com", ""),
        ("http://api.example.com", "MY_KEY"),
        ("https://api.example.com:8443", "MY_KEY"),
        ("https://example.com", "MY_KEY"),
    ):
        assert not consents.may_send(origin(url), key), (url, key)
    # As older programs read it too: text by text.
    assert json.loads((home / "consents.json").read_text()) == {
        DIGEST: "a.py",
        "endpoint:https://api.example.com#MY_KEY": "prompts and the key MY_KEY to https://api.example.com",
    }


def test_what_stays_on_this_machine_needs_a_consent_only_for_a_key() -> None:
    assert consents.may_send(origin("http://localhost:8000"), "")
    assert not consents.may_send(origin("http://localhost:8000"), "MY_KEY")
    assert not consents.may_send(origin("http://192.168.0.4:8000"), "")


def test_a_consent_for_an_endpoint_is_withdrawn_by_its_name_and_leaves_the_others() -> None:
    consents.agree(DIGEST, "a.py")
    consents.agree_to_endpoint(origin("http://far.example"), "")
    assert consents.consents()["endpoint:http://far.example#"] == "prompts to http://far.example, unencrypted"
    consents.withdraw(consents.endpoint_name(origin("http://far.example"), ""))
    assert not consents.may_send(origin("http://far.example"), "")
    assert consents.is_agreed(DIGEST)
