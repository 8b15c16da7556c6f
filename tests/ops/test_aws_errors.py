"""What AWS and the file system raise, in one sentence that says what to do."""

from __future__ import annotations

import errno

import pytest
from botocore.exceptions import ClientError, NoCredentialsError, SSOTokenLoadError

from slips.errors import DeploymentError, StoreError
from slips.ops.aws_errors import describe_error, explain_aws_errors


def client_error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no\nway"}}, "GetItem")


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (
            client_error("AccessDenied"),
            "these credentials may not call GetItem (no way); ask for that permission, or use others",
        ),
        (
            client_error("ResourceNotFoundException"),
            (
                "GetItem was refused: ResourceNotFoundException: no way; "
                "is the stack deployed, in this region (AWS_REGION) and under this name (-s)?"
            ),
        ),
        (client_error("Throttled"), "GetItem was refused: Throttled: no way"),
        (
            NoCredentialsError(),
            "there are no AWS credentials; log in (aws sso login), or set AWS_PROFILE or AWS_ACCESS_KEY_ID",
        ),
    ],
)
def test_an_error_is_explained_the_same_by_every_command(error: Exception, text: str) -> None:
    assert describe_error(error) == text
    with pytest.raises(DeploymentError) as raised, explain_aws_errors("the table t"):
        raise error
    assert str(raised.value) == f"the table t: {text}"
    assert describe_error(raised.value) == str(raised.value)  # Its advice is not given twice.


def test_a_subclass_is_explained_as_its_base_is() -> None:
    assert describe_error(SSOTokenLoadError(error_msg="gone")).endswith("`aws configure list-profiles`")


def test_an_error_of_ours_keeps_its_text_and_adds_the_advice_of_its_cause() -> None:
    error = StoreError("the table t: cannot be read.")
    assert describe_error(error) == "the table t: cannot be read."
    error.__cause__ = client_error("AccessDenied")
    assert describe_error(error) == "the table t: cannot be read; ask for that permission, or use others"


def test_files_are_named_and_a_closed_pipe_and_bugs_are_not_described() -> None:
    assert describe_error(FileNotFoundError(errno.ENOENT, "No such file", "x.log")) == "x.log: No such file"
    assert describe_error(BrokenPipeError(errno.EPIPE, "Broken pipe")) == ""
    assert describe_error(KeyError("x")) == ""
