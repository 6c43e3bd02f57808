// The version of llmobserve, once: `llmobserve --version`, telemetry.sdk.version and the scope's version.
#pragma once

namespace llmo {

inline constexpr char kVersion[] = "0.1.0";
inline constexpr char kScopeName[] = "llmobserve";

}  // namespace llmo
