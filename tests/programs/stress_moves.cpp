// Work that moves, at random: over threads, pools, processes and queues.
//
// Every piece of work is a span that carries its number and that of the piece which asked for it, and the
// same stands on standard output: `id parent sender`, 0 for none. A message's handler has no parent; it is
// linked to its sender. The numbers choose what a piece does, so every process knows it without being told.
//
//   stress_moves FIRST_SEED SEEDS           the environment variable STRESS_WAYS: letters of the ways to use
//   stress_moves --task ID PARENT DEPTH     one piece of work, in a process of its own
//
// variants: gcc-O2
// flags: -fopenmp -I/usr/include/glib-2.0 -I/usr/lib/x86_64-linux-gnu/glib-2.0/include
// link: -luv -lglib-2.0 -lrdkafka -ltbb
#include <glib.h>
#include <librdkafka/rdkafka.h>
#include <llmobserve/llmobserve.h>
#include <omp.h>
#include <oneapi/tbb/task_group.h>
#include <spawn.h>
#include <sys/wait.h>
#include <threads.h>
#include <unistd.h>
#include <uv.h>

#include <cinttypes>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "program.h"

struct Task {
  std::uint64_t id = 0;
  std::uint64_t parent = 0;
  std::uint64_t sender = 0;  // of the message that asked for it
  int depth = 0;
};

constexpr int kMaxDepth = 4;
constexpr int kMaxChildren = 3;

// The same in every process (splitmix64 of Steele, Lea and Flood).
std::uint64_t random_of(std::uint64_t id) {
  std::uint64_t mixed = id * 0x9e3779b97f4a7c15;
  mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
  return mixed ^ mixed >> 31;
}

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::_Exit(9);
}

void move(const Task& task);

NOINLINE void move_agent(Task task) {
  llmobserve_set_int("stress.id", static_cast<std::int64_t>(task.id));
  char line[96];
  const int size = std::snprintf(line, sizeof line, "%" PRIu64 " %" PRIu64 " %" PRIu64 "\n", task.id,
                                 task.parent, task.sender);
  if (::write(1, line, static_cast<std::size_t>(size)) != size) fail("write");
  if (task.depth == kMaxDepth) return;
  const std::uint64_t children = random_of(task.id) % (kMaxChildren + 1);
  for (std::uint64_t child = 0; child < children; ++child) {
    move({task.id * (kMaxChildren + 1) + child + 1, task.id, 0, task.depth + 1});
  }
}

// A process that was forked from a thread has no threads of any pool.
bool has_pools = true;

// A pool whose workers wait for others of it can run out of them.
thread_local bool is_worker = false;

void work(const Task& task) {
  const bool was_worker = is_worker;
  is_worker = true;
  move_agent(task);
  is_worker = was_worker;
}

bool may_use_pool() { return has_pools && !is_worker; }

// --- threads -----------------------------------------------------------------------------------------------

void by_call(const Task& task) { move_agent(task); }

void by_thread(const Task& task) { std::thread(work, task).join(); }

void by_detached_thread(const Task& task) {
  std::promise<void> done;
  std::thread([&] {
    work(task);
    done.set_value();
  }).detach();
  done.get_future().wait();
}

void by_async(const Task& task) { std::async(std::launch::async, work, task).wait(); }

int run_c_thread(void* task) {
  work(*static_cast<const Task*>(task));
  return 0;
}

void by_c_thread(const Task& task) {
  Task copy = task;
  thrd_t thread;
  if (thrd_create(&thread, run_c_thread, &copy) != thrd_success) fail("thrd_create");
  thrd_join(thread, nullptr);
}

// --- pools -------------------------------------------------------------------------------------------------

void by_openmp(const Task& task) {
  if (!may_use_pool()) return move_agent(task);
#pragma omp parallel num_threads(3)
  if (omp_get_thread_num() == omp_get_num_threads() - 1) work(task);
}

void by_openmp_task(const Task& task) {
  if (!may_use_pool()) return move_agent(task);
#pragma omp parallel num_threads(2)
#pragma omp single
  {
#pragma omp task firstprivate(task)
    work(task);
  }
}

void by_uv(const Task& task) {
  if (!may_use_pool()) return move_agent(task);
  uv_loop_t loop;
  uv_work_t request;
  Task copy = task;
  request.data = &copy;
  uv_loop_init(&loop);
  const auto run = [](uv_work_t* asked) { work(*static_cast<const Task*>(asked->data)); };
  if (uv_queue_work(&loop, &request, run, [](uv_work_t*, int) {}) != 0) fail("uv_queue_work");
  uv_run(&loop, UV_RUN_DEFAULT);
  uv_loop_close(&loop);
}

struct GlibWork {
  Task task;
  std::promise<void> done;
};

