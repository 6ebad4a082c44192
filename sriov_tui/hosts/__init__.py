"""The boundary to a machine: this one, a recording, or a machine as data."""
