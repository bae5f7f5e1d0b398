"""Personal API tokens: what scripts call with, narrower than their owner."""
