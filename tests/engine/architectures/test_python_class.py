"""A class in a person's own file makes a network once they have agreed to it, and never before."""

import re
import sys

import pytest
import torch

from workbench import consents
from workbench.engine import checkpoints
from workbench.engine.architectures.python_class import python_class
from workbench.engine.checkpoints import to_bytes
from workbench.engine.classifier import InputStatistics, new_classifier
from workbench.errors import ConsentNeededError, WorkbenchError
from workbench.recipe.models import PythonClass

NET = """
import dataclasses
import torch
from os import getcwd

@dataclasses.dataclass
class Sizes:
    width: "int" = 3

class Net(torch.nn.Module):
    def __init__(self, width=3, kind="plain", deep=False):
        super().__init__()
        self.sizes = Sizes(width)
        self.kind, self.deep = kind, deep
        self.register_buffer("ramp", torch.arange(4.0), persistent=False)
        self.layer = torch.nn.Linear(4, width)

    def forward(self, x):
        return self.layer(x * self.ramp)

def make():
    return Net(5)

def fail():
    raise SystemExit(3)

def give_text():
    return "no network"
"""


@pytest.fixture
def file(tmp_path, monkeypatch):
    """Write a Python file and return its section; `agreed` says whether a person agreed to it."""
    monkeypatch.setenv("DISTILLATION_WORKBENCH_HOME", str(tmp_path / "home"))

    def write(source=NET, name="Net", arguments=(), *, agreed=True, path="model.py"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(source)
        if agreed:
            consents.agree(consents.digest_of(tmp_path / path), path)
        return PythonClass(file=str(tmp_path / path), name=name, arguments=arguments)

    return write


def refusal(section):
    with pytest.raises(WorkbenchError) as caught:
        python_class(section, (4,), 3)
    return caught.value


def test_nothing_of_the_file_runs_before_a_person_agrees(file, tmp_path):
    section = file(f"open({str(tmp_path / 'TOUCHED')!r}, 'w')", agreed=False)
    with pytest.raises(ConsentNeededError):
        python_class(section, (4,), 3)
    assert not (tmp_path / "TOUCHED").exists()


def test_arguments_are_given_as_in_toml(file):
    network = python_class(file(arguments=("width = 7", 'kind = "full"', "deep = true")), (4,), 3)
    assert (network.layer.out_features, network.kind, network.deep) == (7, "full", True)


def test_a_function_may_make_the_network(file):
    assert python_class(file(name="make"), (4,), 3).layer.out_features == 5


def test_what_the_class_computes_for_itself_is_there_even_where_models_are_made_without_memory(file):
    section = file()
    with torch.device("meta"):
        network = python_class(section, (4,), 3)
    assert torch.equal(network.ramp, torch.arange(4.0))


def test_the_runs_own_draws_go_on_as_if_nothing_had_been_made(file):
    section = file()
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    python_class(section, (4,), 3)
    assert torch.equal(torch.rand(3), expected)


def test_the_same_seed_makes_the_same_network(file):
    section = file()
    networks = []
    for _ in range(2):
        torch.manual_seed(9)
        networks.append(python_class(section, (4,), 3).layer.weight)
    assert torch.equal(*networks)


def test_nothing_is_left_beside_the_file_or_on_the_path(file, tmp_path):
    section, before = file(), list(sys.path)
    python_class(section, (4,), 3)
    assert sys.path == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "model.py"]
    assert "model" not in sys.modules


def test_a_function_that_the_file_only_imports_is_not_called(file):
    assert "no class or function of its own named getcwd" in refusal(file(name="getcwd")).title


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Nett", "has no class or function of its own named Nett"),
        ("fail", r"fail\(\) of .*model.py failed: SystemExit: 3"),
        ("give_text", "gives a str, and a network of PyTorch is needed"),
    ],
)
def test_what_makes_no_network_is_refused_in_words(file, name, words):
    with pytest.raises(WorkbenchError, match=words):
        python_class(file(name=name), (4,), 3)


