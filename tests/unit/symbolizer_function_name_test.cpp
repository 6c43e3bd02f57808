// Function names out of symbols: what patterns are held against, so every form counts.
#include "symbolizer/function_name.h"

#include <catch2/catch.hpp>
#include <chrono>

using llmo::symbolizer::function_name;
using llmo::symbolizer::FunctionName;

namespace {

struct Case {
  const char* mangled;
  const char* qualified;
  const char* own;
};

void check(const Case& expected) {
  CAPTURE(expected.mangled);
  const FunctionName name = function_name(expected.mangled);
  CHECK(name.qualified == expected.qualified);
  CHECK(name.own == expected.own);
}

// A template argument list of `count` types.
std::string many_arguments(std::size_t count) {
  std::string mangled = "_ZN4acme9run_agentI";
  for (std::size_t index = 0; index < count; ++index) mangled += "St6vectorIiSaIiEE";
  return mangled + "EEvv";
}

}  // namespace

TEST_CASE("a function's name has no parameters, template arguments or return type",
          "[symbolizer][function_name]") {
  const Case cases[] = {
      {"_Z9run_agentv", "run_agent", "run_agent"},
      {"_ZL9run_agentv", "run_agent", "run_agent"},
      {"_ZN4acme7Planner10plan_agentESt8functionIFviEE", "acme::Planner::plan_agent", "plan_agent"},
      {"_ZNK4acme7Planner10plan_agentEv", "acme::Planner::plan_agent", "plan_agent"},
      {"_ZNO4acme7Planner10plan_agentEv", "acme::Planner::plan_agent", "plan_agent"},
      {"_ZN4acme10tmpl_agentIiEEDcT_", "acme::tmpl_agent", "tmpl_agent"},
      {"_ZN4acme10tmpl_agentISt6vectorIiSaIiEEEEDTclfp_EET_", "acme::tmpl_agent", "tmpl_agent"},
      {"_ZN4acme7Planner8fp_agentIiEEPFviET_", "acme::Planner::fp_agent", "fp_agent"},
      {"_ZN3BoxISt6vectorIS0_IiSaIiEESaIS2_EEE8do_agentIdEEvT_", "Box::do_agent", "do_agent"},
      {"_ZN12_GLOBAL__N_112hidden_agentEi", "(anonymous namespace)::hidden_agent", "hidden_agent"},
      {"_ZN4acme12_GLOBAL__N_15InnerC2Ev", "acme::(anonymous namespace)::Inner::Inner", "Inner"},
      {"_ZN4acme3barB5cxx11Ev", "acme::bar", "bar"},
      {"_ZN3ArrIXadL_Z5valuevEEE9run_agentEv", "Arr::run_agent", "run_agent"},
      {"_ZN3ArrILi3ELb1ELn5EE9run_agentEv", "Arr::run_agent", "run_agent"},
      {"_ZN2ns1fIJidcEEEvDpT_", "ns::f", "f"},
      {"_Z1fILi0EEvRAplT_Li1E_i", "f", "f"},
      {"_ZThn16_N4acme7Planner10plan_agentEv", "acme::Planner::plan_agent", "plan_agent"},
      {"_ZTv0_n24_N4acme7Planner10plan_agentEv", "acme::Planner::plan_agent", "plan_agent"},
      {"_ZStlsISt11char_traitsIcEERSt13basic_ostreamIcT_ES5_PKc", "std::operator<<", "operator<<"},
      {"_ZNSs6appendERKSs", "std::basic_string::append", "append"},
  };
  for (const Case& expected : cases) check(expected);
}

TEST_CASE("constructors and destructors are named after their class", "[symbolizer][function_name]") {
  const Case cases[] = {
      {"_ZN4acme7PlannerC1Ev", "acme::Planner::Planner", "Planner"},
      {"_ZN4acme7PlannerC2ERKS0_", "acme::Planner::Planner", "Planner"},
      {"_ZN4acme7PlannerD0Ev", "acme::Planner::~Planner", "~Planner"},
      {"_ZN4acme3BoxIiED2Ev", "acme::Box::~Box", "~Box"},
      {"_ZN1BCI21AEi", "B::B", "B"},
      {"_ZNSsC1Ev", "std::basic_string::basic_string", "basic_string"},
      {"_ZNSt6vectorIiSaIiEEC2Ev", "std::vector::vector", "vector"},
      {"_ZNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEC1Ev",
       "std::__cxx11::basic_string::basic_string", "basic_string"},
  };
  for (const Case& expected : cases) check(expected);
}

