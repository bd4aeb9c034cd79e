"""客户门户: the public pages, without an account: complain, follow, add, rate, ask for another round."""
