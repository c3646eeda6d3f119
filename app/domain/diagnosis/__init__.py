"""What is wrong in a cluster, and why: found by rules over what a person may read, without any language model."""
