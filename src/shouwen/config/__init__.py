"""The one place where the departments are wired together: settings, addresses, followers, worker loops."""
