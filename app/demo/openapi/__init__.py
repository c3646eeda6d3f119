"""The OpenAPI documents of the demo clusters, and the field checks that follow from them."""
