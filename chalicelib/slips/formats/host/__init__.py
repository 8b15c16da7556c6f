"""Logs of hosts, containers and what runs on them."""
