"""kubectl's JSONPath: its own dialect, with ranges, filters and texts, and its own words for what is wrong."""
