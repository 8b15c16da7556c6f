"""The wheel, installed into empty environments, as its users get it."""
