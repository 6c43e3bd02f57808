#include "shim/span/child_environment.h"

#include <algorithm>
#include <cstring>

#include "shim/config/text.h"

namespace llmo::span {

namespace {

char* put(char* out, std::string_view text) {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

// Between single quotes only the quote itself means something to sh(1).
constexpr std::string_view kQuotedQuote = "'\\''";

std::size_t quoted_size(std::string_view text) {
  const auto quotes = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\''));
  return text.size() + quotes * (kQuotedQuote.size() - 1);
}

char* put_quoted(char* out, std::string_view text) {
  for (const char byte : text) out = byte == '\'' ? put(out, kQuotedQuote) : put(out, {&byte, 1});
  return out;
}

std::string_view name_of(std::string_view entry) { return entry.substr(0, entry.find('=') + 1); }

}  // namespace

ChildEnvironment::ChildEnvironment(const char* const* given, ArrayKind kind, const StartEnvironment& start,
                                   const ChildFacts& facts)
    : given_(given), start_(start) {
  // Who passes nothing on means it.
  if (given == nullptr || *given == nullptr) return;
  read();
  if (decide_preload(kind)) decide(kind, facts);
}

const ChildEnvironment::Variable* ChildEnvironment::find(std::string_view entry) const {
  const auto* const found =
      std::find_if(variables_.begin(), variables_.end(),
                   [entry](const Variable& variable) { return entry.starts_with(variable.name); });
  return found == variables_.end() ? nullptr : found;
}

void ChildEnvironment::read() {
  for (; given_[count_] != nullptr; ++count_) {
    const std::string_view entry = given_[count_];
    if (const Variable* const found = find(entry); found != nullptr) {
      Variable& variable = variables_[static_cast<std::size_t>(found - variables_.data())];
      if (variable.given == nullptr) variable.given = given_[count_];
    } else if (is_our_setting(entry)) {
      has_other_settings_ |=
          std::find(start_.settings.begin(), start_.settings.end(), entry) == start_.settings.end();
    }
  }
}

void ChildEnvironment::set(Index index, std::string_view value, std::string_view tail) {
  Variable& variable = variables_[index];
  if (variable.given != nullptr && tail.empty() && variable.given + variable.name.size() == value) return;
  variable.change = Change::kSet;
  variable.value = value;
  variable.tail = tail;
  changes_ = true;
}

// False where the child is not to be traced.
bool ChildEnvironment::decide_preload(ArrayKind kind) {
  if (start_.preload.empty()) return true;  // we came in another way, and the child may as well
  const Variable& preload = variables_[kPreload];
  if (preload.given == nullptr) {
    if (kind != ArrayKind::kMade) return false;
    adds_settings_ = true;
    set(kPreload, start_.preload);
    return true;
  }
  const std::string_view value = preload.given + preload.name.size();
  if (config::trim(value).empty()) return false;
  if (!names_library(value, start_.preload)) set(kPreload, value, start_.preload);
  return true;
}

// What is not as it was at the start is the program's own doing.
bool ChildEnvironment::may_replace(Index index, std::string_view started_with) const {
  const Variable& variable = variables_[index];
  return variable.given == nullptr || variable.given + variable.name.size() == started_with;
}

void ChildEnvironment::set_trace(std::string_view traceparent, std::string_view tracestate) {
  if (traceparent.empty() || !may_replace(kTraceparent, start_.traceparent)) return;
  set(kTraceparent, traceparent);
  Variable& state = variables_[kTracestate];
  if (!tracestate.empty()) {
    set(kTracestate, tracestate);
  } else if (state.given != nullptr) {  // it belongs to another trace
    state.change = Change::kRemove;
    changes_ = true;
  }
}

