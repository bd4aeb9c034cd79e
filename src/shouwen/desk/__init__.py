"""工作台: the screens people work on: queues, the ticket, notices, the outbox."""
