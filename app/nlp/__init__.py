"""The language process: words in, a plan of commands out; holds no credentials."""
