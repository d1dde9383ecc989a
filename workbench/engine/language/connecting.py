"""The HTTP client of endpoints: it talks to one origin that a person agreed to, and never to a refused address.

* The address of every connection is checked before its host is looked up for it and again when it stands, before
  anything is sent: what a name resolves to may change in between (DNS rebinding).
* Redirects are not followed, and requests to another origin are refused, so no key goes anywhere else.
* A proxy of the environment is used for https alone, where it forwards what it cannot read. It looks up the host
  itself, so there is no address to check. Connections by http, and to this machine, are direct.
"""

import socket
from typing import Any
from urllib.request import getproxies, proxy_bypass

import httpx2

from workbench.errors import WorkbenchError
from workbench.origins import Origin

_MOST_CONNECT_SECONDS = 10.0


def client_for(origin: Origin, key: str, seconds: float) -> httpx2.Client:
    """A client that reaches one origin and sends the key with every request.

    Args:
        origin: Agreed to by a person.
        key: The key itself; empty for none.
        seconds: Without a byte for so long, a connection counts as lost.

    Raises:
        WorkbenchError: The environment names a proxy that cannot be used.
    """
    return httpx2.Client(
        transport=_Transport(origin),
        headers={"Authorization": f"Bearer {key}"} if key else {},
        timeout=httpx2.Timeout(seconds, connect=min(seconds, _MOST_CONNECT_SECONDS)),
        follow_redirects=False,
        # What the environment is asked for is decided in the transport.
        trust_env=False,
    )


class _Transport(httpx2.HTTPTransport):
    """Connections to one origin."""

    def __init__(self, origin: Origin) -> None:
        proxy = _proxy_for(origin)
        super().__init__(proxy=proxy)
        self._origin, self._is_direct = origin, proxy is None

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send it. Raises WorkbenchError where it is not for this origin, or would go to a refused address."""
        url = request.url
        if str(Origin(url.scheme, url.host, url.port or {"http": 80, "https": 443}[url.scheme])) != str(self._origin):
            raise WorkbenchError(f"A request for another address than {self._origin} was not sent.")
        if self._is_direct:
            request.extensions = {**request.extensions, "trace": self._check}
        return super().handle_request(request)

    def _check(self, event: str, info: dict[str, Any]) -> None:
        """Called by httpx2 around each step of a connection; what it raises ends the connection."""
        if event == "connection.connect_tcp.started":
            for address in _addresses(info["host"], info["port"]):
                self._refuse(address)
        elif event == "connection.connect_tcp.complete":
            stream = info["return_value"]
            try:
                self._refuse(stream.get_extra_info("server_addr")[0])
            except BaseException:
                stream.close()
                raise

    def _refuse(self, address: str) -> None:
        if reason := self._origin.refused_peer(address):
            raise WorkbenchError(
                f"Nothing was sent to {self._origin}: its name leads to {address}, which {reason}.",
                "Check the address of the endpoint, and who answers for this name.",
            )


def _addresses(host: str, port: int) -> list[str]:
    """All that a host stands for; none where it is unknown, which the connection itself reports."""
    try:
        return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except OSError:
        return []


def _proxy_for(origin: Origin) -> str | None:
    """The proxy that the environment, or the system, names for an origin; None for a direct connection."""
    if origin.scheme != "https" or origin.is_this_machine or proxy_bypass(str(origin).partition("://")[2]):
        return None
    proxies = getproxies()
    proxy = proxies.get("https") or proxies.get("all")
    if not proxy:
        return None
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    if not proxy.startswith(("http://", "https://")):
        raise WorkbenchError(
            f"The proxy for {origin} is of the kind {proxy.partition(':')[0]!r}, and endpoints are reached through "
            "http and https proxies only.",
            "Set HTTPS_PROXY to one of those, or NO_PROXY to the host of the endpoint.",
        )
    return proxy
