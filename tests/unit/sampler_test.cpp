// Which traces are recorded, decided by settings, trace id and parent.
#include "shim/span/sampler.h"

#include <catch2/catch.hpp>

#include "shim/span/current.h"
#include "shim/span/detached_span.h"
#include "tests/unit/span_stack_calls.h"

namespace config = llmo::config;
namespace journal = llmo::journal;
namespace span = llmo::span;
using llmo::test::kSite;
using llmo::test::kStack;
using llmo::test::on_new_thread;

namespace {

constexpr std::uint32_t kRemote = journal::kFlagParentRemote;

config::Settings ratio(std::uint64_t share, bool asks_parent) {
  config::Settings settings;
  settings.sampler = config::Sampler::kRatio;
  settings.sampled_share = share;
  settings.sampler_asks_parent = asks_parent;
  return settings;
}

// The process's sampler, put back to the default when it goes.
struct Using {
  explicit Using(const config::Settings& settings) {
    REQUIRE(span::recording());  // the start of the library sets one, too
    span::set_sampler(settings);
  }
  ~Using() { span::set_sampler({}); }
};

bool is_sampled(std::uint32_t flags) { return (flags & journal::kFlagSampled) != 0; }

}  // namespace

TEST_CASE("the threshold parts the traces at their randomness, and says nothing of the other bits",
          "[sampler]") {
  const Using half(ratio(config::kWholeShare / 2, true));
  CHECK(span::root_flags({0, 0x80000000000000}) == journal::kTraceFlagsMask);
  CHECK(span::root_flags({0, 0x7fffffffffffff}) == journal::kFlagRandom);
  CHECK(span::root_flags({~0ULL, 0xff7fffffffffffff}) == journal::kFlagRandom);
}

TEST_CASE("the least share keeps one id of all, the whole keeps each and none keeps none", "[sampler]") {
  const std::uint64_t share = GENERATE(std::uint64_t{0}, std::uint64_t{1}, config::kWholeShare);
  const Using sampler(ratio(share, true));
  CHECK(is_sampled(span::root_flags({7, span::kRandomnessMask})) == (share >= 1));
  CHECK(is_sampled(span::root_flags({7, span::kRandomnessMask - 1})) == (share > 1));
  CHECK(is_sampled(span::root_flags({7, 0})) == (share == config::kWholeShare));
}

TEST_CASE("what a parent says counts only where the sampler asks it", "[sampler]") {
  const std::uint32_t flags = GENERATE(0U, std::uint32_t{journal::kFlagSampled});
  const span::SpanContext remote{{1, config::kWholeShare - 1}, 3, flags | kRemote};
  CHECK(span::sampled_as_here(remote, "", ratio(1, true)) == remote);
  CHECK(span::sampled_as_here(remote, "", ratio(0, true)) == remote);
  CHECK(span::sampled_as_here(remote, "", ratio(1, false)).flags == (journal::kFlagSampled | kRemote));
  CHECK(span::sampled_as_here(remote, "", ratio(0, false)).flags == kRemote);
  CHECK(span::sampled_as_here({}, "", ratio(config::kWholeShare, false)).empty());
}

TEST_CASE("randomness that the tracestate tells counts before the trace id", "[sampler]") {
  const config::Settings quarter = ratio(config::kWholeShare / 4, false);
  const span::SpanContext low{{1, 2}, 3, kRemote};
  const auto sampled = [&](std::string_view tracestate) {
    return is_sampled(span::sampled_as_here(low, tracestate, quarter).flags);
  };
  CHECK(sampled("ot=rv:c0000000000000"));
  CHECK(sampled("a=b, ot=th:8;rv:ffffffffffffff;x:y"));
  for (const char* const other :
       {"", "ot=rv:bfffffffffffff", "ot=xrv:ffffffffffffff", "tot=rv:ffffffffffffff", "ot=rv:fff",
        "ot=rv:fffffffffffffff", "ot=rv:fffffffffffffg", "ot=rv:-fffffffffffff", "ot=", "ot=;;;",
        "ot=rv:", "ot"}) {
    CAPTURE(other);
    CHECK_FALSE(sampled(other));
  }
}

TEST_CASE("only a sampler that keeps none and asks nobody records nothing", "[sampler]") {
  config::Settings off;
  off.sampler = config::Sampler::kAlwaysOff;
  CHECK_FALSE(span::records_nothing(off));
  off.sampler_asks_parent = false;
  CHECK(span::records_nothing(off));
  CHECK(span::records_nothing(ratio(0, false)));
  CHECK_FALSE(span::records_nothing(ratio(1, false)));
  CHECK_FALSE(span::records_nothing({}));
}

TEST_CASE("calls of a trace that is not sampled have ids, and leave nothing", "[sampler]") {
  const Using none(ratio(0, true));
  const auto calls = on_new_thread([] {
    span::enter(1, kSite, kStack);
    const span::SpanContext outer = span::current_context(kStack);
    CHECK(outer.flags == journal::kFlagRandom);
    span::enter(2, kSite, kStack - 100);
    const span::SpanContext inner = span::current_context(kStack - 100);
    CHECK(inner.trace == outer.trace);
    CHECK(inner.span != outer.span);
    CHECK(inner.flags == journal::kFlagRandom);
    span::exit(2, kSite, kStack - 100);
    span::exit(1, kSite, kStack);
  });
  CHECK(calls.empty());
}

TEST_CASE("each root is decided by its own id, and those below go with it", "[sampler]") {
  const Using quarter(ratio(config::kWholeShare / 4, true));
  constexpr int kRoots = 1000;
  const auto calls = on_new_thread([] {
    for (int root = 0; root < kRoots; ++root) {
      span::enter(1, kSite, kStack);
      span::enter(2, kSite, kStack - 100);
      span::exit(2, kSite, kStack - 100);
      span::exit(1, kSite, kStack);
    }
  });
  CHECK(calls.size() % 2 == 0);
  CHECK(calls.size() > 2 * 180);
  CHECK(calls.size() < 2 * 320);
  for (const auto& call : calls) CHECK(is_sampled(span::root_flags(call.trace)));
}

TEST_CASE("spans that are no calls are decided as those are", "[sampler]") {
  const Using none(ratio(0, true));
  on_new_thread([] {
    auto request = span::DetachedSpan::open({}, journal::SpanKind::kClient, "GET");
    REQUIRE(request.is_open());
    CHECK_FALSE(request.is_recorded());
    CHECK(request.context().flags == journal::kFlagRandom);
    request.close(journal::EndKind::kReturned);
  });
}
