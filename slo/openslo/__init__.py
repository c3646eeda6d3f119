"""OpenSLO v1 in and out: the catalogue's objectives for other tools to read, and other people's for us to watch."""
