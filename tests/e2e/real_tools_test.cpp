// Programs that nobody built for us, from Debian: each prints, returns and sends with us what it does without
// us, and leaves spans.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <regex>
#include <string>
#include <vector>

#include "tests/e2e/file_server.h"
#include "tests/support/mock_server.h"
#include "tests/support/run.h"

namespace llmo::test {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

constexpr const char* kRefused = "http://127.0.0.1:9/";

// What differs between any two runs: the mock's numbers for its answers, times, boundaries; and our header.
std::string without_chance(std::string text) {
  text = std::regex_replace(text, std::regex("mock[0-9]+"), "mock");
  text = std::regex_replace(text, std::regex("after [0-9]+ m"), "after m");
  text = std::regex_replace(text, std::regex("-{24}[0-9a-f]{16}"), "boundary");
  return std::regex_replace(text, std::regex("(> )?traceparent: [^\r\n]*\r?\n"), "");
}

std::string wire_text(const SeenRequest& request) {
  std::string text = request.method + " " + request.target + "\n";
  for (const auto& [name, value] : request.headers) text += name + ": " + value + "\n";
  return without_chance(text + "\n" + request.body);
}

// In an order of their own, as transfers that run side by side come in any.
Words sorted_wire(const std::vector<SeenRequest>& log, std::size_t from) {
  Words texts;
  for (std::size_t i = from; i < log.size(); ++i) texts.push_back(wire_text(log[i]));
  std::sort(texts.begin(), texts.end());
  return texts;
}

std::size_t tags(const std::vector<SeenRequest>& log, std::size_t from) {
  std::size_t count = 0;
  for (std::size_t i = from; i < log.size(); ++i) {
    const std::size_t here = log[i].header("traceparent").size();
    CHECK(here <= 1);
    count += here;
  }
  return count;
}

// Runs `argv` without us, then with us; compares all that is to be equal; returns the run with us.
Run same_with_and_without(Sandbox& sandbox, const MockServer& server, const Words& argv,
                          const std::string& input = {}) {
  const std::size_t first = server.log().size();
  const Run without = sandbox.run(argv, {.input = input, .preload = false});
  const std::size_t second = server.log().size();
  const Run with = sandbox.run(argv, {.input = input});
  CHECK(with.exit_code == without.exit_code);
  CHECK(with.signal == without.signal);
  CHECK(without_chance(with.out) == without_chance(without.out));
  CHECK(without_chance(with.err) == without_chance(without.err));

  std::vector<SeenRequest> log = server.log();
  CHECK(tags(log, second) == log.size() - second);
  const Words with_wire = sorted_wire(log, second);
  log.resize(second);
  CHECK(with_wire == sorted_wire(log, first));
  return with;
}

std::size_t calls_in(const Run& run) {
  return static_cast<std::size_t>(
      std::count_if(run.spans.begin(), run.spans.end(), [](const Span& span) { return span.kind == 3; }));
}

// --- curl --------------------------------------------------------------------------------------------------

struct CurlCommand {
  Words arguments;
  std::size_t calls;
};

std::vector<CurlCommand> curl_commands(const MockServer& server, const fs::path& file) {
  return {
      {{"-s", server.url("/bytes/100000")}, 1},
      {{"-s", server.url("/bytes/3"), server.url("/bytes/4"), server.url("/bytes/5")}, 3},
      {{"-s", "-o", "one", server.url("/bytes/3"), "-o", "two", server.url("/bytes/4")}, 2},
      {{"-sv", "-H", "X-Own: 1", "-A", "agent", server.url("/bytes/3")}, 1},
      {{"-s", "-T", file, server.url("/bytes/11")}, 1},
      {{"-s", "-T", "-", server.url("/bytes/11")}, 1},
      {{"-s", "-F", "field=@" + file.string(), server.url("/bytes/9")}, 1},
      {{"-s", "-d", "@-", server.url("/bytes/11")}, 1},
      {{"-s", "-I", server.url("/bytes/5"), server.url("/status/404")}, 2},
      {{"-s", "-i", "-L", server.url("/redirect/3")}, 1},
      {{"-s", "--retry", "2", "--retry-delay", "1", "-w", "%{num_retries} %{http_code}\\n",
        server.url("/status/503")},
       3},
      {{"-sSf", server.url("/status/404"), "--next", "-s", server.url("/bytes/2")}, 2},
      {{"-s", "-r", "0-3", "-w", "%{size_download} %{http_code} %{num_connects}\\n", server.url("/bytes/9")},
       1},
      {{"-s", "--data-binary", "@" + file.string(), "-H", "Expect: 100-continue", server.url("/bytes/11")},
       1},
      {{"-s", "-u", "name:password", "-b", "a=b", "--compressed", server.url("/bytes/6")}, 1},
      {{"-sS", kRefused, server.url("/bytes/2")}, 2},
      {{"-sS", "-m", "0.2", "-H", "X-Mock: slow:3000ms", server.url("/bytes/6")}, 1},
  };
}

TEST_CASE("the curl command does the same in all that it can do", "[e2e][real][curl]") {
  MockServer server;
  Sandbox place;
  write_text(place.path() / "file", std::string(99, 'x') + "\n");
  for (const CurlCommand& command : curl_commands(server, place.path() / "file")) {
    CAPTURE(command.arguments);
    Words argv = {"/usr/bin/curl"};
    argv.insert(argv.end(), command.arguments.begin(), command.arguments.end());
    Sandbox sandbox;
    const Run run = same_with_and_without(sandbox, server, argv, "from standard input\n");
    CHECK(calls_in(run) == command.calls);
  }
}

TEST_CASE("the curl command with transfers side by side does the same", "[e2e][real][curl]") {
  MockServer server;
  Sandbox sandbox;
  Words argv = {"/usr/bin/curl", "-s", "--no-progress-meter", "-Z", "--parallel-max", "4"};
  for (int i = 1; i <= 12; ++i) {
    argv.insert(argv.end(),
                {"-o", "file" + std::to_string(i), server.url("/bytes/" + std::to_string(i * 1000))});
  }
  argv.insert(argv.end(), {"-o", "gone", kRefused});
  const Run run = same_with_and_without(sandbox, server, argv);
  CHECK(calls_in(run) == 13);
  for (int i = 1; i <= 12; ++i) {
    CHECK(fs::file_size(sandbox.path() / ("file" + std::to_string(i))) == static_cast<std::size_t>(i) * 1000);
  }
}

// --- git ---------------------------------------------------------------------------------------------------

// Two commits of some files, and what the dumb protocol needs beside. Nothing is packed: how many objects git
// asks for one by one, before it knows of a pack that has them, is a matter of timing.
constexpr const char* kMakeRepository = R"(
set -e
git init -q -b main work
cd work
git config user.name Somebody
git config user.email somebody@example.invalid
for i in 1 2 3 4 5 6 7 8; do echo "file $i" > "$i"; done
git add . && git commit -q -m first
echo more > 1 && git commit -q -a -m second
git clone -q --bare . "$1/repository.git"
git -C "$1/repository.git" update-server-info
git -C "$1/repository.git" config http.receivepack true
)";

