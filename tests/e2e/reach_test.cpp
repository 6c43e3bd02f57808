// libcurl wherever it is: behind plug-ins, twice in one process, gone and back, taken by hand.
#include <catch2/catch.hpp>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/e2e/plugins.h"
#include "tests/e2e/variants.h"
#include "tests/support/mock_server.h"
#include "tests/support/run.h"

namespace llmo::test {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

const char* const kOpenSsl = "-lcurl";
const char* const kGnuTls = "-l:libcurl-gnutls.so.4";

std::string host() { return program_path("reach_host", "gcc-O2"); }

struct Pair {
  Run with;
  Run without;
};

// The same program with and without us: output and exit code are to be the same.
Pair run_both(Sandbox& sandbox, Words argv, const Environment& env = {}) {
  Pair runs;
  runs.without = sandbox.run(argv, {.env = env, .preload = false});
  runs.with = sandbox.run(argv, {.env = env});
  CHECK(runs.with.out == runs.without.out);
  CHECK(runs.with.err == runs.without.err);
  CHECK(runs.with.exit_code == runs.without.exit_code);
  CHECK(runs.with.signal == runs.without.signal);
  return runs;
}

// Each request came with the headers that its program set, once each.
void check_own_headers(const MockServer& server) {
  for (const SeenRequest& request : server.log()) {
    CHECK(request.header("X-Own") == Words{"1"});
    CHECK(request.header("Authorization") == Words{"Bearer mine"});
    CHECK(request.header("traceparent").size() <= 1);
  }
}

std::size_t tagged(const MockServer& server) {
  std::size_t count = 0;
  for (const SeenRequest& request : server.log()) count += request.header("traceparent").size();
  return count;
}

TEST_CASE("a program is seen in whichever way it was linked", "[e2e][reach]") {
  const std::string variant = each_variant();
  const std::string program = GENERATE(as<std::string>(), "reach_no_pie", "reach_now", "reach_no_plt");
  CAPTURE(variant, program);
  MockServer server;
  Sandbox sandbox;
  const Pair runs = run_both(sandbox, {program_path(program, variant), server.url("/bytes/20")});
  CHECK(tree_of(runs.with.spans) ==
        "workflow.fetch_agent\n"
        "  GET  [client]\n");
  check_own_headers(server);
  CHECK(tagged(server) == 1);
}

TEST_CASE("a static program runs as ever, and run says why nothing is seen", "[e2e][reach]") {
  const std::string program = GENERATE(as<std::string>(), "reach_static", "reach_static_pie");
  Sandbox sandbox;
  const Pair runs = run_both(sandbox, {program_path(program, "gcc-O2")});
  CHECK(runs.with.out == "ran\n");
  CHECK(runs.with.spans.empty());
  const Finished told = sandbox.llmobserve({"run", "--", program_path(program, "gcc-O2")});
  CHECK(told.exit_code == 0);
  CHECK(told.out == "ran\n");
  CHECK(told.err.find("is statically linked") != std::string::npos);
}

TEST_CASE("each plug-in calls the libcurl that it brought, and both are seen", "[e2e][reach]") {
  MockServer server;
  Sandbox sandbox;
  const std::string openssl = make_library(sandbox.path(), "one", kRequestPlugin, {kOpenSsl});
  const std::string gnutls = make_library(sandbox.path(), "two", kRequestPlugin, {kGnuTls});
  const std::string call = "call:plugin_agent:" + server.url("/bytes/20");
  const std::string flags = GENERATE(as<std::string>(), "n", "l", "nd", "ld", "ng", "ngd", "lgd");
  CAPTURE(flags);
  const Pair runs = run_both(sandbox, {host(), "load:" + flags + ":" + openssl, call,
                                       "load:" + flags + ":" + gnutls, call, "close", call});
  REQUIRE(runs.with.out.find("backend openssl") != std::string::npos);
  REQUIRE(runs.with.out.find("backend gnutls") != std::string::npos);
  CHECK(tree_of(runs.with.spans) ==
        "workflow.calling_workflow\n"
        "  workflow.plugin_agent\n"
        "    GET  [client]\n"
        "workflow.calling_workflow\n"
        "  workflow.plugin_agent\n"
        "    GET  [client]\n"
        "workflow.calling_workflow\n"
        "  workflow.plugin_agent\n"
        "    GET  [client]\n");
  check_own_headers(server);
  CHECK(tagged(server) == 3);
}

// A copy of the system's libcurl under another name that fails in words of its own.
std::string make_other_libcurl(const fs::path& directory) {
  std::string bytes = read_text("/usr/lib/x86_64-linux-gnu/libcurl.so.4");
  const auto exchange = [&bytes](const std::string& from, const std::string& to) {
    std::size_t count = 0;
    for (std::size_t at = 0; (at = bytes.find(from, at)) != std::string::npos; ++count) {
      bytes.replace(at, from.size(), to);
    }
    REQUIRE(count > 0);
  };
  exchange("libcurl.so.4", "libcurl.so.X");
  exchange("Failed to connect", "Unable to connect");
  const std::string path = directory / "libcurl.so.X";
  write_text(path, bytes);
  return path;
}

constexpr const char* kFailingPlugin = R"(
#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
int plugin_agent(const char* url) {
  char text[CURL_ERROR_SIZE] = "";
  CURL* const curl = curl_easy_init();
  curl_easy_setopt(curl, CURLOPT_URL, url);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, text);
  const CURLcode code = curl_easy_perform(curl);
  printf("code %d, %.6s\n", code, text);
  curl_easy_cleanup(curl);
  return code;
}
)";

