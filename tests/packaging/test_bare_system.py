"""Bare systems are entered without leaving anything behind, and reach what this machine reaches."""

import os
import platform
import shutil
import subprocess
from pathlib import Path

import pytest
from script_loading import load, reporting

apt_settings = load("apt_settings")
bare_system = load("bare_system")

TOOLS = ("sh", "env", "setpriv", "sleep", "cat", "id", "ls", "mkdir", "touch")


def mounted() -> list[str]:
    return Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()


def running(word: str) -> list[str]:
    """Command lines of this machine with a word in them."""
    lines = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(file.read_text(encoding="utf-8", errors="replace"))
        except OSError:  # it has ended
            continue
    return [line for line in lines if word in line]


def output_of(*command: str | Path) -> str:
    """What a tool of this machine prints; it must succeed."""
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def why_no_namespaces() -> str:
    try:
        return output_of("unshare", "--mount", "--pid", "--net", "echo", "-n")
    except (OSError, subprocess.CalledProcessError) as error:
        return f"this machine allows no namespaces ({error}); a container needs CAP_SYS_ADMIN"


def copy_of(path: Path, root: Path) -> None:
    target = root / path.relative_to("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(path, target)


@pytest.fixture(scope="module")
def tiny_root(tmp_path_factory):
    """A root with a shell and a few tools of this machine: enough to be entered, and made in a moment."""
    if platform.system() != "Linux" or os.geteuid() != 0:
        pytest.skip("entering another root needs Linux and root")
    reason = why_no_namespaces()
    if reason:
        pytest.skip(reason)
    root = tmp_path_factory.mktemp("root")
    root.chmod(0o755)
    for name in ("proc", "sys", "dev", "tmp", "run", "mnt", "root", "home/person", "etc/apt/apt.conf.d"):
        (root / name).mkdir(parents=True)
    (root / "etc" / "passwd").write_text("root:x:0:0::/root:/bin/sh\nperson:x:1000:1000::/home/person:/bin/sh\n")
    (root / "etc" / "group").write_text("root:x:0:\nperson:x:1000:\n")
    for tool in TOOLS:
        path = Path(shutil.which(tool) or f"/bin/{tool}")
        copy_of(path, root)
        for word in output_of("ldd", path).split():
            if word.startswith("/"):
                copy_of(Path(word), root)
    return root


@pytest.fixture
def system(tiny_root):
    return bare_system.BareSystem(tiny_root, "tiny")


def test_nothing_is_left_mounted_after_a_command_that_ends_well_or_badly(system):
    before = mounted()
    assert system.run("sh", "-c", "echo done").out == "done\n"
    assert system.run("sh", "-c", "exit 7").status == 7
    assert system.run("no-such-program").status == 127
    assert mounted() == before
    assert list(system.inside("/proc").iterdir()) == []
    assert list(system.inside("/dev").iterdir()) == []


def test_the_path_of_an_ordinary_user_is_enough(system, monkeypatch):
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    assert system.run("sh", "-c", "echo done").out == "done\n"


def test_a_command_that_takes_too_long_ends_with_everything_it_started(system):
    before = mounted()
    seconds = str(86_000 + os.getpid() / 1e6)
    with pytest.raises(subprocess.TimeoutExpired):
        system.run("sh", "-c", f"sleep {seconds} & sleep {seconds}", timeout_s=1.5)
    assert mounted() == before
    assert running(seconds) == []


def test_what_a_command_leaves_running_ends_with_it(system):
    seconds = str(87_000 + os.getpid() / 1e6)
    assert system.run("sh", "-c", f"sleep {seconds} > /dev/null 2>&1 & echo started").out == "started\n"
    assert running(seconds) == []


def test_a_command_is_the_ordinary_user_unless_root_is_asked_for(system):
    assert system.run("sh", "-c", "id -u; echo $HOME; ls -d $XDG_RUNTIME_DIR").out.split() == [
        "1000",
        "/home/person",
        "/run/user/1000",
    ]
    assert system.run("sh", "-c", "id -u; echo $HOME", root=True).out.split() == ["0", "/root"]
    assert system.run("touch", "/etc/by-person").status != 0


def test_there_is_no_network_unless_it_is_asked_for(system):
    devices = system.run("cat", "/proc/net/dev").out.splitlines()[2:]
    assert [line.split(":")[0].strip() for line in devices] == ["lo"]
    with_network = system.run("cat", "/proc/net/dev", network=True).out
    assert with_network.count(":") >= Path("/proc/net/dev").read_text(encoding="utf-8").count(":")


def test_a_command_sees_no_variable_of_this_process(system, monkeypatch):
    monkeypatch.setenv("LD_LIBRARY_PATH", "/of/this/machine")
    seen = dict(line.split("=", 1) for line in system.run("env", environ={"ASKED": "for"}).out.splitlines())
    assert "LD_LIBRARY_PATH" not in seen
    assert seen["ASKED"] == "for"
    assert seen["LANG"] == "C.UTF-8"


def test_devices_work_and_what_is_written_to_tmp_is_gone_afterwards(system):
    written = "echo x > /dev/null && echo y > /dev/shm/y && echo z > /tmp/z && cat /tmp/z"
    assert system.run("sh", "-c", written).out == "z\n"
    assert system.run("sh", "-c", "cd /tmp && ls; cd /dev/shm && ls").out == ""


def test_a_copied_file_can_be_read_inside_by_everybody(system, tmp_path):
    file = tmp_path / "with a space"
    file.write_text("content", encoding="utf-8")
    file.chmod(0o600)
    assert system.run("cat", system.copy_in(file)).out == "content"


@pytest.fixture
def packed(tiny_root, tmp_path):
    """A cache with the tiny root packed as bookworm."""
    cache = tmp_path / "cache"
    cache.mkdir()
    archive = cache / f"bookworm-{platform.machine()}.tar"
    output_of("tar", "-c", "-f", archive, "-C", tiny_root, ".")
    return cache


@pytest.mark.skipif(shutil.which("apt-config") is None, reason="apt's settings are read with apt-config: use Debian")
def test_a_fresh_copy_is_changed_without_changing_the_next_and_is_gone_afterwards(packed):
    with bare_system.fresh("bookworm", packed) as first:
        assert first.run("touch", "/home/changed", root=True).status == 0
        assert first.inside("/home/changed").exists()
        folder = first.folder
    assert not folder.exists()
    with bare_system.fresh("bookworm", packed) as second:
        assert not second.inside("/home/changed").exists()
        assert second.inside("/etc/resolv.conf").read_bytes() == Path("/etc/resolv.conf").read_bytes()
    assert [path.suffix for path in packed.iterdir()] == [".tar"]


@pytest.mark.skipif(shutil.which("apt-config") is None, reason="apt's settings are read with apt-config: use Debian")
def test_the_script_runs_a_command_and_returns_its_status(packed, monkeypatch, capfd, tmp_path):
    monkeypatch.setattr(bare_system, "why_not", lambda _release: "")
    monkeypatch.setattr(bare_system, "fresh", lambda release: original(release, packed))
    file = tmp_path / "note"
    file.write_text("read inside\n", encoding="utf-8")
    command = ["sh", "-c", "cat /mnt/note; exit 5"]
    arguments = ["bookworm", "--person", "--offline", "--with", str(file), "--", *command]
    assert bare_system.main(arguments) == 5
    assert "read inside" in capfd.readouterr().out


original = bare_system.fresh


def test_an_interrupted_making_leaves_nothing_in_the_cache(tmp_path, monkeypatch, capsys):
    def fails(command, what, *_rest):
        raise reporting.Refusal(f"{what} failed: {command[-2]}")

    monkeypatch.setattr(bare_system, "run_quietly", fails)
    monkeypatch.setattr(bare_system.apt_settings, "mirror", lambda _release: "http://a-mirror/debian")
    monkeypatch.setattr(bare_system.apt_settings, "proxies", dict)
    with pytest.raises(reporting.Refusal, match="debootstrap failed"):
        bare_system.archive_of("bookworm", tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert "Debian 12" in capsys.readouterr().out


def test_another_release_is_refused_by_name(tmp_path):
    with pytest.raises(reporting.Refusal, match=r"no bare sarge; there is bookworm and trixie"):
        bare_system.archive_of("sarge", tmp_path)


@pytest.mark.skipif(platform.system() != "Linux", reason="the other reasons are those of a Linux")
def test_it_says_what_is_missing_and_how_to_get_it(monkeypatch):
    monkeypatch.setattr(bare_system.os, "geteuid", lambda: 1000)
    assert "needs root" in bare_system.why_not()
    monkeypatch.setattr(bare_system.os, "geteuid", lambda: 0)
    monkeypatch.setattr(bare_system.shutil, "which", lambda _name, **_options: None)
    assert "apt-get install debootstrap" in bare_system.why_not()
    monkeypatch.setattr(bare_system.shutil, "which", lambda name, **_options: f"/usr/sbin/{name}")
    refused = subprocess.CompletedProcess([], 1, "", "unshare: unshare failed: Operation not permitted\n")
    monkeypatch.setattr(bare_system.subprocess, "run", lambda *_args, **_settings: refused)
    assert "Operation not permitted); a container needs CAP_SYS_ADMIN" in bare_system.why_not()
    allowed = subprocess.CompletedProcess([], 0, "", "")
    monkeypatch.setattr(bare_system.subprocess, "run", lambda *_args, **_settings: allowed)
    monkeypatch.setattr(bare_system.apt_settings, "why_no_mirror", lambda release: f"no {release}")
    assert bare_system.why_not("trixie") == "no trixie"


def test_it_is_for_linux(monkeypatch):
    monkeypatch.setattr(bare_system.platform, "system", lambda: "Darwin")
    assert "Linux" in bare_system.why_not()


@pytest.fixture
def apt_folder(tmp_path):
    """Sources in both formats of apt."""
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "sources.list").write_text(
        "# deb http://commented-out/debian bookworm main\n"
        "deb [arch=amd64 signed-by=/key.gpg] http://one-line/debian/ bookworm main\n"
        "deb-src http://one-line/debian bookworm main\n",
        encoding="utf-8",
    )
    (tmp_path / "sources.list.d" / "debian.sources").write_text(
        "Types: deb\nURIs: http://security/debian\nSuites: bookworm-security\nComponents: main\n"
        "\n"
        "Types: deb\nURIs: https://stanza/debian\nSuites: trixie trixie-updates\nComponents: main\n",
        encoding="utf-8",
    )
    return tmp_path


def test_sources_are_read_in_both_formats(apt_folder):
    assert list(apt_settings.sources(apt_folder)) == [
        ("http://one-line/debian", ["bookworm"]),
        ("http://security/debian", ["bookworm-security"]),
        ("https://stanza/debian", ["trixie", "trixie-updates"]),
    ]


@pytest.mark.parametrize(
    ("codename", "uri"), [("bookworm", "http://one-line/debian"), ("trixie", "https://stanza/debian")]
)
def test_the_mirror_is_the_one_of_this_machine(apt_folder, monkeypatch, codename, uri):
    found = list(apt_settings.sources(apt_folder))
    monkeypatch.setattr(apt_settings, "sources", lambda: iter(found))
    release = {"ID": "debian", "VERSION_CODENAME": codename}
    monkeypatch.setattr(apt_settings.platform, "freedesktop_os_release", lambda: release)
    assert apt_settings.mirror("trixie") == uri


def test_another_system_takes_the_mirror_that_debootstrap_knows(monkeypatch, tmp_path):
    script = tmp_path / "debootstrap"
    script.write_text('set -e\nDEF_MIRROR="http://known/debian"\n', encoding="utf-8")
    monkeypatch.setattr(apt_settings.platform, "freedesktop_os_release", lambda: {"ID": "fedora"})
    monkeypatch.setattr(apt_settings.shutil, "which", lambda _name: str(script))
    assert apt_settings.mirror("bookworm") == "http://known/debian"
    script.write_text("set -e\n", encoding="utf-8")
    with pytest.raises(reporting.Refusal, match="names no mirror"):
        apt_settings.mirror("bookworm")


def test_proxies_are_the_environments_or_else_apts(monkeypatch):
    told = ['Acquire::HTTP::Proxy "http://of-apt:3142";', 'Acquire::https::Proxy "DIRECT";', 'Acquire::Retries "3";']
    monkeypatch.setattr(apt_settings, "lines", lambda: told)
    for name in ("http_proxy", "https_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    assert apt_settings.proxies() == {"http_proxy": "http://of-apt:3142"}
    monkeypatch.setenv("http_proxy", "http://of-the-environment:8080")
    assert apt_settings.proxies() == {"http_proxy": "http://of-the-environment:8080"}
