// Spans by hand in C++, each way once. The argument says which.
// link: -lcurl
#include <llmobserve/llmobserve.h>

#include <cstdio>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include "curl_program.h"

volatile int work = 0;

namespace acme {

struct Ranker {
  // Its name matches no pattern.
  NOINLINE void rank(int docs) {
    LLMOBSERVE_FUNCTION();
    llmobserve::attribute("docs", docs);
    work = work + docs;
  }
  // Its name matches one.
  template <typename T>
  NOINLINE void rank_agent(T value) {
    LLMOBSERVE_FUNCTION();
    llmobserve::attribute("value", value);
    work = work + static_cast<int>(value);
  }
};

}  // namespace acme

NOINLINE void fetch(const char* url) {
  std::string body;
  CURL* const curl = handle_for(url, &body);
  curl_easy_perform(curl);
  curl_easy_cleanup(curl);
}

NOINLINE void step_agent() { work = work + 1; }

NOINLINE void marks_workflow() {
  acme::Ranker ranker;
  ranker.rank(3);
  ranker.rank_agent(2.5);
}

NOINLINE void scopes_workflow(const char* url) {
  llmobserve::Scope outer(std::string("outer step"));
  outer.attribute("text", std::string("a text"));
  {
    LLMOBSERVE_SCOPE("inner");
    llmobserve::attribute("flag", true);
    llmobserve::attribute("ratio", 0.5);
    llmobserve::attribute("count", 7U);
    llmobserve::attribute("word", "w");
    llmobserve::event("found", "three of them");
    fetch(url);
  }
  outer.end();
  step_agent();
}

NOINLINE void fails() {
  LLMOBSERVE_FUNCTION();
  llmobserve::Scope scope("risky");
  throw std::runtime_error("no");
}

NOINLINE void errors_workflow() {
  try {
    fails();
  } catch (const std::runtime_error&) {
    llmobserve::Scope scope("rescue");  // while no exception is under way any more
  }
  llmobserve::error("gave up");
}

NOINLINE void order_workflow() {
  const llmobserve_block first = llmobserve_begin("first");
  const llmobserve_block second = llmobserve_begin("second");
  llmobserve_end(first);
  llmobserve_end(first);
  { LLMOBSERVE_SCOPE("in second"); }
  llmobserve_end(second);
  step_agent();
  llmobserve_end(second);
  llmobserve_end(12345);
  llmobserve_end(0);
}

NOINLINE void threads_workflow() {
  const llmobserve_block ours = llmobserve_begin("ours");
  std::thread([ours] {
    llmobserve_end(ours);
    const llmobserve_block theirs = llmobserve_begin("theirs");
    (void)theirs;  // left to the end of the thread
  }).join();
  step_agent();
  { LLMOBSERVE_SCOPE("last"); }
}

PLAIN void in_pool(const llmobserve::Context& context) {
  llmobserve::ContextScope in(context);
  step_agent();
  llmobserve::Workflow workflow = llmobserve::current_workflow();
  std::printf("in pool: %s\n", workflow.name);
  LLMOBSERVE_SCOPE("pooled");
}

NOINLINE void pool_workflow(void (*run)(const llmobserve::Context&)) {
  const llmobserve::Context context = llmobserve::capture();
  std::thread([=] {
    run(context);
    run(context);
    run(llmobserve::Context{});
    llmobserve::Context garbage;
    std::memset(&garbage, 0x5a, sizeof garbage);
    run(garbage);
    step_agent();
  }).join();
}

NOINLINE void told_workflow() {
  const llmobserve::Workflow workflow = llmobserve::current_workflow();
  std::printf("%s %s %s %s\n", workflow.name, workflow.trace_id, workflow.span_id, workflow.traceparent);
  LLMOBSERVE_SCOPE("a block");
  std::printf("%s\n", llmobserve::current_workflow().name);
  std::thread([] { std::printf("%s\n", llmobserve::current_workflow().name); }).join();
}

NOINLINE void deeper_agent(int depth) {
  if (depth == 1) llmobserve::set_enabled(false);
  if (depth < 3) deeper_agent(depth + 1);
  if (depth == 2) llmobserve::set_enabled(true);
  if (depth == 2) step_agent();
}

NOINLINE void switched_workflow(const char* url) {
  std::printf("on %d\n", llmobserve::is_enabled());
  deeper_agent(0);
  llmobserve::Scope open("open when it is switched off");
  std::printf("was on %d\n", llmobserve::set_enabled(false));
  std::printf("on %d\n", llmobserve::is_enabled());
  step_agent();
  fetch(url);
  { LLMOBSERVE_SCOPE("not there"); }
  std::thread([] { step_agent(); }).join();
  open.end();
  llmobserve::set_enabled(true);
  step_agent();
}

// Members, and memory of one's own: a scope lives as long as its object.
struct Holder {
  NOINLINE Holder() : scope("held") {}
  llmobserve::Scope scope;
};

NOINLINE void deep_stack() {
  volatile char room[4096];
  room[0] = 1;
  work = work + room[0];
  step_agent();
}

NOINLINE void objects_workflow() {
  Holder holder;
  step_agent();
  const std::unique_ptr<llmobserve::Scope> on_heap(new llmobserve::Scope("on the heap"));
  deep_stack();
  step_agent();
}

NOINLINE void remote(const char* traceparent) {
  const llmobserve::Context context = llmobserve::context_from(traceparent);
  llmobserve::ContextScope in(context);
  LLMOBSERVE_SCOPE("served");
}

int main(int count, char** arguments) {
  const std::string which = count > 1 ? arguments[1] : "";
  const char* const url = count > 2 ? arguments[2] : "";
  if (which == "marks") marks_workflow();
  if (which == "scopes") scopes_workflow(url);
  if (which == "errors") errors_workflow();
  if (which == "order") order_workflow();
  if (which == "threads") threads_workflow();
  if (which == "pool") pool_workflow(in_pool);
  if (which == "told") told_workflow();
  if (which == "switched") switched_workflow(url);
  if (which == "objects") objects_workflow();
  if (which == "remote") remote(url);
  if (which == "none") {
    const llmobserve::Workflow none = llmobserve::current_workflow();
    std::printf("%zu %d\n", std::strlen(none.trace_id), llmobserve::attribute("key", 1));
  }
  std::printf("done %d\n", llmobserve_is_loaded());
  return 0;
}
