"""Who answers: the source of a credential, practice mode, the server's address."""

from __future__ import annotations

import errno
import json
import os
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from anthropic import AnthropicError
from anthropic.lib.credentials import default_credentials
from hypothesis import given
from hypothesis import strategies as st
from pytest_mock import MockerFixture
from support.places import KEY, UNSAFE, Place

from stream_core.config import credentials as access
from stream_core.config.connection import Connection
from stream_core.config.settings import Settings
from stream_core.core.errors import ConfigError
from stream_core.core.hosts import is_loopback

PROFILE = json.dumps({"authentication": {"type": "user_oauth", "client_id": "c"}})
FEDERATION = {
    "ANTHROPIC_FEDERATION_RULE_ID": "fdrl_1",
    "ANTHROPIC_ORGANIZATION_ID": "org_1",
    "ANTHROPIC_IDENTITY_TOKEN": "identidad-secreta",
}
ON_DISK = "el perfil de Anthropic de este equipo"
WAYS: dict[str, tuple[dict[str, str], dict[str, str], str | None]] = {
    # name: environment, files of the SDK's directory, what is named
    "nothing": ({}, {}, None),
    "key": ({"ANTHROPIC_API_KEY": KEY}, {}, "ANTHROPIC_API_KEY"),
    "token": ({"ANTHROPIC_AUTH_TOKEN": KEY}, {}, "ANTHROPIC_AUTH_TOKEN"),
    "key and token": ({"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_AUTH_TOKEN": KEY}, {}, "ANTHROPIC_API_KEY"),
    "empty key": ({"ANTHROPIC_API_KEY": ""}, {}, None),
    "empty key, token": ({"ANTHROPIC_API_KEY": "", "ANTHROPIC_AUTH_TOKEN": KEY}, {}, "ANTHROPIC_AUTH_TOKEN"),
    "all empty": (
        dict.fromkeys(("ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_PROFILE", "ANTHROPIC_CONFIG_DIR", *FEDERATION), ""),
        {},
        None,
    ),
    "named profile": ({"ANTHROPIC_PROFILE": "work"}, {"configs/work.json": PROFILE}, "ANTHROPIC_PROFILE"),
    "named profile that is not there": ({"ANTHROPIC_PROFILE": "work"}, {}, "ANTHROPIC_PROFILE"),
    "key before profile": (
        {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_PROFILE": "work"},
        {"configs/work.json": PROFILE},
        "ANTHROPIC_API_KEY",
    ),
    "federation": (FEDERATION, {}, "ANTHROPIC_FEDERATION_RULE_ID"),
    "federation by file": (
        {**FEDERATION, "ANTHROPIC_IDENTITY_TOKEN": "", "ANTHROPIC_IDENTITY_TOKEN_FILE": "/run/token"},
        {},
        "ANTHROPIC_FEDERATION_RULE_ID",
    ),
    "federation before the profile on disk": (
        FEDERATION,
        {"configs/default.json": PROFILE},
        "ANTHROPIC_FEDERATION_RULE_ID",
    ),
    **{
        f"federation without {name}": ({key: FEDERATION[key] for key in FEDERATION if key != name}, {}, None)
        for name in FEDERATION
    },
    "default profile": ({}, {"configs/default.json": PROFILE}, ON_DISK),
    "pointed profile": (
        {},
        {"active_config": "work\n", "configs/work.json": PROFILE},
        ON_DISK,
    ),
    "pointed profile that is not there": ({}, {"active_config": "work"}, ON_DISK),
    "another profile": ({}, {"configs/work.json": PROFILE}, None),
    "credentials without a profile": ({}, {"credentials/default.json": "{}"}, None),
    "configuration directory": ({"ANTHROPIC_CONFIG_DIR": "/nada/de/nada"}, {}, "ANTHROPIC_CONFIG_DIR"),
    "empty pointer": ({}, {"active_config": " \n"}, None),
    "unrelated": ({"ANTHROPIC_LOG": "debug", "OPENAI_API_KEY": KEY}, {}, None),
}
WAYS_IN = [pytest.param(*way, id=name) for name, way in WAYS.items()]


def write_profiles(files: dict[str, str]) -> None:
    for name, content in files.items():
        file = Path(access.sdk_config_dir(os.environ) or "") / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
        file.chmod(0o600)


@pytest.mark.parametrize(("environ", "files", "named"), WAYS_IN)
def test_the_source_of_the_credential_is_named(
    place: Place, environ: dict[str, str], files: dict[str, str], named: str | None
) -> None:
    write_profiles(files)
    told = place.load(**environ)
    assert told.connection.credential == named
    assert told.connection.practice is (named is None)


@pytest.mark.parametrize(("environ", "files", "named"), WAYS_IN)
def test_the_sdk_finds_a_credential_where_the_settings_say_so(
    place: Place, mocker: MockerFixture, environ: dict[str, str], files: dict[str, str], named: str | None
) -> None:
    write_profiles(files)
    mocker.patch.dict(os.environ, environ)
    try:
        found = bool(os.environ.get("ANTHROPIC_API_KEY")) or default_credentials() is not None
    except AnthropicError:
        found = True  # one was chosen, and it is broken: that is to be said, not to be practised over
    assert (place.load(**environ).connection.credential is not None) is found


def test_the_directory_of_the_sdk_is_the_sdks(place: Place) -> None:
    from anthropic.lib.credentials import _constants

    assert access.sdk_config_dir(os.environ) == _constants._config_dir()


def test_the_directory_of_the_sdk_on_windows(place: Place, mocker: MockerFixture) -> None:
    mocker.patch.object(sys, "platform", "win32")
    assert access.sdk_config_dir({"APPDATA": "/roaming"}) == Path("/roaming/Anthropic")
    assert access.sdk_config_dir({}) == Path.home() / "AppData" / "Roaming" / "Anthropic"


def test_a_profile_that_may_not_be_looked_at_is_none(place: Place, mocker: MockerFixture) -> None:
    usual = Path.is_file

    def is_file(path: Path, **more: Any) -> bool:
        if "anthropic" in path.parts:
            raise PermissionError(errno.EACCES, "Permission denied")
        return usual(path, **more)

    mocker.patch.object(Path, "is_file", is_file)
    assert place.load().connection.practice


@pytest.mark.parametrize("name", ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"])
@pytest.mark.parametrize(
    "damage", ["{} ", "{}\n", " {}", "{}ñ", "{}\x1b[31m", "{}\udcff", "{0} {0}", "   ", "\u200b{}"]
)
def test_a_damaged_key_is_refused_without_showing_it(place: Place, name: str, damage: str) -> None:
    assert name in place.refused(**{name: damage.format(KEY)})


@pytest.mark.parametrize("name", ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_IDENTITY_TOKEN"])
def test_the_credential_itself_is_nowhere_in_the_settings(place: Place, name: str) -> None:
    told = place.load("--debug", **{**FEDERATION, name: KEY})
    assert told.connection.credential is not None
    assert told.invocation.redact(f"a{KEY}b") == "a[clave]b" and repr(told.invocation.redact) == "Redactor()"
    assert KEY not in repr(told) + str(told)
    parts = (told, told.invocation, told.connection, told.paths, told.preferences, told.tools)
    assert not any(KEY in str(getattr(part, field.name)) for part in parts for field in fields(part))


@pytest.mark.parametrize(
    ("argv", "environ"),
    [
        (["--nada"], {}),
        (["--max-tokens", "0"], {}),
        (["--model", "con espacio"], {}),
        ([], {"ANTHROPIC_BASE_URL": "http://ladron.example"}),
        ([], {"ANTHROPIC_BASE_URL": f"https://{KEY}@servidor.example"}),
        ([], {"ANTHROPIC_BASE_URL": f"http://yo:{KEY}@servidor.example"}),
        ([], {"ANTHROPIC_MODEL": "claude-sonnet-4-20250514"}),
    ],
)
def test_no_hint_shows_the_key(place: Place, argv: list[str], environ: dict[str, str]) -> None:
    place.refused(*argv, ANTHROPIC_API_KEY=KEY, **environ)


# -- practice -----------------------------------------------------------------------------------


def test_practice_is_for_want_of_anything_else_or_asked_for(place: Place) -> None:
    fallen_back = place.load()
    assert (fallen_back.connection.practice, fallen_back.connection.practice_requested) == (True, False)
    asked = place.load("--practice", ANTHROPIC_API_KEY=KEY, ANTHROPIC_BASE_URL="https://servidor.example")
    assert (asked.connection.practice, asked.connection.practice_requested) == (True, True)
    assert (asked.connection.base_url, asked.connection.credential, asked.connection.server) == (
        None,
        None,
        None,
    )
    told = place.load()
    assert (told.connection.practice, told.connection.practice_requested, told.connection.credential) == (
        False,
        False,
        "ANTHROPIC_API_KEY",
    )


def test_a_fault_is_for_practice_mode(place: Place) -> None:
    assert (
        place.load("--fault", "corte:12").invocation.fault == "corte:12"
    )  # what is wrong with it, practice mode says
    assert place.load("--fault=corte", "--practice", ANTHROPIC_API_KEY=KEY).invocation.fault == "corte"
    assert "--practice" in place.refused("--fault", "corte", ANTHROPIC_API_KEY=KEY)


def test_a_server_of_ones_own_needs_no_credential(place: Place) -> None:
    told = place.load(ANTHROPIC_BASE_URL="http://localhost:11434")
    assert (told.connection.practice, told.connection.credential, told.connection.base_url) == (
        False,
        None,
        "http://localhost:11434",
    )


def test_when_practice_is_asked_for_broken_values_do_not_matter(place: Place) -> None:
    assert place.load(
        "--practice", ANTHROPIC_API_KEY="rota rota", ANTHROPIC_BASE_URL="nada"
    ).connection.practice


# -- base URL -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "used", "server"),
    [
        ("https://servidor.example", "https://servidor.example", "servidor.example"),
        ("https://servidor.example/", "https://servidor.example", "servidor.example"),
        ("  https://servidor.example/v1/  ", "https://servidor.example", "servidor.example"),
        ("https://servidor.example/proxy/v1", "https://servidor.example/proxy", "servidor.example"),
        ("https://servidor.example/v1x", "https://servidor.example/v1x", "servidor.example"),
        ("https://servidor.example:8443", "https://servidor.example:8443", "servidor.example:8443"),
        ("https://api.anthropic.com/v1", "https://api.anthropic.com", None),
        ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443", "[2001:db8::1]:8443"),
        ("http://localhost:11434/v1", "http://localhost:11434", "localhost:11434"),
        ("http://LOCALHOST", "http://LOCALHOST", "LOCALHOST"),
        ("HTTP://127.0.0.1:1", "HTTP://127.0.0.1:1", "127.0.0.1:1"),
        ("http://127.8.9.10", "http://127.8.9.10", "127.8.9.10"),
        ("http://[::1]:8080/v1", "http://[::1]:8080", "[::1]:8080"),
    ],
)
def test_a_base_url_that_will_do(place: Place, told: str, used: str, server: str | None) -> None:
    settings = place.load(ANTHROPIC_BASE_URL=told)
    assert (settings.connection.base_url, settings.connection.server) == (used, server)


@pytest.mark.parametrize("told", ["", "  ", "/", "/v1"])
def test_a_base_url_that_is_none(place: Place, told: str) -> None:
    settings = place.load(ANTHROPIC_BASE_URL=told)
    assert (settings.connection.base_url, settings.connection.server, settings.connection.practice) == (
        None,
        None,
        True,
    )


def test_in_practice_no_server_is_shown() -> None:
    assert (
        Settings(connection=Connection(practice=True, base_url="http://127.0.0.1:5000")).connection.server
        is None
    )
    assert (
        Settings(connection=Connection(base_url="http://127.0.0.1:5000")).connection.server
        == "127.0.0.1:5000"
    )


@pytest.mark.parametrize(
    "told",
    [
        "servidor.example", "localhost:11434", "//servidor.example", "ftp://servidor.example", "file:///etc/passwd",
        "javascript:alert(1)", "https://", "https://:8443", "https://servidor.example:puerto",
        "https://servidor.example:99999", "https://[::1", "https://[::g]", "https://[nombre]",
        "https://a[::1]", "http://[::1].evil.example:80",
        "https://ser vidor.example",
        "https://servidor.example/\x1b]0;título\x07", "https://servidor.example/\nX: y", "https://servidor\t.example",
        "https://servidor.example/\u202e", "https://servidor.example/\udcff", "https://\u2100.example",
    ],
)  # fmt: skip
def test_a_base_url_that_is_no_address(place: Place, told: str) -> None:
    hint = place.refused(ANTHROPIC_BASE_URL=told)
    assert hint.startswith("ANTHROPIC_BASE_URL: «")
    assert "no es una dirección" in hint


@pytest.mark.parametrize(
    "host",
    [
        "servidor.example", "0.0.0.0", "10.0.0.1", "127.0.0.1.ladron.example", "localhost.ladron.example",
        "128.0.0.1", "127.1", "[::2]", "[::ffff:10.0.0.1]", "127.0.0.x", "localhost.:80",
        pytest.param("127.٠.٠.١"),
        pytest.param("127.0.0.999"),
    ],
)  # fmt: skip
def test_without_tls_a_credential_goes_only_to_this_machine(place: Place, host: str) -> None:
    url = f"http://{host}"
    # Nothing is sent that has to be kept from anybody else: what people have in the next room works.
    settings = place.load(ANTHROPIC_BASE_URL=url)
    assert settings.connection.base_url == url and settings.connection.shown_server.endswith("(sin cifrar)")
    for secret in ({"ANTHROPIC_API_KEY": KEY}, {"ANTHROPIC_CUSTOM_HEADERS": f"Authorization: Bearer {KEY}"}):
        hint = place.refused(ANTHROPIC_BASE_URL=url, **secret)
        assert "sin cifrar" in hint and next(iter(secret)) in hint and KEY not in hint
        assert "--insecure-http" in hint and "STREAM_CORE_INSECURE_HTTP" in hint
        assert place.load("--insecure-http", ANTHROPIC_BASE_URL=url, **secret).connection.insecure_http
        told = place.load(ANTHROPIC_BASE_URL=url, STREAM_CORE_INSECURE_HTTP="sí", **secret)
        assert told.connection.insecure_http
        for name in (*secret, "STREAM_CORE_INSECURE_HTTP"):
            del place.environ[name]
    assert not place.load(
        ANTHROPIC_BASE_URL=url, ANTHROPIC_CUSTOM_HEADERS="X-Team: one"
    ).connection.insecure_http


@pytest.mark.parametrize(
    "source",
    [
        {"ANTHROPIC_AUTH_TOKEN": "a-token-of-a-test"},
        {"ANTHROPIC_PROFILE": "trabajo"},
        {
            "ANTHROPIC_IDENTITY_TOKEN": "a",
            "ANTHROPIC_FEDERATION_RULE_ID": "b",
            "ANTHROPIC_ORGANIZATION_ID": "c",
        },
        {"ANTHROPIC_CONFIG_DIR": "/una/carpeta"},
    ],
)
def test_whatever_the_credential_is(place: Place, source: dict[str, str]) -> None:
    assert "sin cifrar" in place.refused(ANTHROPIC_BASE_URL="http://ollama:11434", **source)
    assert place.load(ANTHROPIC_BASE_URL="http://localhost:11434", **source).connection.base_url


def test_what_says_neither_yes_nor_no(place: Place) -> None:
    assert "STREAM_CORE_INSECURE_HTTP" in place.refused(STREAM_CORE_INSECURE_HTTP="quizá")


def test_headers_that_cannot_be_sent_are_told_before_anything_is(place: Place) -> None:
    hint = place.refused(ANTHROPIC_API_KEY=KEY, ANTHROPIC_CUSTOM_HEADERS=f"X-Equipo: {KEY}ñ")
    assert "ANTHROPIC_CUSTOM_HEADERS" in hint and "X-Equipo" in hint and KEY not in hint


@pytest.mark.parametrize(
    "told",
    [
        "https://yo:contraseña@servidor.example",
        "https://api.anthropic.com@ladron.example",
        "https://@servidor.example",
        "http://localhost@ladron.example",
        "http://localhost:80@ladron.example",
        "https://:contraseña@servidor.example",
        pytest.param("https://yo:contraseña@servidor.example:99999"),
        pytest.param("https://yo:contraseña@"),
    ],
)
def test_a_credential_inside_the_address_is_refused_without_showing_it(place: Place, told: str) -> None:
    assert "contraseña@" not in place.refused(ANTHROPIC_BASE_URL=told)


def test_a_long_address_is_shown_short(place: Place) -> None:
    assert len(place.refused(ANTHROPIC_API_KEY=KEY, ANTHROPIC_BASE_URL="http://" + "x" * 10_000)) < 300
    assert len(place.refused(ANTHROPIC_BASE_URL="http:// " + "x" * 10_000)) < 300


@given(
    st.text(st.characters(codec=None), max_size=30),
    st.sampled_from(["", "http://", "https://", "http://127.0.0.1"]),
)
def test_an_address_will_do_or_is_refused_in_one_safe_line(rest: str, scheme: str) -> None:
    try:
        url = access.base_url(scheme + rest)
    except ConfigError as error:
        assert not UNSAFE.search(error.hint)
    else:
        assert url is None or (url.isprintable() and url.lower().startswith(("https://", "http://")))


@pytest.mark.parametrize("host", ["localhost", "::1", "127.0.0.1", "127.255.255.254"])
def test_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["", "::", "127", "127.0.0", "127.0.0.1.2", "12.7.0.0", "localhost.example"])
def test_other_machines(host: str) -> None:
    assert not is_loopback(host)
