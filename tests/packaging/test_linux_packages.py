"""What packages for Linux say, need and install."""

import gzip
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from script_loading import bundle, deb, identity, licences, linux_files, linux_package, reporting, rpm


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


def test_a_text_that_every_debian_has_is_not_repeated_in_its_copyright_file(some_job):
    folder = some_job.bundle / "_internal" / "licences"
    place = (licences.COMMON / "GFDL-1.2.txt").as_posix()
    (folder / place).parent.mkdir(parents=True)
    (folder / place).write_text("GNU Free Documentation License, the whole of it", encoding="utf-8")
    index = [{"name": "libgcc-s1", "version": "12", "licence": "see its text", "files": ["torch/LICENSE", place]}]
    (folder / "index.json").write_text(json.dumps(index), encoding="utf-8")
    text = linux_files.copyright_text(some_job)
    assert "Use it as you like." in text
    assert "the whole of it" not in text


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


def test_the_rpm_asks_for_libraries_since_packages_have_another_name_in_each_distribution():
    found = set(rpm._NEEDS)
    assert {"libEGL.so.1()(64bit)", "libxcb.so.1()(64bit)", "libwayland-egl.so.1()(64bit)"} <= found
    assert {need for need in found if not need.endswith("()(64bit)")} == {"fontconfig"}


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


@pytest.mark.skipif(deb.why_not() != "", reason=f"no .deb can be built here: {deb.why_not()}")
def test_a_deb_built_with_a_umask_of_077_can_be_read_by_everybody(umask_of_a_careful_person, some_job, tmp_path):
    bundle._set_modes(some_job.bundle)
    (file,) = deb.build(some_job)
    dpkg = shutil.which("dpkg-deb")
    listing = subprocess.run([dpkg, "--contents", file], capture_output=True, text=True, check=True).stdout
    closed = [line for line in listing.splitlines() if line[0] != "l" and line[4] + line[7] != "rr"]
    assert closed == []
    subprocess.run([dpkg, "--control", file, tmp_path / "control"], check=True)
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "control").iterdir()} == {0o644}


def test_a_deb_that_grew_beyond_its_bound_is_refused_with_its_size(some_job, monkeypatch):
    if deb.why_not():
        pytest.skip(f"no .deb can be built here: {deb.why_not()}")
    monkeypatch.setattr(deb, "MOST_BYTES", 1)
    with pytest.raises(reporting.Refusal, match="and may have 0"):
        deb.build(some_job)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [("0.2.0", "0.2.0"), ("0.2.0rc1", "0.2.0~rc1"), ("0.2.0.dev3", "0.2.0~dev3"), ("0.2.0.post1", "0.2.0.post1")],
)
def test_what_comes_before_a_release_is_sorted_before_it(ours, theirs):
    assert linux_package.version(ours) == theirs
    dpkg = shutil.which("dpkg")
    if dpkg:
        relation = "ge" if ours in {"0.2.0", "0.2.0.post1"} else "lt"
        subprocess.run([dpkg, "--compare-versions", theirs, relation, "0.2.0"], check=True)


@pytest.mark.parametrize(
    ("head", "place"),
    [
        ("Apache License\n   Version 2.0, January 2004", "Apache-2.0"),
        ("Apache License\n   http://www.apache.org/licenses/", "Apache-2.0"),
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
