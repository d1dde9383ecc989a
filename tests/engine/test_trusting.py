"""Nothing that can run code goes on without a person's consent; a recipe alone is none."""

import pytest

from workbench import consents
from workbench.engine.trusting import agreed_copy, require_consent
from workbench.errors import ConsentNeededError, WorkbenchError


@pytest.fixture
def file(tmp_path, monkeypatch):
    """A file with something in it."""
    monkeypatch.setenv("DISTILLATION_WORKBENCH_HOME", str(tmp_path / "home"))
    (tmp_path / "model.py").write_text("x = 1\n")
    return tmp_path / "model.py"


def test_a_file_nobody_agreed_to_is_asked_about_with_its_digest_and_its_reasons(file):
    with pytest.raises(ConsentNeededError, match=r"model\.py is a Python file: it can run code") as caught:
        require_consent(file, "", "a Python file", ("It imports os.",))
    assert (caught.value.path, caught.value.digest) == (str(file), consents.digest_of(file))
    assert caught.value.details == f"{consents.digest_of(file)}\nIt imports os."


def test_a_digest_in_the_recipe_is_no_consent(file):
    with pytest.raises(ConsentNeededError):
        require_consent(file, consents.digest_of(file), "a Python file")


def test_what_was_agreed_to_goes_on_with_its_digest(file):
    digest = consents.digest_of(file)
    consents.agree(digest, "model.py")
    assert require_consent(file, "", "a Python file") == digest
    assert require_consent(file, digest, "a Python file") == digest


def test_changed_content_is_asked_about_again(file):
    consents.agree(consents.digest_of(file), "model.py")
    file.write_text("x = 2\n")
    with pytest.raises(ConsentNeededError):
        require_consent(file, "", "a Python file")


def test_another_content_than_the_recipe_trusts_is_refused_even_where_it_was_agreed_to(file):
    consents.agree(consents.digest_of(file), "model.py")
    with pytest.raises(WorkbenchError, match="not the file that the recipe trusts") as caught:
        require_consent(file, "sha256:" + "0" * 64, "a Python file")
    assert not isinstance(caught.value, ConsentNeededError)
    assert consents.digest_of(file) in caught.value.details


def test_a_file_that_was_replaced_after_consent_is_not_used(file):
    digest = consents.digest_of(file)
    file.write_text("x = 2\n")
    with pytest.raises(WorkbenchError, match="was changed while it was read"), agreed_copy(file, digest):
        pass


def test_what_is_used_stays_what_was_agreed_to_while_the_file_changes(file):
    with agreed_copy(file, consents.digest_of(file)) as copy:
        file.write_text("x = 2\n")
        assert copy.read_text() == "x = 1\n"
    assert not copy.exists()
