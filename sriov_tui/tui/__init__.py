"""The program on a terminal: the Textual apps, what they ask of the machine, and how little they send."""
