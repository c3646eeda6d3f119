"""What has to be done around a server's start: initialise, copy, join. Each step may be repeated."""
