//! A private PostgreSQL from installed binaries, for people who have set no DATABASE_URL.