TEST_CASE("operators keep their signs and lose everything else", "[symbolizer][function_name]") {
  const Case cases[] = {
      {"_ZN1AclEi", "A::operator()", "operator()"},
      {"_ZNK1AltERKS_", "A::operator<", "operator<"},
      {"_ZltIiEbRK1AIT_ES4_", "operator<", "operator<"},
      {"_ZN1AlsIiEERS_T_", "A::operator<<", "operator<<"},
      {"_ZN1AptEv", "A::operator->", "operator->"},
      {"_ZN1ApmEv", "A::operator->*", "operator->*"},
      {"_ZN1AssERKS_", "A::operator<=>", "operator<=>"},
      {"_ZN1AixEm", "A::operator[]", "operator[]"},
      {"_ZN1ArSEi", "A::operator>>=", "operator>>="},
      {"_ZN1AcmERS_", "A::operator,", "operator,"},
      {"_ZN1AppEi", "A::operator++", "operator++"},
      {"_ZN1AawEv", "A::operator co_await", "operator co_await"},
      {"_Znwm", "operator new", "operator new"},
      {"_ZdaPv", "operator delete[]", "operator delete[]"},
      {"_Zli3_kme", "operator\"\"_km", "operator\"\"_km"},
      {"_ZN2ns2udli3_abEPKcm", "ns::ud::operator\"\"_ab", "operator\"\"_ab"},
  };
  for (const Case& expected : cases) check(expected);
}

TEST_CASE("a conversion operator is named after the type it makes", "[symbolizer][function_name]") {
  const Case cases[] = {
      {"_ZNK1AcvbEv", "A::operator bool", "operator bool"},
      {"_ZNK1AcvSsEv", "A::operator std::string", "operator std::string"},
      {"_ZNK4acme7PlannercvNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEEv",
       "acme::Planner::operator std::__cxx11::basic_string", "operator std::__cxx11::basic_string"},
      {"_ZN4acme5ValuecvNS_5OtherEEv", "acme::Value::operator acme::Other", "operator acme::Other"},
      {"_ZN4acme5ValuecvPKNS_5OtherEEv", "acme::Value::operator acme::Other const*",
       "operator acme::Other const*"},
      {"_ZNK4acme7PlannercvPT_IiEEv", "acme::Planner::operator int*", "operator int*"},
      {"_ZN1AcvT_IiEEv", "A::operator int", "operator int"},
      {"_ZN3BoxIiEcvT_Ev", "Box::operator int", "operator int"},
      {"_ZN3BoxIN4acme4PlanEEcvRT_Ev", "Box::operator acme::Plan&", "operator acme::Plan&"},
      {"_ZNK1AcvPFviEEv", "A::operator void (*)(...)", "operator void (*)(...)"},
      {"_ZNK1AcvSt8functionIFviEEEv", "A::operator std::function", "operator std::function"},
  };
  for (const Case& expected : cases) check(expected);
}

TEST_CASE("what is local to a function is named below it, with gcc and with clang",
          "[symbolizer][function_name]") {
  const Case cases[] = {
      {"_ZZN2ns9run_agentEiENKUliE_clEi", "ns::run_agent::{lambda#1}::operator()", "operator()"},
      {"_ZZN2ns9run_agentEiENKUlT_E1_clIiEEDaS0_", "ns::run_agent::{lambda#3}::operator()", "operator()"},
      {"_ZZN2ns9run_agentEiENUliE_4_FUNEi", "ns::run_agent::{lambda#1}::_FUN", "_FUN"},
      {"_ZZZ4mainENKUlvE_clEvENKUliE0_clEi", "main::{lambda#1}::operator()::{lambda#2}::operator()",
       "operator()"},
      {"_ZNK3$_0clEi", "$_0::operator()", "operator()"},
      {"_ZZ4mainENK3$_1clEv", "main::$_1::operator()", "operator()"},
      {"_ZNK4acme3$_08__invokeEi", "acme::$_0::__invoke", "__invoke"},
      {"_ZZZN4acme7Planner10plan_agentESt8functionIFviEEENKUliE_clEiEN5Local2goEi",
       "acme::Planner::plan_agent::{lambda#1}::operator()::Local::go", "go"},
      {"_ZZ4mainEN5LocalC1Ev", "main::Local::Local", "Local"},
      {"_ZZ4mainEN5Local9run_agentEv_0", "main::Local::run_agent", "run_agent"},
      {"_ZZN1A1fEiEd_NKUlvE_clEv", "A::f::{lambda#1}::operator()", "operator()"},
      {"_ZN1A3varMUlvE_clEv", "A::var::{lambda#1}::operator()", "operator()"},
      {"_ZN1AUt_9run_agentEv", "A::{unnamed type#1}::run_agent", "run_agent"},
  };
  for (const Case& expected : cases) check(expected);
}

