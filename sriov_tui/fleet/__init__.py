"""Many hosts at once, out of the audits that were collected of them: read, compare, show."""
