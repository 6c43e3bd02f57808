// The names that compilers give to the parts of a coroutine.
#include <catch2/catch.hpp>

#include "shim/span/coroutine_symbols.h"

namespace llmo::span {
namespace {

using Part = CoroutinePartName::Part;

void check_part(std::string_view mangled, std::string_view ramp, Part part, bool by_gcc) {
  INFO(mangled);
  const CoroutinePartName found = coroutine_part_name(mangled);
  CHECK(found.ramp == ramp);
  CHECK(found.part == part);
  CHECK(found.by_gcc == by_gcc);
}

TEST_CASE("gcc's parts name their ramp at their end, with its length", "[coroutine]") {
  check_part("_Z11count_agentPZ11count_agentiE22_Z11count_agenti.Frame.actor", "_Z11count_agenti",
             Part::kResume, true);
  check_part("_Z11count_agentPZ11count_agentiE22_Z11count_agenti.Frame.destroy", "_Z11count_agenti",
             Part::kDestroy, true);
  check_part("_Z10leaf_agentPZL10leaf_agentvE22_ZL10leaf_agentv.Frame.actor", "_ZL10leaf_agentv",
             Part::kResume, true);
  check_part("_ZN1S7t_agentEPZNS_7t_agentIdEE4TaskT_E30_ZN1S7t_agentIdEE4TaskT_.Frame.actor",
             "_ZN1S7t_agentIdEE4TaskT_", Part::kResume, true);
  check_part("_ZZ4mainENUliE_clEPZZ4mainENKS_clEiE26_ZZ4mainENKUliE_clEi.Frame.destroy",
             "_ZZ4mainENKUliE_clEi", Part::kDestroy, true);
  check_part("_Z1fPZ1fvE11_Z1fv.Frame.actor.lto_priv.0", "_Z1fv", Part::kResume, true);
}

TEST_CASE("clang's parts are named as their ramp, with a suffix", "[coroutine]") {
  check_part("_ZL10leaf_agentv.resume", "_ZL10leaf_agentv", Part::kResume, false);
  check_part("_ZL10leaf_agentv.destroy", "_ZL10leaf_agentv", Part::kDestroy, false);
  check_part("_ZL10leaf_agentv.cleanup", "_ZL10leaf_agentv", Part::kCleanup, false);
  check_part("c_agent.resume", "c_agent", Part::kResume, false);
}

TEST_CASE("other functions are no part of a coroutine", "[coroutine]") {
  for (const char* const name :
       {"", ".", "main", "_Z11count_agenti", "_Z11count_agenti.cold", "_ZN4Task6resumeEv", ".Frame.actor",
        "x.Frame.actor", "_Z1f.Frame.actor", "9_Z1f.Frame.actor", "_Z1fPZ1fvE99_Z1fv.Frame.actor", "resume",
        "_Z11count_agentPZ11count_agentiE22_Z11count_agenti.Frame.actor.cold"}) {
    INFO(name);
    CHECK(coroutine_part_name(name).ramp.empty());
  }
}

TEST_CASE("a promise's final_suspend() is told by its name", "[coroutine]") {
  CHECK(is_final_suspend("_ZN8Detached12promise_type13final_suspendEv"));
  CHECK(is_final_suspend("_ZNK9GeneratorIiE12promise_type13final_suspendEv"));
  for (const char* const name : {"", "final_suspend", "_Z13final_suspendv", "_ZN4Task13final_suspendEi",
                                 "_ZN4Task14xfinal_suspendEv"}) {
    INFO(name);
    CHECK_FALSE(is_final_suspend(name));
  }
}

}  // namespace
}  // namespace llmo::span