TEST_CASE("what compilers append to a symbol is no part of the name", "[symbolizer][function_name]") {
  const Case cases[] = {
      {"_ZN4acme9run_agentEv.cold", "acme::run_agent", "run_agent"},
      {"_ZN4acme9run_agentEv.part.0.isra.3", "acme::run_agent", "run_agent"},
      {"_ZL9run_agenti.constprop.0.cold", "run_agent", "run_agent"},
      {"_ZN4acme9run_agentEv.llvm.1234567", "acme::run_agent", "run_agent"},
      {"_ZN4acme9run_agentEv.resume", "acme::run_agent", "run_agent"},
      {"_ZN2ns1P8my_agentEPZNS0_8my_agentEiE25_ZN2ns1P8my_agentEi.Frame.actor", "ns::P::my_agent",
       "my_agent"},
      {"_ZZ4mainENUliE_clEPZZ4mainENKS_clEiE26_ZZ4mainENKUliE_clEi.Frame.destroy",
       "main::{lambda#1}::operator()", "operator()"},
      {"run_agent.part.0", "run_agent", "run_agent"},
      {"run_agent.constprop.0.isra.0.cold", "run_agent", "run_agent"},
      {"run_agent.lto_priv.0", "run_agent", "run_agent"},
      {"run_agent.1234", "run_agent", "run_agent"},
      {"run_agent [clone .cold]", "run_agent", "run_agent"},
  };
  for (const Case& expected : cases) check(expected);
}

TEST_CASE("a symbol that is not mangled C++ keeps its name", "[symbolizer][function_name]") {
  const char* const names[] = {
      "",       "main",        "c_agent",        "_start",
      "_Z",     "_ZN",         "_Zzz",           "_Z999999999999999999999f",
      "_ZTV1A", "_ZGVZ1fvE1x", "main.run_agent", "_RNvCs1234_7mycrate3foo",
      ".cold",  "\xff\xfe",    "_Z3fo",
  };
  for (const char* const name : names) check({name, name, name});
}

TEST_CASE("a symbol longer than any demangler's limit still has its name", "[symbolizer][function_name]") {
  const FunctionName name = function_name(many_arguments(1000));
  CHECK(name.qualified == "acme::run_agent");
  CHECK(name.own == "run_agent");
}

TEST_CASE("hostile symbols end, in time and stack that their length bounds", "[symbolizer][function_name]") {
  constexpr std::size_t kLong = 1'000'000;
  std::string doubling = "_ZN1AcvN1B";  // each argument list refers twice to the one before
  for (const char digit : std::string("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")) {
    doubling += std::string("IS") + digit + "_S" + digit + "_E";
  }
  std::string references = "_ZN1A";
  references += std::to_string(kLong) + std::string(kLong, 'x');
  references += "cv";
  for (int count = 0; count < 1000; ++count) references += "N1BIS0_S0_E1CE";
  const std::string hostile[] = {
      many_arguments(kLong / 16),
      "_Z" + std::string(kLong, 'N'),
      "_Z1f" + std::string(kLong, 'P'),
      "_ZN1Acv" + std::string(kLong, 'P') + "iEv",
      "_Z" + std::string(kLong, 'Z'),
      "_Z1fI" + std::string(kLong, 'I'),
      "_Z1fIX" + std::string(kLong, 'n'),
      "_ZN" + std::string(kLong, '1'),
      "_ZThn" + std::string(kLong, '0') + "_1fv",
      std::string(kLong, '_'),
      "x" + std::string(kLong / 5 * 5, '.'),
      doubling + "EEv",
      references + "EEv",
      "_ZN1AcvS_Ev",
      "_ZN1AcvS0_Ev",
      "_ZN1AcvT_IT_EEv",
      "_ZN1AcvT_IPT_S_EEv",
  };
  for (const std::string& symbol : hostile) {
    CAPTURE(symbol.substr(0, 40));
    const auto start = std::chrono::steady_clock::now();
    const FunctionName name = function_name(symbol);
    const auto spent = std::chrono::steady_clock::now() - start;
    CHECK(name.qualified.size() <= 10 * symbol.size() + 4096);
    CHECK(spent < std::chrono::seconds(2));
  }
}

TEST_CASE("a symbol that is cut or changed anywhere never does harm", "[symbolizer][function_name]") {
  const std::string symbols[] = {
      "_ZZZN4acme7Planner10plan_agentESt8functionIFviEEENKUliE_clEiEN5Local2goEi",
      "_ZN3BoxISt6vectorIS0_IiSaIiEESaIS2_EEEcvPKT_IdEEv",
      "_Z1fIXplsrT_1aLi1EEEvRAsZT__iDTcl1gspfp_EE.part.0",
      "_ZNK4llvm5MachO15ArchitectureSetcvSt6vectorINS0_12ArchitectureESaIS3_EEEv",
  };
  for (const std::string& symbol : symbols) {
    for (std::size_t index = 0; index < symbol.size(); ++index) {
      function_name(symbol.substr(0, index));
      for (int value = 0; value < 256; ++value) {
        std::string changed = symbol;
        changed[index] = static_cast<char>(value);
        CHECK(function_name(changed).qualified.size() < 4096 + 10 * changed.size());
      }
    }
  }
}
