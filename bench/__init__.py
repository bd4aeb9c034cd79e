"""How fast it is, against PostgreSQL alone on the same machine in the same run (`make bench`)."""
