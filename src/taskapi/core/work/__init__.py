"""What happens outside of requests: jobs, their engine, sweeps, signs of life."""
