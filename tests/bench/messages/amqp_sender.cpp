// The program that is measured: publishes messages by librabbitmq, in batches, and says how much of the
// processor one took in the median batch, in nanoseconds. Nobody understands them: they go over loopback to a
// process that reads and forgets, so that no server decides how fast they go.
//
//   amqp_sender small|headers|large
#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_tcp_socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <ctime>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/bench/batches.h"

namespace {

constexpr int kBatches = 200;
constexpr int kMessagesPerBatch = 50;
// In which the other side reads what the last batch left, and the exporter takes it.
constexpr std::chrono::milliseconds kPause{3};

// A connection to a child that reads whatever comes.
PLAIN int connect_to_reader() {
  const int listening = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listening, any, size) != 0 || ::listen(listening, 1) != 0) return -1;
  ::getsockname(listening, any, &size);
  const int ours = ::socket(AF_INET, SOCK_STREAM, 0);
  if (::connect(ours, any, size) != 0) return -1;
  const int theirs = ::accept(listening, nullptr, nullptr);
  if (::fork() == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::close(ours);
    std::vector<char> room(1 << 20);
    while (::read(theirs, room.data(), room.size()) > 0) {
    }
    ::_exit(0);
  }
  ::close(theirs);
  ::close(listening);
  const int on = 1;
  ::setsockopt(ours, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return ours;
}

struct Work {
  amqp_connection_state_t connection;
  amqp_basic_properties_t properties;
  std::string body;
};

PLAIN void send(const Work& work) {
  amqp_basic_publish(work.connection, 1, amqp_cstring_bytes("orders"), amqp_cstring_bytes("order.new"), 0, 0,
                     &work.properties, {work.body.size(), const_cast<char*>(work.body.data())});
}

// Of the processor: the reader may be on the same one.
PLAIN double processor_nanos() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

PLAIN double nanos_of_batch(const Work& work) {
  std::this_thread::sleep_for(kPause);
  const double start = processor_nanos();
  for (int i = 0; i < kMessagesPerBatch; ++i) send(work);
  return (processor_nanos() - start) / kMessagesPerBatch;
}

__attribute__((noinline)) void send_workflow(const Work& work) {
  std::vector<double> nanos;
  for (int batch = 0; batch < kBatches; ++batch) nanos.push_back(nanos_of_batch(work));
  llmo::bench::print_median(nanos);
}

}  // namespace

PLAIN int main(int argc, char** argv) {
  const std::string_view way = argc > 1 ? argv[1] : "";
  const int descriptor = connect_to_reader();
  if (descriptor < 0) return 1;
  Work work{amqp_new_connection(), {}, std::string(way == "large" ? 10'000 : 100, 'x')};
  amqp_tcp_socket_set_sockfd(amqp_tcp_socket_new(work.connection), descriptor);

  std::vector<amqp_table_entry_t> headers(5);
  for (amqp_table_entry_t& header : headers) {
    header.key = amqp_cstring_bytes("some-header");
    header.value.kind = AMQP_FIELD_KIND_UTF8;
    header.value.value.bytes = amqp_cstring_bytes("its value");
  }
  if (way == "headers") {
    work.properties._flags = AMQP_BASIC_HEADERS_FLAG;
    work.properties.headers = {static_cast<int>(headers.size()), headers.data()};
  }
  send_workflow(work);
  amqp_destroy_connection(work.connection);
  return 0;
}
