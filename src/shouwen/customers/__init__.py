"""客户: who the customers are, by reference; what is personal about them lies in the vault."""
