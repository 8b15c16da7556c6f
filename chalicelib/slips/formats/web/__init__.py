"""Logs of web servers, load balancers and caches."""
