// The examples of the README, in a program that was not made for llmobserve.
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "program.h"

// --- as the README has it
#include <llmobserve/llmobserve.h>

void rank(const std::vector<std::string>& found) {
  LLMOBSERVE_FUNCTION();  // a span, whatever the function's name
  llmobserve::attribute("docs", found.size());
  llmobserve::Scope scope("score");  // a span to the end of the block
  scope.attribute("model", "cross-encoder");
}

class Pool {
 public:
  void submit(std::function<void()> job) {
    const llmobserve::Context context = llmobserve::capture();  // where the caller is
    push([=] {
      llmobserve::ContextScope in(context);  // and so is the job, on whichever thread
      job();
    });
  }
  // ---
  Pool()
      : thread_([this] {
          while (work_once()) {
          }
        }) {}
  ~Pool() {
    push(nullptr);
    thread_.join();
  }

 private:
  void push(std::function<void()> work) {
    const std::lock_guard<std::mutex> guard(mutex_);
    queue_.push_back(std::move(work));
    filled_.notify_one();
  }

  bool work_once() {
    std::unique_lock<std::mutex> guard(mutex_);
    filled_.wait(guard, [this] { return !queue_.empty(); });
    const std::function<void()> work = std::move(queue_.front());
    queue_.pop_front();
    guard.unlock();
    if (work) work();
    return static_cast<bool>(work);
  }

  std::mutex mutex_;
  std::condition_variable filled_;
  std::deque<std::function<void()>> queue_;
  std::thread thread_;
};

int main() {
  Pool pool;
  {
    LLMOBSERVE_SCOPE("first request");
    pool.submit([] { rank({"a", "b"}); });
  }
  {
    LLMOBSERVE_SCOPE("second request");
    pool.submit([] { rank({"c"}); });
  }
  pool.submit([] { rank({}); });
  return 0;
}
