// Exclusion rules against object files, source paths and namespaces.
#include <catch2/catch.hpp>
#include <string>
#include <string_view>

#include "shim/filter/module_rule.h"

namespace {

using llmo::filter::ModuleRule;
using llmo::filter::short_object_name;

struct Case {
  std::string_view rule;
  std::string_view name;
  bool matches;
};

template <std::size_t count>
void check_all(bool (ModuleRule::*match)(std::string_view) const, const Case (&cases)[count]) {
  for (const Case& c : cases) {
    CAPTURE(c.rule, c.name);
    CHECK((ModuleRule{c.rule}.*match)(c.name) == c.matches);
  }
}

}  // namespace

TEST_CASE("an object file is called by its name without directory, lib and .so", "[filter][module]") {
  CHECK(short_object_name("/opt/x/libmy-test.so.3") == "my-test");
  CHECK(short_object_name("libacme.so") == "acme");
  CHECK(short_object_name("libacme-1.2.so.3.4.5") == "acme-1.2");
  CHECK(short_object_name("/usr/bin/my-test") == "my-test");
  CHECK(short_object_name("plugin.so") == "plugin");
  CHECK(short_object_name("_core.cpython-311-x86_64-linux-gnu.so") == "_core.cpython-311-x86_64-linux-gnu");
  CHECK(short_object_name("libsolver.sold") == "libsolver.sold");
  CHECK(short_object_name("libfoo.some.so") == "foo.some");
  CHECK(short_object_name("my.solver") == "my.solver");
  CHECK(short_object_name("/usr/bin/libtool") == "libtool");
  CHECK(short_object_name("lib.so") == "lib");
  CHECK(short_object_name("/dir/").empty());
  CHECK(short_object_name("").empty());
}

TEST_CASE("a plain rule takes whole words of the object file's name", "[filter][module]") {
  check_all(&ModuleRule::matches_object, {{"test", "/opt/x/libmy-test.so.3", true},
                                          {"test", "/opt/x/my-test", true},
                                          {"test", "/opt/x/my_test", true},
                                          {"test", "test", true},
                                          {"test", "libtest.so", true},
                                          {"test", "/bin/latest", false},
                                          {"test", "/bin/tests", false},
                                          {"test", "/bin/test2", false},
                                          {"test", "/bin/testäh", false},
                                          {"test", "/bin/Test", false},
                                          {"test", "/test/app", false},
                                          {"test", "", false},
                                          {"my-test", "libmy-test.so.3", true},
                                          {"my_test", "libmy-test.so.3", false},
                                          {"libmy-test", "/x/libmy-test.so.3", true},
                                          {"libmy-test.so", "/x/libmy-test.so.3", true},
                                          {"libmy-test.so.3", "/x/libmy-test.so.3", true},
                                          {"libmy", "/x/libmy-test.so.3", true},
                                          {"so", "/x/libmy-test.so.3", false},
                                          {"3", "/x/libmy-test.so.3", false},
                                          {"lib", "/x/libmy-test.so.3", false},
                                          {"/opt/vendor", "/opt/vendor/libacme.so", true},
                                          {"/opt/vendor", "/opt/vendors/libacme.so", false},
                                          {"vendor/libacme.so", "/opt/vendor/libacme.so.2", true}});
}

TEST_CASE("a glob rule takes either whole name of an object file, and its path with a slash",
          "[filter][module]") {
  check_all(&ModuleRule::matches_object, {{"my-*", "/x/libmy-test.so.3", true},
                                          {"libmy-*", "/x/libmy-test.so.3", true},
                                          {"*.so.3", "/x/libmy-test.so.3", true},
                                          {"*test", "/x/libmy-test.so.3", true},
                                          {"*test", "/x/latest", true},
                                          {"tes?", "/x/test", true},
                                          {"test?", "/x/test", false},
                                          {"[mn]y-test", "/x/libmy-test.so", true},
                                          {"x*", "/x/app", false},
                                          {"/usr/lib/*", "/usr/lib/x86_64-linux-gnu/libz.so.1", true},
                                          {"*/vendor/*", "/opt/vendor/libz.so.1", true},
                                          {"*", "", true}});
}

TEST_CASE("a plain rule takes whole words of the source path", "[filter][module]") {
  check_all(&ModuleRule::matches_source, {{"test", "test/agent.cpp", true},
                                          {"test", "/src/test/agent.cpp", true},
                                          {"test", "/src/agent_test.cpp", true},
                                          {"test", "/src/agent-test.cpp", true},
                                          {"test", "/src/latest/agent.cpp", false},
                                          {"test", "/src/tests/agent.cpp", false},
                                          {"test", "/src/contest.cpp", false},
                                          {"test", "/src/latest/test.cpp", true},
                                          {"test", "", false},
                                          {"__pycache__", "/x/__pycache__/agent.c", true},
                                          {"__pycache__", "__pycache__/agent.c", true},
                                          {"__pycache__", "/x/pycache/agent.c", false},
                                          {"my_test", "/x/my_test.cpp", true},
                                          {"my_test", "/x/my-test.cpp", false},
                                          {"my_test", "/x/my_tests.cpp", false},
                                          {"my_test", "/x/amy_test.cpp", false},
                                          {"third_party/acme", "/x/third_party/acme/a.c", true},
                                          {"third_party/acme", "/x/third_party/acme2/a.c", false},
                                          {"agent.cpp", "/x/agent.cpp", true},
                                          {"agent.cpp", "/x/agent.cpp2", false}});
}

