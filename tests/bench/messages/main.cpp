// What sending and getting a message costs with and without us, side by side.
//
//   bench_messages PROGRAMS LIBRARY EXPORTER ROUNDS
#include "tests/bench/with_without.h"

namespace {

constexpr llmo::bench::Row kRows[] = {
    {"amqp_sender", "small", "RabbitMQ, 100 bytes"},
    {"amqp_sender", "headers", "RabbitMQ, 100 bytes, five headers of its own"},
    {"amqp_sender", "large", "RabbitMQ, 10 KB"},
    {"kafka_sender", "queue", "Kafka, rd_kafka_produce() as far as the producer's queue, 100 bytes"},
    {"kafka_sender", "list", "Kafka, rd_kafka_producev() with a list of headers, as far as that"},
    {"kafka_sender", "deliver", "Kafka, 1 KB, until its broker (on loopback) has it"},
    {"kafka_sender", "receive", "Kafka, rd_kafka_consumer_poll() with a message that has been fetched"},
    {"kafka_sender", "idle", "Kafka, rd_kafka_consumer_poll() without a message"},
};

}  // namespace

int main(int argc, char** argv) { return llmo::bench::compare_main(argc, argv, "a message", kRows); }
