"""The documents: pages that people write, and pages out of the program's own words, ready for Sphinx."""
