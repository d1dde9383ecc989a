"""What packages for Linux say and install; the file for one person comes, is upgraded and goes without a trace."""

import gzip
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from script_loading import SCRIPTS, identity, job, linux_files, linux_package, reporting

sys.path.insert(0, str(SCRIPTS))
try:
    from targets import deb, rpm, run
finally:
    sys.path.remove(str(SCRIPTS))

NO_MAKESELF = shutil.which("makeself") is None


@pytest.fixture
def some_job(tmp_path):
    """A job whose bundle is a tiny program with one licence."""
    made = job.Job(python=Path(sys.executable), out=tmp_path / "dist", work=tmp_path / "build", fast=True)
    internal = made.bundle / "_internal"
    (internal / "licences" / "torch").mkdir(parents=True)
    (internal / "licences" / "torch" / "LICENSE").write_text("Use it as you like.", encoding="utf-8")
    (internal / "licences" / "numpy").mkdir()
    (internal / "licences" / "numpy" / "LICENSE").write_text("Use it as you like.", encoding="utf-8")
    index = [
        {"name": "numpy", "version": "2", "licence": "BSD", "files": ["numpy/LICENSE"]},
        {"name": "torch", "version": "3", "licence": "BSD", "files": ["torch/LICENSE"]},
    ]
    (internal / "licences" / "index.json").write_text(json.dumps(index), encoding="utf-8")
    program = made.bundle / identity.PACKAGE
    program.write_text('#!/bin/sh\necho "started with: $*"\n', encoding="utf-8")
    program.chmod(0o755)
    made.out.mkdir()
    return made


def test_every_shared_file_is_there_and_named_after_the_application(some_job):
    files = linux_files.shared_files(some_job)
    assert all(source.is_file() for source in files.values())
    assert f"share/applications/{identity.APP_ID}.desktop" in files
    assert f"share/icons/hicolor/scalable/apps/{identity.APP_ID}.svg" in files
    man = files[f"share/man/man1/{identity.PACKAGE}.1.gz"]
    assert b".TH" in gzip.decompress(man.read_bytes())


def test_the_copyright_file_has_every_text_once_and_says_that_qt_can_be_replaced(some_job):
    text = linux_files.copyright_text(some_job)
    assert "MIT License" in text
    assert text.count("Use it as you like.") == 1
    assert "The text is that of numpy 2 above." in text
    assert "GNU Lesser General Public License" in " ".join(text.split())
    assert "may be replaced" in text


def test_the_changelog_is_in_the_form_debian_reads(some_job, tmp_path):
    text = linux_files.debian_changelog(some_job)
    assert text.startswith(f"{identity.PACKAGE} ({identity.version()}) unstable; urgency=medium\n\n  * ")
    assert f" -- {identity.MAINTAINER}  " in text
    reader = shutil.which("dpkg-parsechangelog")
    if reader:
        file = tmp_path / "changelog"
        file.write_text(text, encoding="utf-8")
        said = subprocess.run([reader, "-l", file], capture_output=True, text=True, check=True)
        assert said.stderr == ""


def test_the_description_for_nfpm_names_the_program_its_link_and_the_glibc_it_needs(some_job, monkeypatch):
    monkeypatch.setattr(linux_package, "newest_glibc", lambda bundle: "2.36")
    found = rpm.description(some_job, {"share/x": Path("x")})
    link = found["contents"][-1]
    assert link["dst"] == "/usr/bin/distillation-workbench"
    assert link["src"] == "../lib/distillation-workbench/distillation-workbench"
    assert found["depends"][0] == "glibc >= 2.36"
    assert found["version"] == identity.version()


@pytest.mark.skipif(deb.why_not() != "", reason=f"no .deb can be built here: {deb.why_not()}")
def test_the_deb_holds_the_program_its_link_and_digests_and_says_what_it_needs(some_job, tmp_path):
    (file,) = deb.build(some_job)
    out = tmp_path / "unpacked"
    dpkg = shutil.which("dpkg-deb")
    subprocess.run([dpkg, "--raw-extract", file, out], check=True)
    program = out / "usr" / "lib" / identity.PACKAGE / identity.PACKAGE
    assert program.stat().st_mode & 0o777 == 0o755
    assert (out / "usr" / "bin" / identity.PACKAGE).readlink() == Path(f"../lib/{identity.PACKAGE}/{identity.PACKAGE}")
    told = (out / "DEBIAN" / "control").read_text(encoding="utf-8")
    assert f"Version: {identity.version()}\n" in told
    assert "Depends: libc6 (>= 2." in told
    digests = (out / "DEBIAN" / "md5sums").read_text(encoding="utf-8")
    assert f"  usr/lib/{identity.PACKAGE}/{identity.PACKAGE}\n" in digests
    assert "DEBIAN" not in digests
    again = subprocess.run([dpkg, "--contents", file], capture_output=True, text=True, check=True).stdout
    assert all(line.split()[1] == "root/root" for line in again.splitlines())
    assert not (some_job.work / "linux" / "deb").exists()


