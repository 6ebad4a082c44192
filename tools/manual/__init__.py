"""The manual out of the program itself: a page for `man`, completion for two shells, a page for every finding."""
