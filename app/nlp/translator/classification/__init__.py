"""What a text asks for, by a linear model over its words: trained on known sentences, the same answer every time."""