// What users do with a repository. The second clone is changed behind the first one's back.
constexpr const char* kUseRepository = R"(
rm -rf first second
git clone "$1" first && git clone "$1" second
git -C first log --format=%s
git -C first fetch
git -C first ls-remote "$1"
git clone "$1.missing" third
git -C first fsck --full
)";

// Requests of the log without our header, sorted: git asks for several objects at once.
Words sorted_requests(const std::string& log) {
  Words requests;
  for (std::size_t at = 0; at < log.size();) {
    const std::size_t end = std::min(log.find("\n\n", at), log.size());
    requests.push_back(without_chance(log.substr(at, end - at) + "\n"));
    at = end + 2;
  }
  std::sort(requests.begin(), requests.end());
  return requests;
}

std::size_t occurrences(const std::string& text, const std::string& word) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = text.find(word, at)) != std::string::npos; at += word.size()) ++count;
  return count;
}

// One request after the other: which of git's handles, and so which of its headers, a request gets depends on
// the clock otherwise.
Environment git_environment(const fs::path& home) {
  return {{"HOME", home},
          {"LC_ALL", "C"},
          {"GIT_CONFIG_NOSYSTEM", "1"},
          {"GIT_TERMINAL_PROMPT", "0"},
          {"GIT_HTTP_MAX_REQUESTS", "1"},
          {"GIT_AUTHOR_DATE", "2020-01-01T00:00:00Z"},
          {"GIT_COMMITTER_DATE", "2020-01-01T00:00:00Z"}};
}

