"""PostgreSQL, a Kafka broker and every process of the platform on one machine, without Docker.

Reading order: `postgres`, `broker` (with `apache_kafka`, `embedded_broker`, `kafka_container`), `supervisor`, `web`.
They stand on `leash` (children that die with their parent), `ports` and `cache`. None knows a word of the trade.
"""
