"""How the catalogs are made: the sentences out of the source, and what the translations have to hold."""
