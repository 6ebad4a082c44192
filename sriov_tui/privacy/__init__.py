"""What leaves a machine tells neither its secrets nor, if asked, whose it is."""
