"""制度: the carrier's handbook as pure functions and tables. Standard library only; reads no clock, setting or row."""
