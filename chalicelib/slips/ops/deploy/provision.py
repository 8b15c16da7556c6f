"""`slips provision`: one CloudFormation stack of what Chalice does not make.

change_set     what would change, and making it so
existing       streams, tables and topics of these names that stand outside of the stack
given          what the ARNs of slips.yml name
notifications  the notification from a bucket to the topic
"""

from .bucket_notifications import missing_notifications, notify
from .change_set import Change, ChangeSet, propose, stack_status
from .existing_resources import adopt, conflicting_topics, unmanaged_resources
from .given_arns import check

__all__ = [
    "Change",
    "ChangeSet",
    "adopt",
    "check",
    "conflicting_topics",
    "missing_notifications",
    "notify",
    "propose",
    "stack_status",
    "unmanaged_resources",
]
