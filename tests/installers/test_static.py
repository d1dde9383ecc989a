"""What the tools of desktops and distributions say about the package, and how large it is."""

import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from installers.scripts import bundle, identity

LARGEST_BUNDLE = 850 * 2**20
LARGEST_DEB = 290_000_000
# What lintian may be told to overlook, with the reason.
ACCEPTED = {
    "unstripped-binary-or-object": "libraries that auditwheel has patched, as in numpy, break when they are stripped",
    "library-not-linked-against-libc": "libraries of wheels that only hold constants or refer to others",
    "embedded-library": "the program brings the libraries it was tried with, on every distribution the same",
    "custom-library-search-path": "libraries from wheels find each other beside themselves",
}


def tool(name: str, package: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is missing; install it (Debian and Ubuntu: apt-get install {package})")
    return found


def said(*command: str | Path) -> tuple[int, str]:
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="session")
def tree(deb: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the package, unpacked."""
    folder = tmp_path_factory.mktemp("deb")
    status, words = said(tool("dpkg-deb", "dpkg"), "--extract", deb, folder)
    assert status == 0, words
    return folder


def test_the_menu_entry_follows_the_specification(tree):
    entry = tree / "usr/share/applications" / f"{identity.APP_ID}.desktop"
    assert said(tool("desktop-file-validate", "desktop-file-utils"), "--warn-kde", entry) == (0, "")


def test_the_software_centres_description_is_valid(tree):
    metainfo = tree / "usr/share/metainfo" / f"{identity.APP_ID}.metainfo.xml"
    status, words = said(tool("appstreamcli", "appstream"), "validate", "--no-net", metainfo)
    assert status == 0, words
    assert not re.search(r"^[EW]:", words, flags=re.MULTILINE), words


@pytest.fixture(scope="session")
def tags(deb: Path) -> Counter[tuple[str, str]]:
    """What lintian finds: level and tag, and how often; O is what it was told to overlook."""
    options = ["--fail-on", "none", "--tag-display-limit", "0", "--allow-root", "--show-overrides"]
    _, words = said(tool("lintian", "lintian"), *options, deb)
    return Counter(re.findall(r"^([EWO]): [^:]+: (\S+)", words, flags=re.MULTILINE))


def test_lintian_finds_no_error_of_our_making(tags, measured):
    for (level, tag), count in sorted(tags.items()):
        measured(f"lintian, {level}: {tag}", f"{count} times")
    assert [tag for level, tag in tags if level == "E"] == []


def test_lintian_overlooks_only_what_has_a_reason(tags):
    assert {tag for level, tag in tags if level == "O"} <= ACCEPTED.keys()


def test_the_package_and_the_program_are_not_larger_than_promised(deb, tree, measured):
    sizes = bundle.sizes(tree / "usr/lib" / identity.PACKAGE)
    total = sum(sizes.values())
    measured("size of the .deb", f"{deb.stat().st_size / 1e6:.0f} MB, may be {LARGEST_DEB / 1e6:.0f}")
    measured("size of the program", f"{total / 2**20:.0f} MiB, may be {LARGEST_BUNDLE / 2**20:.0f}")
    for name, size in sizes.most_common(12):
        measured(f"  {name}", f"{size / 2**20:.0f} MiB")
    assert total <= LARGEST_BUNDLE
    assert deb.stat().st_size <= LARGEST_DEB


def test_nothing_says_where_it_was_built(tree):
    """Paths of the machine it was built on tell who built it, and make every build another one."""
    root = str(identity.ROOT).encode()
    told = [path for path in tree.rglob("*") if path.is_file() and not path.is_symlink() and root in path.read_bytes()]
    assert [str(path.relative_to(tree)) for path in told] == []


def test_every_file_can_be_read_by_everybody_and_written_by_root_only(deb):
    _, listing = said(tool("dpkg-deb", "dpkg"), "--contents", deb)
    lines = [line.split(maxsplit=5) for line in listing.splitlines()]
    assert lines
    assert {owner for _, owner, *_ in lines} == {"root/root"}
    modes = Counter(mode for mode, *_ in lines)
    readable = re.compile(r"l.{9}|drwxr-xr-x|-rw-r--r--|-rwxr-xr-x")
    assert [mode for mode in modes if not readable.fullmatch(mode)] == []


def test_every_link_leads_to_a_file_of_the_package(tree):
    links = [path for path in tree.rglob("*") if path.is_symlink()]
    assert links
    broken = [
        str(path.relative_to(tree)) for path in links if not path.resolve().is_relative_to(tree) or not path.exists()
    ]
    assert broken == []


def test_it_declares_its_dependencies_and_no_script(deb):
    dpkg = tool("dpkg-deb", "dpkg")
    _, needs = said(dpkg, "--field", deb, "Depends")
    assert re.search(r"libc6 \(>= 2\.\d+\)", needs)
    assert {"libegl1", "libgl1", "libfontconfig1"} <= {need.strip() for need in needs.split(",")}
    assert "python3" not in needs
    _, fields = said(dpkg, "--field", deb, "Package", "Version", "Homepage", "Maintainer")
    assert f"Package: {identity.PACKAGE}\nVersion: {identity.version()}" in fields
    assert identity.homepage() in fields
    assert identity.MAINTAINER in fields