// An array that has nothing of ours gets what we were started with where there is nothing newer to tell.
void ChildEnvironment::decide(ArrayKind kind, const ChildFacts& facts) {
  if (!facts.traceparent.empty()) {
    set_trace(facts.traceparent, facts.tracestate);
  } else if (adds_settings_ && variables_[kTraceparent].given == nullptr) {
    set_trace(start_.traceparent, start_.tracestate);
  }
  std::string_view session = facts.session;
  if (session.empty() && adds_settings_) session = start_.session;
  // Our exporter goes by our settings: a child with others has one of its own.
  if (!session.empty() && !has_other_settings_ && may_replace(kSession, start_.session)) {
    set(kSession, session);
  }
  if (kind != ArrayKind::kOwn && !start_.baggage.empty() && variables_[kBaggage].given == nullptr) {
    set(kBaggage, start_.baggage);
  }
}

bool ChildEnvironment::is_given(std::string_view setting) const {
  const std::string_view name = name_of(setting);
  return std::any_of(given_, given_ + count_,
                     [name](std::string_view entry) { return entry.starts_with(name); });
}

// --- as an array -------------------------------------------------------------------------------------------

namespace {

std::size_t text_size(std::string_view name, std::string_view value, std::string_view tail) {
  return name.size() + value.size() + (tail.empty() ? 0 : tail.size() + 1) + 1;
}

char* put_text(char* out, std::string_view name, std::string_view value, std::string_view tail) {
  out = put(put(out, name), value);
  if (!tail.empty()) out = put(put(out, ":"), tail);
  *out = '\0';
  return out + 1;
}

}  // namespace

// Room for all pointers that there may be: the least is not worth a second look.
std::size_t ChildEnvironment::size() const {
  std::size_t pointers = count_ + kVariables + 1;
  if (adds_settings_) pointers += start_.settings.size();
  std::size_t texts = 0;
  for (const Variable& variable : variables_) {
    if (variable.change == Change::kSet) texts += text_size(variable.name, variable.value, variable.tail);
  }
  return pointers * sizeof(char*) + texts;
}

char** ChildEnvironment::write(void* memory) const {
  auto** const array = static_cast<char**>(memory);
  char** next = array;
  for (std::size_t index = 0; index < count_; ++index) {
    const Variable* const variable = find(given_[index]);
    if (variable == nullptr || variable->change == Change::kNone) *next++ = const_cast<char*>(given_[index]);
  }
  if (adds_settings_) {
    for (const std::string& setting : start_.settings) {
      if (!is_given(setting)) *next++ = const_cast<char*>(setting.c_str());
    }
  }
  std::size_t set_variables = 0;
  for (const Variable& variable : variables_) set_variables += variable.change == Change::kSet ? 1 : 0;
  char* text = reinterpret_cast<char*>(next + set_variables + 1);
  for (const Variable& variable : variables_) {
    if (variable.change != Change::kSet) continue;
    *next++ = text;
    text = put_text(text, variable.name, variable.value, variable.tail);
  }
  *next = nullptr;
  return array;
}

// --- as a command ------------------------------------------------------------------------------------------

// Hands each piece of the command to `emit`, with whether it stands between single quotes.
template <typename Emit>
void ChildEnvironment::emit_shell(Emit emit) const {
  std::string_view before = "export ";
  for (const Variable& variable : variables_) {
    if (variable.change != Change::kSet) continue;
    emit(before, false);
    emit(variable.name, false);
    emit("'", false);
    emit(variable.value, true);
    if (!variable.tail.empty()) emit(":", false);
    emit(variable.tail, true);
    emit("'", false);
    before = " ";
  }
  if (before == " ") emit("; ", false);
  for (const Variable& variable : variables_) {
    if (variable.change != Change::kRemove) continue;
    emit("unset ", false);
    emit(variable.name.substr(0, variable.name.size() - 1), false);
    emit("; ", false);
  }
}

std::size_t ChildEnvironment::shell_size() const {
  std::size_t size = 0;
  emit_shell(
      [&size](std::string_view text, bool quoted) { size += quoted ? quoted_size(text) : text.size(); });
  return size;
}

char* ChildEnvironment::write_shell(char* out) const {
  emit_shell(
      [&out](std::string_view text, bool quoted) { out = quoted ? put_quoted(out, text) : put(out, text); });
  return out;
}

}  // namespace llmo::span
