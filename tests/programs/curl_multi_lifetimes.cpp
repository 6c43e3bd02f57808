// All ways in which a handle comes into a multi and leaves it.

// link: -lcurl
#include "curl_multi.h"

static std::string base;

NOINLINE void removed_early_agent(CURLM* multi) {
  Job job;
  prepare_chat(&job, "removed early", base, "pieces:100,pause:100ms,chunked");
  curl_multi_add_handle(multi, job.curl);
  drive_until(multi, job, 1);
  std::printf("removed early: %d\n", curl_multi_remove_handle(multi, job.curl));
  std::printf("removed again: %d\n", curl_multi_remove_handle(multi, job.curl));
  print_messages(multi);
  finish(&job);
}

NOINLINE void never_driven_agent(CURLM* multi) {
  Job job;
  prepare_chat(&job, "never driven", base);
  curl_multi_add_handle(multi, job.curl);
  std::printf("never driven: %d\n", curl_multi_remove_handle(multi, job.curl));
  finish(&job);
}

NOINLINE void readded_agent(CURLM* multi) {
  Job job;
  prepare_chat(&job, "readded", base);
  for (int time = 0; time < 2; ++time) {
    curl_multi_add_handle(multi, job.curl);
    drive(multi);
    print_messages(multi);
    std::printf("readded: %d\n", curl_multi_remove_handle(multi, job.curl));
  }
  std::printf("then alone: %d\n", curl_easy_perform(job.curl));
  finish(&job);
}

NOINLINE void unread_agent(CURLM* multi) {
  Job kept;
  Job removed;
  Job cleaned;
  prepare(&kept, "kept", base + "/bytes/10");
  prepare(&removed, "removed", base + "/bytes/20");
  prepare(&cleaned, "cleaned", base + "/status/404");
  for (Job* const job : {&kept, &removed, &cleaned}) curl_multi_add_handle(multi, job->curl);
  drive(multi);
  curl_multi_remove_handle(multi, removed.curl);
  finish(&cleaned);
  print_messages(multi);
  curl_multi_remove_handle(multi, kept.curl);
  finish(&kept);
  finish(&removed);
}

NOINLINE void cleaned_inside_agent(CURLM* multi) {
  Job job;
  prepare_chat(&job, "cleaned inside", base, "pieces:100,pause:100ms,chunked");
  curl_multi_add_handle(multi, job.curl);
  drive_until(multi, job, 1);
  finish(&job);
  drive(multi);
  print_messages(multi);
}

NOINLINE void multi_cleaned_agent() {
  CURLM* const multi = curl_multi_init();
  Job job;
  Job waiting;
  prepare_chat(&job, "multi cleaned", base, "pieces:100,pause:50ms,chunked");
  prepare_chat(&waiting, "waiting", base);
  curl_multi_add_handle(multi, job.curl);
  drive_until(multi, job, 1);
  curl_multi_add_handle(multi, waiting.curl);
  std::printf("multi cleaned: %d\n", curl_multi_cleanup(multi));
  job.body.clear();
  const CURLcode code = curl_easy_perform(job.curl);
  std::printf("alone afterwards: %d, %zu bytes\n", code, job.body.size());
  finish(&job);
  finish(&waiting);
}

NOINLINE void reset_inside_agent(CURLM* multi) {
  Job job;
  prepare_chat(&job, "reset inside", base);
  curl_multi_add_handle(multi, job.curl);
  curl_easy_reset(job.curl);
  curl_easy_setopt(job.curl, CURLOPT_URL, (base + "/bytes/7").c_str());
  curl_easy_setopt(job.curl, CURLOPT_WRITEFUNCTION, &append_body);
  curl_easy_setopt(job.curl, CURLOPT_WRITEDATA, &job.body);
  drive(multi);
  print_messages(multi);
  std::printf("reset: %zu bytes\n", job.body.size());
  curl_multi_remove_handle(multi, job.curl);
  finish(&job);
}

NOINLINE void duplicated_agent(CURLM* multi) {
  Job job;
  prepare_chat(&job, "duplicated", base, "pieces:100,pause:30ms,chunked");
  curl_multi_add_handle(multi, job.curl);
  drive_until(multi, job, 1);
  Job copy;
  copy.curl = curl_easy_duphandle(job.curl);
  curl_easy_setopt(copy.curl, CURLOPT_WRITEDATA, &copy.body);
  std::printf("copy: %d\n", curl_easy_perform(copy.curl));
  drive(multi);
  print_messages(multi);
  std::printf("as long: %d\n", copy.body.size() == job.body.size());
  curl_multi_remove_handle(multi, job.curl);
  finish(&copy);
  finish(&job);
}

NOINLINE void moved_agent(CURLM* multi) {
  CURLM* const other = curl_multi_init();
  Job job;
  prepare(&job, "moved", base + "/bytes/30");
  curl_multi_add_handle(multi, job.curl);
  std::printf("while in another: %d\n", curl_multi_add_handle(other, job.curl));
  curl_multi_remove_handle(multi, job.curl);
  std::printf("moved: %d\n", curl_multi_add_handle(other, job.curl));
  std::printf("out of the wrong one: %d\n", curl_multi_remove_handle(multi, job.curl));
  drive(other);
  drive(multi);
  print_messages(multi);
  print_messages(other);
  curl_multi_cleanup(other);
  finish(&job);
}

