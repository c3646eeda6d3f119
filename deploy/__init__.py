"""What is made from the catalogue for those who run the product: generated files, manifests, packages."""