void run_glib(gpointer data, gpointer) {
  auto* const asked = static_cast<GlibWork*>(data);
  work(asked->task);
  asked->done.set_value();
}

void by_glib(const Task& task) {
  if (!may_use_pool()) return move_agent(task);
  static GThreadPool* const pool = g_thread_pool_new(run_glib, nullptr, 4, FALSE, nullptr);
  GlibWork asked{task, {}};
  g_thread_pool_push(pool, &asked, nullptr);
  asked.done.get_future().wait();
}

void by_tbb(const Task& task) {
  if (!may_use_pool()) return move_agent(task);
  oneapi::tbb::task_group group;
  for (int other = 0; other < 8; ++other) group.run([] { std::this_thread::yield(); });
  group.run([&task] { work(task); });
  group.wait();
}

// Of the program's own: the context goes with the work by hand.
class Pool {
 public:
  Pool() {
    for (int number = 0; number < 2; ++number) std::thread([this] { serve(); }).detach();
  }

  void run(const std::function<void()>& job) {
    std::promise<void> done;
    {
      const std::lock_guard<std::mutex> guard(lock_);
      jobs_.push_back({llmobserve_capture(), job, &done});
    }
    ready_.notify_one();
    done.get_future().wait();
  }

 private:
  struct Job {
    llmobserve_context context;
    std::function<void()> body;
    std::promise<void>* done;
  };

  void serve() {
    for (;;) {
      std::unique_lock<std::mutex> guard(lock_);
      ready_.wait(guard, [this] { return !jobs_.empty(); });
      const Job job = jobs_.front();
      jobs_.pop_front();
      guard.unlock();
      {
        LLMOBSERVE_ENTER(&job.context);
        job.body();
      }
      job.done->set_value();
    }
  }

  std::mutex lock_;
  std::condition_variable ready_;
  std::deque<Job> jobs_;
};

void by_own_pool(const Task& task) {
  if (!may_use_pool()) return move_agent(task);
  static auto* const pool = new Pool;
  pool->run([&] { work(task); });
}

// --- processes ---------------------------------------------------------------------------------------------

void wait_for(pid_t child) {
  int status = 0;
  if (::waitpid(child, &status, 0) != child || status != 0) fail("child");
}

struct Arguments {
  explicit Arguments(const Task& task)
      : words{"/proc/self/exe", "--task", std::to_string(task.id), std::to_string(task.parent),
              std::to_string(task.depth)} {
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
  }
  std::string command() const {
    static char path[4096];
    if (::readlink("/proc/self/exe", path, sizeof path - 1) < 0) fail("readlink");
    std::string text = path;
    for (std::size_t word = 1; word < words.size(); ++word) text += " " + words[word];
    return text;
  }
  std::vector<std::string> words;
  std::vector<char*> pointers;
};

void by_fork(const Task& task) {
  const pid_t child = ::fork();
  if (child != 0) return wait_for(child);
  has_pools = false;
  move_agent(task);
  ::_exit(0);
}

void by_spawn(const Task& task) {
  Arguments arguments(task);
  pid_t child = 0;
  if (::posix_spawn(&child, "/proc/self/exe", nullptr, nullptr, arguments.pointers.data(), environ) != 0) {
    fail("posix_spawn");
  }
  wait_for(child);
}

void by_exec(const Task& task) {
  Arguments arguments(task);
  const pid_t child = ::fork();
  if (child != 0) return wait_for(child);
  ::execv("/proc/self/exe", arguments.pointers.data());
  ::_exit(9);
}

void by_shell(const Task& task) {
  if (std::system(Arguments(task).command().c_str()) != 0) fail("system");
}

// What the command writes goes on to where we write.
void by_pipe(const Task& task) {
  FILE* const pipe = ::popen(Arguments(task).command().c_str(), "r");
  if (pipe == nullptr) fail("popen");
  char line[256];
  while (std::fgets(line, sizeof line, pipe) != nullptr) {
    if (::write(1, line, std::strlen(line)) < 0) fail("write");
  }
  if (::pclose(pipe) != 0) fail("pclose");
}

// --- queues ------------------------------------------------------------------------------------------------

// Kafka's client brings a cluster of its own for tests.
class Queue {
 public:
  Queue() {
    producer_ = make(RD_KAFKA_PRODUCER, {{"test.mock.num.brokers", "1"}, {"linger.ms", "0"}});
    const std::string brokers = mock_brokers();
    consumer_ = make(RD_KAFKA_CONSUMER, {{"bootstrap.servers", brokers},
                                         {"group.id", "stress"},
                                         {"fetch.wait.max.ms", "10"},
                                         {"auto.offset.reset", "earliest"}});
    rd_kafka_poll_set_consumer(consumer_);
    auto* const topics = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(topics, "work", 0)->offset = RD_KAFKA_OFFSET_BEGINNING;
    rd_kafka_assign(consumer_, topics);
    rd_kafka_topic_partition_list_destroy(topics);
    std::thread([this] { serve(); }).detach();
  }

