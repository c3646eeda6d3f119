"""The Redis Cluster: gathered commands, short-cut faults, measured, its exceptions turned into ours.

Everything in Redis may vanish at any time: callers treat a failure as a miss. Nothing here is the only copy of
anything.
"""
