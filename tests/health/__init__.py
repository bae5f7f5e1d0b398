"""For load balancers and monitoring."""
