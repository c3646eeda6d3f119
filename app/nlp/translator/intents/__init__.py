"""What a clause wants, told by the values and the telling words in it rather than by its form."""
