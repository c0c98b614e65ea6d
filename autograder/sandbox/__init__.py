"""The sandbox of student code: bubblewrap, Landlock, seccomp, limits. Imports nothing of ours."""
