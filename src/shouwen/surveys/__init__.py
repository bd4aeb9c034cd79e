"""回访: asking the customer how satisfied they are, and what follows from the answer."""
