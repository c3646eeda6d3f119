"""The processes of the local stack, each described as a `Service`."""
