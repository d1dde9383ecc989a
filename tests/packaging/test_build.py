"""build.py knows its targets, orders them, refuses what cannot be built here, and says what it made."""

import hashlib
from types import SimpleNamespace

import pytest
from script_loading import build, environment, reporting


def target(name, *, needs=(), why_not=""):
    return SimpleNamespace(NAME=name, NEEDS=needs, why_not=lambda: why_not, build=lambda job: [])


@pytest.fixture
def three_targets(monkeypatch):
    made = [target("wheel"), target("bundle", needs=("wheel",)), target("deb", needs=("bundle",))]
    monkeypatch.setattr(build, "BY_NAME", {one.NAME: one for one in made})
    return made


def test_every_target_in_the_tuple_has_what_build_py_asks_of_it():
    for one in build.TARGETS:
        assert one.NAME.isidentifier()
        assert set(one.NEEDS) <= set(build.BY_NAME)
        assert isinstance(one.why_not(), str)
        assert callable(one.build)


def test_what_a_target_needs_is_built_before_it_and_once(three_targets):
    assert [one.NAME for one in build.in_order(["deb", "bundle", "deb"])] == ["wheel", "bundle", "deb"]


def test_an_unknown_target_is_refused_with_those_there_are(three_targets):
    with pytest.raises(reporting.Refusal, match=r"no target 'debian'\. Targets: wheel, bundle, deb"):
        build.in_order(["debian"])


def test_a_target_whose_needs_cannot_be_built_here_is_refused_with_the_reason(monkeypatch):
    made = [target("bundle", why_not="objdump is missing"), target("deb", needs=("bundle",))]
    monkeypatch.setattr(build, "BY_NAME", {one.NAME: one for one in made})
    with pytest.raises(reporting.Refusal, match="bundle cannot be built here: objdump is missing"):
        build.in_order(["deb"])


def test_help_names_every_target_and_why_it_cannot_be_built(monkeypatch, capsys):
    monkeypatch.setattr(build, "BY_NAME", {"deb": target("deb"), "macos": target("macos", why_not="build it on a Mac")})
    with pytest.raises(SystemExit):
        build.parse(["--help"])
    said = capsys.readouterr().out
    assert "deb      can be built here" in said
    assert "macos    build it on a Mac" in said


def test_checksums_name_every_file_but_their_own_as_sha256sum_reads_them(tmp_path):
    (tmp_path / "one.deb").write_bytes(b"one")
    (tmp_path / "two.rpm").write_bytes(b"two")
    build.checksums(tmp_path)
    build.checksums(tmp_path)
    one, two = (hashlib.sha256(name).hexdigest() for name in (b"one", b"two"))
    assert (tmp_path / "SHA256SUMS").read_text("utf-8") == f"{one}  one.deb\n{two}  two.rpm\n"


def test_another_python_than_the_wheels_are_locked_for_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(environment.platform, "python_version_tuple", lambda: ("3", "14", "1"))
    with pytest.raises(reporting.Refusal, match=r"made with Python 3\.11.* this is Python 3\.14"):
        environment.prepare_bundle(tmp_path / "environment")
    assert not (tmp_path / "environment").exists()


def test_a_folder_with_other_peoples_files_is_not_made_into_the_environment_of_a_bundle(monkeypatch, tmp_path):
    monkeypatch.setattr(
        environment.platform, "python_version_tuple", lambda: (*environment.BUNDLE_PYTHON.split("."), "9")
    )
    (tmp_path / "thesis.tex").write_text("years of work", encoding="utf-8")
    with pytest.raises(reporting.Refusal, match="left alone"):
        environment.prepare_bundle(tmp_path)
    assert (tmp_path / "thesis.tex").read_text("utf-8") == "years of work"