TEST_CASE("git clones and fetches the same over both of its protocols", "[e2e][real][git]") {
  const std::string path = GENERATE(as<std::string>(), "/repository.git", "/smart/repository.git");
  CAPTURE(path);
  Sandbox sandbox;
  const Environment environment = git_environment(sandbox.path());
  fs::create_directory(sandbox.path() / "served");
  const Run made = sandbox.run({"sh", "-c", kMakeRepository, "sh", sandbox.path() / "served"},
                               {.env = environment, .preload = false});
  INFO(made.err);
  REQUIRE(made.exit_code == 0);

  FileServer server(sandbox.path() / "served");
  const Words use = {"sh", "-c", kUseRepository, "sh", server.url(path)};
  const Run without = sandbox.run(use, {.env = environment, .preload = false});
  const Words wire_without = sorted_requests(server.log());
  server.clear_log();
  const Run with = sandbox.run(use, {.env = environment});
  const std::string log = server.log();

  CHECK(without.out.find("second\nfirst\n") != std::string::npos);
  CHECK(with.out == without.out);
  CHECK(with.err == without.err);
  CHECK(with.exit_code == without.exit_code);
  CHECK(sorted_requests(log) == wire_without);
  CHECK(occurrences(log, "traceparent: ") == wire_without.size());
  CHECK(calls_in(with) == wire_without.size());
}

// --- languages ---------------------------------------------------------------------------------------------

constexpr const char* kPyCurlEasy = R"(
import io, pycurl, sys
base = sys.argv[1]
def ask(curl, path):
    body = io.BytesIO()
    curl.setopt(curl.URL, base + path)
    curl.setopt(curl.WRITEDATA, body)
    try:
        curl.perform()
        print(curl.getinfo(curl.RESPONSE_CODE), len(body.getvalue()))
    except pycurl.error as error:
        print('error', error.args[0])
curl = pycurl.Curl()
curl.setopt(curl.HTTPHEADER, ['X-Own: 1', 'Authorization: Bearer mine'])
for path in '/bytes/10', '/bytes/100000', '/status/404': ask(curl, path)
other = curl.duphandle()
ask(other, '/bytes/7')
curl.reset()
ask(curl, '/bytes/8')
curl.setopt(curl.POSTFIELDS, 'text')
ask(curl, '/bytes/9')
other.close()
print(pycurl.Curl().getinfo(pycurl.RESPONSE_CODE))
def refuse(data): return -1
curl.setopt(curl.WRITEFUNCTION, refuse)
try: curl.perform()
except pycurl.error as error: print('error', error.args[0])
)";

constexpr const char* kPyCurlMulti = R"(
import io, pycurl, sys
multi = pycurl.CurlMulti()
handles = []
for i in range(8):
    curl = pycurl.Curl()
    curl.body = io.BytesIO()
    curl.setopt(curl.URL, sys.argv[1] + '/bytes/%d' % (i * 5000 + 1))
    curl.setopt(curl.HTTPHEADER, ['X-Own: %d' % i])
    curl.setopt(curl.WRITEDATA, curl.body)
    multi.add_handle(curl)
    handles.append(curl)
running = 1
while running:
    while True:
        code, running = multi.perform()
        if code != pycurl.E_CALL_MULTI_PERFORM: break
    multi.select(1.0)
