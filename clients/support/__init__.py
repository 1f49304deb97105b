"""What the suites share: the simulator's process, and the doors that clients come through."""
