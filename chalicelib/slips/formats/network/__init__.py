"""Logs of firewalls, proxies and sensors."""
