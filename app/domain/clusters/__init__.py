"""What a cluster offers: its resource types, and the names that a person may see."""
