"""The Ansible collection against simulated machines: `make ansible`. Outside `make test`, which needs no Ansible."""
