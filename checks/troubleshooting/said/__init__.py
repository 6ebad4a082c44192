"""Causes that a message alone proves: no fact of the host tells them otherwise."""
