"""The terminal shows what a recipe would send, sends nothing unasked, and is where a person agrees and withdraws."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from engine.language.test_endpoint import Server
from engine.language.text_workshop import write_endpoint_recipe
from typer.testing import CliRunner

from workbench import consents
from workbench.cli.commands import app
from workbench.recipe import read_recipe

FAR = "http://models.example/v1"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home of the test's own, and two secrets."""
    monkeypatch.setenv("DISTILLATION_WORKBENCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GITHUB_TOKEN", "ghp-hidden-1")


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


@pytest.fixture
def recipe(tmp_path: Path, server: Server) -> Path:
    """A stranger's: it wants a token sent to the server."""
    return write_endpoint_recipe(tmp_path, server.url, key="GITHUB_TOKEN")


def call(*words: object, answer: str = "") -> tuple[int, str]:
    """The exit code, and all that was written, as one line."""
    done = CliRunner().invoke(app, [*map(str, words)], input=answer)
    assert "ghp-hidden-1" not in done.output
    return done.exit_code, " ".join(done.output.split())


def test_check_lists_address_key_model_and_what_is_sent_and_asks_nobody(recipe: Path, server: Server) -> None:
    code, output = call("check", recipe, "--device", "cpu")
    address = server.url.removesuffix("/v1")
    assert code == 2
    assert f"Endpoint {address} (nobody here has agreed to it). Model: 'big'. Key: GITHUB_TOKEN, from the env" in output
    assert "Sent: at most 8 prompts of 'prompts.jsonl', one answer each, with temperature 0, top_p 1, a seed" in output
    assert "2 held-out prompts, one answer each" in output
    assert f"trust --endpoint {address} --key GITHUB_TOKEN" in output
    call("trust", "--endpoint", server.url, "--key", "GITHUB_TOKEN", "--yes")
    code, output = call("check", recipe, "--device", "cpu")
    assert code == 0, output
    assert f"Endpoint {address} (agreed to on this computer)." in output
    assert server.heard == []


def test_check_reports_an_unencrypted_address_elsewhere(tmp_path: Path) -> None:
    code, output = call("check", write_endpoint_recipe(tmp_path, FAR), "--device", "cpu")
    assert code == 2
    assert "Endpoint http://models.example (nobody here has agreed to it). Model: 'big'. Key: none." in output
    assert "everything, a key too, travels unencrypted" in output


def test_a_run_without_a_consent_sends_nothing_and_names_the_command_after_which_it_goes_on(
    recipe: Path, server: Server
) -> None:
    code, output = call("run", recipe, "--device", "cpu")
    assert code == 1
    command = f"distillation-workbench trust --endpoint {server.url.removesuffix('/v1')} --key GITHUB_TOKEN"
    assert command in output
    assert "The recipe wants to send the key GITHUB_TOKEN and your prompts to" in output
    assert server.heard == []
    assert call(*command.split()[1:], answer="y\n")[0] == 0
    (folder,) = (recipe.parent / "home" / "runs").iterdir()
    code, output = call("resume", folder, "--device", "cpu")
    assert code == 0, output
    assert server.keys == {"Bearer ghp-hidden-1"}


def test_no_run_folder_gives_the_consent_itself(recipe: Path, server: Server) -> None:
    call("run", recipe, "--device", "cpu")
    (folder,) = (recipe.parent / "home" / "runs").iterdir()
    consents.agree_to_endpoint(read_recipe(recipe).stages[0].inputs.endpoint.origin, "GITHUB_TOKEN")  # type: ignore[union-attr]
    (folder / "consents.json").write_bytes(consents.consents_file().read_bytes())
    consents.consents_file().unlink()
    assert call("resume", folder, "--device", "cpu")[0] == 1
    assert server.heard == []


@pytest.mark.parametrize("answer", ["n\n", "\n", ""])
def test_anything_but_yes_agrees_to_no_endpoint(answer: str) -> None:
    code, output = call("trust", "--endpoint", FAR, "--key", "GITHUB_TOKEN", answer=answer)
    assert code != 0
    assert "address http://models.example" in output
    assert "key GITHUB_TOKEN, from the environment" in output
    assert "travels unencrypted" in output
    assert consents.consents() == {}


def test_a_consent_for_an_endpoint_is_listed_and_withdrawn_by_its_name_there() -> None:
    assert call("trust", "--endpoint", FAR, "--key", "GITHUB_TOKEN", "--yes")[0] == 0
    listed = json.loads(call("trust", "--list", "--json")[1])
    assert listed["name"] == "prompts and the key GITHUB_TOKEN to http://models.example, unencrypted"
    assert listed["digest"] in call("trust", "--list")[1]
    assert call("trust", "--withdraw", listed["digest"])[0] == 0
    assert consents.consents() == {}


def test_trust_in_a_recipe_asks_about_every_address_and_key_that_it_names_and_trains_nothing(
    recipe: Path, server: Server
) -> None:
    text = recipe.read_text()
    stage = text[text.index("[[stages]]") : text.index("[export]")]
    other = stage.replace('key = "GITHUB_TOKEN"', 'key = ""').replace(server.url, FAR)
    recipe.write_text(text.replace(stage, stage + other))
    code, output = call("trust", recipe, answer="y\ny\n")
    assert code == 0, output
    assert set(consents.consents()) == {
        f"endpoint:{server.url.removesuffix('/v1')}#GITHUB_TOKEN",
        "endpoint:http://models.example#",
    }
    assert server.heard == []


def test_a_recipe_without_endpoints_needs_no_trust(recipe_file: Path) -> None:
    code, output = call("trust", recipe_file, "--yes")
    assert code == 2
    assert "names no endpoint" in output


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--endpoint", "http://169.254.169.254"), "is refused as an endpoint"),
        (("--endpoint", "https://a.example/\x1b[31m"), "is no address of an endpoint"),
        (("--endpoint", FAR, "--key", "A\x1b[31m"), "is no name of a key"),
        (("--key", "GITHUB_TOKEN"), "without the address"),
    ],
)
def test_what_cannot_be_agreed_to_is_refused_in_printable_words(words: tuple[str, ...], why: str) -> None:
    code, output = call("trust", *words, "--yes")
    assert code == 2
    assert why in output
    assert "\x1b[31m" not in output
    assert consents.consents() == {}
