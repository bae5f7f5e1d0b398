"""What somebody signs in with elsewhere: listed, and taken off again."""
