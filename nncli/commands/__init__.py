"""One plain function a command: typed arguments in, a report out. Prints nothing, exits nowhere."""
