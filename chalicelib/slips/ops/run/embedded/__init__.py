"""The embedded AWS: a moto server in this process, reached over HTTP, and an emulator of Lambda.

region           the account and region that it stands in for
server           the moto server, on a free port of the loopback
local_only       what stands before it: no page in a browser may ask
moto_patches     changes that make moto more like AWS
account          the stack of production, created in it
triggers         which handler of app.py takes which topic and stream
invoke           one invocation, as Lambda makes it
invocations      the invocations that run, and those that ended
topics           SNS → Lambda, with Lambda's two retries
queues           SQS → Lambda, batch by batch
shards           Kinesis → Lambda, batch by batch, each shard in order
lambda_emulator  all of that together, and whether anything is left to do
"""

from .account import Account
from .lambda_emulator import LambdaEmulator
from .region import place_of
from .server import EmbeddedAws

__all__ = ["Account", "EmbeddedAws", "LambdaEmulator", "place_of"]
