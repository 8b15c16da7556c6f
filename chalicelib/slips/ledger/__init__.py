"""What was done: the books of each object, and the counts that the console shows."""
