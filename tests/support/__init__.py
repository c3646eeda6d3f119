"""What several tests stand on: the running stack, a chat client, waiting for a condition."""
