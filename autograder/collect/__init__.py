"""What a platform lets an instructor download -> ``submitted/STUDENT/ASSIGNMENT/``."""
