"""What the issues promise, a test for each line that a program can judge, judged from outside where that is possible."""
