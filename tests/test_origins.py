"""An address has one origin however it is written, and some addresses are refused however they are written."""

import pytest

from workbench.errors import WorkbenchError
from workbench.origins import check_key_name, split_url


@pytest.mark.parametrize(
    ("url", "origin", "path"),
    [
        ("HTTPS://API.Example.com:443/v1/", "https://api.example.com", "/v1"),
        ("https://api.example.com.", "https://api.example.com", ""),
        ("http://10.0.0.7:8000/v1", "http://10.0.0.7:8000", "/v1"),
        ("http://[0:0::0:1]:9", "http://[::1]:9", ""),
        ("http://[::ffff:127.0.0.1]/", "http://127.0.0.1", ""),
    ],
)
def test_an_origin_has_one_spelling(url: str, origin: str, path: str) -> None:
    found = split_url(url)
    assert (str(found[0]), found[1]) == (origin, path)
    assert split_url(origin)[0] == found[0]


@pytest.mark.parametrize(
    ("url", "is_here", "is_readable"),
    [
        ("http://localhost:8000", True, False),
        ("http://127.9.9.9", True, False),
        ("https://[::1]", True, False),
        ("http://localhost.example.com", False, True),
        ("http://192.168.0.4:8000", False, True),
        ("https://example.com", False, False),
    ],
)
def test_only_loopback_is_this_machine_and_only_http_elsewhere_is_readable_on_the_way(
    url: str, is_here: bool, is_readable: bool
) -> None:
    origin, _ = split_url(url)
    assert (origin.is_this_machine, origin.is_readable_on_the_way) == (is_here, is_readable)


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest",
        "http://2852039166/",  # the same in decimal, hexadecimal, octal and in two parts
        "http://0xa9fea9fe/",
        "http://0xA9.0xFE.0xA9.0xFE/",
        "http://0251.0376.0251.0376/",
        "http://169.16689662/",
        "http://[::ffff:169.254.169.254]/",
        "http://[::ffff:a9fe:a9fe]/",
        "http://[::a9fe:a9fe]/",
        "http://[64:ff9b::a9fe:a9fe]/",
        "http://[2002:a9fe:a9fe::]/",
        "http://[fe80::1]/",
        "http://[fd00:ec2::254]/",
        "http://100.100.100.200/",
        "http://METADATA.google.internal./",
        "http://0.0.0.0:8000",
        "http://0.1.2.3",
        "http://[::]:8000",
        "http://224.0.0.1",
        "http://[ff02::1]",
    ],
)
def test_metadata_link_local_unspecified_and_multicast_addresses_are_refused_in_every_spelling(url: str) -> None:
    with pytest.raises(WorkbenchError, match=r"is refused as an endpoint|write its host as a name"):
        split_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.com/v1",
        "ftp://example.com",
        "https://",
        "https://a b.com",
        "https://a..com",
        "https://example.com\\evil.com",
        "https://example.com:0",
        "https://example.com:65536",
        "https://exаmple.com",
        "https://[::1",
        "https://[fe80::1%25eth0]",
        "https://example.com/\x1b[31m",
        "https://example.com/v1\n",
        "https://example.com/\u202egnp",
    ],
)
def test_what_is_no_plain_web_address_is_refused_in_printable_ascii(url: str) -> None:
    with pytest.raises(WorkbenchError, match="is no address of an endpoint") as refused:
        split_url(url)
    quoted = refused.value.title.partition(" is no")[0].strip("“”")
    assert quoted.isascii()
    assert quoted.isprintable()


@pytest.mark.parametrize("url", ["https://me:hush@example.com", "https://example.com?k=hush", "https://a.b/#hush"])
def test_what_may_be_a_secret_in_an_address_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(WorkbenchError, match="recipes are no place for them") as refused:
        split_url(url)
    assert "hush" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "address", "reason"),
    [
        ("https://example.com", "93.184.216.34", ""),
        ("https://example.com", "2606:2800::1", ""),
        ("http://my-machine:8000", "127.0.1.1", ""),
        ("http://localhost", "::1", ""),
        ("http://localhost", "::ffff:127.0.0.1", ""),
        ("http://localhost", "93.184.216.34", "is not on this machine"),
        ("https://example.com", "169.254.169.254", "link-local"),
        ("https://example.com", "fe80::1%eth0", "link-local"),
        ("https://example.com", "::ffff:169.254.169.254", "link-local"),
        ("https://example.com", "0.1.2.3", "no address of a machine"),
        ("https://example.com", "100.100.100.200", "credentials"),
        ("https://example.com", "nonsense", "is no network address"),
    ],
)
def test_a_connection_may_go_only_where_an_address_could_have_been_written(url: str, address: str, reason: str) -> None:
    found = split_url(url)[0].refused_peer(address)
    assert (reason in found) if reason else not found


@pytest.mark.parametrize("name", ["", "OPENAI_API_KEY", "my-key.2", "Schlüssel"])
def test_names_of_keys_are_words(name: str) -> None:
    check_key_name(name)


@pytest.mark.parametrize("name", ["--yes", "A B", "A;rm", "A$(id)", "A\x1b[31m", "A\n", "A#B", "A\u202eB"])
def test_what_a_terminal_or_a_shell_would_take_for_more_is_no_name_of_a_key(name: str) -> None:
    with pytest.raises(WorkbenchError, match="is no name of a key"):
        check_key_name(name)
