"""What keeps the demo clusters alive: controllers, a scheduler and a kubelet, all driven by the agenda."""