def test_a_deb_that_grew_beyond_its_bound_is_refused_with_its_size(some_job, monkeypatch):
    if deb.why_not():
        pytest.skip(f"no .deb can be built here: {deb.why_not()}")
    monkeypatch.setattr(deb, "MOST_BYTES", 1)
    with pytest.raises(reporting.Refusal, match="and may have 0"):
        deb.build(some_job)


@pytest.mark.parametrize(
    ("head", "place"),
    [
        ("Apache License\n   Version 2.0, January 2004", "Apache-2.0"),
        ("GNU GENERAL PUBLIC LICENSE\n  Version 2, June 1991", "GPL-2"),
        ("GNU LESSER GENERAL PUBLIC LICENSE\n Version 2.1, February 1999", "LGPL-2.1"),
    ],
)
def test_common_licences_are_named_instead_of_repeated(some_job, head, place):
    folder = some_job.bundle / "_internal" / "licences"
    (folder / "LICENSE").write_text(f"Copyright: us\n{head}\nthe body\nEND OF TERMS AND CONDITIONS\nmore", "utf-8")
    index = [{"name": "one", "version": "6", "licence": "some", "files": ["LICENSE"]}]
    (folder / "index.json").write_text(json.dumps(index), encoding="utf-8")
    text = linux_files.copyright_text(some_job)
    assert f"Copyright: us\nThe text of this licence is in /usr/share/common-licenses/{place}.\nmore" in text
    assert "the body" not in text


@pytest.mark.skipif(shutil.which("objdump") is None, reason="objdump is missing; apt-get install binutils")
def test_the_newest_glibc_is_read_from_the_libraries(tmp_path):
    shutil.copy(os.path.realpath("/bin/sh"), tmp_path / "program")
    (tmp_path / "text").write_text("GLIBC_9.99", encoding="utf-8")
    major, minor = linux_package.newest_glibc(tmp_path).split(".")
    assert (2, 34) <= (int(major), int(minor)) < (9, 99)


@pytest.fixture
def installer(some_job):
    """The .run file."""
    if NO_MAKESELF:
        pytest.skip("makeself is missing; apt-get install makeself")
    (file,) = run.build(some_job)
    return file


def installed(installer, prefix, *more):
    return subprocess.run(
        [installer, "--", "--prefix", prefix, *more], capture_output=True, text=True, check=False, env=dict(os.environ)
    )


def everything_in(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_the_run_file_installs_below_a_prefix_with_blanks_and_its_command_starts(installer, tmp_path):
    prefix = tmp_path / "my programs & more"
    said = installed(installer, prefix)
    assert said.returncode == 0, said.stderr
    command = prefix / "bin" / identity.PACKAGE
    assert subprocess.run([command, "--version"], capture_output=True, text=True, check=True).stdout == (
        "started with: --version\n"
    )
    entry = (prefix / "share" / "applications" / f"{identity.APP_ID}.desktop").read_text(encoding="utf-8")
    assert f'Exec="{command}" window %F' in entry
    assert f"TryExec={command}\n" in entry
    assert str(prefix / "lib" / identity.PACKAGE / "uninstall.sh") in said.stdout


def test_uninstalling_leaves_the_prefix_as_it_was(installer, tmp_path):
    prefix = tmp_path / "prefix"
    (prefix / "share" / "applications").mkdir(parents=True)
    (prefix / "share" / "applications" / "other.desktop").write_text("mine", encoding="utf-8")
    before = everything_in(prefix)
    assert installed(installer, prefix).returncode == 0
    subprocess.run([prefix / "lib" / identity.PACKAGE / "uninstall.sh"], check=True, capture_output=True)
    left = [name for name in everything_in(prefix) if not name.endswith(("mimeinfo.cache", "share/mime"))]
    assert [name for name in left if "share/mime" not in name] == before


def test_an_upgrade_takes_away_what_only_the_older_version_had(installer, tmp_path):
    prefix = tmp_path / "prefix"
    assert installed(installer, prefix).returncode == 0
    program = prefix / "lib" / identity.PACKAGE
    (program / "old-library.so").write_text("old", encoding="utf-8")
    old = prefix / "share" / "old-file"
    old.write_text("old", encoding="utf-8")
    with (program / "installed-files").open("a", encoding="utf-8") as listed:
        listed.write("share/old-file\n")
    assert installed(installer, prefix).returncode == 0
    assert not (program / "old-library.so").exists()
    assert not old.exists()
    assert (program / identity.PACKAGE).exists()


def test_a_folder_of_that_name_that_is_not_ours_is_left_alone(installer, tmp_path):
    mine = tmp_path / "prefix" / "lib" / identity.PACKAGE
    mine.mkdir(parents=True)
    (mine / "notes.txt").write_text("mine", encoding="utf-8")
    said = installed(installer, tmp_path / "prefix")
    assert said.returncode == 1
    assert "was not put there by this installer" in said.stderr
    assert everything_in(tmp_path / "prefix") == [
        "lib",
        "lib/distillation-workbench",
        "lib/distillation-workbench/notes.txt",
    ]


def test_an_unknown_option_is_refused_with_the_usage(installer, tmp_path):
    said = installed(installer, tmp_path / "prefix", "--everywhere")
    assert said.returncode == 2
    assert "Unknown option: --everywhere" in said.stderr
    assert not (tmp_path / "prefix").exists()
