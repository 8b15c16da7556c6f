"""What tests share: one emulated AWS for a whole session (a moto server on the loopback), and DynamoDB in memory."""

from __future__ import annotations

import gc
import logging
import os
from collections.abc import Generator, Iterator
from functools import cache
from threading import Thread
from typing import TYPE_CHECKING, Any

import botocore.session
import pytest
from hypothesis import Phase, settings

import chalicelib  # noqa: F401 - makes the package slips that of this checkout, or says why it is another
from slips.ops.run.embedded.moto_patches import patch_moto

from .memory_dynamodb import MemoryDynamoDB

if TYPE_CHECKING:
    from xdist.scheduler import LoadScopeScheduling

FAKE = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_SESSION_TOKEN": "testing",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": "/dev/null",
    "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
}

# For tests/mutation, which asks whether a test fails, and not at which smallest example.
settings.register_profile("no-shrink", phases=[Phase.explicit, Phase.generate])


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, Any, Any]:
    """Collect without the cycle collector, and exempt from it what is there then: modules and tests, a million objects
    that never die. Traversing them again and again takes a third of the collection, and a tenth of the tests."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(scope="session", autouse=True)
def fake_credentials() -> Iterator[pytest.MonkeyPatch]:
    """No test can reach an AWS account, whatever the machine is logged in to."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in FAKE.items():
            patch.setenv(name, value)
        # The processes that tests start write their output in blocks, as those of a user do.
        for name in ("AWS_PROFILE", "AWS_REGION", "AWS_ENDPOINT_URL", "PYTHONUNBUFFERED"):
            patch.delenv(name, raising=False)
        yield patch


@pytest.fixture(scope="session", autouse=True)
def service_models() -> Iterator[None]:
    """Read the descriptions of AWS's services once: boto3 does so for each client, at 80 ms."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.session, "create_loader", cache(botocore.session.create_loader))
        yield


@pytest.fixture(autouse=True)
def keep_the_environment() -> Iterator[None]:
    """Undo what a test's app leaves in the environment, for the rest of its process.

    A command that imports an app.py names its slips.yml in SLIPS_CONFIG: the next test would read the configuration of
    the last one. And Chalice appends its version to AWS_EXECUTION_ENV for each app: after a thousand tests, that would
    be 20 kB in the User-Agent of each request, which botocore checks character by character.
    """
    before = {name: os.environ.get(name) for name in ("SLIPS_CONFIG", "AWS_EXECUTION_ENV")}
    yield
    for name, value in before.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value


@pytest.fixture(autouse=True)
def show_our_logs_to_caplog() -> Iterator[None]:
    """Chalice lets the logger of an app's name reach no other handlers: where an earlier test loaded the app.py of this
    project, whose name is that of our own logger, caplog would see nothing. And an invocation gives all handlers its
    own format, caplog's too."""
    logging.getLogger("slips").propagate = True
    formatters = [(handler, handler.formatter) for handler in logging.getLogger().handlers]
    yield
    for handler, formatter in formatters:
        handler.setFormatter(formatter)


@pytest.fixture(scope="session")
def aws_endpoint(fake_credentials: pytest.MonkeyPatch) -> Iterator[str]:
    """The server's URL, also in AWS_ENDPOINT_URL. What tests make there must have names of their own.

    SLIPS_TEST_AWS names another emulator, which is up already: dynalite, kinesalite (docs/reliability.md).
    """
    if other := os.environ.get("SLIPS_TEST_AWS"):
        fake_credentials.setenv("AWS_ENDPOINT_URL", other)
        yield other
        return

    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import make_server

    from .keep_alive import KeepAliveHandler

    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # a line a request otherwise
    patch_moto()
    app = DomainDispatcherApplication(create_backend_app)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=KeepAliveHandler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    fake_credentials.setenv("AWS_ENDPOINT_URL", url)
    yield url
    fake_credentials.delenv("AWS_ENDPOINT_URL")
    server.shutdown()
    thread.join()


@pytest.fixture(scope="session")
def emulated_dynamodb(aws_endpoint: str) -> Any:
    """A client of the emulator's DynamoDB."""
    import boto3
    from botocore.config import Config

    return boto3.client("dynamodb", endpoint_url=aws_endpoint, config=Config(max_pool_connections=20))


@pytest.fixture(scope="session")
def dynamodb(request: pytest.FixtureRequest) -> Any:
    """DynamoDB in memory, or in the emulator that SLIPS_TEST_AWS names."""
    return request.getfixturevalue("emulated_dynamodb") if os.environ.get("SLIPS_TEST_AWS") else MemoryDynamoDB()


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling | None:
    """With `--dist loadgroup`: the tests of a file to one worker, and to the same one all files that share the
    deployment of tests/deployment/conftest.py. xdist's own groups have no effect: xdist 3.8 writes them into `_nodeid`,
    which pytest 9 does not read."""
    if config.getoption("dist") != "loadgroup":
        return None
    from xdist.scheduler import LoadScopeScheduling

    files = (config.rootpath / "tests" / "deployment").glob("test_*.py")
    share_a_deployment = {f"tests/deployment/{file.name}" for file in files if "from .deployed" in file.read_text()}

    class LoadFiles(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            return "deployment" if file in share_a_deployment else file

    return LoadFiles(config, log)
