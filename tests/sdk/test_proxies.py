"""Which proxy of the environment a URL is reached through."""

from __future__ import annotations

import pytest

from stream_core.core.errors import ConfigError
from stream_core.core.hosts import comes_out_here, is_clear_text, is_loopback
from stream_core.core.request_headers import cannot_be_sent, carries_credential, custom_headers
from stream_core.sdk.proxies import Proxies

HERE = {"http": "http://p:1", "https": "http://p:2", "all": "socks5://p:3"}


def through(url: str, **table: str) -> str | None:
    found = Proxies({**HERE, **table}).find(url)
    return found.host if found is not None else None


def test_the_scheme_says_which() -> None:
    assert through("http://a.es/x") == "p:1"
    assert through("https://a.es/x") == "p:2"
    assert through("https://a.es/x", https="") == "p:3"
    assert Proxies({}).find("https://a.es") is None
    found = Proxies({"all": "yo:clave@[::1]:3128"}).find("https://a.es")
    assert found is not None and (found.host, found.variable) == ("[::1]:3128", "ALL_PROXY")
    assert "clave" not in repr(found)


@pytest.mark.parametrize(
    ("entry", "covered", "other"),
    [
        ("*", ["http://a.es"], []),
        ("a.es", ["http://a.es", "https://b.a.es", "http://A.ES.", "http://a.es:99"], ["http://ba.es"]),
        (".a.es", ["http://b.a.es", "http://c.b.a.es"], ["http://a.es", "http://ba.es"]),
        ("*.a.es", ["http://b.a.es"], ["http://a.es"]),
        ("a.es:8080", ["http://a.es:8080"], ["http://a.es", "https://a.es"]),
        ("a.es:443", ["https://a.es"], ["http://a.es"]),
        ("http://a.es", ["http://a.es"], ["https://a.es"]),
        ("10.0.0.0/8", ["http://10.1.2.3"], ["http://11.0.0.1", "http://ten.es"]),
        ("10.1.2.3", ["http://10.1.2.3"], ["http://10.1.2.4"]),
        ("fd00::/8", ["http://[fd00::1]"], ["http://[fe80::1]"]),
        ("fd00::1", ["http://[fd00::1]:80"], ["http://[fd00::2]"]),
        ("[fd00::1]", ["http://[fd00::1]"], ["http://[fd00::2]"]),
        (" a.es , b.es ", ["http://b.es"], ["http://c.es"]),
        ("[::1,b.es", ["http://b.es"], []),
    ],
)
def test_what_no_proxy_covers(entry: str, covered: list[str], other: list[str]) -> None:
    assert [through(url, no=entry) for url in covered] == [None] * len(covered)
    assert all(through(url, no=entry) for url in other)


@pytest.mark.parametrize(
    "entry", ["[::1", "10.0.0.0/99", "a b", "a.es:port", "a*b.es", "1:2:3", "http://[", "/"]
)
def test_an_entry_that_is_none_matters_only_where_it_decides(entry: str) -> None:
    with pytest.raises(ConfigError, match="NO_PROXY"):
        through("http://a.es", no=entry)
    assert through("http://a.es", no=f"{entry},a.es") is None
    assert through("http://127.0.0.1", no=entry) is None
    assert Proxies({"no": entry, "https": "http://p"}).find("http://a.es") is None


@pytest.mark.parametrize(
    "value", ["http://", "http://:80", "http://p:port", "gopher://p", "http://[p", "a b"]
)
def test_a_proxy_that_is_none_is_named_without_its_password(value: str) -> None:
    with pytest.raises(ConfigError, match="HTTPS_PROXY"):
        through("https://a.es", https=value)
    assert through("http://a.es", https=value) == "p:1"


LOOPBACK = (
    "localhost localhost. LOCALHOST app.localhost 127.0.0.1 127.8.8.8 127.1 2130706433 0x7f.1 ::1 "
    "::ffff:127.0.0.1 0.0.0.0 ::"
)
ELSEWHERE = (
    "localhost.es mylocalhost 128.0.0.1 192.168.1.20 ollama host.docker.internal ::2 ::ffff:10.0.0.1 1 -"
)


def test_what_is_this_machine() -> None:
    assert all(map(comes_out_here, LOOPBACK.split()))
    elsewhere = [*ELSEWHERE.split(), "", "127.0.0.1 x", "127.0.0.1.es"]
    assert not any(map(comes_out_here, elsewhere)) and not any(map(is_loopback, elsewhere))
    certain = ["localhost", "LOCALHOST", "127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"]
    assert [host for host in LOOPBACK.split() if is_loopback(host)] == certain


def test_what_crosses_a_network_in_clear() -> None:
    for host in ELSEWHERE.split()[:6]:
        assert is_clear_text(f"http://{host}:1/v1") and not is_clear_text(f"https://{host}:1/v1")
    assert not is_clear_text("http://localhost:11434") and not is_clear_text("http://[::1]:1")


def test_headers_of_ones_own() -> None:
    text = "X-Team: one\nno colon\n  X-Two :  a: b  \n"
    assert list(custom_headers(text)) == [("X-Team", "one"), ("X-Two", "a: b")]
    assert not cannot_be_sent(text) and not carries_credential(text)
    for wrong in ("a b: c", "é: c", ": c", "a: ñ", "a: b\x07", "a: b\rc: d", "a: \u202e"):
        assert "ANTHROPIC_CUSTOM_HEADERS" in cannot_be_sent(f"X-Team: one\n{wrong}")
    for name in ("Authorization", "X-Api-Key", "Cookie", "CF-Access-Client-Secret", "Proxy-Authorization"):
        assert carries_credential(f"{name}: x") and not carries_credential(f"{name}:")