TEST_CASE("of two libcurls with the same symbols a plug-in gets the one that it gets without us",
          "[e2e][reach]") {
  const std::string first = GENERATE(as<std::string>(), "n", "ng", "ngd");
  const std::string second = GENERATE(as<std::string>(), "n", "nd");
  CAPTURE(first, second);
  Sandbox sandbox;
  const std::string other = make_other_libcurl(sandbox.path());
  const std::string system = make_library(sandbox.path(), "one", kFailingPlugin, {kOpenSsl});
  const std::string own = make_library(
      sandbox.path(), "two", kFailingPlugin,
      {"-L" + sandbox.path().string(), "-l:libcurl.so.X", "-Wl,-rpath," + sandbox.path().string()});
  const std::string call = "call:plugin_agent:http://127.0.0.1:9/";
  const Pair runs =
      run_both(sandbox, {host(), "load:" + first + ":" + system, call, "load:" + second + ":" + own, call});
  CHECK(runs.with.out.find("code 7, Failed") != std::string::npos);
  const bool takes_its_own = first == "n" || second == "nd";
  CHECK((runs.with.out.find("code 7, Unable") != std::string::npos) == takes_its_own);
  CHECK(spans_named(runs.with.spans, "GET").size() == 2);
}

TEST_CASE("a deep-bound plug-in is seen however it reaches its functions", "[e2e][reach]") {
  const std::string flags = GENERATE(as<std::string>(), "nd", "ld");
  const Words link = GENERATE(Words{"-Wl,-z,lazy"}, Words{"-Wl,-z,now,-z,relro"}, Words{"-fno-plt"},
                              Words{"-Wl,-z,lazy,-z,norelro"}, Words{"-Wl,-z,pack-relative-relocs"});
  CAPTURE(flags, link);
  MockServer server;
  Sandbox sandbox;
  Words options = link;
  options.insert(options.end(), {kOpenSsl, "-lpthread"});
  const std::string plugin = make_library(sandbox.path(), "plug", kRequestPlugin, options);
  const std::string url = ":" + server.url("/bytes/20");
  const Pair runs = run_both(
      sandbox, {host(), "load:" + flags + ":" + plugin, "call:plugin_agent" + url, "call:table_agent" + url,
                "call:data_agent" + url, "call:thread_agent" + url, "call:pointers:", "close"});
  CHECK(runs.with.out.find("pointers equal") != std::string::npos);
  CHECK(tree_of(runs.with.spans) ==
        "workflow.calling_workflow\n"
        "  workflow.plugin_agent\n"
        "    GET  [client]\n"
        "workflow.calling_workflow\n"
        "  workflow.table_agent\n"
        "    GET  [client]\n"
        "workflow.calling_workflow\n"
        "  workflow.data_agent\n"
        "    GET  [client]\n"
        "workflow.calling_workflow\n"
        "  workflow.thread_agent\n"
        "    GET  [client]\n"
        "workflow.calling_workflow\n");
  check_own_headers(server);
  CHECK(tagged(server) == 4);
}

// What the loader gave a deep-bound plug-in stays: functions that it brings itself, its own pthread_create()
// too.
constexpr const char* kOwnFunctions = R"(
#include <pthread.h>
#include <stdio.h>
const char* shared_name(void) { return "plug-in"; }
int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*body)(void*), void* argument) {
  (void)thread, (void)attributes, (void)body, (void)argument;
  return 4711;
}
int plugin_agent(const char* text) {
  pthread_t thread;
  const int error = pthread_create(&thread, NULL, NULL, NULL);
  printf("%s %s %d\n", text, shared_name(), error);
  return 0;
}
)";

