// What all connections of the mock API server share, and how one is served.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "tests/support/mock/connection.h"

namespace llmo::test {

struct Server {
  std::map<std::string, std::string> behaviours_of_paths;
  std::mutex mutex;  // guards the two below
  std::vector<std::string> log;
  std::set<std::string> failed_once;
  std::atomic<int> connections{0};
  std::atomic<int> requests{0};
};

// Answers the requests of a connection until it ends. Owns `fd` and `ssl`, which is null without TLS.
void serve(Server& server, int fd, SSL* ssl);

}  // namespace llmo::test
