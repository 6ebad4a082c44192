"""Tests in a root folder of another system, which mmdebstrap makes: `make roots`."""
