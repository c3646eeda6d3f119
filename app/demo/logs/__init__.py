"""What the containers of the demo clusters say."""
