"""The version of SLIPS: of the wheel, of `slips --version` and of `GET /health`."""

VERSION = "1.0.0.dev0"
