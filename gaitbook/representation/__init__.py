"""Labels to tensors and back, invertibly."""
