"""What people see and touch: values in by method, wishes out by signal. Knows no torch, no asyncio and no files."""
