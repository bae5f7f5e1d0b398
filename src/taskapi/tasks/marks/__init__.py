"""What a task is marked with and planned by: the labels, the milestone and the cycle that it names."""
