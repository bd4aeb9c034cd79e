"""通知: orders for messages to customers and staff, and their delivery."""