queued, good, bad = multi.info_read()
print(queued, len(good), len(bad))
for curl in handles:
    print(curl.getinfo(curl.RESPONSE_CODE), len(curl.body.getvalue()))
    multi.remove_handle(curl)
    curl.close()
multi.close()
)";

// An event loop of its own around epoll, as aiohttp-like servers write it.
constexpr const char* kPyCurlEpoll = R"(
import io, pycurl, select, sys
multi = pycurl.CurlMulti()
poll = select.epoll()
known = set()
timeout = [0]
def on_socket(event, fd, m, data):
    if event == pycurl.POLL_REMOVE:
        if fd in known: poll.unregister(fd); known.discard(fd)
        return
    mask = (select.EPOLLIN if event & pycurl.POLL_IN else 0) | (select.EPOLLOUT if event & pycurl.POLL_OUT else 0)
    poll.modify(fd, mask) if fd in known else poll.register(fd, mask)
    known.add(fd)
def on_timer(milliseconds): timeout[0] = milliseconds
multi.setopt(pycurl.M_SOCKETFUNCTION, on_socket)
multi.setopt(pycurl.M_TIMERFUNCTION, on_timer)
handles = []
for i in range(8):
    curl = pycurl.Curl()
    curl.body = io.BytesIO()
    curl.setopt(curl.URL, sys.argv[1] + '/bytes/%d' % (i * 5000 + 1))
    curl.setopt(curl.WRITEDATA, curl.body)
    multi.add_handle(curl)
    handles.append(curl)
code, running = multi.socket_action(pycurl.SOCKET_TIMEOUT, 0)
while running:
    events = poll.poll(max(timeout[0], 1) / 1000 if timeout[0] >= 0 else 1)
    if not events: code, running = multi.socket_action(pycurl.SOCKET_TIMEOUT, 0)
    for fd, event in events:
        mask = (pycurl.CSELECT_IN if event & select.EPOLLIN else 0) | \
               (pycurl.CSELECT_OUT if event & select.EPOLLOUT else 0)
        code, running = multi.socket_action(fd, mask)
queued, good, bad = multi.info_read()
print(queued, len(good), len(bad))
for curl in handles:
    print(curl.getinfo(curl.RESPONSE_CODE), len(curl.body.getvalue()))
    multi.remove_handle(curl)
)";

constexpr const char* kPhp = R"(
$base = $argv[1];
function handle($url) {
  $handle = curl_init($url);
  curl_setopt($handle, CURLOPT_RETURNTRANSFER, true);
  curl_setopt($handle, CURLOPT_HTTPHEADER, ['X-Own: 1', 'Authorization: Bearer mine']);
  return $handle;
}
function show($handle) {
  $body = curl_exec($handle);
  echo curl_getinfo($handle, CURLINFO_RESPONSE_CODE), ' ', curl_errno($handle), ' ',
       $body === false ? 'false' : strlen($body), "\n";
}
$handle = handle($base . '/bytes/10');
show($handle);
show($handle);
$copy = curl_copy_handle($handle);
show($copy);
curl_setopt($handle, CURLOPT_POSTFIELDS, ['field' => 'value']);
curl_setopt($handle, CURLOPT_SAFE_UPLOAD, true);
curl_reset($handle);
curl_setopt_array($handle, [CURLOPT_URL => $base . '/status/404', CURLOPT_RETURNTRANSFER => true]);
show($handle);
curl_setopt($handle, CURLOPT_URL, $base . '/echo');
curl_setopt($handle, CURLOPT_POSTFIELDS, 'a=b');
curl_setopt($handle, CURLOPT_HEADERFUNCTION, function ($handle, $line) {
  if (stripos($line, 'content-type') === 0) echo $line;
  return strlen($line);
});
curl_setopt($handle, CURLOPT_WRITEFUNCTION, function ($handle, $data) { return strlen($data); });
curl_exec($handle);
curl_close($handle);
)";

