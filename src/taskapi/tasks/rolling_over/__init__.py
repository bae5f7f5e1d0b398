"""What is left open in a cycle goes on in another one."""
