"""Who signed in and how, and which secret was used: identity providers, second factors, vaults, access brokers."""
