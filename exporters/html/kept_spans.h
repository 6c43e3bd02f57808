// The spans that go into the page: of the newest traces, up to a limit, so that an input of any size takes
// bounded memory and makes a page that a browser can show.
//
// Details are written into blocks (detail_block.h) as spans come, and what a list or a tree shows of a span
// stays beside them. When there are a quarter more spans than the limit, the oldest traces go, and the blocks
// that hold nothing else with them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "exporters/console/span_summary.h"
#include "exporters/html/detail_block.h"
#include "exporters/html/span_facts.h"
#include "exporters/span/span.h"
#include "exporters/views/usage.h"

namespace llmo::html {

// Where the details of a span stand.
struct DetailPlace {
  static constexpr std::uint32_t kNone = UINT32_MAX;  // left out: there were too many bytes of them

  std::uint32_t block = kNone;
  std::uint32_t row = 0;
};

struct KeptSpan {
  console::SpanSummary summary;
  SpanFacts facts;
  DetailPlace details;
};

class KeptSpans {
 public:
  static constexpr std::size_t kRowsOfBlock = 256;
  static constexpr std::size_t kBytesOfBlock = std::size_t{512} << 10;
  static constexpr std::size_t kMaxDetailBytes = std::size_t{512} << 20;  // of all blocks

  // `max_spans` is at least 1.
  explicit KeptSpans(std::size_t max_spans);

  void add(const Span& span);
  // Keeps no more than the limit. Nothing is added afterwards.
  void finish();

  std::vector<KeptSpan>& spans() { return spans_; }  // in the order of the input; a span can be there twice
  // The text of each block, empty where no span needs it any more.
  const std::vector<std::string>& blocks() const { return blocks_; }

  const views::CallGroups& groups() const { return groups_; }  // of SpanSummary::group

  std::size_t left_out_spans() const { return left_out_spans_; }
  std::size_t left_out_traces() const { return left_out_traces_.size(); }
  std::size_t without_details() const { return without_details_; }

 private:
  struct HashTrace {
    std::size_t operator()(const TraceId& id) const;
  };

  DetailPlace add_details(const Span& span);
  void close_block();
  void keep_newest();
  void drop_unused_blocks();
  void thin_blocks();

  std::size_t max_spans_;
  views::CallGroups groups_;
  std::vector<KeptSpan> spans_;
  std::vector<std::string> blocks_;
  std::unique_ptr<DetailBlock> block_ = std::make_unique<DetailBlock>();
  std::size_t detail_bytes_ = 0;  // of blocks_
  std::unordered_set<TraceId, HashTrace> left_out_traces_;
  std::size_t left_out_spans_ = 0;
  std::size_t without_details_ = 0;
};

}  // namespace llmo::html
