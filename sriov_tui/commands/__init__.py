"""One module per command: `register` adds its parser, `run` does it and gives the exit status."""