  void run(const Task& task) {
    std::promise<void> done;
    const std::string text = std::to_string(task.id) + " " + std::to_string(task.parent) + " " +
                             std::to_string(task.depth) + " " +
                             std::to_string(reinterpret_cast<std::uintptr_t>(&done));
    const rd_kafka_resp_err_t error =
        rd_kafka_producev(producer_, RD_KAFKA_V_TOPIC("work"), RD_KAFKA_V_PARTITION(0),
                          RD_KAFKA_V_VALUE(const_cast<char*>(text.data()), text.size()),
                          RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) fail(rd_kafka_err2str(error));
    done.get_future().wait();
  }

 private:
  using Properties = std::vector<std::pair<const char*, std::string>>;

  static rd_kafka_t* make(rd_kafka_type_t type, const Properties& properties) {
    char error[512];
    rd_kafka_conf_t* const conf = rd_kafka_conf_new();
    rd_kafka_conf_set_log_cb(conf, nullptr);
    for (const auto& [name, value] : properties) {
      if (rd_kafka_conf_set(conf, name, value.c_str(), error, sizeof error) != RD_KAFKA_CONF_OK) fail(error);
    }
    rd_kafka_t* const made = rd_kafka_new(type, conf, error, sizeof error);
    if (made == nullptr) fail(error);
    return made;
  }

  std::string mock_brokers() const {
    const rd_kafka_metadata_t* metadata = nullptr;
    if (rd_kafka_metadata(producer_, 0, nullptr, &metadata, 5000) != RD_KAFKA_RESP_ERR_NO_ERROR) {
      fail("rd_kafka_metadata");
    }
    std::string brokers = metadata->brokers[0].host;
    brokers += ":" + std::to_string(metadata->brokers[0].port);
    rd_kafka_metadata_destroy(metadata);
    return brokers;
  }

  void serve() {
    for (;;) {
      rd_kafka_message_t* const message = rd_kafka_consumer_poll(consumer_, 100);
      if (message == nullptr) continue;
      if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) handle(*message);
      rd_kafka_message_destroy(message);
    }
  }

  static void handle(const rd_kafka_message_t& message) {
    const std::string text(static_cast<const char*>(message.payload), message.len);
    Task task;
    std::uint64_t sender = 0;
    std::uintptr_t done = 0;
    if (std::sscanf(text.c_str(), "%" SCNu64 " %" SCNu64 " %d %" SCNuPTR, &task.id, &sender, &task.depth,
                    &done) != 4) {
      fail("message");
    }
    task.sender = sender;
    work(task);
    reinterpret_cast<std::promise<void>*>(done)->set_value();
  }

  rd_kafka_t* producer_ = nullptr;
  rd_kafka_t* consumer_ = nullptr;
};

Queue* queue = nullptr;  // of the first process only

void by_kafka(const Task& task) {
  if (!may_use_pool() || queue == nullptr) return move_agent(task);
  queue->run(task);
}

// -----------------------------------------------------------------------------------------------------------

struct Way {
  char letter;
  void (*move)(const Task& task);
};
constexpr Way kWays[] = {
    {'c', by_call},        {'t', by_thread},   {'d', by_detached_thread},
    {'a', by_async},       {'C', by_c_thread}, {'o', by_openmp},
    {'O', by_openmp_task}, {'u', by_uv},       {'g', by_glib},
    {'p', by_own_pool},    {'b', by_tbb},      {'f', by_fork},
    {'s', by_spawn},       {'e', by_exec},     {'S', by_shell},
    {'P', by_pipe},        {'k', by_kafka},
};
const char* ways = nullptr;  // STRESS_WAYS: all where it is not set

void move(const Task& task) {
  std::vector<Way> chosen;
  for (const Way& way : kWays) {
    if (ways == nullptr || std::strchr(ways, way.letter) != nullptr) chosen.push_back(way);
  }
  chosen[random_of(~task.id) % chosen.size()].move(task);
}

std::uint64_t number(const char* text) { return std::strtoull(text, nullptr, 10); }

int main(int argc, char** argv) {
  ways = std::getenv("STRESS_WAYS");
  if (argc == 5 && std::strcmp(argv[1], "--task") == 0) {
    move_agent({number(argv[2]), number(argv[3]), 0, static_cast<int>(number(argv[4]))});
    return 0;
  }
  if (argc != 3) return 2;
  queue = new Queue;  // outside of all work: a thread's first span belongs to who started the thread
  const std::uint64_t first = number(argv[1]);
  for (std::uint64_t seed = first; seed < first + number(argv[2]); ++seed) {
    move_agent({seed << 32, 0, 0, 0});
  }
  std::_Exit(0);  // threads of pools are still there
}
