"""`slips provision`: one CloudFormation stack of what Chalice does not make.

change_set     what would change, and making it so
existing       streams, tables and topics of these names that stand outside of the stack
given          what the ARNs of slips.yml name
notifications  the notification from a bucket to the topic
"""

from .bucket_notifications import notify, untold
from .change_set import Change, ChangeSet, propose, stack_status
from .existing_resources import adopt, outside, taken_topics
from .given_arns import misgiven

__all__ = [
    "Change",
    "ChangeSet",
    "adopt",
    "misgiven",
    "notify",
    "outside",
    "propose",
    "stack_status",
    "taken_topics",
    "untold",
]
