"""Tests of the fleet's page in a real browser: `make browser`. Outside `make test`, which needs no browser."""
