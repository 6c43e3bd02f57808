// Callbacks beneath curl_multi_perform() that try everything: what libcurl refuses there, requests of their
// own, another multi, pausing, giving up.

// link: -lcurl
// flags: -Wno-deprecated-declarations
#include "curl_multi.h"

struct Scene {
  CURLM* multi = nullptr;
  std::string base;
  Job job;
  Job other;
  int calls = 0;
};

PLAIN void try_all(Scene& scene) {
  int running = -1;
  print_message(scene.multi);
  std::printf("add %d", curl_multi_add_handle(scene.multi, scene.other.curl));
  std::printf(" remove %d", curl_multi_remove_handle(scene.multi, scene.job.curl));
  std::printf(" perform %d", curl_multi_perform(scene.multi, &running));
  std::printf(" action %d", curl_multi_socket_action(scene.multi, CURL_SOCKET_TIMEOUT, 0, &running));
  std::printf(" all %d", curl_multi_socket_all(scene.multi, &running));
  std::printf(" cleanup %d", curl_multi_cleanup(scene.multi));
  std::printf(" easy %d\n", curl_easy_perform(scene.job.curl));
}

PLAIN void ask_others(Scene& scene) {
  Job alone;
  prepare(&alone, "alone", scene.base + "/bytes/11");
  const CURLcode code = curl_easy_perform(alone.curl);
  std::printf("alone: %d, %zu bytes\n", code, alone.body.size());
  finish(&alone);

  CURLM* const multi = curl_multi_init();
  Job inner;
  prepare_chat(&inner, "inner", scene.base);
  curl_multi_add_handle(multi, inner.curl);
  drive(multi);
  print_messages(multi);
  std::printf("inner cleanup: %d\n", curl_multi_cleanup(multi));
  finish(&inner);
}

PLAIN std::size_t busy(char* data, std::size_t size, std::size_t count, void* context) {
  auto& scene = *static_cast<Scene*>(context);
  if (scene.calls++ == 0) {
    try_all(scene);
    ask_others(scene);
    return CURL_WRITEFUNC_PAUSE;
  }
  scene.job.body.append(data, size * count);
  return size * count;
}

PLAIN std::size_t refusing(char*, std::size_t, std::size_t, void*) { return 0; }

PLAIN int aborting(void*, curl_off_t, curl_off_t got, curl_off_t, curl_off_t) { return got > 0 ? 1 : 0; }

NOINLINE void busy_agent(Scene& scene) {
  prepare_chat(&scene.job, "busy", scene.base, "pieces:200,pause:20ms,chunked");
  prepare(&scene.other, "other", scene.base + "/bytes/12");
  curl_easy_setopt(scene.job.curl, CURLOPT_WRITEFUNCTION, &busy);
  curl_easy_setopt(scene.job.curl, CURLOPT_WRITEDATA, &scene);
  curl_multi_add_handle(scene.multi, scene.job.curl);
  for (int running = 1; running > 0 && scene.calls == 0;) {
    curl_multi_perform(scene.multi, &running);
    curl_multi_poll(scene.multi, nullptr, 0, 20, nullptr);
  }
  std::printf("go on: %d\n", curl_easy_pause(scene.job.curl, CURLPAUSE_CONT));
  drive(scene.multi);
  print_messages(scene.multi);
  std::printf("%zu bytes\n", scene.job.body.size());
  std::printf("remove: %d\n", curl_multi_remove_handle(scene.multi, scene.job.curl));
  finish(&scene.job);
  finish(&scene.other);
}

NOINLINE void refusing_agent(Scene& scene) {
  Job job;
  prepare_chat(&job, "refusing", scene.base);
  curl_easy_setopt(job.curl, CURLOPT_WRITEFUNCTION, &refusing);
  curl_multi_add_handle(scene.multi, job.curl);
  drive(scene.multi);
  print_messages(scene.multi);
  curl_multi_remove_handle(scene.multi, job.curl);
  finish(&job);
}

NOINLINE void aborting_agent(Scene& scene) {
  Job job;
  prepare_chat(&job, "aborting", scene.base, "pieces:100,pause:50ms,chunked");
  curl_easy_setopt(job.curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(job.curl, CURLOPT_XFERINFOFUNCTION, &aborting);
  curl_multi_add_handle(scene.multi, job.curl);
  drive(scene.multi);
  print_messages(scene.multi);
  curl_multi_remove_handle(scene.multi, job.curl);
  finish(&job);
}

int main(int, char** argv) {
  Scene scene;
  scene.base = argv[1];
  scene.multi = curl_multi_init();
  busy_agent(scene);
  refusing_agent(scene);
  aborting_agent(scene);
  std::printf("cleanup: %d\n", curl_multi_cleanup(scene.multi));
  return 0;
}
