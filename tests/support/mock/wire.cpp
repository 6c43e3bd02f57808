#include "tests/support/mock/wire.h"

#include <zlib.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <thread>

#include "tests/support/mock/asked.h"

namespace llmo::test {
namespace {

using Pieces = std::vector<std::string>;

// --- server-sent events as other servers write them --------------------------------------------------------

void dress_events(const Asked& asked, Pieces& pieces) {
  for (std::string& piece : pieces) {
    if (asked.has("nospace") && piece.starts_with("data: ")) piece.erase(5, 1);
    if (asked.has("nospace")) piece = replaced(piece, "\ndata: ", "\ndata:");
    if (asked.has("comments")) piece.insert(0, ": keep-alive\n\nretry: 3000\n");
    if (asked.has("crlf")) piece = replaced(replaced(piece, "\r\n", "\n"), "\n", "\r\n");
    if (asked.has("cr")) piece = replaced(replaced(piece, "\r\n", "\n"), "\n", "\r");
  }
  if (asked.has("bom")) pieces.front().insert(0, "\xef\xbb\xbf");
  if (asked.has("no-final-blank")) pieces.back().resize(pieces.back().find_last_not_of("\r\n") + 1);
}

// --- compression -------------------------------------------------------------------------------------------

// Each piece can be read as soon as it is there, as servers that stream take care of.
Pieces compressed(const Pieces& pieces, bool gzip) {
  z_stream state{};
  // 15 bits of window; 16 more is zlib's word for gzip's framing.
  ::deflateInit2(&state, Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzip ? 31 : 15, 8, Z_DEFAULT_STRATEGY);
  Pieces result;
  for (std::size_t index = 0; index < pieces.size(); ++index) {
    const bool last = index + 1 == pieces.size();
    state.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(pieces[index].data()));
    state.avail_in = static_cast<uInt>(pieces[index].size());
    std::string out(::deflateBound(&state, state.avail_in) + 64, '\0');
    state.next_out = reinterpret_cast<Bytef*>(out.data());
    state.avail_out = static_cast<uInt>(out.size());
    ::deflate(&state, last ? Z_FINISH : Z_SYNC_FLUSH);
    out.resize(out.size() - state.avail_out);
    result.push_back(std::move(out));
  }
  ::deflateEnd(&state);
  return result;
}

// --- cutting -----------------------------------------------------------------------------------------------

Pieces cut_into(const Pieces& pieces, std::size_t size) {
  std::string whole;
  for (const std::string& piece : pieces) whole += piece;
  Pieces result;
  for (std::size_t at = 0; at < whole.size(); at += size) result.push_back(whole.substr(at, size));
  return result;
}

Pieces cut_at(const Pieces& pieces, std::size_t position) {
  std::string whole;
  for (const std::string& piece : pieces) whole += piece;
  position = std::min(position, whole.size());
  return {whole.substr(0, position), whole.substr(position)};
}

Pieces body_of(const Answer& answer, const Asked& asked) {
  Pieces pieces;
  for (const std::string& piece : answer.pieces) pieces.push_back(fill(asked, piece));
  if (asked.has("no-end") && !pieces.empty()) pieces.pop_back();
  if (answer.content_type.starts_with("text/event-stream") && !pieces.empty()) dress_events(asked, pieces);
  if (asked.has("gzip") || asked.has("deflate")) pieces = compressed(pieces, asked.has("gzip"));
  if (asked.has("pieces"))
    return cut_into(pieces, std::max<std::size_t>(1, size_of(asked.value("pieces", "1"))));
  if (asked.has("split-at")) return cut_at(pieces, size_of(asked.value("split-at", "0")));
  return pieces;
}

// --- framing -----------------------------------------------------------------------------------------------

enum class Framing { kLength, kChunked, kUntilClose };

// Streams have no length; nor has what is asked to have none.
Framing framing_of(const Answer& answer, const Asked& asked) {
  if (asked.has("http10") || asked.has("no-length")) return Framing::kUntilClose;
  const bool stream = answer.content_type.starts_with("text/event-stream") ||
                      answer.content_type.find("ndjson") != std::string::npos ||
                      answer.content_type.find("eventstream") != std::string::npos;
  return stream || asked.has("chunked") ? Framing::kChunked : Framing::kLength;
}

std::string head_of(const Answer& answer, const Asked& asked, Framing framing, std::size_t size, bool close) {
  std::string head = (asked.has("http10") ? "HTTP/1.0 " : "HTTP/1.1 ") + std::to_string(answer.status) +
                     (answer.status < 300 ? " OK" : " Mocked") + "\r\nContent-Type: " + answer.content_type +
                     "\r\n";
  if (framing == Framing::kLength) head += "Content-Length: " + std::to_string(size) + "\r\n";
  if (framing == Framing::kChunked) head += "Transfer-Encoding: chunked\r\n";
  if (asked.has("gzip")) head += "Content-Encoding: gzip\r\n";
  if (asked.has("deflate")) head += "Content-Encoding: deflate\r\n";
  if (asked.has("cookie")) head += "Set-Cookie: session=mock-session-secret; Path=/; HttpOnly\r\n";
  for (const auto& [name, value] : answer.headers) head += name + ": " + fill(asked, value) + "\r\n";
  return head + "Connection: " + (close ? "close" : "keep-alive") + "\r\n\r\n";
}

std::string as_chunk(const std::string& piece) {
  char size[32];
  std::snprintf(size, sizeof(size), "%zx\r\n", piece.size());
  return size + piece + "\r\n";
}

// Sends the pieces, and stops where the answer is to be cut. Chunks that nobody waits between go together:
// the other side tells them apart by their framing.
class BodySender {
 public:
  BodySender(Connection& connection, const Asked& asked, bool chunked)
      : connection_(connection),
        pause_(millis_of(asked, "pause")),
        chunked_(chunked),
        left_(asked.has("cut") ? size_of(asked.value("cut", "0")) : std::string::npos) {}

