"""Where the bytes of people's files lie: on a disk or in S3, behind one interface."""
