"""Files in a directory and in S3: what holds of the one holds of the other."""