TEST_CASE("a deep-bound plug-in keeps what it brings itself", "[e2e][reach]") {
  Sandbox sandbox;
  const std::string global = make_library(sandbox.path(), "global",
                                          "const char* shared_name(void) { return \"host\"; }\n"
                                          "int plugin_agent(const char* text) { return text[0]; }\n");
  const std::string plugin = make_library(sandbox.path(), "own", kOwnFunctions);
  const Pair deep = run_both(sandbox, {host(), "load:ng:" + global, "load:nd:" + plugin,
                                       "call:plugin_agent:deep", "close", "close"});
  CHECK(deep.with.out.find("deep plug-in 4711") != std::string::npos);
  CHECK(spans_named(deep.with.spans, "workflow.plugin_agent").size() == 1);
}

TEST_CASE("loading fails, repeats and finds nothing new as it does without us", "[e2e][reach]") {
  Sandbox sandbox;
  const std::string plugin = make_library(sandbox.path(), "plug", kRequestPlugin, {kOpenSsl});
  const std::string broken =
      make_library(sandbox.path(), "broken", "int missing(void); int (*const wanted)(void) = missing;\n");
  const std::string lost =
      make_library(sandbox.path(), "lost", "int lost(void) { return 0; }\n", {"-Wl,--no-as-needed", kGnuTls});
  write_text(sandbox.path() / "text.so", "no library\n");
  for (const std::string deep : {"", "d"}) {
    CAPTURE(deep);
    run_both(sandbox, {host(),
                       "load:n" + deep + ":/nowhere/at/all.so",
                       "error",
                       "load:n" + deep + ":no_such_library.so",
                       "load:n" + deep + ":" + broken,
                       "error",
                       "load:" + deep + ":" + plugin,
                       "load:n" + deep + ":" + (sandbox.path() / "text.so").string(),
                       "load:n" + deep + ":" + sandbox.path().string(),
                       "load:no" + deep + ":" + plugin,
                       "load:n" + deep + ":" + plugin,
                       "error",
                       "load:no" + deep + ":" + plugin,
                       "error",
                       "close",
                       "close",
                       "error",
                       "load:no" + deep + ":" + plugin,
                       "load:n" + deep + ":$ORIGIN/nowhere.so",
                       "load:n" + deep + ":",
                       "self:n" + deep,
                       "close",
                       "close",
                       "load:n" + deep + ":" + lost,
                       "close",
                       "error"});
  }
}

// Its constructor loads another one, its destructor says that it was run.
constexpr const char* kLoadsAnother = R"(
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
static void* other;
__attribute__((constructor)) static void on_load(void) {
  other = dlopen(getenv("OTHER_PLUGIN"), RTLD_NOW | RTLD_DEEPBIND);
  printf("constructor %d\n", other != NULL);
}
__attribute__((destructor)) static void on_unload(void) {
  printf("destructor %d\n", dlclose(other));
}
int plugin_agent(const char* url) {
  int (*call)(const char*) = (int (*)(const char*))dlsym(other, "plugin_agent");
  return call == NULL ? -1 : call(url);
}
)";

TEST_CASE("a plug-in may load another in its constructor", "[e2e][reach]") {
  const std::string flags = GENERATE(as<std::string>(), "n", "nd");
  MockServer server;
  Sandbox sandbox;
  const std::string inner = make_library(sandbox.path(), "inner", kRequestPlugin, {kOpenSsl});
  const std::string outer = make_library(sandbox.path(), "outer", kLoadsAnother);
  const Words argv = {host(), "load:" + flags + ":" + outer, "call:plugin_agent:" + server.url("/bytes/20"),
                      "close"};
  const Pair runs = run_both(sandbox, argv, {{"OTHER_PLUGIN", inner}});
  CHECK(runs.with.out.find("destructor 0") != std::string::npos);
  check_own_headers(server);
  // The constructor of a deep-bound plug-in runs before it is bound: what it loads deep-bound stays unseen.
  CHECK(spans_named(runs.with.spans, "GET").size() == (flags == "n" ? 1 : 0));
}

