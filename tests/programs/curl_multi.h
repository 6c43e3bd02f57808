// What the programs that use libcurl's multi interface share. They are foreign programs: nothing of
// llmobserve is included. They print all that libcurl tells them, so that two runs can be compared.
#pragma once

#include <deque>
#include <string>

#include "curl_program.h"

// One request and what comes of it.
struct Job {
  std::string name;
  CURL* curl = nullptr;
  std::string body;
  curl_slist* headers = nullptr;
  char error[CURL_ERROR_SIZE] = "";
};

// A request for `url` that is not on its way yet. `mock` is what is asked of the mock server, may be empty.
PLAIN inline void prepare(Job* job, const std::string& name, const std::string& url,
                          const std::string& mock = "") {
  job->name = name;
  job->curl = handle_for(url, &job->body);
  if (!mock.empty()) job->headers = curl_slist_append(nullptr, ("X-Mock: " + mock).c_str());
  if (job->headers != nullptr) curl_easy_setopt(job->curl, CURLOPT_HTTPHEADER, job->headers);
  curl_easy_setopt(job->curl, CURLOPT_ERRORBUFFER, job->error);
  curl_easy_setopt(job->curl, CURLOPT_PRIVATE, job);
}

PLAIN inline void prepare_chat(Job* job, const std::string& name, const std::string& base,
                               const std::string& mock = "") {
  prepare(job, name, base + "/v1/chat/completions", mock);
  curl_easy_setopt(job->curl, CURLOPT_POSTFIELDS, kChatBody);
}

// Frees what prepare() took; the handle too, where it still is one.
PLAIN inline void finish(Job* job) {
  curl_easy_cleanup(job->curl);
  curl_slist_free_all(job->headers);
  job->curl = nullptr;
  job->headers = nullptr;
}

PLAIN inline const char* name_of(CURL* curl) {
  Job* job = nullptr;
  curl_easy_getinfo(curl, CURLINFO_PRIVATE, &job);
  return job == nullptr ? "nobody" : job->name.c_str();
}

// Reads one message and prints it; false where there is none.
PLAIN inline bool print_message(CURLM* multi) {
  int left = -1;
  const CURLMsg* const message = curl_multi_info_read(multi, &left);
  if (message == nullptr) {
    std::printf("no message, %d left\n", left);
    return false;
  }
  long status = -1;
  curl_easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, &status);
  std::printf("message %d of %s: code %d status %ld, %d left\n", message->msg, name_of(message->easy_handle),
              message->data.result, status, left);
  return true;
}

PLAIN inline void print_messages(CURLM* multi) {
  while (print_message(multi)) {
  }
}

// Drives until none runs any more. Messages stay where they are.
PLAIN inline void drive(CURLM* multi) {
  for (int running = 1; running > 0;) {
    if (curl_multi_perform(multi, &running) != CURLM_OK) return;
    if (running > 0) curl_multi_poll(multi, nullptr, 0, 100, nullptr);
  }
}

// Drives until `bytes` have come for `job`.
PLAIN inline void drive_until(CURLM* multi, const Job& job, std::size_t bytes) {
  for (int running = 1; running > 0 && job.body.size() < bytes;) {
    if (curl_multi_perform(multi, &running) != CURLM_OK) return;
    if (running > 0 && job.body.size() < bytes) curl_multi_poll(multi, nullptr, 0, 100, nullptr);
  }
}