TEST_CASE("a glob rule takes the whole source path or its last part", "[filter][module]") {
  check_all(&ModuleRule::matches_source, {{"*.gen.cpp", "/x/y/model.gen.cpp", true},
                                          {"*/third_party/*", "/x/third_party/y/z.c", true},
                                          {"agent_?.cpp", "/x/agent_1.cpp", true},
                                          {"agent_?.cpp", "agent_1.cpp", true},
                                          {"/x/*", "/x/agent.cpp", true},
                                          {"/x/*", "/y/x/agent.cpp", false},
                                          {"y*", "/x/y/agent.cpp", false},
                                          {"*.[ch]", "/x/agent.c", true},
                                          {"*.[ch]", "/x/agent.cpp", false}});
}

TEST_CASE("a plain rule takes whole words of one namespace", "[filter][module]") {
  check_all(&ModuleRule::matches_scope, {{"test", "test", true},
                                         {"test", "test::Runner", true},
                                         {"test", "acme::test", true},
                                         {"test", "acme::unit_test::Runner", true},
                                         {"test", "acme::tests", false},
                                         {"test", "acme::latest", false},
                                         {"test", "Test", false},
                                         {"test", "TestRunner", false},
                                         {"test", "", false},
                                         {"Runner", "test::Runner", true},
                                         {"acme::test", "acme::test::Runner", true},
                                         {"acme::test", "acme::Runner::test", false},
                                         {"acme::test", "acme::tests", false},
                                         {"::test", "test::Runner", true},
                                         {"test::", "test::Runner", true},
                                         {"acme-test", "acme::test", false}});
}

TEST_CASE("a glob rule takes one whole namespace, or with colons those from the outermost",
          "[filter][module]") {
  check_all(&ModuleRule::matches_scope, {{"test*", "testing::Runner", true},
                                         {"test*", "acme::testing", true},
                                         {"*_test", "unit_test::Runner", true},
                                         {"t*r", "test::Runner", false},
                                         {"acme::test?", "acme::test1::Runner", true},
                                         {"acme::*", "acme::test1::Runner", true},
                                         {"acme::*", "acme", false},
                                         {"test::*", "acme::test::Runner", false},
                                         {"*::test::*", "acme::test::Runner", true}});
}

TEST_CASE("unnamed parts of a qualified name are no namespaces and hide none", "[filter][module]") {
  check_all(&ModuleRule::matches_scope,
            {{"anonymous", "acme::(anonymous namespace)::Runner", false},
             {"namespace", "(anonymous namespace)", false},
             {"*space*", "acme::(anonymous namespace)", false},
             {"test", "acme::(anonymous namespace)::test", true},
             {"test", "test::(anonymous namespace)", true},
             {"test", "acme::{lambda(test::Foo)#1}", false},
             {"Foo", "acme::{lambda(test::Foo)#1}", false},
             {"test", "acme::{lambda(a::b)#1}::test", true},
             {"lambda", "acme::'lambda'(int)", false},
             {"lambda", "acme::{lambda()#1}", false},
             {"acme::*test*", "acme::{lambda(test::Foo)#1}", true},
             {"test", "acme::operator()::{lambda()#1}::test", true},
             {"acme::(anonymous namespace)::deep", "acme::(anonymous namespace)::deep", true}});
}

TEST_CASE("broken qualified names neither hang nor hide a namespace that stands in the open",
          "[filter][module]") {
  check_all(&ModuleRule::matches_scope, {{"test", "::", false},
                                         {"test", "::::", false},
                                         {"test", ":", false},
                                         {"test", "{{{{", false},
                                         {"test", "((test", false},
                                         {"test", "))::test", true},
                                         {"test", "\xFF\xFE::test", true}});
  const std::string long_scope(1'000'000, ':');
  CHECK_FALSE(ModuleRule{"test"}.matches_scope(long_scope));
  CHECK_FALSE(ModuleRule{"test"}.matches_scope(std::string(1'000'000, '(')));
}

TEST_CASE("a rule of colons or of nothing takes nothing", "[filter][module]") {
  for (const char* text : {"", ":", "::", "::::"}) {
    CAPTURE(text);
    const ModuleRule rule{text};
    CHECK_FALSE(rule.matches_object("/x/app"));
    CHECK_FALSE(rule.matches_source("/x/app.cpp"));
  }
}
