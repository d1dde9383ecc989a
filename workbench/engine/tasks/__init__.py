"""What a student is trained for: one file a task; the loop knows none of them."""
