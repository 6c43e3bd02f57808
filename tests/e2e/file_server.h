// Serves a directory over HTTP, and git repositories in it by git's own back end, and keeps what was asked.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <string>

#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace llmo::test {

class FileServer {
 public:
  // Throws std::runtime_error where it does not start.
  explicit FileServer(const std::filesystem::path& directory) {
    write_text(dir_.path() / "server.py", kScript);
    pid_ = ::fork();
    if (pid_ == 0) serve(directory);
    if (!wait_until([this] { return std::filesystem::exists(port_file()); })) {
      throw std::runtime_error("the file server did not start");
    }
  }

  ~FileServer() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  FileServer(const FileServer&) = delete;
  FileServer& operator=(const FileServer&) = delete;

  [[nodiscard]] std::string url(const std::string& path) const {
    return "http://127.0.0.1:" + read_text(port_file()) + path;
  }

  // Each request so far as text: its line, its headers as sent, length and checksum of its body, a blank
  // line.
  [[nodiscard]] std::string log() const { return read_text(dir_.path() / "log"); }
  void clear_log() const { write_text(dir_.path() / "log", ""); }

 private:
  // Static files (git's dumb protocol too); below /smart/ what `git http-backend` answers (its manual page
  // has the variables).
  static constexpr const char* kScript = R"(
import http.server, os, subprocess, sys, threading, zlib
lock = threading.Lock()

class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def log_message(self, *ignored): pass

    def read_body(self):
        if self.headers.get('Transfer-Encoding') != 'chunked':
            return self.rfile.read(int(self.headers.get('Content-Length', 0)))
        body = b''
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def note(self):
        body = self.read_body()
        with lock, open(sys.argv[1] + '/log', 'a') as log:
            print(self.requestline, file=log)
            for name, value in self.headers.items(): print(name + ': ' + value, file=log)
            print(len(body), zlib.crc32(body), end='\n\n', file=log)
        return body

    def back_end(self, body):
        path, _, query = self.path.partition('?')
        environment = dict(os.environ, GIT_PROJECT_ROOT=os.getcwd(), GIT_HTTP_EXPORT_ALL='1',
            PATH_INFO=path[len('/smart'):], QUERY_STRING=query, REQUEST_METHOD=self.command,
            REMOTE_USER='somebody', REMOTE_ADDR='127.0.0.1', CONTENT_TYPE=self.headers.get('Content-Type', ''),
            HTTP_CONTENT_ENCODING=self.headers.get('Content-Encoding', ''),
            GIT_PROTOCOL=self.headers.get('Git-Protocol', ''))
        answer = subprocess.run(['git', 'http-backend'], env=environment, input=body,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        head, _, content = answer.partition(b'\r\n\r\n')
        headers = dict(line.split(': ', 1) for line in head.decode().split('\r\n'))
        self.send_response(int(headers.pop('Status', '200').split()[0]))
        for name, value in headers.items(): self.send_header(name, value)
        self.send_header('Content-Length', str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_GET(self):
        body = self.note()
        self.back_end(body) if self.path.startswith('/smart/') else super().do_GET()

    def do_HEAD(self):
        self.note()
        super().do_HEAD()

    def do_POST(self): self.back_end(self.note())

os.chdir(sys.argv[3])
server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
with open(sys.argv[2] + '.new', 'w') as port: port.write(str(server.server_port))
os.rename(sys.argv[2] + '.new', sys.argv[2])
server.serve_forever()
)";

  [[noreturn]] void serve(const std::filesystem::path& directory) const {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // also where the test is killed
    const std::string script = dir_.path() / "server.py";
    const std::string port = port_file();
    ::execl("/usr/bin/python3", "python3", script.c_str(), dir_.path().c_str(), port.c_str(),
            directory.c_str(), nullptr);
    ::_exit(127);
  }

  [[nodiscard]] std::filesystem::path port_file() const { return dir_.path() / "port"; }

  TempDir dir_;
  pid_t pid_ = 0;
};

}  // namespace llmo::test
