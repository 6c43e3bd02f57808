// A program on top of libcurlpp, a C++ wrapper in a library of its own.

// link: -lcurlpp -lcurl
#include <curlpp/Easy.hpp>
#include <curlpp/Options.hpp>
#include <curlpp/cURLpp.hpp>
#include <iostream>
#include <list>
#include <sstream>
#include <string>

#include "program.h"

NOINLINE int wrapper_agent(const std::string& base) {
  curlpp::Cleanup cleanup;
  curlpp::Easy request;
  std::ostringstream body;
  request.setOpt(curlpp::options::Url(base + "/bytes/20"));
  request.setOpt(
      curlpp::options::HttpHeader(std::list<std::string>{"X-Own: 1", "Authorization: Bearer mine"}));
  request.setOpt(curlpp::options::WriteStream(&body));
  request.perform();
  request.setOpt(curlpp::options::PostFields("text"));
  request.setOpt(curlpp::options::PostFieldSize(4));
  request.perform();
  std::cout << body.str();
  try {
    request.setOpt(curlpp::options::Url("http://127.0.0.1:9/"));
    request.perform();
  } catch (const curlpp::LibcurlRuntimeError& error) {
    std::cout << error.what() << ' ' << error.whatCode() << '\n';
  }
  return 0;
}

int main(int, char** argv) { return wrapper_agent(argv[1]); }
