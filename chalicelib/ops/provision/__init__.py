"""`slips provision`: one CloudFormation stack of what Chalice does not make.

change_set     what would change, and making it so
existing       streams and tables of these names that stand outside of the stack
notifications  the notification from a bucket to the topic
"""

from .change_set import Change, ChangeSet, propose, stack_status
from .existing import adopt, outside
from .notifications import notify

__all__ = ["Change", "ChangeSet", "adopt", "notify", "outside", "propose", "stack_status"]
