"""A run in a real AWS account: deploy, canary, objects with every fault, drain, destroy, and a page of what was seen.

`make live` begins it. Its own test runs it against the emulated account.
"""