TEST_CASE("a plug-in that is looked for by name is found where its caller finds it", "[e2e][reach]") {
  MockServer server;
  Sandbox sandbox;
  make_library(sandbox.path(), "byname", kRequestPlugin, {kOpenSsl});
  const std::string opener =
      "#include <dlfcn.h>\n"
      "int plugin_agent(const char* url) {\n"
      "  void* plugin = dlopen(\"libbyname.so\", RTLD_NOW | MODE);\n"
      "  return plugin ? ((int (*)(const char*))dlsym(plugin, \"plugin_agent\"))(url) : -1;\n"
      "}\n";
  const std::string mode = GENERATE(as<std::string>(), "-DMODE=0", "-DMODE=RTLD_DEEPBIND");
  const std::string url = server.url("/bytes/20");
  const std::string plain = make_library(sandbox.path(), "plain", opener, {mode});
  const std::string with_path =
      make_library(sandbox.path(), "withpath", opener, {mode, "-Wl,-rpath," + sandbox.path().string()});

  const Pair by_runpath = run_both(sandbox, {host(), "load:n:" + with_path, "call:plugin_agent:" + url});
  CHECK(by_runpath.with.out.find("code 0") != std::string::npos);
  // Here the loader must see the true caller, so the plug-in is loaded past us and stays deep-bound.
  CHECK(spans_named(by_runpath.with.spans, "GET").size() == (mode == "-DMODE=0" ? 1 : 0));

  const Pair not_found = run_both(sandbox, {host(), "load:n:" + plain, "call:plugin_agent:" + url});
  CHECK(not_found.with.out.find("-1") != std::string::npos);
  Sandbox other;
  const Pair by_environment = run_both(other, {host(), "load:n:" + plain, "call:plugin_agent:" + url},
                                       {{"LD_LIBRARY_PATH", sandbox.path()}});
  CHECK(by_environment.with.out.find("code 0") != std::string::npos);
  CHECK(spans_named(by_environment.with.spans, "GET").size() == 1);
  check_own_headers(server);
}

TEST_CASE("many threads load and close deep-bound plug-ins at once", "[e2e][reach]") {
  MockServer server;
  Sandbox sandbox;
  const std::string plugin =
      make_library(sandbox.path(), "plug", kRequestPlugin, {kGnuTls, "-Wl,-z,now,-z,relro"});
  const Pair runs =
      run_both(sandbox, {host(), "storm:nd:" + plugin, "storm:ld:" + plugin, "storm:n:" + plugin,
                         "load:nd:" + plugin, "call:plugin_agent:" + server.url("/bytes/20")});
  CHECK(runs.with.out.find("0 failed\n0 failed\n0 failed\n") == 0);
  CHECK(spans_named(runs.with.spans, "GET").size() == 1);
}

// A plug-in without a procedure linkage table, one without any symbol, and one without a dynamic call at all.
TEST_CASE("plug-ins that have nothing to bind load as ever", "[e2e][reach]") {
  Sandbox sandbox;
  const std::string bare =
      make_library(sandbox.path(), "bare", "int plugin_agent(const char* t) { return *t; }\n",
                   {"-nostdlib", "-fno-instrument-functions", "-Wl,--hash-style=sysv"});
  const std::string data =
      make_library(sandbox.path(), "data", "int value = 3;\n", {"-nostdlib", "-Wl,-z,norelro"});
  const Pair runs = run_both(sandbox, {host(), "load:nd:" + bare, "call:plugin_agent:A", "load:nd:" + data,
                                       "close", "close", "load:nd:" + data, "load:ld:" + bare});
  CHECK(runs.with.out.find("65\n") != std::string::npos);
}

TEST_CASE("libcurl may go and come back, at another address or as another flavour", "[e2e][reach]") {
  const std::string flags = GENERATE(as<std::string>(), "n", "nd");
  MockServer server;
  Sandbox sandbox;
  const std::string openssl = make_library(sandbox.path(), "one", kRequestPlugin, {kOpenSsl});
  const std::string gnutls = make_library(sandbox.path(), "two", kRequestPlugin, {kGnuTls});
  const std::string in_between = make_library(sandbox.path(), "three", "char room[3000000];\n");
  const std::string call = "call:plugin_agent:" + server.url("/bytes/20");
  Words argv = {host()};
  for (const std::string& plugin : {openssl, gnutls, gnutls, openssl, openssl}) {
    argv.insert(argv.end(), {"load:" + flags + ":" + plugin, call, "close"});
  }
  argv.insert(argv.end(), {"load:n:" + in_between, "load:" + flags + ":" + openssl, call, "close"});
  const Pair runs = run_both(sandbox, argv);
  CHECK(spans_named(runs.with.spans, "GET").size() == 6);
  CHECK(spans_named(runs.with.spans, "workflow.plugin_agent").size() == 6);
  check_own_headers(server);
  CHECK(tagged(server) == 6);
}

