// A program linked with libcurl's GnuTLS flavour, in a process that has the OpenSSL flavour too.

// link: -l:libcurl-gnutls.so.4 -ldl
#include <dlfcn.h>

#include "curl_program.h"

NOINLINE int flavour_agent(const char* base) {
  void* const openssl = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
  std::string body;
  CURL* const curl = handle_for(std::string(base) + "/echo", &body);
  curl_tlssessioninfo* session = nullptr;
  curl_easy_getinfo(curl, CURLINFO_TLS_SSL_PTR, &session);
  const CURLcode code = curl_easy_perform(curl);
  curl_easy_cleanup(curl);
  std::printf("both %d, code %d, backend %s\n", openssl != nullptr, code,
              session != nullptr && session->backend == CURLSSLBACKEND_GNUTLS ? "gnutls" : "another");
  return 0;
}

int main(int, char** argv) { return flavour_agent(argv[1]); }
