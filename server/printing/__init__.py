"""What is printed: labels, singly and on sheets."""