TEST_CASE("who takes libcurl's functions by hand keeps every header, and is seen", "[e2e][reach]") {
  const std::string library = GENERATE(as<std::string>(), "libcurl.so.4", "libcurl-gnutls.so.4");
  const std::string variant = each_variant();
  MockServer server;
  Sandbox sandbox;
  const Pair runs =
      run_both(sandbox, {program_path("reach_dlsym", variant), library, server.url("/bytes/20")});
  CHECK(runs.with.exit_code == 0);
  check_own_headers(server);
  CHECK(tree_of(runs.with.spans) ==
        "workflow.foreign_workflow\n"
        "  GET  [client]\n"
        "  GET  [client]\n");
}

TEST_CASE("Python's ctypes keeps every header, and is seen", "[e2e][reach]") {
  constexpr const char* kScript = R"(
import ctypes, sys
curl = ctypes.CDLL('libcurl.so.4')
for name in 'curl_easy_init', 'curl_slist_append': getattr(curl, name).restype = ctypes.c_void_p
URL, HTTPHEADER, NOBODY = 10002, 10023, 44
handle = ctypes.c_void_p(curl.curl_easy_init())
headers = ctypes.c_void_p(curl.curl_slist_append(None, b'X-Own: 1'))
headers = ctypes.c_void_p(curl.curl_slist_append(headers, b'Authorization: Bearer mine'))
setopt = curl.curl_easy_setopt
setopt(handle, URL, ctypes.c_char_p(sys.argv[1].encode()))
setopt(handle, HTTPHEADER, headers)
for _ in range(2): print('code', curl.curl_easy_perform(handle), flush=True)
print('', flush=True)
curl.curl_easy_cleanup(handle)
)";
  MockServer server;
  Sandbox sandbox;
  const Pair runs = run_both(sandbox, {"/usr/bin/python3", "-c", kScript, server.url("/bytes/20")});
  CHECK(runs.with.out.find("code 0") != std::string::npos);
  check_own_headers(server);
  CHECK(server.log().size() == 4);
  CHECK(spans_named(runs.with.spans, "GET").size() == 2);
}

// Stands before us in the order of preloads, and passes calls on to whoever comes next.
constexpr const char* kPassesOn = R"(
#include <curl/curl.h>
#include <dlfcn.h>
#include <stdio.h>
static __typeof__(&curl_easy_init) next_init;
static __typeof__(&curl_easy_perform) next_perform;
CURL* curl_easy_init(void) {
  next_init = (__typeof__(next_init))dlsym(RTLD_NEXT, "curl_easy_init");
  return next_init();
}
CURLcode curl_easy_perform(CURL* curl) {
  puts("passed on");
  next_perform = (__typeof__(next_perform))dlsym(RTLD_NEXT, "curl_easy_perform");
  return next_perform(curl);
}
)";

TEST_CASE("a library before us may pass calls on to us", "[e2e][reach]") {
  const Words link = GENERATE(Words{"-fno-instrument-functions"},
                              Words{"-fno-instrument-functions", "-Wl,--no-as-needed", kOpenSsl});
  CAPTURE(link);
  MockServer server;
  Sandbox sandbox;
  const std::string first = make_library(sandbox.path(), "first", kPassesOn, link);
  const Words argv = {program_path("reach_now", "gcc-O2"), server.url("/bytes/20")};
  const Run without = sandbox.run(argv, {.env = {{"LD_PRELOAD", first}}, .preload = false});
  REQUIRE(without.out.find("passed on") != std::string::npos);
  const Run with =
      sandbox.run(argv, {.env = {{"LD_PRELOAD", first + ":" + preload_value()}}, .preload = false});
  CHECK(with.out == without.out);
  CHECK(with.exit_code == without.exit_code);
  CHECK(spans_named(with.spans, "GET").size() == 1);
  check_own_headers(server);
}

TEST_CASE("a C++ wrapper around libcurl is seen through", "[e2e][reach]") {
  const std::string variant = each_variant();
  MockServer server;
  Sandbox sandbox;
  const Pair runs = run_both(sandbox, {program_path("reach_curlpp", variant), server.url()});
  check_own_headers(server);
  CHECK(tagged(server) == 2);
  CHECK(tree_of(runs.with.spans) ==
        "workflow.wrapper_agent\n"
        "  GET  [client]\n"
        "  POST  [client]\n"
        "  POST  [client] ERROR\n");
}

}  // namespace
}  // namespace llmo::test
