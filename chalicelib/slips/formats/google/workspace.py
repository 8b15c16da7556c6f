"""Google Workspace: the activities of the Reports API, one application each."""

from __future__ import annotations

from ..fields import Event, tag_part
from ..json_format import JsonFormat
from ..registry import register


def _tag(event: Event) -> str:
    """gsuite.<applicationName>"""
    return f"gsuite.{tag_part(event, 'id.applicationName')}"


register(
    JsonFormat(
        name="g-suite-login",
        tag="gsuite.login",
        time="id.time",
        records_key="items",
        signatures=("events, actor, id.time, id.uniqueQualifier, id.customerId, id.applicationName=login",),
        description="Google Workspace (G Suite) login activity",
        document="Google Workspace Admin SDK, Reports API: Login activity events",
        example=b'{"kind":"admin#reports#activity","id":{"time":"2026-03-01T09:15:02.123Z","uniqueQualifier":"358068855354",'
        b'"applicationName":"login","customerId":"C03az79cb"},"actor":{"email":"liz@example.com","profileId":"1178"},'
        b'"ipAddress":"192.0.2.41","events":[{"type":"login","name":"login_success","parameters":'
        b'[{"name":"login_type","value":"google_password"}]}]}',
    ),
    JsonFormat(
        name="google-workspace",
        tag=_tag,
        time="id.time",
        records_key="items",
        signatures=(
            "id.applicationName, id.time, id.uniqueQualifier, actor, events, id.customerId",
            "kind=admin#reports#activity, id.applicationName, id.time, actor, id.uniqueQualifier",
        ),
        description="Google Workspace activity of any application: login, admin, drive, token, meet and all others",
        document="Google Workspace Admin SDK, Reports API: Activities",
        example=b'{"kind":"admin#reports#activity","id":{"time":"2026-03-01T09:15:02.123Z","uniqueQualifier":"-71802",'
        b'"applicationName":"drive","customerId":"C03az79cb"},"actor":{"email":"liz@example.com","profileId":"1178"},'
        b'"ownerDomain":"example.com","ipAddress":"192.0.2.41","events":[{"type":"access","name":"view","parameters":'
        b'[{"name":"doc_title","value":"Plan"},{"name":"primary_event","boolValue":true}]}]}',
    ),
)