  // False when the connection is over.
  bool send(const Pieces& pieces) {
    for (const std::string& piece : pieces) {
      if (piece.empty()) continue;
      if (left_ == 0) return flush() && false;
      const std::string part = piece.substr(0, left_);
      if (left_ != std::string::npos) left_ -= part.size();
      if (!put(part)) return false;
      if (part.size() < piece.size()) return flush() && false;
    }
    if (chunked_) waiting_ += "0\r\n\r\n";
    return flush();
  }

 private:
  static constexpr std::size_t kTogether = 64 * 1024;

  bool put(const std::string& part) {
    if (!chunked_ && pause_ == 0) return connection_.send(part);
    waiting_ += chunked_ ? as_chunk(part) : part;
    if (pause_ == 0) return waiting_.size() < kTogether || flush();
    const bool sent = flush();
    std::this_thread::sleep_for(std::chrono::milliseconds(pause_));
    return sent;
  }

  bool flush() {
    const bool sent = connection_.send(waiting_);
    waiting_.clear();
    return sent;
  }

  Connection& connection_;
  int pause_;
  bool chunked_;
  std::size_t left_;
  std::string waiting_;
};

}  // namespace

bool send_answer(Connection& connection, const Answer& answer, const Asked& asked, bool with_body) {
  const Pieces pieces = body_of(answer, asked);
  std::size_t size = 0;
  for (const std::string& piece : pieces) size += piece.size();
  const Framing framing = framing_of(answer, asked);
  const bool close = asked.has("close") || framing == Framing::kUntilClose;
  if (!connection.send(head_of(answer, asked, framing, size, close))) return false;
  if (!with_body) return !close;
  std::this_thread::sleep_for(std::chrono::milliseconds(millis_of(asked, "first")));
  if (asked.has("rst")) connection.reset_on_close();
  if (asked.has("cut")) connection.close_without_notice();
  return BodySender(connection, asked, framing == Framing::kChunked).send(pieces) && !close;
}

}  // namespace llmo::test
