"""PostgreSQL through asyncpg and PgBouncer: named queries, pools that age, reads that replicas answer."""
