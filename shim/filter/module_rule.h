// One entry of LLMOBSERVE_EXCLUDE_MODULES, held against the three things that are called a module.
//
//   object file        /opt/x/libmy-test.so.3     its name `libmy-test.so.3` and what it is a name of,
//   `my-test` source file        test/agent.cpp             the path as the debug info has it namespaces
//   acme::test::Runner::run    `acme`, `test`, `Runner`: all parts but the last
//
// A plain rule matches where it stands as it is written, bounded by whole words: no letter or digit goes on
// before or after it. So `test` takes `my-test`, `unit_test` and `test/agent.cpp`, not `latest`, `tests` or
// `Test`; `my_test` takes `my_test.cpp`, not `my-test.cpp`. A rule with `*`, `?` or `[` is a glob over the
// whole name.
//
//   against           plain                              glob
//   object file       the short name; the file name,     either name, whole
//                     from its beginning
//   source file       the path                           the path, or its last part
//   namespaces        one part                           one part, whole
//
// A rule with `/` is held against the object file's whole path too, and a rule with `::` against the
// namespaces from the outermost on (`acme::test`) instead of one part. `::` at either end of a rule says
// nothing more.
//
// A name does not tell a class or an enclosing function from a namespace: these count as namespaces. Unnamed
// parts (`(anonymous namespace)`, `{lambda(test::X)#1}`) have no name, so nothing is held against them.
#pragma once

#include <string>
#include <string_view>

#include "shim/filter/glob.h"

namespace llmo::filter {

class ModuleRule {
 public:
  explicit ModuleRule(std::string_view text);

  // The rule as it was written.
  std::string_view text() const { return text_; }

  bool matches_object(std::string_view path) const;
  bool matches_source(std::string_view path) const;

  // `scope` is a qualified name up to its last part: `acme::test::Runner`.
  bool matches_scope(std::string_view scope) const;

  // True for `*`.
  bool matches_everything() const { return is_glob_ && glob_.matches_everything(); }

 private:
  bool holds_against(std::string_view name) const;

  std::string text_;
  std::string word_;  // what a plain rule looks for
  Glob glob_;
  bool is_glob_;
  bool has_scope_;  // contains `::`
  bool has_path_;   // contains `/`
};

// `my-test` of `/opt/x/libmy-test.so.3`; a program's name as it is.
std::string_view short_object_name(std::string_view path);

}  // namespace llmo::filter