NOINLINE void refused_agent(CURLM* multi) {
  Job job;
  prepare(&job, "refused", base + "/bytes/40");
  std::printf("no multi: %d, no handle: %d\n", curl_multi_add_handle(nullptr, job.curl),
              curl_multi_add_handle(multi, nullptr));
  curl_multi_add_handle(multi, job.curl);
  std::printf("twice: %d\n", curl_multi_add_handle(multi, job.curl));
  std::printf("perform: %d '%s'\n", curl_easy_perform(job.curl), job.error);
  drive(multi);
  print_messages(multi);
  curl_multi_remove_handle(multi, job.curl);
  finish(&job);
  std::printf("nothing: %d %d\n", curl_multi_perform(nullptr, nullptr), curl_multi_cleanup(nullptr));
}

NOINLINE void set_later_agent(CURLM* multi) {
  Job job;
  prepare(&job, "set later", "http://127.0.0.1:9/");
  curl_multi_add_handle(multi, job.curl);
  curl_easy_setopt(job.curl, CURLOPT_URL, (base + "/v1/chat/completions").c_str());
  curl_easy_setopt(job.curl, CURLOPT_COPYPOSTFIELDS, kChatBody);
  drive(multi);
  print_messages(multi);
  curl_multi_remove_handle(multi, job.curl);
  finish(&job);
}

NOINLINE void connecting_agent(CURLM* multi) {
  Job job;
  prepare(&job, "connect only", base + "/bytes/5");
  curl_easy_setopt(job.curl, CURLOPT_CONNECT_ONLY, 1L);
  curl_multi_add_handle(multi, job.curl);
  drive(multi);
  print_messages(multi);
  const std::string request = "GET /bytes/5 HTTP/1.0\r\n\r\n";
  std::size_t sent = 0;
  const CURLcode code = curl_easy_send(job.curl, request.data(), request.size(), &sent);
  std::printf("sent %d %zu\n", code, sent);
  char answer[12] = "";
  std::size_t got = 0;
  while (curl_easy_recv(job.curl, answer, sizeof answer, &got) == CURLE_AGAIN) {
    curl_multi_poll(multi, nullptr, 0, 10, nullptr);
  }
  std::printf("got %.*s\n", static_cast<int>(got), answer);
  curl_multi_remove_handle(multi, job.curl);
  finish(&job);
}

NOINLINE void retrying_agent(CURLM* multi) {
  Job job;
  prepare_chat(&job, "retrying", base, "fail-503-once:multi");
  for (long status = 0; status != 200;) {
    curl_multi_add_handle(multi, job.curl);
    drive(multi);
    print_messages(multi);
    curl_easy_getinfo(job.curl, CURLINFO_RESPONSE_CODE, &status);
    curl_multi_remove_handle(multi, job.curl);
  }
  finish(&job);
}

NOINLINE void failing_agent(CURLM* multi) {
  Job resolve;
  Job timeout;
  Job refused;
  prepare(&resolve, "resolve", "http://no-such-host.invalid/");
  prepare(&timeout, "timeout", base + "/echo", "slow:2000ms");
  prepare(&refused, "refused", "http://127.0.0.1:9/");
  curl_easy_setopt(timeout.curl, CURLOPT_TIMEOUT_MS, 300L);
  for (Job* const job : {&resolve, &timeout, &refused}) {
    curl_multi_add_handle(multi, job->curl);
    drive(multi);
    print_messages(multi);
    std::printf("%s: %.24s\n", job->name.c_str(), job->error);
    curl_multi_remove_handle(multi, job->curl);
    finish(job);
  }
}

// libcurl resolves the name by requests of its own (DNS over HTTPS), in the very multi.
NOINLINE void resolving_agent(CURLM* multi) {
  Job job;
  prepare(&job, "resolving", "http://no-such-host.invalid/");
  curl_easy_setopt(job.curl, CURLOPT_DOH_URL, "https://127.0.0.1:9/dns-query");
  curl_multi_add_handle(multi, job.curl);
  drive(multi);
  print_messages(multi);
  curl_multi_remove_handle(multi, job.curl);
  std::printf("alone: %d\n", curl_easy_perform(job.curl));
  curl_easy_setopt(job.curl, CURLOPT_URL, (base + "/bytes/8").c_str());
  std::printf("no name: %d\n", curl_easy_perform(job.curl));
  finish(&job);
}

int main(int, char** argv) {
  base = argv[1];
  curl_global_init(CURL_GLOBAL_ALL);
  CURLM* const multi = curl_multi_init();
  removed_early_agent(multi);
  never_driven_agent(multi);
  readded_agent(multi);
  unread_agent(multi);
  cleaned_inside_agent(multi);
  multi_cleaned_agent();
  reset_inside_agent(multi);
  duplicated_agent(multi);
  moved_agent(multi);
  refused_agent(multi);
  set_later_agent(multi);
  connecting_agent(multi);
  retrying_agent(multi);
  failing_agent(multi);
  resolving_agent(multi);
  std::printf("cleanup: %d\n", curl_multi_cleanup(multi));
  return 0;
}
