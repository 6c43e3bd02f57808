#include "exporters/cli/program_facts.h"

#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "exporters/cli/library_search.h"

namespace llmo::cli {
namespace {

std::string environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

bool is_file(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && !S_ISDIR(status.st_mode);
}

// execvp(3): a name with a slash is a path; a file that may not be run is passed over, but remembered.
std::string find_command(const std::string& command, int& error) {
  error = ENOENT;
  if (command.empty()) return {};
  const auto try_path = [&error](const std::string& path) {
    if (::access(path.c_str(), X_OK) == 0 && is_file(path)) {
      error = 0;
      return true;
    }
    if (::access(path.c_str(), F_OK) == 0) error = EACCES;
    return false;
  };
  if (command.find('/') != std::string::npos) return try_path(command) || error == EACCES ? command : "";

  const char* const search = std::getenv("PATH");
  std::istringstream directories(search == nullptr ? "/bin:/usr/bin" : search);
  for (std::string directory; std::getline(directories, directory, ':');) {
    std::string path = (directory.empty() ? "." : directory) + '/' + command;
    if (try_path(path)) return path;
  }
  return {};
}

// `#!/usr/bin/env python3` runs python3, so the look goes through env.
std::string interpreter_of(const std::string& path) {
  constexpr std::size_t kKernelLimit = 256;  // BINPRM_BUF_SIZE
  std::ifstream file(path, std::ios::binary);
  std::string line(kKernelLimit, '\0');
  file.read(line.data(), static_cast<std::streamsize>(line.size()));
  line.resize(static_cast<std::size_t>(file.gcount()));
  if (!line.starts_with("#!")) return {};

  std::istringstream words(
      line.substr(2, line.find('\n') == std::string::npos ? line.npos : line.find('\n') - 2));
  std::string interpreter;
  std::string argument;
  words >> interpreter >> argument;
  const bool is_env = interpreter.ends_with("/env") && !argument.empty() && argument[0] != '-';
  int error = 0;
  const std::string behind_env = is_env ? find_command(argument, error) : std::string();
  return behind_env.empty() ? interpreter : behind_env;
}

// execve(2), AT_SECURE: only where the bit would change who we are.
bool changes_identity(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return false;
  const bool user = (status.st_mode & S_ISUID) != 0 && status.st_uid != ::getuid();
  const bool group =
      (status.st_mode & S_ISGID) != 0 && (status.st_mode & S_IXGRP) != 0 && status.st_gid != ::getgid();
  return user || group;
}

// capabilities(7): root has them all already, and then nothing changes.
bool gains_capabilities(const std::string& path) {
  return ::getuid() != 0 && ::getxattr(path.c_str(), "security.capability", nullptr, 0) > 0;
}

// One that it exports is called by its name, and so through us.
bool hides_libcurl(const Library& library) {
  const bool is_libcurl = library.name.starts_with("libcurl");
  return !is_libcurl && !library.elf.exports_libcurl &&
         (library.elf.defines_libcurl || library.elf.holds_libcurl_text);
}

void inspect_libraries(ProgramFacts& facts) {
  for (const Library& library : needed_libraries(facts.elf, facts.path)) {
    if (facts.libcurl.empty() &&
        (library.name.starts_with("libcurl.") || library.name.starts_with("libcurl-"))) {
      facts.libcurl = library.name;
    }
    if (library.name.starts_with("libasan.so")) facts.asan_runtime = library.path;
    if (library.elf.calls_function_hooks) facts.instrumented_libraries.push_back(library.name);
    if (hides_libcurl(library)) facts.with_own_libcurl.push_back(library.name);
    if (library.elf.opens_namespaces) facts.opening_namespaces.push_back(library.name);
  }
}

std::string quoted(const ProgramFacts& facts) {
  if (facts.script.empty()) return facts.command;
  return fmt::format("{} (which runs {})", facts.command, facts.path);
}

std::vector<Obstacle> closed_doors(const ProgramFacts& facts) {
  using Reach = Obstacle::Reach;
  std::vector<Obstacle> out;
  const auto add = [&out](std::string sentence) { out.push_back({Reach::kEverything, std::move(sentence)}); };
  const std::string name = quoted(facts);
  if (!facts.elf.for_x86_64) {
    add(fmt::format("{} is a program for {}, and libllmobserve.so is for x86-64", name, facts.elf.machine));
  } else if (!facts.elf.has_interpreter) {
    add(fmt::format("{} is statically linked, so no library can be preloaded into it: link it dynamically",
                    name));
  }
  if (facts.set_id) {
    add(fmt::format(
        "{} is set-user-id or set-group-id, and the loader ignores preloads for such programs: run a "
        "copy without that bit (cp, chmod a-s)",
        name));
  }
  if (facts.file_capabilities) {
    add(
        fmt::format("{} has file capabilities, and the loader ignores preloads for such programs: run a copy "
                    "(cp drops them)",
                    name));
  }
  return out;
}

void add_function_obstacles(const ProgramFacts& facts, std::vector<Obstacle>& out) {
  if (facts.elf.defines_function_hooks) {
    out.push_back(
        {Obstacle::Reach::kFunctions,
         fmt::format("{} defines __cyg_profile_func_enter itself, so its functions do not report to "
                     "the library: build it without those hooks",
                     quoted(facts))});
  } else if (!facts.elf.calls_function_hooks && facts.instrumented_libraries.empty()) {
    out.push_back(
        {Obstacle::Reach::kFunctions,
         fmt::format("{} was not built with -finstrument-functions, nor was a library that it needs: "
                     "compile and link it with that option (gcc and clang have it)",
                     quoted(facts))});
  }
}

void add_call_obstacles(const ProgramFacts& facts, std::vector<Obstacle>& out) {
  if (facts.elf.defines_libcurl || facts.elf.holds_libcurl_text) {
    out.push_back(
        {Obstacle::Reach::kApiCalls,
         fmt::format("libcurl is linked into {} itself, where a preload cannot see it: link it with "
                     "libcurl.so",
                     quoted(facts))});
  }
  if (!facts.with_own_libcurl.empty()) {
    out.push_back(
        {Obstacle::Reach::kApiCalls,
         fmt::format("libcurl is hidden in {}, which {} needs, and a preload cannot see it there: link "
                     "that with libcurl.so",
                     fmt::join(facts.with_own_libcurl, ", "), quoted(facts))});
  }
}

void add_namespace_obstacles(const ProgramFacts& facts, std::vector<Obstacle>& out) {
  std::vector<std::string> users = facts.opening_namespaces;
  if (facts.elf.opens_namespaces) users.insert(users.begin(), quoted(facts));
  if (users.empty()) return;
  out.push_back(
      {Obstacle::Reach::kNamespaces,
       fmt::format("{} {} dlmopen(), and what is loaded by it lives in a namespace of its own, where a "
                   "preload is not: load it with dlopen()",
                   fmt::join(users, ", "), users.size() == 1 ? "uses" : "use")});
}

}  // namespace

std::vector<Library> needed_libraries(const ElfFacts& elf, const std::string& program) {
  const LibrarySearch search(environment("LD_LIBRARY_PATH"));
  std::vector<Library> libraries;
  std::set<std::string> seen;
  const auto add_needs_of = [&](const ElfFacts& user, const std::string& user_path) {
    for (const std::string& name : user.needed) {
      if (!seen.insert(name).second) continue;
      const std::string path = search.find(name, user, user_path);
      if (!path.empty()) libraries.push_back({name, path, read_elf_facts(path)});
    }
  };
  add_needs_of(elf, program);
  for (std::size_t i = 0; i < libraries.size(); ++i) {  // the vector grows, and moves, meanwhile
    const Library user = libraries[i];
    add_needs_of(user.elf, user.path);
  }
  return libraries;
}

ProgramFacts inspect_program(const std::string& command) {
  ProgramFacts facts;
  facts.command = command;
  facts.path = find_command(command, facts.exec_error);
  if (facts.path.empty() || facts.exec_error != 0) return facts;

  if (const std::string interpreter = interpreter_of(facts.path); !interpreter.empty()) {
    facts.script = facts.path;
    facts.path = interpreter;
  }
  facts.set_id = changes_identity(facts.path);
  facts.file_capabilities = gains_capabilities(facts.path);
  facts.elf = read_elf_facts(facts.path);
  if (facts.elf.is_elf) inspect_libraries(facts);
  return facts;
}

std::vector<Obstacle> obstacles(const ProgramFacts& facts) {
  if (!facts.elf.is_elf) return {};
  std::vector<Obstacle> out = closed_doors(facts);
  if (!out.empty()) return out;
  add_function_obstacles(facts, out);
  add_call_obstacles(facts, out);
  add_namespace_obstacles(facts, out);
  return out;
}

}  // namespace llmo::cli
