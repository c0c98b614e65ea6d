"""The sandbox of student code: bubblewrap, Landlock, seccomp, limits. It imports nothing of ours."""
