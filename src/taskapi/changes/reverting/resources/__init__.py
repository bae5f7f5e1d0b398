"""What is made, changed and removed is removed, changed back and made again."""
