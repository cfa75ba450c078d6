"""LiveCaller on one machine: servers, processes and checks under one command."""
