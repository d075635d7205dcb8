//! Builds everything, spawns the workers, shuts down in order.
