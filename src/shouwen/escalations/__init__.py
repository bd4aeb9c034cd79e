"""升级: what people do about a time limit that ran out: the overdue report, the talk, its measure (S3.3, S3.4)."""
