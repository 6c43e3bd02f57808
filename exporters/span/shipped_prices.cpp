// List prices in US dollars for a million tokens, each provider with the day it was looked up and the page.
//
// Standard processing only, without batch, flex and priority tiers. Cache writes are those for five minutes.
// What is not here is not guessed: `unknown model`. So are left out on purpose:
//   DeepSeek     charges by hour and weekday
//   Perplexity   adds a fee for each request that depends on how it searches; its answers tell their cost
//   Jina         no list price found
//   images, speech by the minute, and whatever else is not charged by the token
#include "exporters/span/shipped_prices.h"

#include <span>

namespace llmo {
namespace {

constexpr double kNo = -1;  // has no price apart (price_table.h says what takes its place)

struct Row {
  std::string_view model;
  double input;
  double cached_input;
  double cache_write;
  double output;
};

constexpr Row kOpenAi[] = {
    {"gpt-5.6-sol", 4, 0.4, 5, 20},
    {"gpt-5.6", 4, 0.4, 5, 20},
    {"gpt-5.6-terra", 2, 0.2, 2.5, 12},
    {"gpt-5.6-luna", 0.2, 0.02, 0.25, 1.2},
    {"gpt-5.5", 5, 0.5, kNo, 30},
    {"gpt-5.5-chat-latest", 5, 0.5, kNo, 30},
    {"gpt-5.5-codex", 5, 0.5, kNo, 30},
    {"gpt-5.5-pro", 30, kNo, kNo, 180},
    {"gpt-5.4", 2.5, 0.25, kNo, 15},
    {"gpt-5.4-mini", 0.75, 0.075, kNo, 4.5},
    {"gpt-5.4-nano", 0.2, 0.02, kNo, 1.25},
    {"gpt-5.4-pro", 30, kNo, kNo, 180},
    {"gpt-5.3-chat-latest", 1.75, 0.175, kNo, 14},
    {"gpt-5.3-codex", 1.75, 0.175, kNo, 14},
    {"gpt-5.2", 1.75, 0.175, kNo, 14},
    {"gpt-5.2-chat-latest", 1.75, 0.175, kNo, 14},
    {"gpt-5.2-codex", 1.75, 0.175, kNo, 14},
    {"gpt-5.2-pro", 21, kNo, kNo, 168},
    {"gpt-5.1", 1.25, 0.125, kNo, 10},
    {"gpt-5.1-chat-latest", 1.25, 0.125, kNo, 10},
    {"gpt-5.1-codex", 1.25, 0.125, kNo, 10},
    {"gpt-5.1-codex-max", 1.25, 0.125, kNo, 10},
    {"gpt-5.1-codex-mini", 0.25, 0.025, kNo, 2},
    {"gpt-5", 1.25, 0.125, kNo, 10},
    {"gpt-5-chat-latest", 1.25, 0.125, kNo, 10},
    {"gpt-5-codex", 1.25, 0.125, kNo, 10},
    {"gpt-5-mini", 0.25, 0.025, kNo, 2},
    {"gpt-5-nano", 0.05, 0.005, kNo, 0.4},
    {"gpt-5-pro", 15, kNo, kNo, 120},
    {"gpt-4.1", 2, 0.5, kNo, 8},
    {"gpt-4.1-mini", 0.4, 0.1, kNo, 1.6},
    {"gpt-4.1-nano", 0.1, 0.025, kNo, 0.4},
    {"gpt-4o", 2.5, 1.25, kNo, 10},
    {"gpt-4o-2024-05-13", 5, kNo, kNo, 15},
    {"gpt-4o-mini", 0.15, 0.075, kNo, 0.6},
    {"gpt-4o-audio-preview", 2.5, kNo, kNo, 10},
    {"gpt-audio", 2.5, kNo, kNo, 10},
    {"gpt-audio-1.5", 2.5, kNo, kNo, 10},
    {"gpt-audio-mini", 0.6, kNo, kNo, 2.4},
    {"gpt-4o-transcribe", 2.5, kNo, kNo, 10},
    {"gpt-4o-mini-transcribe", 1.25, kNo, kNo, 5},
    {"chatgpt-4o-latest", 5, kNo, kNo, 15},
    {"codex-mini-latest", 1.5, 0.375, kNo, 6},
    {"o4-mini", 1.1, 0.275, kNo, 4.4},
    {"o3", 2, 0.5, kNo, 8},
    {"o3-pro", 20, kNo, kNo, 80},
    {"o3-mini", 1.1, 0.55, kNo, 4.4},
    {"o1", 15, 7.5, kNo, 60},
    {"o1-preview", 15, 7.5, kNo, 60},
    {"o1-mini", 1.1, 0.55, kNo, 4.4},
    {"o1-pro", 150, kNo, kNo, 600},
    {"gpt-4-turbo", 10, kNo, kNo, 30},
    {"gpt-4-turbo-preview", 10, kNo, kNo, 30},
    {"gpt-4-0125-preview", 10, kNo, kNo, 30},
    {"gpt-4-1106-preview", 10, kNo, kNo, 30},
    {"gpt-4", 30, kNo, kNo, 60},
    {"gpt-4-0613", 30, kNo, kNo, 60},
    {"gpt-3.5-turbo", 0.5, kNo, kNo, 1.5},
    {"gpt-3.5-turbo-0125", 0.5, kNo, kNo, 1.5},
    {"gpt-3.5-turbo-1106", 1, kNo, kNo, 2},
    {"gpt-3.5-turbo-instruct", 1.5, kNo, kNo, 2},
    {"gpt-3.5-turbo-instruct-0914", 1.5, kNo, kNo, 2},
    {"text-embedding-3-small", 0.02, kNo, kNo, kNo},
    {"text-embedding-3-large", 0.13, kNo, kNo, kNo},
    {"text-embedding-ada-002", 0.1, kNo, kNo, kNo},
    {"text-embedding-ada-002-v2", 0.1, kNo, kNo, kNo},
};

// Deployments of the global type; what is not here costs what it costs at OpenAI.
constexpr Row kAzure[] = {
    {"gpt-35-turbo", 0.5, kNo, kNo, 1.5},
    {"gpt-35-turbo-0125", 0.5, kNo, kNo, 1.5},
};

constexpr Row kAnthropic[] = {
    {"claude-fable-5-1", 10, 0.25, 12.5, 50},
    {"claude-fable-5", 10, 1, 12.5, 50},
    {"claude-opus-5-5", 4, 0.2, 5, 20},
    {"claude-opus-5", 5, 0.5, 6.25, 25},
    {"claude-opus-4-8", 5, 0.5, 6.25, 25},
    {"claude-opus-4-7", 5, 0.5, 6.25, 25},
    {"claude-opus-4-6", 5, 0.5, 6.25, 25},
    {"claude-opus-4-5", 5, 0.5, 6.25, 25},
    {"claude-opus-4-1", 15, 1.5, 18.75, 75},
    {"claude-opus-4", 15, 1.5, 18.75, 75},
    {"claude-opus-4-0", 15, 1.5, 18.75, 75},
    {"claude-sonnet-5-5", 2, 0.1, 2.5, 10},
    {"claude-sonnet-5", 2, 0.2, 2.5, 10},
    {"claude-sonnet-4-6", 3, 0.3, 3.75, 15},
    {"claude-sonnet-4-5", 3, 0.3, 3.75, 15},
    {"claude-sonnet-4", 3, 0.3, 3.75, 15},
    {"claude-sonnet-4-0", 3, 0.3, 3.75, 15},
    {"claude-3-7-sonnet", 3, 0.3, 3.75, 15},
    {"claude-3-7-sonnet-latest", 3, 0.3, 3.75, 15},
    {"claude-3-5-sonnet", 3, 0.3, 3.75, 15},
    {"claude-3-5-sonnet-latest", 3, 0.3, 3.75, 15},
    {"claude-haiku-5-5", 0.1, 0.01, 0.125, 0.5},
    {"claude-haiku-4-5", 1, 0.1, 1.25, 5},
    {"claude-3-5-haiku", 0.8, 0.08, 1, 4},
    {"claude-3-5-haiku-latest", 0.8, 0.08, 1, 4},
    {"claude-3-opus", 15, 1.5, 18.75, 75},
    {"claude-3-opus-latest", 15, 1.5, 18.75, 75},
    {"claude-3-haiku", 0.25, 0.03, 0.3, 1.25},
};

// Thoughts are charged as output. Storing a cache is charged by the hour, which is not in the cost.
constexpr Row kGemini[] = {
    {"gemini-3.7-flash", 0.75, 0.075, kNo, 3.75},
    {"gemini-3.6-flash", 0.75, 0.075, kNo, 3.75},
    {"gemini-3.5-flash", 1.5, 0.15, kNo, 9},
    {"gemini-3.5-flash-lite", 0.3, 0.03, kNo, 2.5},
    {"gemini-3.1-pro-preview", 2, 0.2, kNo, 12},
    {"gemini-3.1-flash-lite", 0.25, 0.025, kNo, 1.5},
    {"gemini-3.1-flash-lite-preview", 0.25, 0.025, kNo, 1.5},
    {"gemini-3-pro-preview", 2, 0.2, kNo, 12},
    {"gemini-3-flash-preview", 0.5, 0.05, kNo, 3},
    {"gemini-2.5-pro", 1.25, 0.125, kNo, 10},
    {"gemini-2.5-flash", 0.3, 0.03, kNo, 2.5},
    {"gemini-2.5-flash-preview-09-2025", 0.3, 0.03, kNo, 2.5},
    {"gemini-2.5-flash-lite", 0.1, 0.01, kNo, 0.4},
    {"gemini-2.0-flash", 0.1, 0.025, kNo, 0.4},
    {"gemini-2.0-flash-001", 0.1, 0.025, kNo, 0.4},
    {"gemini-2.0-flash-lite", 0.075, kNo, kNo, 0.3},
    {"gemini-2.0-flash-lite-001", 0.075, kNo, kNo, 0.3},
    {"gemini-embedding-001", 0.15, kNo, kNo, kNo},
};

// Global endpoints. Newer Claude models cost more in a region than globally, which a call does not tell.
constexpr Row kVertex[] = {
    {"gemini-3.1-pro-preview", 2, 0.2, kNo, 12},   {"gemini-3-pro-preview", 2, 0.2, kNo, 12},
    {"gemini-3-flash-preview", 0.5, 0.05, kNo, 3}, {"gemini-2.5-pro", 1.25, 0.125, kNo, 10},
    {"gemini-2.5-flash", 0.3, 0.03, kNo, 2.5},     {"gemini-2.5-flash-lite", 0.1, 0.01, kNo, 0.4},
    {"claude-opus-4-1", 15, 1.5, 18.75, 75},       {"claude-opus-4", 15, 1.5, 18.75, 75},
    {"claude-sonnet-4", 3, 0.3, 3.75, 15},         {"claude-3-7-sonnet", 3, 0.3, 3.75, 15},
    {"claude-3-5-sonnet", 3, 0.3, 3.75, 15},       {"claude-3-5-sonnet-v2", 3, 0.3, 3.75, 15},
    {"claude-3-5-haiku", 0.8, 0.08, 1, 4},         {"claude-3-opus", 15, 1.5, 18.75, 75},
    {"claude-3-haiku", 0.25, 0.03, 0.3, 1.25},
};

// Regional endpoints and profiles (`us.`, `eu.` …); `global.` profiles of the newer models are cheaper.
constexpr Row kBedrock[] = {
    {"anthropic.claude-opus-5", 5.5, 0.55, 6.875, 27.5},
    {"global.anthropic.claude-opus-5", 5, 0.5, 6.25, 25},
    {"anthropic.claude-opus-4-8", 5.5, 0.55, 6.875, 27.5},
    {"global.anthropic.claude-opus-4-8", 5, 0.5, 6.25, 25},
    {"anthropic.claude-opus-4-7", 5.5, 0.55, 6.875, 27.5},
    {"global.anthropic.claude-opus-4-7", 5, 0.5, 6.25, 25},
    {"anthropic.claude-opus-4-6", 5.5, 0.55, 6.875, 27.5},
    {"global.anthropic.claude-opus-4-6", 5, 0.5, 6.25, 25},
    {"anthropic.claude-opus-4-5", 5.5, 0.55, 6.875, 27.5},
    {"global.anthropic.claude-opus-4-5", 5, 0.5, 6.25, 25},
    {"anthropic.claude-opus-4-1", 15, 1.5, 18.75, 75},
    {"anthropic.claude-opus-4", 15, 1.5, 18.75, 75},
    {"anthropic.claude-sonnet-5", 2.2, 0.22, 2.75, 11},
    {"global.anthropic.claude-sonnet-5", 2, 0.2, 2.5, 10},
    {"anthropic.claude-sonnet-4-6", 3.3, 0.33, 4.125, 16.5},
    {"global.anthropic.claude-sonnet-4-6", 3, 0.3, 3.75, 15},
    {"anthropic.claude-sonnet-4-5", 3.3, 0.33, 4.125, 16.5},
    {"global.anthropic.claude-sonnet-4-5", 3, 0.3, 3.75, 15},
    {"anthropic.claude-sonnet-4", 3, 0.3, 3.75, 15},
    {"global.anthropic.claude-sonnet-4", 3, 0.3, 3.75, 15},
    {"anthropic.claude-haiku-4-5", 1.1, 0.11, 1.375, 5.5},
    {"global.anthropic.claude-haiku-4-5", 1, 0.1, 1.25, 5},
    {"anthropic.claude-3-7-sonnet", 3, 0.3, 3.75, 15},
    {"anthropic.claude-3-5-sonnet", 3, 0.3, 3.75, 15},
    {"anthropic.claude-3-5-haiku", 0.8, 0.08, 1, 4},
    {"anthropic.claude-3-opus", 15, kNo, kNo, 75},
    {"anthropic.claude-3-sonnet", 3, 0.3, 3.75, 15},
    {"anthropic.claude-3-haiku", 0.25, kNo, kNo, 1.25},
    {"amazon.nova-premier", 2.5, 0.625, kNo, 12.5},
    {"amazon.nova-pro", 0.8, 0.2, kNo, 3.2},
    {"amazon.nova-lite", 0.06, 0.015, kNo, 0.24},
    {"amazon.nova-micro", 0.035, 0.00875, kNo, 0.14},
    {"amazon.nova-2-lite", 0.33, 0.0825, kNo, 2.75},
    {"global.amazon.nova-2-lite", 0.3, 0.075, kNo, 2.5},
    {"meta.llama4-maverick-17b-instruct", 0.24, kNo, kNo, 0.97},
    {"meta.llama4-scout-17b-instruct", 0.17, kNo, kNo, 0.66},
    {"meta.llama3-3-70b-instruct", 0.72, kNo, kNo, 0.72},
    {"meta.llama3-1-70b-instruct", 0.72, kNo, kNo, 0.72},
    {"meta.llama3-1-8b-instruct", 0.22, kNo, kNo, 0.22},
    {"meta.llama3-70b-instruct", 2.65, kNo, kNo, 3.5},
    {"meta.llama3-8b-instruct", 0.3, kNo, kNo, 0.6},
    {"mistral.mistral-large-3-675b-instruct", 0.5, kNo, kNo, 1.5},
    {"mistral.mistral-large-2402", 4, kNo, kNo, 12},
    {"mistral.pixtral-large-2502", 2, kNo, kNo, 6},
    {"deepseek.r1", 1.35, kNo, kNo, 5.4},
    {"openai.gpt-oss-120b-1:0", 0.15, kNo, kNo, 0.6},
    {"openai.gpt-oss-20b-1:0", 0.07, kNo, kNo, 0.3},
};

constexpr Row kMistral[] = {
    {"mistral-large-2512", 0.5, 0.05, kNo, 1.5},
    {"mistral-large-2411", 2, kNo, kNo, 6},
    {"mistral-large-2407", 2, kNo, kNo, 6},
    {"mistral-medium-3-5", 1.5, 0.15, kNo, 7.5},
    {"mistral-medium-latest", 1.5, 0.15, kNo, 7.5},
    {"mistral-medium-2508", 0.4, 0.04, kNo, 2},
    {"mistral-medium-2505", 0.4, 0.04, kNo, 2},
    {"mistral-small-2603", 0.15, 0.015, kNo, 0.6},
    {"magistral-medium-2506", 2, kNo, kNo, 5},
    {"magistral-small-2506", 0.5, kNo, kNo, 1.5},
    {"codestral-2508", 0.3, 0.03, kNo, 0.9},
    {"codestral-2501", 0.3, kNo, kNo, 0.9},
    {"devstral-2512", 0.4, 0.04, kNo, 2},
    {"devstral-small-2507", 0.1, kNo, kNo, 0.3},
    {"ministral-14b-2512", 0.2, 0.02, kNo, 0.2},
    {"ministral-8b-2512", 0.15, 0.015, kNo, 0.15},
    {"ministral-8b-latest", 0.15, 0.015, kNo, 0.15},
    {"ministral-8b-2410", 0.1, kNo, kNo, 0.1},
    {"ministral-3b-2512", 0.1, 0.01, kNo, 0.1},
    {"open-mistral-nemo", 0.15, kNo, kNo, 0.15},
    {"pixtral-large-2411", 2, kNo, kNo, 6},
    {"pixtral-12b", 0.15, kNo, kNo, 0.15},
    {"mistral-embed", 0.1, kNo, kNo, kNo},
};

constexpr Row kCohere[] = {
    {"command-a-03-2025", 2.5, kNo, kNo, 10},     {"command-r-plus-08-2024", 2.5, kNo, kNo, 10},
    {"command-r-08-2024", 0.15, kNo, kNo, 0.6},   {"command-r7b-12-2024", 0.0375, kNo, kNo, 0.15},
    {"c4ai-aya-expanse-32b", 0.5, kNo, kNo, 1.5}, {"embed-v4.0", 0.12, kNo, kNo, kNo},
};

constexpr Row kGroq[] = {
    {"openai/gpt-oss-120b", 0.15, 0.075, kNo, 0.6},
    {"openai/gpt-oss-20b", 0.075, 0.0375, kNo, 0.3},
    {"llama-3.3-70b-versatile", 0.59, kNo, kNo, 0.79},
    {"llama-3.1-8b-instant", 0.05, kNo, kNo, 0.08},
    {"meta-llama/llama-4-maverick-17b-128e-instruct", 0.2, kNo, kNo, 0.6},
    {"meta-llama/llama-4-scout-17b-16e-instruct", 0.11, kNo, kNo, 0.34},
    {"meta-llama/llama-guard-4-12b", 0.2, kNo, kNo, 0.2},
    {"moonshotai/kimi-k2-instruct-0905", 1, 0.5, kNo, 3},
    {"qwen/qwen3-32b", 0.29, kNo, kNo, 0.59},
};

constexpr Row kXAi[] = {
    {"grok-4.7", 2, 0.5, kNo, 6},          {"grok-4.6", 2, 0.5, kNo, 6},
    {"grok-4.5", 2, 0.3, kNo, 6},          {"grok-4.3", 1.25, 0.2, kNo, 2.5},
    {"grok-build-0.1", 1, 0.2, kNo, 2},    {"grok-3", 3, 0.75, kNo, 15},
    {"grok-3-mini", 0.3, 0.075, kNo, 0.5}, {"grok-code-fast-1", 0.2, 0.02, kNo, 1.5},
};

constexpr Row kTogether[] = {
    {"meta-llama/Llama-3.3-70B-Instruct-Turbo", 0.88, kNo, kNo, 0.88},
    {"meta-llama/Llama-4-Maverick-17B-128E-Instruct-FP8", 0.27, kNo, kNo, 0.85},
    {"meta-llama/Llama-4-Scout-17B-16E-Instruct", 0.18, kNo, kNo, 0.59},
    {"meta-llama/Meta-Llama-3.1-405B-Instruct-Turbo", 3.5, kNo, kNo, 3.5},
    {"meta-llama/Meta-Llama-3.1-70B-Instruct-Turbo", 0.88, kNo, kNo, 0.88},
    {"meta-llama/Meta-Llama-3.1-8B-Instruct-Turbo", 0.18, kNo, kNo, 0.18},
    {"meta-llama/Meta-Llama-3-8B-Instruct-Lite", 0.1, kNo, kNo, 0.1},
};

constexpr Row kFireworks[] = {
    {"accounts/fireworks/models/deepseek-v3p2", 0.56, 0.28, kNo, 1.68},
    {"accounts/fireworks/models/deepseek-v4-flash", 0.14, 0.028, kNo, 0.28},
    {"accounts/fireworks/models/deepseek-v4-pro", 1.74, 0.145, kNo, 3.48},
    {"accounts/fireworks/models/glm-5p2", 1.4, 0.14, kNo, 4.4},
    {"accounts/fireworks/models/gpt-oss-120b", 0.15, 0.014, kNo, 0.6},
    {"accounts/fireworks/models/gpt-oss-20b", 0.07, 0.035, kNo, 0.3},
    {"accounts/fireworks/models/kimi-k2p6", 0.95, 0.16, kNo, 4},
    {"accounts/fireworks/models/kimi-k3", 3, 0.3, kNo, 15},
    {"accounts/fireworks/models/llama-v3p1-8b-instruct", 0.2, kNo, kNo, 0.2},
    {"accounts/fireworks/models/minimax-m3", 0.3, 0.06, kNo, 1.2},
    {"accounts/fireworks/models/qwen3-235b-a22b", 0.22, kNo, kNo, 0.88},
};

constexpr Row kVoyage[] = {
    {"voyage-4-large", 0.12, kNo, kNo, kNo},        {"voyage-4", 0.06, kNo, kNo, kNo},
    {"voyage-4-lite", 0.02, kNo, kNo, kNo},         {"voyage-context-3", 0.18, kNo, kNo, kNo},
    {"voyage-3-large", 0.18, kNo, kNo, kNo},        {"voyage-3.5", 0.06, kNo, kNo, kNo},
    {"voyage-3.5-lite", 0.02, kNo, kNo, kNo},       {"voyage-3", 0.06, kNo, kNo, kNo},
    {"voyage-3-lite", 0.02, kNo, kNo, kNo},         {"voyage-code-3", 0.18, kNo, kNo, kNo},
    {"voyage-finance-2", 0.12, kNo, kNo, kNo},      {"voyage-law-2", 0.12, kNo, kNo, kNo},
    {"voyage-multilingual-2", 0.12, kNo, kNo, kNo},
};

constexpr Row kOpenRouter[] = {
    {"openai/gpt-5.2", 1.75, 0.175, kNo, 14},
    {"openai/gpt-5", 1.25, 0.125, kNo, 10},
    {"openai/gpt-5-mini", 0.25, 0.025, kNo, 2},
    {"openai/gpt-4.1", 2, 0.5, kNo, 8},
    {"openai/gpt-4.1-mini", 0.4, 0.1, kNo, 1.6},
    {"openai/gpt-4.1-nano", 0.1, 0.025, kNo, 0.4},
    {"openai/gpt-4o", 2.5, kNo, kNo, 10},
    {"openai/gpt-4o-2024-05-13", 5, kNo, kNo, 15},
    {"openai/gpt-4o-mini", 0.15, 0.075, kNo, 0.6},
    {"openai/o3", 2, 0.5, kNo, 8},
    {"openai/o4-mini", 1.1, 0.275, kNo, 4.4},
    {"anthropic/claude-opus-5", 5, 0.5, 6.25, 25},
    {"anthropic/claude-opus-4.8", 5, 0.5, 6.25, 25},
    {"anthropic/claude-opus-4.5", 5, 0.5, 6.25, 25},
    {"anthropic/claude-opus-4.1", 15, 1.5, 18.75, 75},
    {"anthropic/claude-opus-4", 15, 1.5, 18.75, 75},
    {"anthropic/claude-sonnet-5", 2, 0.2, 2.5, 10},
    {"anthropic/claude-sonnet-4.6", 3, 0.3, 3.75, 15},
    {"anthropic/claude-sonnet-4.5", 3, 0.3, 3.75, 15},
    {"anthropic/claude-sonnet-4", 3, 0.3, 3.75, 15},
    {"anthropic/claude-haiku-4.5", 1, 0.1, 1.25, 5},
};

struct Provider {
  std::string_view name;  // gen_ai.provider.name
  std::string_view date;
  std::string_view source;
  std::span<const Row> rows;
};

constexpr Provider kProviders[] = {
    {"openai", "2026-08", "https://developers.openai.com/api/docs/pricing", kOpenAi},
    {"azure.ai.openai", "2026-08",
     "https://azure.microsoft.com/pricing/details/cognitive-services/openai-service/", kAzure},
    {"anthropic", "2026-10", "https://platform.claude.com/docs/en/about-claude/pricing", kAnthropic},
    {"gcp.gemini", "2026-08", "https://ai.google.dev/gemini-api/docs/pricing", kGemini},
    {"gcp.vertex_ai", "2026-08", "https://cloud.google.com/vertex-ai/generative-ai/pricing", kVertex},
    {"aws.bedrock", "2026-08", "https://aws.amazon.com/bedrock/pricing/", kBedrock},
    {"mistral_ai", "2026-08", "https://mistral.ai/pricing/api", kMistral},
    {"cohere", "2026-08", "https://cohere.com/pricing", kCohere},
    {"groq", "2026-08", "https://console.groq.com/docs/models", kGroq},
    {"x_ai", "2026-08", "https://docs.x.ai/docs/models", kXAi},
    {"together", "2025-07", "https://www.together.ai/pricing", kTogether},
    {"fireworks", "2026-08", "https://fireworks.ai/pricing", kFireworks},
    {"voyage", "2026-06", "https://docs.voyageai.com/docs/pricing", kVoyage},
    {"openrouter", "2026-08", "https://openrouter.ai/models", kOpenRouter},
};

// Prompts above a limit. Where a page says "from 272 000 on", the limit is one token less.
struct LongPrompt {
  std::string_view provider;
  std::int64_t above;
  Row row;
};
constexpr std::int64_t k100 = 100'000;
constexpr std::int64_t k200 = 200'000;
constexpr std::int64_t kFrom200 = 199'999;
constexpr std::int64_t kFrom272 = 271'999;

constexpr LongPrompt kLongPrompts[] = {
    {"openai", kFrom272, {"gpt-5.6-sol", 8, 0.8, 10, 30}},
    {"openai", kFrom272, {"gpt-5.6", 8, 0.8, 10, 30}},
    {"openai", kFrom272, {"gpt-5.6-terra", 4, 0.4, 5, 18}},
    {"openai", kFrom272, {"gpt-5.6-luna", 0.4, 0.04, 0.5, 1.8}},
    {"openai", kFrom272, {"gpt-5.5", 10, 1, kNo, 45}},
    {"openai", kFrom272, {"gpt-5.5-chat-latest", 10, 1, kNo, 45}},
    {"openai", kFrom272, {"gpt-5.5-codex", 10, 1, kNo, 45}},
    {"openai", kFrom272, {"gpt-5.5-pro", 60, kNo, kNo, 270}},
    {"openai", kFrom272, {"gpt-5.4", 5, 0.5, kNo, 22.5}},
    {"openai", kFrom272, {"gpt-5.4-pro", 60, kNo, kNo, 270}},
    // Once a beta of a million tokens; longer prompts are refused since 2026-04-30.
    {"anthropic", k200, {"claude-sonnet-4-5", 6, 0.6, 7.5, 22.5}},
    {"anthropic", k200, {"claude-sonnet-4", 6, 0.6, 7.5, 22.5}},
    {"anthropic", k200, {"claude-sonnet-4-0", 6, 0.6, 7.5, 22.5}},
    {"anthropic", k100, {"claude-haiku-5-5", 0.5, 0.05, 0.625, 2.5}},
    {"gcp.gemini", k200, {"gemini-3.1-pro-preview", 4, 0.4, kNo, 18}},
    {"gcp.gemini", k200, {"gemini-3-pro-preview", 4, 0.4, kNo, 18}},
    {"gcp.gemini", k200, {"gemini-2.5-pro", 2.5, 0.25, kNo, 15}},
    {"gcp.vertex_ai", k200, {"gemini-3.1-pro-preview", 4, 0.4, kNo, 18}},
    {"gcp.vertex_ai", k200, {"gemini-3-pro-preview", 4, 0.4, kNo, 18}},
    {"gcp.vertex_ai", k200, {"gemini-2.5-pro", 2.5, 0.25, kNo, 15}},
    {"x_ai", kFrom200, {"grok-4.7", 4, 1, kNo, 12}},
    {"x_ai", kFrom200, {"grok-4.6", 4, 1, kNo, 12}},
    {"x_ai", kFrom200, {"grok-4.5", 4, 0.6, kNo, 12}},
    {"x_ai", kFrom200, {"grok-4.3", 2.5, 0.4, kNo, 5}},
    {"x_ai", kFrom200, {"grok-build-0.1", 2, 0.4, kNo, 4}},
    {"openrouter", k200, {"anthropic/claude-sonnet-4.5", 6, 0.6, 7.5, 22.5}},
};

struct Audio {
  std::string_view provider;
  std::string_view model;
  double input;
  double cached_input;
  double output;
};
constexpr Audio kAudio[] = {
    {"openai", "gpt-4o-audio-preview", 40, kNo, 80},
    {"openai", "gpt-audio", 32, kNo, 64},
    {"openai", "gpt-audio-1.5", 32, kNo, 64},
    {"openai", "gpt-audio-mini", 10, kNo, 20},
    {"openai", "gpt-4o-transcribe", 6, kNo, kNo},
    {"openai", "gpt-4o-mini-transcribe", 3, kNo, kNo},
    {"gcp.gemini", "gemini-3.5-flash-lite", 0.3, 0.03, kNo},
    {"gcp.gemini", "gemini-3.1-flash-lite", 0.5, 0.05, kNo},
    {"gcp.gemini", "gemini-3.1-flash-lite-preview", 0.5, 0.05, kNo},
    {"gcp.gemini", "gemini-3-flash-preview", 1, 0.1, kNo},
    {"gcp.gemini", "gemini-2.5-pro", 1.25, 0.125, kNo},
    {"gcp.gemini", "gemini-2.5-flash", 1, 0.1, kNo},
    {"gcp.gemini", "gemini-2.5-flash-preview-09-2025", 1, 0.1, kNo},
    {"gcp.gemini", "gemini-2.5-flash-lite", 0.3, 0.03, kNo},
    {"gcp.gemini", "gemini-2.0-flash", 0.7, 0.175, kNo},
    {"gcp.gemini", "gemini-2.0-flash-001", 0.7, 0.175, kNo},
    {"gcp.vertex_ai", "gemini-2.5-pro", 1.25, 0.125, kNo},
    {"gcp.vertex_ai", "gemini-2.5-flash", 1, 0.1, kNo},
    {"gcp.vertex_ai", "gemini-2.5-flash-lite", 0.3, 0.03, kNo},
};

std::optional<double> rate(double price) { return price == kNo ? std::nullopt : std::optional(price); }

Rates rates_of(const Row& row) {
  Rates rates;
  rates.input = rate(row.input);
  rates.cached_input = rate(row.cached_input);
  rates.cache_write = rate(row.cache_write);
  rates.output = rate(row.output);
  return rates;
}

Price price_of(std::string_view provider, const Row& row) {
  Price price;
  price.rates = rates_of(row);
  for (const Audio& audio : kAudio) {
    if (audio.provider != provider || audio.model != row.model) continue;
    price.rates.audio_input = rate(audio.input);
    price.rates.cached_audio_input = rate(audio.cached_input);
    price.rates.audio_output = rate(audio.output);
  }
  for (const LongPrompt& tier : kLongPrompts) {
    if (tier.provider == provider && tier.row.model == row.model) {
      price.tiers.push_back({tier.above, rates_of(tier.row)});
    }
  }
  return price;
}

PriceTable make_table() {
  PriceTable table;
  table.origin = {"2026-10", "llmobserve"};
  for (const Provider& provider : kProviders) {
    table.origin_of.emplace(provider.name,
                            PriceOrigin{std::string(provider.date), std::string(provider.source)});
    for (const Row& row : provider.rows) table.add(provider.name, row.model, price_of(provider.name, row));
  }
  return table;
}

}  // namespace

const PriceTable& shipped_prices() {
  static const PriceTable table = make_table();
  return table;
}

}  // namespace llmo
