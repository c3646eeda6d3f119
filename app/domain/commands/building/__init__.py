"""From sorted words to typed commands: the flags of each verb, and the function that builds its command."""
