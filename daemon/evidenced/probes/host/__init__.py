"""What can be seen of the host that the daemon runs on: files, processes, sockets, units."""
