"""What reads do: one module for each family of commands. Nothing here sends anything but GET and access reviews."""
