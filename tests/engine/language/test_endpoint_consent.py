"""Nothing goes to an endpoint before a person has agreed to its address and the name of the key; then only there."""

import socket
import socketserver
import threading

import pytest

from engine.language.test_endpoint import PROMPTS, Server, endpoint, status, texts
from workbench import consents
from workbench.engine.language import keys
from workbench.engine.language.endpoint import Endpoint
from workbench.engine.language.generating import Sampling
from workbench.engine.language.teacher_text import ask_all
from workbench.errors import EndpointConsentNeededError, WorkbenchError
from workbench.origins import split_url

NAME = "http://models.example:{port}/v1"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """Consents of the test's own, and no proxy."""
    monkeypatch.setenv("DISTILLATION_WORKBENCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("BIG_KEY", "sk-hidden-1")
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def servers():
    both = Server(), Server()
    yield both
    for server in both:
        server.close()


@pytest.fixture
def server(servers):
    return servers[0]


class Names:
    """What models.example stands for, and how often that was asked."""

    address = "127.0.0.1"
    asked = 0


@pytest.fixture
def names(monkeypatch):
    names, real = Names(), socket.getaddrinfo

    def look_up(host, *rest, **more):
        if host != "models.example":
            return real(host, *rest, **more)
        names.asked += 1
        return real(names.address, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return names


def agree(url, key=""):
    consents.agree_to_endpoint(split_url(url)[0], key)


def far(server, key=""):
    """The server under a name that is not this machine's."""
    url = NAME.format(port=server.url.rpartition(":")[2].partition("/")[0])
    return Endpoint(url, "big", Sampling(most=9), key=key, tries=1, seconds=30)


def ask(writer, tmp_path, prompts=PROMPTS):
    return texts(ask_all(prompts, 1, writer, tmp_path / "journal"))


def test_without_a_consent_no_key_is_looked_up_and_nothing_is_sent(server, tmp_path, monkeypatch):
    monkeypatch.delenv("BIG_KEY")
    monkeypatch.setattr(keys, "_from_keyring", lambda name: pytest.fail("the keyring was asked"))
    with pytest.raises(EndpointConsentNeededError) as refused:
        ask(endpoint(server, key="BIG_KEY"), tmp_path)
    address = server.url.removesuffix("/v1")
    assert (refused.value.address, refused.value.key) == (address, "BIG_KEY")
    assert f"trust --endpoint {address} --key BIG_KEY" in refused.value.hint
    assert server.heard == []


def test_without_a_consent_the_name_of_another_machine_is_not_even_looked_up(server, tmp_path, names):
    with pytest.raises(EndpointConsentNeededError, match="everything, a key too, travels unencrypted"):
        ask(far(server), tmp_path)
    assert (names.asked, server.heard) == (0, [])


def test_a_consent_for_one_key_gives_no_other_one_away(server, tmp_path, monkeypatch):
    monkeypatch.setenv("GITHUB_TOKEN", "ghp-hidden")
    agree(server.url, "BIG_KEY")
    with pytest.raises(EndpointConsentNeededError):
        ask(endpoint(server, key="GITHUB_TOKEN"), tmp_path)
    assert server.heard == []
    assert len(ask(endpoint(server, key="BIG_KEY"), tmp_path)) == 6
    assert server.keys == {"Bearer sk-hidden-1"}


def test_a_consent_for_one_address_gives_the_key_to_no_other_one(servers, tmp_path):
    agree(servers[0].url, "BIG_KEY")
    with pytest.raises(EndpointConsentNeededError):
        ask(endpoint(servers[1], key="BIG_KEY"), tmp_path)
    assert servers[1].heard == []


def test_a_consent_that_is_withdrawn_while_it_writes_ends_the_sending(server, tmp_path):
    agree(server.url, "BIG_KEY")
    writer = endpoint(server, key="BIG_KEY", at_once=2)
    writer.pulse = lambda _: consents.withdraw(consents.endpoint_name(split_url(server.url)[0], "BIG_KEY"))
    with pytest.raises(EndpointConsentNeededError):
        ask(writer, tmp_path)
    assert sorted(server.heard) == ["say 0", "say 1"]


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_and_where_it_leads_is_reported(servers, tmp_path, code):
    asked, elsewhere = servers
    agree(asked.url, "BIG_KEY")
    agree(elsewhere.url, "BIG_KEY")
    asked.moods["say 0"] = [status(code, Location=f"{elsewhere.url}/chat/completions")]
    with pytest.raises(WorkbenchError, match=f"redirects to {elsewhere.url}/chat/completions"):
        ask(endpoint(asked, key="BIG_KEY"), tmp_path, PROMPTS[:1])
    assert elsewhere.heard == []


def test_another_machine_that_is_agreed_to_gets_prompts_and_key(server, tmp_path, names):
    writer = far(server, "BIG_KEY")
    agree(writer.url, "BIG_KEY")
    assert len(ask(writer, tmp_path)) == 6
    assert server.keys == {"Bearer sk-hidden-1"}


@pytest.mark.parametrize("address", ["169.254.169.254", "fe80::1", "::", "100.100.100.200"])
def test_a_name_that_stands_for_a_refused_address_is_not_connected_to(server, tmp_path, names, address, monkeypatch):
    names.address = address
    monkeypatch.setattr(socket, "create_connection", lambda *_, **__: pytest.fail("it was connected to"))
    writer = far(server, "BIG_KEY")
    agree(writer.url, "BIG_KEY")
    with pytest.raises(WorkbenchError, match=f"Nothing was sent to .*: its name leads to {address}, which"):
        ask(writer, tmp_path, PROMPTS[:1])


class Rebound(socket.socket):
    """A connection that turns out to lead elsewhere."""

    def getpeername(self):
        return ("169.254.169.254", 80)


def test_a_connection_that_leads_elsewhere_than_the_name_did_before_carries_nothing(
    server, tmp_path, names, monkeypatch
):
    real = socket.create_connection
    monkeypatch.setattr(socket, "create_connection", lambda *a, **m: Rebound(fileno=real(*a, **m).detach()))
    writer = far(server, "BIG_KEY")
    agree(writer.url, "BIG_KEY")
    with pytest.raises(WorkbenchError, match=r"its name leads to 169\.254\.169\.254"):
        ask(writer, tmp_path, PROMPTS[:1])
    assert server.heard == []


def test_localhost_that_leads_to_another_machine_is_not_connected_to(server, tmp_path, monkeypatch):
    monkeypatch.setattr(socket, "create_connection", lambda *_, **__: pytest.fail("it was connected to"))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(2, 1, 6, "", ("93.184.216.34", 80))])
    with pytest.raises(WorkbenchError, match="which is not on this machine"):
        ask(Endpoint("http://localhost:1/v1", "big", Sampling(), tries=1), tmp_path, PROMPTS[:1])


