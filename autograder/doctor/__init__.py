"""What the sandbox holds on this machine, tried from inside it."""
