"""What a person is told of CPU, CUDA and MPS, in every state a computer can be in."""

from dataclasses import replace

import pytest

from workbench.session.runtime_advice import Circumstances, advise, in_short

# Installed by pip on Linux, the build for the processor, no GPU.
BARE = Circumstances(
    is_packaged=False,
    system="Linux",
    used="cpu",
    gpu="",
    has_driver=False,
    torch="2.13.0+cpu",
    built_for="",
    threads=2,
    python="/venv/bin/python",
)
WITH_GPU = replace(BARE, gpu="NVIDIA RTX 4090", has_driver=True)
FOR_CUDA = replace(BARE, torch="2.13.0", built_for="CUDA 13.0")


def test_cuda_and_mps_in_use_are_named_and_nothing_needs_to_be_done() -> None:
    cuda = advise(replace(FOR_CUDA, used="cuda", gpu="NVIDIA H100", has_driver=True))
    mps = advise(replace(BARE, system="Darwin", used="mps", torch="2.13.0"))
    assert "NVIDIA H100" in cuda.text
    assert "CUDA 13.0" in cuda.text
    assert "Apple GPU" in mps.text
    for advice in (cuda, mps):
        assert advice.what_to_do == "Nothing needs to be done."
        assert not advice.command


def test_a_package_beside_a_gpu_tells_how_to_install_what_uses_it() -> None:
    advice = advise(replace(WITH_GPU, is_packaged=True))
    assert "This package carries PyTorch for the processor" in advice.state
    assert "NVIDIA RTX 4090" in advice.state
    assert "uv tool install distillation-workbench" in advice.what_to_do
    assert advice.command == "pip install distillation-workbench"


def test_on_windows_the_cuda_build_comes_from_an_index_of_its_own() -> None:
    packaged = advise(replace(WITH_GPU, is_packaged=True, system="Windows"))
    assert packaged.command.endswith("--extra-index-url https://download.pytorch.org/whl/cu130")
    assert "--torch-backend=auto" in packaged.what_to_do
    installed = advise(replace(WITH_GPU, system="Windows", python=r"C:\My Python\python.exe", torch="2.13.0"))
    assert installed.command.startswith(r'& "C:\My Python\python.exe" -m pip install --force-reinstall')
    assert installed.command.endswith("whl/cu130 torch==2.13.0+cu130")


def test_a_package_without_a_gpu_has_nothing_to_do() -> None:
    advice = advise(replace(BARE, is_packaged=True))
    assert "no NVIDIA GPU was found" in advice.state
    assert advice.what_to_do.startswith("Nothing needs to be done.")
    assert "pip" in advice.what_to_do
    assert not advice.command


def test_an_installed_program_without_a_gpu_says_no_word_of_pip() -> None:
    assert "pip" not in advise(BARE).text


def test_the_processor_s_build_beside_a_gpu_is_replaced_by_one_command_in_its_own_environment() -> None:
    advice = advise(WITH_GPU)
    assert "2.13.0+cpu" in advice.state
    assert advice.command == "/venv/bin/python -m pip install --force-reinstall torch==2.13.0"


def test_where_there_is_no_pip_uv_replaces_the_build() -> None:
    advice = advise(replace(WITH_GPU, has_pip=False))
    assert advice.command == (
        'uv pip install --python "/venv/bin/python" --reinstall-package torch --torch-backend=auto torch==2.13.0'
    )


def test_a_gpu_whose_driver_does_not_run_is_said_where_the_build_has_to_be_replaced_too() -> None:
    assert "driver does not run" in advise(replace(WITH_GPU, has_driver=False)).what_to_do
    assert "driver" not in advise(WITH_GPU).what_to_do


@pytest.mark.parametrize(
    ("gpu", "has_driver", "state", "todo"),
    [
        ("", False, "no NVIDIA GPU with a driver was found", "install NVIDIA's driver"),
        ("NVIDIA GPU", False, "its driver does not run", "Install NVIDIA's driver"),
        ("NVIDIA RTX 4090", True, "it cannot use the GPU (NVIDIA RTX 4090)", "update NVIDIA's driver"),
    ],
)
def test_a_build_for_cuda_that_trains_on_the_processor_says_what_the_driver_needs(
    gpu: str, has_driver: bool, state: str, todo: str
) -> None:
    advice = advise(replace(FOR_CUDA, gpu=gpu, has_driver=has_driver))
    assert "built for CUDA 13.0, but training runs on the processor" in advice.state
    assert state in advice.state
    assert todo in advice.what_to_do
    assert not advice.command


def test_a_gpu_that_the_environment_hides_is_not_blamed_on_its_driver() -> None:
    advice = advise(replace(FOR_CUDA, gpu="NVIDIA RTX 4090", has_driver=True, is_hidden=True))
    assert "CUDA_VISIBLE_DEVICES" in advice.state
    assert "NVIDIA RTX 4090" in advice.state
    assert "driver" not in advice.text


def test_a_build_for_amd_without_its_gpu_names_amd_s_driver() -> None:
    assert "AMD" in advise(replace(FOR_CUDA, built_for="ROCm 7.1")).what_to_do


def test_a_mac_without_a_gpu_for_pytorch_is_not_told_of_nvidia() -> None:
    assert "NVIDIA" not in advise(replace(BARE, system="Darwin", is_packaged=True)).text


@pytest.mark.parametrize(
    ("found", "threads", "words"),
    [
        (BARE, 0, "CPU, 2 threads"),
        (BARE, 1, "CPU, 1 thread"),
        (replace(BARE, threads=1), 8, "CPU, 8 threads"),
        (replace(FOR_CUDA, used="cuda", gpu="NVIDIA H100"), 8, "CUDA: NVIDIA H100"),
        (replace(FOR_CUDA, used="cuda", gpu="AMD MI300X", built_for="ROCm 7.1"), 0, "ROCm: AMD MI300X"),
        (replace(BARE, used="mps"), 0, "MPS: Apple GPU"),
    ],
)
def test_in_short_the_device_is_named_with_the_threads_a_person_prefers(
    found: Circumstances, threads: int, words: str
) -> None:
    assert in_short(found, threads) == words
