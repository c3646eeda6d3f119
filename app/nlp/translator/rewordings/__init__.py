"""Says in plainer words what people say in passing."""