@pytest.mark.parametrize("url", ["https://me:hush@a.example", "http://169.254.169.254", "https://a.example/\x1b[31m"])
def test_an_address_that_is_refused_cannot_be_used_past_the_recipe_either(tmp_path, url):
    with pytest.raises(WorkbenchError, match=r"is refused|no place for|is no address"):
        ask(Endpoint(url, "big", Sampling(), tries=1), tmp_path, PROMPTS[:1])


def test_what_an_endpoint_sends_reaches_no_terminal_as_control_characters(server, tmp_path):
    server.moods["say 0"] = [status(400, "\x1b]0;owned\x07no")]
    with pytest.raises(WorkbenchError, match="refuses with 400") as refused:
        ask(endpoint(server), tmp_path, PROMPTS[:1])
    assert all(sign.isprintable() for sign in refused.value.title)


# -- proxies


@pytest.fixture
def proxy(monkeypatch):
    """The first bytes of each connection to a proxy that the environment names for everything; it answers nothing."""
    taken = []

    class Handler(socketserver.BaseRequestHandler):
        def handle(self):
            taken.append(self.request.recv(65536))

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever, daemon=True)
        thread.start()
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{listening.server_address[1]}")
        yield taken
        listening.shutdown()
        thread.join()


def test_a_proxy_sees_the_address_of_an_encrypted_connection_and_no_key(proxy, tmp_path):
    agree("https://models.example", "BIG_KEY")
    writer = Endpoint("https://models.example/v1", "big", Sampling(), key="BIG_KEY", tries=1)
    with pytest.raises(WorkbenchError, match="the connection failed"):
        ask(writer, tmp_path, PROMPTS[:1])
    assert proxy[0].startswith(b"CONNECT models.example:443 ")
    assert b"sk-hidden-1" not in b"".join(proxy)


def test_what_is_not_encrypted_or_stays_here_goes_through_no_proxy(proxy, server, tmp_path, names):
    agree(server.url, "BIG_KEY")
    assert len(ask(endpoint(server, key="BIG_KEY"), tmp_path)) == 6
    writer = far(server, "BIG_KEY")
    agree(writer.url, "BIG_KEY")
    assert len(ask(writer, tmp_path)) == 6
    assert proxy == []


def test_a_proxy_that_cannot_be_used_is_not_passed_by(tmp_path, monkeypatch):
    monkeypatch.setenv("all_proxy", "socks5://127.0.0.1:9")
    agree("https://models.example")
    with pytest.raises(WorkbenchError, match=r"The proxy for https://models\.example is of the kind 'socks5'"):
        ask(Endpoint("https://models.example/v1", "big", Sampling(), tries=1), tmp_path, PROMPTS[:1])
