"""工单: the trouble ticket and its history. Rows and questions; the verbs are in `handling`."""
