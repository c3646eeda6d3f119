"""Language models behind any OpenAI-compatible endpoint: they add to the embedded translator, and are never needed."""
