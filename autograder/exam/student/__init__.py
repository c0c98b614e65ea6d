"""What runs beside student code. Nothing here is trusted."""