constexpr const char* kPhpMulti = R"(
$base = $argv[1];
$multi = curl_multi_init();
$handles = [];
for ($i = 0; $i < 6; ++$i) {
  $handle = curl_init($base . '/bytes/' . ($i * 3000 + 1));
  curl_setopt($handle, CURLOPT_RETURNTRANSFER, true);
  curl_setopt($handle, CURLOPT_HTTPHEADER, ["X-Own: $i"]);
  curl_multi_add_handle($multi, $handle);
  $handles[] = $handle;
}
do {
  $status = curl_multi_exec($multi, $running);
  if ($running) curl_multi_select($multi);
} while ($running && $status == CURLM_OK);
while ($message = curl_multi_info_read($multi)) $results[] = $message['result'];
echo implode(' ', $results), "\n";
foreach ($handles as $handle) {
  echo strlen(curl_multi_getcontent($handle)), "\n";
  curl_multi_remove_handle($multi, $handle);
}
curl_multi_close($multi);
)";

TEST_CASE("Python's pycurl does the same with one handle", "[e2e][real][pycurl]") {
  MockServer server;
  Sandbox sandbox;
  const Run run =
      same_with_and_without(sandbox, server, {"/usr/bin/python3", "-c", kPyCurlEasy, server.url()});
  CHECK(run.exit_code == 0);
  CHECK(calls_in(run) == 7);
}

TEST_CASE("Python's pycurl does the same with many handles", "[e2e][real][pycurl]") {
  const char* const script = GENERATE(kPyCurlMulti, kPyCurlEpoll);
  MockServer server;
  Sandbox sandbox;
  const Run run = same_with_and_without(sandbox, server, {"/usr/bin/python3", "-c", script, server.url()});
  CHECK(run.exit_code == 0);
  CHECK(run.out.find("0 8 0\n") == 0);
  CHECK(calls_in(run) == 8);
}

TEST_CASE("PHP does the same with one handle", "[e2e][real][php]") {
  MockServer server;
  Sandbox sandbox;
  const Run run = same_with_and_without(sandbox, server, {"/usr/bin/php", "-r", kPhp, server.url()});
  CHECK(run.exit_code == 0);
  CHECK(calls_in(run) == 5);
}

TEST_CASE("PHP does the same with many handles", "[e2e][real][php]") {
  MockServer server;
  Sandbox sandbox;
  const Run run = same_with_and_without(sandbox, server, {"/usr/bin/php", "-r", kPhpMulti, server.url()});
  CHECK(run.exit_code == 0);
  CHECK(run.out.find("0 0 0 0 0 0\n1\n3001\n") == 0);
  CHECK(calls_in(run) == 6);
}

TEST_CASE("cmake downloads and uploads the same", "[e2e][real][cmake]") {
  MockServer server;
  Sandbox sandbox;
  write_text(sandbox.path() / "get.cmake",
             "file(DOWNLOAD ${BASE}/bytes/5000 got STATUS status EXPECTED_HASH "
             "SHA256=0000000000000000000000000000000000000000000000000000000000000000)\n"
             "message(STATUS \"${status}\")\n");
  write_text(sandbox.path() / "all.cmake",
             "file(DOWNLOAD ${BASE}/bytes/5000 got STATUS status HTTPHEADER \"X-Own: 1\")\n"
             "message(STATUS \"${status}\")\n"
             "file(DOWNLOAD ${BASE}/status/404 gone STATUS status)\n"
             "message(STATUS \"${status}\")\n"
             "file(UPLOAD got ${BASE}/echo STATUS status)\n"
             "message(STATUS \"${status}\")\n");
  const std::string base = "-DBASE=" + server.url();
  CHECK(calls_in(same_with_and_without(sandbox, server, {"/usr/bin/cmake", base, "-P", "all.cmake"})) == 3);
  Sandbox other;
  fs::copy_file(sandbox.path() / "get.cmake", other.path() / "get.cmake");
  const Run failing = same_with_and_without(other, server, {"/usr/bin/cmake", base, "-P", "get.cmake"});
  CHECK(failing.exit_code == 1);
  CHECK(calls_in(failing) == 1);
}

}  // namespace
}  // namespace llmo::test