@pytest.mark.parametrize("argument", ["width", "width = ", "a = 1\nb = 2", "[width]", "width = open('x')"])
def test_an_argument_that_is_no_toml_is_refused_by_itself(file, argument):
    error = refusal(file(arguments=(argument,)))
    assert error.title.startswith(f"The argument “{argument}” for Net") or "failed" in error.title


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("def broken(:", "SyntaxError"),
        ("import a_package_that_is_not_there", "ModuleNotFoundError"),
        ("from .neighbour import Net", "ImportError"),
        ("1 / 0", "ZeroDivisionError"),
        ("raise SystemExit", "SystemExit: no reason given"),
        ("\0", "SyntaxError|ValueError"),
    ],
)
def test_errors_of_the_persons_code_are_told_with_their_traceback(file, source, words):
    error = refusal(file(source))
    assert re.search(f"model.py cannot be run: ({words})", error.title)
    assert error.details.splitlines()[-1].startswith(error.title.split(": ")[1])


def test_a_missing_package_is_named_with_the_way_to_get_it(file):
    assert "Install a_package_that_is_not_there" in refusal(file("import a_package_that_is_not_there")).hint


def test_a_file_that_is_not_there_is_refused_by_name(tmp_path):
    with pytest.raises(WorkbenchError, match=r"no Python file at .*absent\.py"):
        python_class(PythonClass(file=str(tmp_path / "absent.py"), name="Net"), (4,), 3)


PACKAGE = {
    "mine/__init__.py": "raise RuntimeError('the whole package was run')",
    "mine/constants.py": "BINS = 6\nNAMES: tuple = ('a', 'b')\nLATER = len('x')",
    "mine/nets/__init__.py": "raise RuntimeError('a parent was run')",
}
IN_PACKAGE = """
import torch
import mine

class Net(torch.nn.Linear):
    def __init__(self):
        super().__init__(4, mine.BINS + len(mine.NAMES))
"""


@pytest.fixture
def package(file, tmp_path, monkeypatch):
    """An installed package whose parents fail when they are imported; a person agreed to one of its files."""
    for name, source in PACKAGE.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(source)
    file(IN_PACKAGE, path="mine/nets/model.py")
    monkeypatch.syspath_prepend(str(tmp_path))


@pytest.mark.usefixtures("package")
def test_an_installed_modules_file_is_found_without_importing_its_parents():
    network = python_class(PythonClass(module="mine.nets.model", name="Net"), (4,), 3)
    assert network.out_features == 8
    assert "mine" not in sys.modules


@pytest.mark.usefixtures("package")
def test_what_is_no_plain_constant_of_the_package_asks_for_the_package_itself(file):
    file(IN_PACKAGE.replace("mine.BINS", "mine.LATER"), path="mine/nets/model.py")
    assert "the whole package was run" in refusal(PythonClass(module="mine.nets.model", name="Net")).title


@pytest.mark.parametrize("module", ["nowhere", "json.nowhere", "sys", "math.pi", "..x"])
def test_a_module_without_a_python_file_is_refused(module):
    assert module in refusal(PythonClass(module=module, name="Net")).title


TIED = """
import torch

class Tied(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = torch.nn.Linear(4, 4), torch.nn.Linear(4, 4)
        self.second.weight = self.first.weight
        self.head = torch.nn.Linear(4, 2)

    def forward(self, x):
        return self.head(self.second(self.first(x)))
"""


def test_a_class_whose_layers_share_weights_is_kept_and_answers_the_same(file, tmp_path):
    section = file(TIED, "Tied")
    model = new_classifier(section, InputStatistics((4,), (0.0,) * 4, (1.0,) * 4), ("a", "b"), 0).eval()
    (tmp_path / "m.safetensors").write_bytes(to_bytes(model))
    inputs_BX = torch.randn(5, 4)
    assert torch.equal(checkpoints.load(tmp_path / "m.safetensors")(inputs_BX), model(inputs_BX))


def test_a_file_of_another_kind_is_never_taken_for_code(file):
    with pytest.raises(WorkbenchError, match="not named as a Python file"):
        python_class(file(path="weights.bin"), (4,), 3)
