"""The gateway of a team, as a real HAProxy with the files of `deploy/`: what docs/equipo.md promises."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from support.gateway import DEPLOY, HAPROXY, KEY_OF_TEAM, PEOPLE, Gateway, figures, gateway, is_up
from support.oneshots import command
from support.starting import run
from support.wire import REQUEST, read_sync

from stream_core import Failed, Finished, Text, Timeouts, Waiting
from stream_core.core import errors as e
from stream_core.practice import events, script
from stream_core.practice.scenarios import Scenario
from stream_core.practice.server import PracticeServer

if HAPROXY is None:
    pytest.skip("haproxy is not installed", allow_module_level=True)

pytestmark = pytest.mark.xdist_group("gateway")


def words(*pieces: str, ready: Callable[[], bool] = lambda: True) -> Scenario:
    """A reply of these pieces; the last one waits until it is `ready`."""

    def reply(_: object) -> Iterator[script.Step]:
        yield script.Head()
        yield script.Send(events.message_start("claude-sonnet-5-5", 5) + events.block_start())
        for piece in pieces[:-1]:
            yield script.Send(events.text_delta(piece))
        while not ready():
            yield script.Wait(0.01)
        yield script.Send(events.text_delta(pieces[-1]) + events.block_stop())
        yield script.Send(events.message_delta("end_turn", {"output_tokens": 3}) + events.message_stop())

    return Scenario("words", "", lambda _: True, reply)


@contextmanager
def servers(**scenarios: Scenario) -> Iterator[dict[str, PracticeServer]]:
    """Practice servers by name."""
    running = {
        name: PracticeServer(scenarios=[scenario], pace=1, remember=True)
        for name, scenario in scenarios.items()
    }
    for server in running.values():
        server.start()
    try:
        yield running
    finally:
        for server in running.values():
            server.stop()


@pytest.fixture(scope="module")
def one() -> Iterator[tuple[Gateway, PracticeServer]]:
    """A gateway with generous limits before one server."""
    with servers(one=words("Hola, ", "mundo.")) as running:
        with gateway(
            {"one": running["one"].base_url}, variables={"GATEWAY_REQUESTS_A_MINUTE": "1000"}
        ) as door:
            yield door, running["one"]


def ask(
    door: Gateway,
    person: str = "ana",
    watch: Callable[[Any, Any], None] = lambda *_: None,
    token: str | None = None,
    **more: Any,
) -> Any:
    """A whole reply through the gateway."""
    return read_sync(door.url, watch, api_key=PEOPLE[person] if token is None else token, **more).reply


def messages(server: PracticeServer) -> list[Any]:
    return [request for request in server.requests if "/messages" in request.path]


def refusal(request: urllib.request.Request) -> tuple[int, Any, Any]:
    """Status, headers and parsed body of what is refused."""
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=20)
    with caught.value as answer:
        return answer.code, answer.headers, json.loads(answer.read())


def get(door: Gateway, path: str, **headers: str) -> urllib.request.Request:
    return urllib.request.Request(
        door.url + path, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )


def test_the_files_that_people_get_are_valid(tmp_path: Any) -> None:
    """With names of servers that cannot be looked up here, which is a warning."""
    env = {**os.environ, "GATEWAY_RUN": str(tmp_path), "UPSTREAM_ONE_KEY": "a", "UPSTREAM_TWO_KEY": "b"}
    files = ["-f", str(DEPLOY / "haproxy.cfg"), "-f", str(DEPLOY / "upstreams.cfg")]
    done = subprocess.run(
        [str(HAPROXY), "-c", *files], env=env, capture_output=True, cwd=DEPLOY.parent, check=False
    )
    assert done.returncode == 0, done.stderr.decode()


class TestWho:
    def test_a_person_brings_a_token_and_the_server_sees_the_key_of_the_team(self, one: Any) -> None:
        door, server = one
        assert ask(door).text == "Hola, mundo."
        assert messages(server)[-1].headers["x-api-key"] == KEY_OF_TEAM
        assert not any(
            token in str(request.headers) for request in server.requests for token in PEOPLE.values()
        )

    def test_the_token_may_be_a_bearer(self, one: Any) -> None:
        door, server = one
        before = len(messages(server))
        body = json.dumps({**REQUEST, "stream": True}).encode()
        request = get(
            door,
            "/v1/messages",
            authorization=f"Bearer {PEOPLE['luis']}",
            content_type="application/json",
            anthropic_version="2023-06-01",
        )
        request.data = body
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=20) as answer:
            assert b"mundo" in answer.read()
            assert answer.headers["x-gateway-upstream"] == "one"
        sent = messages(server)[before].headers
        assert "authorization" not in sent and sent["x-api-key"] == KEY_OF_TEAM

    @pytest.mark.parametrize(
        "token", ["", "nobody", "sk-ant-key-of-the-team", "ana", "token-of-ana\ttoken-of-luis"]
    )
    def test_anybody_else_stays_outside(self, one: Any, token: str) -> None:
        door, server = one
        before = len(messages(server))
        status, _, told = refusal(get(door, "/v1/models", x_api_key=token))
        assert (status, told["error"]["type"]) == (401, "authentication_error")
        assert len(messages(server)) == before

    def test_a_token_that_is_refused_is_that_error_in_a_program(self, one: Any) -> None:
        ending = ask(one[0], token="nobody").ending
        assert isinstance(ending, Failed) and isinstance(ending.error, e.AuthFailed)

    @pytest.mark.parametrize(
        "path",
        [
            "/v1/files",
            "/v1/messages/batches",
            "/metrics",
            "/",
            "/v1/messages/../files",
            "/v1/organizations/me",
        ],
    )
    def test_only_models_and_messages_are_behind_it(self, one: Any, path: str) -> None:
        status, _, told = refusal(get(one[0], path, x_api_key=PEOPLE["ana"]))
        assert (status, told["error"]["type"]) == (404, "not_found_error")

    def test_no_token_and_no_key_is_in_its_log(self, one: Any) -> None:
        door, _ = one
        ask(door)
        text = door.log.read_text()
        assert "person=ana upstream=one" in text
        assert not any(secret in text for secret in (*PEOPLE.values(), KEY_OF_TEAM))


class TestStream:
    def test_pieces_pass_while_the_reply_goes_on(self) -> None:
        """The server sends its last piece only when the first has arrived at the client."""
        arrived = threading.Event()
        with servers(one=words("uno ", "dos", ready=arrived.is_set)) as running:
            with gateway({"one": running["one"].base_url}) as door:

                def watch(_: Any, delta: Any) -> None:
                    if isinstance(delta, Text):
                        assert delta.text == "uno " or arrived.is_set()
                        arrived.set()

                assert ask(door, watch=watch).text == "uno dos"

    def test_a_cancel_reaches_the_server(self) -> None:
        """While it streams, and while the answer is still awaited."""
        hung_up = list[int]()  # before each cancel: a health check that is closed early counts, too
        with servers(one=Scenario("slow", "", lambda _: True, _endless)) as running:
            server = running["one"]
            with gateway({"one": server.base_url}) as door:

                def cancel(stream: Any) -> None:
                    hung_up.append(server.hangups)
                    stream.cancel()

                def while_it_streams(stream: Any, delta: Any) -> None:
                    if isinstance(delta, Text):
                        cancel(stream)

                def while_it_waits(stream: Any, delta: Any) -> None:
                    if isinstance(delta, Waiting) and len(hung_up) == 1:
                        assert server.wait_for(lambda: len(messages(server)) == 2, 20)
                        cancel(stream)

                ask(door, watch=while_it_streams)
                assert server.wait_for(lambda: server.hangups > hung_up[0], 20)
                question = [{"role": "user", "content": "espera"}]
                ask(door, watch=while_it_waits, messages=question, timeouts=Timeouts(notice=0.01))
                assert server.wait_for(lambda: server.hangups > hung_up[1], 20)

    def test_a_large_request_passes(self, one: Any) -> None:
        door, server = one
        ask(door, messages=[{"role": "user", "content": "palabra " * 200_000}])
        assert len(messages(server)[-1].body) > 1_600_000


def _endless(body: Any) -> Iterator[script.Step]:
    if "espera" in str(body["messages"]):
        yield script.Hang()
    yield script.Head()
    yield script.Send(
        events.message_start("claude-sonnet-5-5", 5) + events.block_start() + events.text_delta("uno")
    )
    yield script.Hang()


class TestServersThatFail:
    def test_a_server_that_closes_without_a_byte_costs_nothing(self) -> None:
        """The request is tried once more, at the other."""
        closing = Scenario("closing", "", lambda _: True, lambda _: iter([script.Reset()]))
        with servers(bad=closing, good=words("bien ", "va")) as running:
            urls = {name: server.base_url for name, server in running.items()}
            with gateway(urls) as door:
                assert [ask(door).text for _ in range(4)] == ["bien va"] * 4
                assert messages(running["bad"])

    def test_a_server_that_is_gone_is_passed_by_and_comes_back(self) -> None:
        with servers(one=words("uno ", "1"), two=words("dos ", "2")) as running:
            with gateway({name: server.base_url for name, server in running.items()}, 100) as door:
                running["one"].stop()
                assert {ask(door).text for _ in range(3)} == {"dos 2"}
                until(lambda: not is_up(door, "one"))
                assert is_up(door, "two")

    def test_a_reply_that_was_cut_is_not_begun_again(self) -> None:
        def cut(_: object) -> Iterator[script.Step]:
            yield script.Head()
            yield script.Send(events.message_start("claude-sonnet-5-5", 5) + events.block_start())
            yield script.Send(events.text_delta("hasta aquí"))
            yield script.Cut()

        scenario = Scenario("cut", "", lambda _: True, cut)
        with servers(one=scenario, two=scenario) as running:
            with gateway({name: server.base_url for name, server in running.items()}) as door:
                reply = ask(door)
                assert reply.text == "hasta aquí"
                assert isinstance(reply.ending, Failed) and isinstance(reply.ending.error, e.ConnectionLost)
                assert sum(len(messages(server)) for server in running.values()) == 1

    def test_without_any_server_it_says_so_in_the_form_of_the_api(self) -> None:
        with servers(one=words("uno ", "1")) as running:
            with gateway({"one": running["one"].base_url}) as door:
                running["one"].stop()
                status, _, told = refusal(get(door, "/v1/models", x_api_key=PEOPLE["ana"]))
                assert (status, told["type"]) == (503, "error")
                assert told["error"]["type"] == "overloaded_error"

    def test_the_fewest_open_replies_win(self) -> None:
        """Two that stay open at one server send the next two to the other."""
        go = threading.Event()
        scenario = words("uno ", "dos", ready=go.is_set)
        with servers(one=scenario, two=scenario) as running:
            with gateway({name: server.base_url for name, server in running.items()}) as door:
                threads = [threading.Thread(target=ask, args=(door,)) for _ in range(4)]
                for thread in threads:
                    thread.start()
                until(lambda: sum(len(messages(server)) for server in running.values()) == 4)
                go.set()
                for thread in threads:
                    thread.join(20)
                assert [len(messages(server)) for server in running.values()] == [2, 2]


class TestLimits:
    def test_of_requests_in_a_minute_by_person(self, one: Any) -> None:
        with gateway({"one": one[1].base_url}, variables={"GATEWAY_REQUESTS_A_MINUTE": "3"}) as door:
            assert [type(ask(door).ending) for _ in range(4)] == [Finished, Finished, Finished, Failed]
            status, headers, told = refusal(get(door, "/v1/models", x_api_key=PEOPLE["ana"]))
            assert (status, told["error"]["type"], headers["retry-after"]) == (429, "rate_limit_error", "20")
            assert isinstance(ask(door, "luis").ending, Finished)

    def test_of_replies_at_once_by_person(self) -> None:
        go = threading.Event()
        with servers(one=words("uno ", "dos", ready=go.is_set)) as running:
            with gateway(
                {"one": running["one"].base_url}, variables={"GATEWAY_REPLIES_AT_ONCE": "2"}
            ) as door:
                threads = [threading.Thread(target=ask, args=(door,)) for _ in range(2)]
                for thread in threads:
                    thread.start()
                until(lambda: len(messages(running["one"])) == 2)
                status, _, told = refusal(get(door, "/v1/models", x_api_key=PEOPLE["ana"]))
                assert (status, told["error"]["type"]) == (429, "rate_limit_error")
                go.set()
                for thread in threads:
                    thread.join(20)
                assert isinstance(ask(door).ending, Finished)


def test_the_figures_are_there_for_prometheus(one: Any) -> None:
    door, _ = one
    ask(door)
    assert 'haproxy_backend_http_responses_total{proxy="upstreams",code="2xx"}' in figures(door)


def test_the_chat_goes_through_it(one: Any) -> None:
    """The program, with the person's token as its key."""
    door, _ = one
    env = {**os.environ, "ANTHROPIC_API_KEY": PEOPLE["ana"], "ANTHROPIC_BASE_URL": door.url}
    done = run(
        command("Hola"), env=env, capture_output=True, stdin=subprocess.DEVNULL, timeout=60, check=False
    )
    assert done.stdout.decode().strip() == "Hola, mundo.", done.stderr.decode()


def until(holds: Callable[[], bool]) -> None:
    """Wait for what another process does."""
    for _ in range(800):
        if holds():
            return
        time.sleep(0.025)
    raise AssertionError("it never came about")
