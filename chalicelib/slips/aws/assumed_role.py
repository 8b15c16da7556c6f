"""The credentials of another role, for what only that role may do."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from botocore.session import Session


def assume_role(role_arn: str, settings: Any) -> Session:
    """Return a session with the credentials of the role, which botocore fetches at the first call, and again before
    they expire: a process of Lambda lives for longer than their hour. `settings` are those of the STS client."""
    import botocore.session
    from botocore.credentials import (
        AssumeRoleCredentialFetcher,
        CredentialProvider,
        CredentialResolver,
        DeferredRefreshableCredentials,
    )
    from botocore.exceptions import NoCredentialsError

    own = botocore.session.get_session()
    credentials = own.get_credentials()
    if credentials is None:
        raise NoCredentialsError
    # What the other account's CloudTrail shows: the function, or a command.
    name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "slips")[:64]
    fetcher = AssumeRoleCredentialFetcher(
        partial(own.create_client, config=settings), credentials, role_arn, extra_args={"RoleSessionName": name}
    )

    class AssumedRole(CredentialProvider):
        METHOD = "assume-role"

        def load(self) -> DeferredRefreshableCredentials:
            return DeferredRefreshableCredentials(method=self.METHOD, refresh_using=fetcher.fetch_credentials)

    session = botocore.session.get_session()
    session.register_component("credential_provider", CredentialResolver([AssumedRole()]))
    return session
