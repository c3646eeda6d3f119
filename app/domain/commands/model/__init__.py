"""Commands as typed values: what kubectl's language says, once it is parsed."""
