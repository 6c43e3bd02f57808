// Headless Chromium for one test: pages are opened, keys are pressed, and scripts say what came of it. Driven
// by ChromeDriver, which speaks WebDriver (W3C, "WebDriver"): JSON over HTTP on the loopback interface.
#pragma once

#include <rapidjson/document.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace llmo::test {

class Browser {
 public:
  // Whether Chromium and ChromeDriver are installed.
  static bool available();

  // Throws std::runtime_error where they do not start, as all of these do where a command fails.
  Browser();
  ~Browser();
  Browser(const Browser&) = delete;
  Browser& operator=(const Browser&) = delete;

  void open(const std::filesystem::path& page);
  // A script's result, `return …`, as text: what it is in JSON, a string without its quotes.
  std::string run(const std::string& script);
  // Polls until `expression` is true. False when it is not within 20 s.
  bool wait_for(const std::string& expression);
  // Presses keys, one after the other: characters, or WebDriver's code points for others (kEnter …).
  void press(const std::u32string& keys);
  void set_dark(bool dark);
  void set_size(int width, int height);
  // Saves what is to be seen as <name>.png in $LLMOBSERVE_SCREENSHOTS; nothing where that is not set.
  void save_screenshot(const std::string& name);
  // What the console has said since it was last asked: errors, and what the page's policy refused.
  std::vector<std::string> console_errors();

 private:
  rapidjson::Document command(const std::string& method, const std::string& path, const std::string& body);
  void devtools(const std::string& name, const std::string& parameters);

  TempDir profile_;
  int port_;
  std::unique_ptr<Background> driver_;
  std::string session_;  // the path of its commands
};

// WebDriver, 17.4.2: keyboard actions.
inline constexpr char32_t kEnter = U'\uE007';
inline constexpr char32_t kEscape = U'\uE00C';
inline constexpr char32_t kLeft = U'\uE012';
inline constexpr char32_t kRight = U'\uE014';

}  // namespace llmo::test
