"""Keys lie in the system's keyring or the environment, and what goes wrong there is said in words."""

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from keyring.errors import KeyringLocked

from workbench.engine.language.keys import key_of
from workbench.errors import WorkbenchError
from workbench.session.endpoint_keys import forget_key, keep_key, look_for_key

NAME = "TEST_ENDPOINT_KEY"


class Drawer(KeyringBackend):
    """A keyring in memory."""

    priority = 1
    name = "Drawer"

    def __init__(self):
        super().__init__()
        self.secrets = {}
        self.is_locked = False

    def _look(self):
        if self.is_locked:
            raise KeyringLocked("it is locked.")

    def get_password(self, service, username):
        self._look()
        return self.secrets.get((service, username))

    def set_password(self, service, username, password):
        self._look()
        self.secrets[service, username] = password

    def delete_password(self, service, username):
        self._look()
        del self.secrets[service, username]


@pytest.fixture
def drawer(monkeypatch):
    """Takes the place of the system's keyring."""
    drawer = Drawer()
    before = keyring.get_keyring()
    keyring.set_keyring(drawer)
    monkeypatch.delenv(NAME, raising=False)
    yield drawer
    keyring.set_keyring(before)


@pytest.fixture
def no_keyring(monkeypatch):
    before = keyring.get_keyring()
    keyring.set_keyring(NoKeyring())
    monkeypatch.delenv(NAME, raising=False)
    yield
    keyring.set_keyring(before)


def test_a_stored_key_is_the_one_that_endpoints_get(drawer):
    keep_key(NAME, "sesame")
    assert key_of(NAME) == "sesame"
    place = look_for_key(NAME)
    assert (place.in_keyring, place.in_environment, place.keyring) == (True, False, "Drawer")


def test_what_is_known_of_a_key_never_holds_it(drawer):
    keep_key(NAME, "sesame")
    assert "sesame" not in repr(look_for_key(NAME))


def test_the_environment_counts_before_the_keyring(drawer, monkeypatch):
    keep_key(NAME, "sesame")
    monkeypatch.setenv(NAME, "open")
    assert key_of(NAME) == "open"
    assert look_for_key(NAME).in_environment


def test_a_deleted_key_is_gone(drawer):
    keep_key(NAME, "sesame")
    forget_key(NAME)
    assert not look_for_key(NAME).in_keyring
    with pytest.raises(WorkbenchError, match=NAME):
        key_of(NAME)


@pytest.mark.parametrize("name", ["", "two words", "a=b", "ключ ", "x\0y"])
def test_a_name_that_no_environment_variable_could_have_is_refused(drawer, name):
    with pytest.raises(WorkbenchError, match="no name of a key"):
        keep_key(name, "sesame")
    assert drawer.secrets == {}


def test_a_locked_keyring_is_told_in_its_own_words_and_counts_as_having_nothing(drawer):
    keep_key(NAME, "sesame")
    drawer.is_locked = True
    assert look_for_key(NAME).trouble == "it is locked"
    with pytest.raises(WorkbenchError, match="it is locked") as refused:
        keep_key(NAME, "other")
    assert "other" not in str(refused.value)
    with pytest.raises(WorkbenchError, match="neither an environment variable"):
        key_of(NAME)


def test_without_a_keyring_the_environment_still_serves(no_keyring, monkeypatch):
    assert look_for_key(NAME).keyring == ""
    with pytest.raises(WorkbenchError, match="no keyring") as refused:
        keep_key(NAME, "sesame")
    assert NAME in refused.value.hint
    monkeypatch.setenv(NAME, "open")
    assert key_of(NAME) == "open"
    assert look_for_key(NAME).in_environment


def test_a_copied_line_break_is_no_part_of_a_key(no_keyring, monkeypatch):
    monkeypatch.setenv("A_KEY", "sk-1\n")
    assert key_of("A_KEY") == "sk-1"
    monkeypatch.setenv("A_KEY", "sk-1\nsk-2")
    with pytest.raises(WorkbenchError, match="signs in it that no key has") as refused:
        key_of("A_KEY")
    assert "sk-" not in str(refused.value)
