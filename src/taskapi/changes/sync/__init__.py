"""The log for clients that keep a copy: what they may see, in the order of commits, without a gap."""
