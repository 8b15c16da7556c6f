"""Who signed in, with what, and which secret was used: identity providers, second factors, vaults, access brokers."""
