"""The embedded AWS: a moto server in this process, and a player of Lambda over real HTTP.

place     the account and region it says it is
server    the emulator, on a free port of the loopback
likeness  where the emulator is made more like AWS
account   the stack of production, created in it
wiring    which handler of app.py is for which topic and stream
invoke    one invocation, as Lambda makes it
activity  what runs, and what has run
topics    SNS → Lambda, with Lambda's two retries
shards    Kinesis → Lambda, batch by batch, each shard in order
player    all of that together, and whether anything is left to do
"""

from .account import Account
from .lambda_emulator import LambdaEmulator
from .region import place_of
from .server import EmbeddedAws

__all__ = ["Account", "EmbeddedAws", "LambdaEmulator", "place_of"]
