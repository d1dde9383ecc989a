"""The whole program on an X server, driven by the server's own mouse and keyboard."""
