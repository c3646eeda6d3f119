"""New objects out of flags: what kubectl's create, run, expose and autoscale make, as plain values."""
