"""A second look at a change that was read from words: is it really what was asked for, all of it, and nothing else?"""
