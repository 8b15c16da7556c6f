"""`slips console`: the page on this machine, its requests signed."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from subprocess import PIPE, STDOUT, Popen
from typing import Any
from urllib.parse import urlsplit

import botocore.session
import pytest
from click.testing import CliRunner

from slips.ops.browser import redirect_file
from slips.ops.cli import main
from slips.ops.console_proxy import ConsoleServer, region_of, signer
from slips.ops.deploy.chalice_command import deployed_url
from slips.ops.polling import poll


class Upstream(ThreadingHTTPServer):
    """The deployed API, as far as a request reaches it."""

    daemon_threads = True

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.status, self.answer = 200, b'{"errors": []}'
        upstream = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                seen = {"method": self.command, "path": self.path, "body": body, "headers": dict(self.headers)}
                upstream.asked.append(seen)
                self.send_response(upstream.status)
                self.send_header("Content-Length", str(len(upstream.answer)))
                self.end_headers()
                self.wfile.write(upstream.answer)

            do_POST = do_GET

            def log_message(self, *_: Any) -> None: ...

        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/api/"


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    server = Upstream()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def console(upstream: Upstream) -> Iterator[ConsoleServer]:
    made = ConsoleServer(signer(upstream.url, botocore.session.get_session()))
    yield made
    made.stop()


def ask(console: ConsoleServer, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, bytes]:
    port = urlsplit(console.url).port
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path, body=body and json.dumps(body), headers=headers)
    answer = connection.getresponse()
    said = answer.status, answer.read()
    connection.close()
    return said


def key(console: ConsoleServer) -> dict[str, str]:
    return {"Authorization": f"Bearer {console.key}"}


def exchange(address: str) -> tuple[int, str, str]:
    """Return the status, the address that the browser goes on to, and the message."""
    where = urlsplit(address)
    connection = http.client.HTTPConnection("127.0.0.1", where.port, timeout=10)
    connection.request("GET", where.path, headers={"Sec-Fetch-Site": "cross-site"})  # As from a file.
    answer = connection.getresponse()
    content = answer.status, answer.getheader("Location", ""), answer.read().decode()
    connection.close()
    return content


def test_an_address_gives_the_key_once(console: ConsoleServer) -> None:
    first, second = console.new_address(), console.new_address()
    assert console.key not in first + second + console.url
    assert exchange(first) == (303, f"/#token={console.key}", "")
    status, location, message = exchange(first)
    assert (status, location, "was used" in message) == (403, "", True)
    assert exchange(second)[0] == 303, "each has a code of its own"


@pytest.mark.parametrize("code", ["", "wrong", "%00", "..", "../"])
def test_no_other_address_gives_the_key(console: ConsoleServer, code: str) -> None:
    console.new_address()
    status, location, _ = exchange(f"{console.url}open/{code}")
    assert (status, location) == (403, "")


def test_of_requests_at_the_same_time_one_gets_the_key(console: ConsoleServer) -> None:
    address = console.new_address()
    with ThreadPoolExecutor(8) as pool:
        answers = sorted(pool.map(lambda _: exchange(address)[0], range(8)))
    assert answers == [303, *[403] * 7]


BROWSER = """#!/bin/sh
printf '%s\\n' "$@" > arguments
stat -c %a "$1" "$(dirname "$1")" > modes
cp "$1" page
mv page opened
"""
"""What a browser sees, and all that others see of it."""


def test_the_key_is_in_no_argument_and_no_output(upstream: Upstream, tmp_path: Path) -> None:
    deployed(tmp_path, "iam")
    opener = tmp_path / "bin" / "xdg-open"
    opener.parent.mkdir()
    opener.write_text(BROWSER)
    opener.chmod(0o755)
    path = f"{opener.parent}{os.pathsep}{os.environ['PATH']}"
    command = [
        sys.executable,
        "-c",
        "from slips.ops.entry import main; main()",
        "-vv",
        "console",
        "--url",
        upstream.url,
    ]
    with Popen(
        command, cwd=tmp_path, env={**os.environ, "PATH": path}, stdout=PIPE, stderr=STDOUT, text=True
    ) as process:  # fmt: skip
        opened = tmp_path / "opened"
        poll(opened.exists, bool, seconds=30, pause=0.02)
        in_file = re.findall(r'url=(http[^"]+)"', opened.read_text())[0]
        status, location, _ = exchange(in_file)
        key = location.removeprefix("/#token=")
        assert (status, len(key) > 20) == (303, True)
        assert exchange(in_file)[0] == 403
        connection = http.client.HTTPConnection("127.0.0.1", urlsplit(in_file).port, timeout=10)
        connection.request("GET", "/errors", headers={"Authorization": f"Bearer {key}"})
        assert connection.getresponse().status == 200
        connection.close()
        process.send_signal(signal.SIGINT)
        output = process.communicate(timeout=30)[0]
    assert process.returncode == 0
    arguments = (tmp_path / "arguments").read_text()
    code = in_file.rpartition("/")[2]
    assert [secret for secret in (key, code) if secret in arguments + output] == []
    page = Path(arguments.strip())
    assert (tmp_path / "modes").read_text().split() == ["600", "700"]
    assert page.parent.parent == tmp_path / ".slips"
    assert not page.parent.exists(), "it is removed afterwards"
    [printed] = re.findall(r"^http://127.*$", output, re.MULTILINE)
    assert printed.rpartition("/")[0] == in_file.rpartition("/")[0]


def test_where_the_project_cannot_be_written_the_file_lies_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with redirect_file('http://127.0.0.1:1/open/a"&b', tmp_path / "file" / ".slips") as page:
        assert page.parent.stat().st_mode & 0o777 == 0o700
        assert "url=http://127.0.0.1:1/open/a&quot;&amp;b" in page.read_text()
    assert not page.parent.exists()


def test_requests_are_signed_for_the_api_and_go_below_its_stage(console: ConsoleServer, upstream: Upstream) -> None:
    status, said = ask(console, "GET", "/errors?prefix=a+b%2Fc&limit=5", **key(console))
    assert (status, said) == (200, b'{"errors": []}')
    (seen,) = upstream.asked
    assert (seen["method"], seen["path"]) == ("GET", "/api/errors?prefix=a%20b%2Fc&limit=5")
    signed = seen["headers"]["Authorization"]
    assert signed.startswith("AWS4-HMAC-SHA256 Credential=testing/")
    assert "/eu-central-1/execute-api/aws4_request" in signed
    assert seen["headers"]["X-Amz-Security-Token"] == "testing"
    assert console.key not in json.dumps({name: str(value) for name, value in seen.items()}), "the key stays here"


def test_a_body_goes_along(console: ConsoleServer, upstream: Upstream) -> None:
    ask(console, "POST", "/drain", {"limit": 10}, **key(console))
    assert json.loads(upstream.asked[0]["body"]) == {"limit": 10}


def test_a_body_that_would_be_lost_on_the_way_is_refused(console: ConsoleServer, upstream: Upstream) -> None:
    assert ask(console, "POST", "/drain", **key(console), **{"Transfer-Encoding": "chunked"})[0] == 411
    assert upstream.asked == []


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/errors", {}, 401),
        ("/errors", {"Authorization": "Bearer wrong"}, 401),
        ("/errors", {"Host": "evil.example"}, 403),
        ("/", {"Host": "evil.example:80"}, 403),
        ("/", {"Host": "127.0.0.1:1"}, 403),
        ("/console/../../app.py", {}, 404),
        ("/console/index.html", {}, 404),
    ],
)
def test_foreign_requests_are_refused(
    console: ConsoleServer, upstream: Upstream, path: str, headers: dict[str, str], status: int
) -> None:
    assert ask(console, "GET", path, **headers)[0] == status
    assert upstream.asked == []


@pytest.mark.parametrize("header", [("Origin", "http://evil.example"), ("Sec-Fetch-Site", "same-site")])
def test_the_page_of_another_site_is_refused_even_with_the_key(
    console: ConsoleServer, upstream: Upstream, header: tuple[str, str]
) -> None:
    assert ask(console, "GET", "/errors", **key(console), **dict([header]))[0] == 403
    assert upstream.asked == []


def test_a_request_that_two_readers_read_differently_is_refused(console: ConsoleServer, upstream: Upstream) -> None:
    body = b'{"dry_run": true}'
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(console.url).port, timeout=10)
    connection.putrequest("POST", "/drain")
    for name, value in (*key(console).items(), ("Content-Length", str(len(body))), ("Content-Length", "0")):
        connection.putheader(name, value)
    connection.endheaders(body)
    assert connection.getresponse().status == 400
    connection.close()
    assert upstream.asked == []


def test_the_body_of_a_request_for_a_file_is_no_request_of_its_own(console: ConsoleServer) -> None:
    """A browser sends the next request over the same connection, and would get the response to this one."""
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(console.url).port, timeout=10)
    connection.request("POST", "/console/main.js", body="GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n")
    assert connection.getresponse().read()
    connection.request("GET", "/")
    answer = connection.getresponse()
    assert (answer.status, b"<base" in answer.read()) == (200, True)
    connection.close()


@pytest.mark.parametrize("path", ["/other", "/errors/../../other", "//evil.example/errors"])
def test_only_the_api_is_asked(console: ConsoleServer, upstream: Upstream, path: str) -> None:
    assert ask(console, "GET", path, **key(console))[0] == 404
    assert upstream.asked == []


def test_the_page_is_served_from_here(console: ConsoleServer) -> None:
    status, page = ask(console, "GET", "/")
    assert (status, b'<base href="/">' in page) == (200, True)
    assert ask(console, "GET", "/console/main.js")[0] == 200


def test_a_refusal_of_api_gateway_says_what_is_needed(console: ConsoleServer, upstream: Upstream) -> None:
    upstream.status, upstream.answer = 403, b'{"message": "Forbidden"}'
    status, said = ask(console, "GET", "/stats", **key(console))
    assert (status, json.loads(said)["Code"]) == (403, "ForbiddenError")
    assert "execute-api:Invoke" in json.loads(said)["Message"]


def test_an_api_that_cannot_be_reached_is_a_503(console: ConsoleServer, upstream: Upstream) -> None:
    made = ConsoleServer(signer("http://127.0.0.1:1/api", botocore.session.get_session()))
    try:
        status, said = ask(made, "GET", "/stats", **key(made))
    finally:
        made.stop()
    assert (status, json.loads(said)["Code"]) == (503, "ServiceUnavailableError")


def test_the_region_is_that_of_the_address() -> None:
    assert region_of("https://abc.execute-api.eu-west-1.amazonaws.com/api/") == "eu-west-1"
    assert region_of("https://logs.example.com/") == ""


def deployed(folder: Path, auth: str) -> None:
    (folder / "slips.yml").write_text(
        f"stack_name: mine\nbucket_mapping: {{logs: [{{prefix: in/, format: json}}]}}\napi: {{auth: {auth}}}\n"
    )
    (folder / ".chalice" / "deployed").mkdir(parents=True)
    resources = [
        {"name": "report"},
        {"name": "rest_api", "resource_type": "rest_api", "rest_api_url": "https://abc.example/api/"},
    ]
    (folder / ".chalice" / "deployed" / "dev.json").write_text(json.dumps({"resources": resources}))


def test_with_a_token_the_deployments_own_page_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    deployed(tmp_path, "token")
    ran = CliRunner().invoke(main, ["console", "--no-open"])
    assert (ran.exit_code, ran.output) == (0, "https://abc.example/api/\n")


def test_a_stage_is_asked_as_its_own_slips_yml_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    deployed(tmp_path, "iam")
    (tmp_path / "dev.yml").write_text((tmp_path / "slips.yml").read_text().replace("iam", "token"))
    stages = {"dev": {"environment_variables": {"SLIPS_CONFIG": "dev.yml"}}}
    (tmp_path / ".chalice" / "config.json").write_text(json.dumps({"app_name": "app", "stages": stages}))
    ran = CliRunner().invoke(main, ["console", "--no-open"])
    assert (ran.exit_code, ran.output) == (0, "https://abc.example/api/\n")


def test_the_local_run_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".slips").mkdir()
    (tmp_path / ".slips" / "run.json").write_text(json.dumps({"api": "http://127.0.0.1:8000", "pid": os.getpid()}))
    ran = CliRunner().invoke(main, ["console", "--local", "--no-open"])
    assert (ran.exit_code, ran.output) == (0, "http://127.0.0.1:8000/\n")
    ran = CliRunner().invoke(main, ["console", "--local", "--no-open", "--json"])
    assert json.loads(ran.output) == {"url": "http://127.0.0.1:8000/"}
    (tmp_path / ".slips" / "run.json").write_text("{")
    ran = CliRunner().invoke(main, ["console", "--local", "--no-open"])
    assert (ran.exit_code, "no `slips run` is up" in ran.output) == (1, True)


def test_what_is_missing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ran = CliRunner().invoke(main, ["console", "--local"])
    assert (ran.exit_code, "no `slips run` is up" in ran.output) == (1, True)
    deployed(tmp_path, "iam")
    assert deployed_url(tmp_path, "dev") == "https://abc.example/api/"
    ran = CliRunner().invoke(main, ["console", "--stage", "prod"])
    assert (ran.exit_code, "call slips in the folder of your project" in ran.output) == (2, True)
    (tmp_path / ".chalice" / "deployed" / "dev.json").unlink()
    ran = CliRunner().invoke(main, ["console"])
    assert (ran.exit_code, "--url" in ran.output) == (1, True)
