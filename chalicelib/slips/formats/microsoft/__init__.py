"""Microsoft: Entra and Azure, Microsoft 365 and Defender, Windows."""
