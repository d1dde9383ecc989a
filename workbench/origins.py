"""Origins of web addresses (scheme, host and port), and the network addresses that nothing is ever sent to.

Addresses are read by one strict pattern and requests are made of what it found: no second parser can find another host.
"""

import ipaddress
import re
from dataclasses import dataclass
from typing import TypeAlias

from workbench.errors import WorkbenchError

UNENCRYPTED = "Its address begins with http:// and is not on this machine: everything, a key too, travels unencrypted."

_Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>/[a-z0-9._~/%:+,;=!$&'()*-]*)?",
    re.IGNORECASE,
)
_USUAL_PORTS = {"http": 80, "https": 443}
# Resolvers read a host whose last label is a number as an IPv4 address, in many spellings.
_NUMERIC = re.compile(r"(.*\.)?([0-9]+|0x[0-9a-f]*)")
# Where clouds give out the credentials of the machine that asks. Most of it is link-local; this is the rest.
_METADATA_NAMES = ("metadata", "metadata.goog", "metadata.google.internal", "instance-data")
_METADATA_ADDRESSES = tuple(
    map(
        ipaddress.ip_address,
        ("100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254", "fd20:ce::254", "fd00:c1::a9fe:a9fe"),
    )
)
_KEY_NAME = re.compile(r"(\w[\w.-]*)?")
_THIS_NETWORK = ipaddress.IPv4Network("0.0.0.0/8")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


@dataclass(frozen=True)
class Origin:
    """Where requests go, in one spelling.

    Attributes:
        scheme: "http" or "https".
        host: A name in lower case, or an address as `ipaddress` writes it.
        port: The port.
    """

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + (f":{self.port}" if self.port != _USUAL_PORTS[self.scheme] else "")

    @property
    def is_this_machine(self) -> bool:
        """Whether it is named as a loopback address; `refused_peer` holds connections to that."""
        address = _address_of(self.host)
        return self.host == "localhost" if address is None else address.is_loopback

    @property
    def is_readable_on_the_way(self) -> bool:
        """Whether what is sent there crosses a network unencrypted."""
        return self.scheme == "http" and not self.is_this_machine

    def refused_peer(self, address: str) -> str:
        """Why a connection to this origin must not go to a network address; empty where it may."""
        found = _address_of(address.partition("%")[0])
        if found is None:
            return "is no network address"
        if self.is_this_machine and not found.is_loopback:
            return "is not on this machine"
        return _refused(found)


def split_url(url: str) -> tuple[Origin, str]:
    """The origin of an address and its path, without a slash at its end.

    Raises:
        WorkbenchError: Nothing is sent to such an address; what may be a password in it is not repeated.
    """
    if "@" in url or "?" in url or "#" in url:
        raise WorkbenchError(
            "The address of an endpoint holds a name, a password or a key (@, ? or #), and recipes are no place for "
            "them: name the key in `key`."
        )
    found = _URL.fullmatch(url)
    if found is None:
        raise WorkbenchError(
            f"{_quoted(url)} is no address of an endpoint: it begins with http:// or https://, then come a host in "
            "ASCII letters, perhaps a port, and a path."
        )
    scheme = found["scheme"].lower()
    port = int(found["port"]) if found["port"] else _USUAL_PORTS[scheme]
    if not 0 < port < 2**16:
        raise WorkbenchError(f"{_quoted(url)} is no address of an endpoint: there is no port {port}.")
    return Origin(scheme, _host(found["host"].lower(), url), port), (found["path"] or "").rstrip("/")


def check_key_name(name: str) -> None:
    """Raise WorkbenchError where no key can have this name; an empty one stands for no key."""
    if not _KEY_NAME.fullmatch(name):
        raise WorkbenchError(
            f"{_quoted(name)} is no name of a key: it has letters, digits, “_”, “-” and “.” only, and begins with a "
            "letter, a digit or “_”."
        )


def _host(text: str, url: str) -> str:
    """A host in its one spelling."""
    name = text.strip("[]") if text.startswith("[") else text.removesuffix(".")
    address = _address_of(name)
    if address is not None:
        if reason := _refused(address):
            raise WorkbenchError(f"{_quoted(url)} is refused as an endpoint: {address} {reason}.")
        return str(address)
    if text.startswith("[") or _NUMERIC.fullmatch(name) or not all(name.split(".")):
        raise WorkbenchError(
            f"{_quoted(url)} is no address of an endpoint: write its host as a name, as four decimal numbers, or as "
            "IPv6 in brackets."
        )
    if name in _METADATA_NAMES:
        raise WorkbenchError(
            f"{_quoted(url)} is refused as an endpoint: {name} gives out the credentials of a cloud machine."
        )
    return name


def _address_of(host: str) -> _Address | None:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _refused(address: _Address) -> str:
    """Why nothing is sent there, whatever a person agreed to; empty where it may."""
    for each in (address, *_carried_in(address)):
        if each in _METADATA_ADDRESSES:
            return "gives out the credentials of a cloud machine"
        if each.is_link_local:
            return "is a link-local address, where clouds give out the credentials of a machine"
        if each.is_multicast:
            return "is a multicast address"
        if each.is_unspecified or each in _THIS_NETWORK:
            return "is no address of a machine"
    return ""


def _carried_in(address: _Address) -> list[ipaddress.IPv4Address]:
    """IPv4 addresses that an IPv6 address is translated to, or tunnelled to, on its way."""
    if isinstance(address, ipaddress.IPv4Address):
        return []
    last = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    is_translated = address in _NAT64 or (int(address) >> 32 == 0 and int(address) > 1)
    tunnelled = [address.sixtofour, *(address.teredo or ())]
    return [each for each in (last if is_translated else None, *tunnelled) if each is not None]


def _quoted(text: str) -> str:
    """As one line in ASCII: no terminal takes it for a command, and no letter looks like another one."""
    return f"“{ascii(text[:300])[1:-1]}{'…' if len(text) > 300 else ''}”"
