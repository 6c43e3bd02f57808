// `llmobserve html`, as people use its page: in a browser, from a file.
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <optional>
#include <string>

#include "tests/e2e/browser.h"
#include "tests/e2e/html_data.h"
#include "tests/support/process.h"
#include "tests/support/run.h"

namespace llmo::test {
namespace {

// One for all cases of a run: a start takes as long as all of them.
Browser& browser() {
  static Browser only;
  return only;
}

bool no_browser() {
  if (Browser::available()) return false;
  WARN("Chromium or ChromeDriver is not installed: not tested");
  return true;
}

struct Page {
  TempDir dir;
  std::filesystem::path file = dir.path() / "traces.html";
  Finished made;

  explicit Page(const std::string& traces) {
    write_text(dir.path() / "in.jsonl", traces);
    made = run_command({.argv = {llmobserve_path(), "html", dir.path() / "in.jsonl", "-o", file}});
    INFO(made.err);
    REQUIRE(made.exit_code == 0);
  }

  void open() const {
    browser().open(file);
    REQUIRE(browser().wait_for("document.body.classList.contains('ready')"));
  }
};

std::string text_of(const std::string& selector) {
  return browser().run("return [...document.querySelectorAll('" + selector +
                       "')].map((element) => element.textContent).join('|')");
}

// The rows of a list or tree that are in the document.
std::string row_count(const std::string& list) {
  return browser().run("return document.querySelectorAll('#" + list + " .row').length");
}

void type_search(const std::string& text) {
  browser().run("const box = document.getElementById('search'); box.value = '" + text +
                "'; box.dispatchEvent(new Event('input'))");
}

bool count_becomes(const std::string& text) {
  return browser().wait_for("document.getElementById('count').textContent === '" + text + "'");
}

std::string current_span() { return text_of("#waterfall .row.current .name"); }

TEST_CASE("html writes a page for its owner alone, and says what is in it", "[e2e][html]") {
  const Page page(agent_traces());
  struct stat status {};
  REQUIRE(::stat(page.file.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  CHECK(page.made.out.empty());
  CHECK(page.made.err.find("8 spans in 2 traces") != std::string::npos);
  CHECK(read_text(page.file).find("http://") == read_text(page.file).find("http://www.w3.org/2000/svg"));
}

TEST_CASE("html says what it cannot do, by words and exit code", "[e2e][html]") {
  const TempDir dir;
  const auto html = [&dir](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {llmobserve_path(), "html"});
    return run_command({.argv = arguments, .directory = dir.path()});
  };
  const Finished nothing = html({"nowhere"});
  CHECK(nothing.exit_code == 1);
  CHECK(nothing.err.find("there is no nowhere") != std::string::npos);
  write_text(dir.path() / "in.jsonl", agent_traces());
  CHECK(html({"in.jsonl", "-o", "no/such/folder.html"}).exit_code == 1);
  CHECK(html({"in.jsonl", "--max-spans", "0"}).exit_code == 2);
  const Finished piped = html({"in.jsonl", "-o", "-"});
  CHECK(piped.exit_code == 0);
  CHECK(piped.out.starts_with("<!doctype html>"));
  const Finished limited = html({"in.jsonl", "--max-spans", "6"});
  CHECK(limited.err.find("2 older spans were left out") != std::string::npos);
  CHECK(std::filesystem::exists(dir.path() / "traces.html"));
}

TEST_CASE("the page lists traces, newest first, and shows the spans of the first", "[e2e][html]") {
  if (no_browser()) return;
  const Page page(agent_traces());
  page.open();
  browser().set_size(1440, 900);
  CHECK(text_of("#list .list-name") == "workflow.research|workflow.ingest");
  CHECK(text_of("#waterfall .name") ==
        "workflow.research|workflow.plan|llm.request|llm.request|workflow.handle_message|workflow.answer");
  CHECK(text_of("#waterfall .failed .error-text") == "429 acme::Busy: try later");
  CHECK(text_of("#waterfall .first-token") == "");
  CHECK(browser().run("return document.querySelectorAll('#waterfall .first-token').length") == "1");
  CHECK(text_of("#waterfall .badge.open") == "open");
  CHECK(text_of(".lanes .lane") == "thread 1|thread 2");
  CHECK(text_of("#totals .bad dd") == "1");
  browser().save_screenshot("light");
  CHECK(browser().console_errors().empty());
}

TEST_CASE("filters and the search leave the traces that have what is asked for", "[e2e][html]") {
  if (no_browser()) return;
  const Page page(agent_traces());
  page.open();
  for (const std::string query : {"resp-7F3A91", "gen_ai.request.model=gpt-4o", "exception.type=acme::busy",
                                  "ask 77", "\\\"try later\\\"", kResearchTrace, "agent.cpp"}) {
    INFO(query);
    type_search(query == "ask 77" ? "ask agent.cpp:77" : query);
    CHECK(count_becomes("1 of 2 traces"));
    CHECK(text_of("#list .list-name") == "workflow.research");
  }
  type_search("nothing has this");
  CHECK(count_becomes("0 of 2 traces"));
  type_search("");
  CHECK(count_becomes("2 traces"));
  browser().run("document.getElementById('filter-errors').click()");
  CHECK(count_becomes("1 of 2 traces"));
  browser().run("document.getElementById('filters-clear').click()");
  CHECK(count_becomes("2 traces"));
  browser().run(
      "const box = document.getElementById('filter-slower'); box.value = '600 ms'; box.dispatchEvent(new "
      "Event('input'))");
  CHECK(count_becomes("1 of 2 traces"));
  CHECK(browser().console_errors().empty());
}

TEST_CASE("the page can be walked through with the keyboard alone", "[e2e][html]") {
  if (no_browser()) return;
  const Page page(agent_traces());
  page.open();
  browser().press(U"j");
  CHECK(text_of("#list .current .list-name") == "workflow.ingest");
  browser().press(U"k");
  browser().press({kEnter});
  CHECK(current_span() == "workflow.research");
  browser().press(U"jj");
  CHECK(current_span() == "llm.request");
  browser().press({kLeft, kLeft});
  CHECK(current_span() == "workflow.plan");
  CHECK(row_count("waterfall") == "5");
  browser().press({kRight});
  CHECK(row_count("waterfall") == "6");
  browser().press(U"e");
  CHECK(text_of("#waterfall .row.current .error-text").find("429") != std::string::npos);
  browser().press({kEscape});
  CHECK(browser().run("return document.getElementById('details').hidden") == "true");
  browser().press({kEscape});
  CHECK(browser().run("return document.activeElement.id") == "list");
  browser().press(U"/x?");
  CHECK(browser().run("return document.getElementById('search').value") == "x?");
  browser().press({kEscape});
  browser().press(U"?");
  CHECK(browser().run("return document.getElementById('help').open") == "true");
  browser().press({kEscape});
  browser().press(U"s");
  CHECK(text_of("#view-summary h2") == "Workflows|Models and services");
  CHECK(browser().console_errors().empty());
}

TEST_CASE("a span's details hold everything, and a link leads to the other trace", "[e2e][html]") {
  if (no_browser()) return;
  const Page page(agent_traces());
  page.open();
  browser().press({kEnter});
  browser().press(U"e");
  REQUIRE(browser().wait_for("document.querySelector('#details .event')"));
  const std::string failed = text_of("#details");
  for (const char* part :
       {"rate_limit_error", "Slow down, please", "acme::Busy", "at ask (agent.cpp:77)\nat main", "host.name",
        kResearchTrace, "0000000000000004", "1790000001000000000", "2026-09-21T14:13:21.000000000Z"}) {
    INFO(part);
    CHECK(failed.find(part) != std::string::npos);
  }
  browser().press(U"j");
  REQUIRE(browser().wait_for("document.querySelectorAll('#details .link').length === 2"));
  CHECK(text_of("#details .link").find("not in this page") != std::string::npos);
  browser().run("document.querySelector('#details .link .go').click()");
  CHECK(text_of(".trace-head h2") == "workflow.ingest");
  CHECK(current_span() == "publish tasks");
  CHECK(browser().run("return location.hash") == std::string("#t=") + kIngestTrace + "&s=000000000000000b");
  CHECK(browser().console_errors().empty());
}

TEST_CASE("the page is light or dark as the system is, or as it is told", "[e2e][html]") {
  if (no_browser()) return;
  const Page page(agent_traces());
  const auto brightness = [] {
    return std::stoi(
        browser().run("return getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0]"));
  };
  browser().set_dark(true);
  page.open();
  browser().press(U"\uE007j");
  CHECK(brightness() < 60);
  browser().save_screenshot("dark");
  browser().press(U"t");
  CHECK(brightness() > 200);
  browser().run("localStorage.clear()");
  browser().set_dark(false);
  page.open();
  CHECK(brightness() > 200);
  CHECK(browser().console_errors().empty());
}

TEST_CASE("on a narrow screen list, trace and details are shown one at a time", "[e2e][html]") {
  if (no_browser()) return;
  const Page page(agent_traces());
  page.open();
  browser().set_size(390, 780);
  const auto shown = [](const std::string& pane) {
    return browser().run("return document.querySelector('" + pane + "').getClientRects().length > 0") ==
           "true";
  };
  CHECK((shown(".list-pane") && !shown(".trace-pane")));
  browser().save_screenshot("narrow-list");
  browser().run("document.querySelector('#list .row').click()");
  CHECK((!shown(".list-pane") && shown(".trace-pane")));
  browser().save_screenshot("narrow-trace");
  REQUIRE(browser().wait_for("document.querySelectorAll('#waterfall .row').length === 6"));
  browser().run("document.querySelectorAll('#waterfall .row')[3].click()");
  CHECK(browser().wait_for("document.querySelector('#details .event')"));
  CHECK((!shown(".trace-pane") && shown(".details-pane")));
  CHECK(browser().run("return document.documentElement.scrollWidth <= 390") == "true");
  browser().save_screenshot("narrow-details");
  browser().set_size(1440, 900);
}

TEST_CASE("nothing that a span says is ever run, and all of it is shown", "[e2e][html]") {
  if (no_browser()) return;
  const Page page(hostile_traces());
  page.open();
  browser().set_size(1440, 900);
  CHECK(count_becomes("2 traces"));
  for (int trace = 0; trace < 2; ++trace) {
    browser().press(U"[");
    browser().press({kEnter});
    for (int span = 0; span < 22; ++span) {
      browser().press(U"j");
      CHECK(browser().wait_for("document.querySelector('#details .attributes code')"));
    }
    browser().press({kEscape, kEscape});
    if (trace == 0) browser().press(U"]");
  }
  browser().run("location.hash = '#t=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa&s=0000000000000065'");
  CHECK(browser().wait_for("document.querySelector('#details').textContent.includes('</script><script>')"));
  browser().save_screenshot("hostile");
  browser().press(U"s");
  type_search("__proto__");
  CHECK(count_becomes("1 of 2 traces"));
  CHECK(text_of("#view-summary").find("<img src=x") != std::string::npos);
  CHECK(browser().run("return typeof window.pwned") == "undefined");
  CHECK(browser().run("return document.querySelectorAll('img, svg + script, iframe').length") == "0");
  CHECK(browser().run("return ({}).pwned === undefined && Object.keys(Object.prototype).length === 0") ==
        "true");
  CHECK(browser().console_errors().empty());
}

TEST_CASE("fifty thousand spans are listed, searched and walked through", "[e2e][html]") {
  if (no_browser()) return;
  const Page page(many_traces(2000, 25));
  CHECK(std::filesystem::file_size(page.file) < 8'000'000);
  page.open();
  CHECK(text_of("#count").find("2\u202f000 traces") != std::string::npos);
  CHECK(std::stoi(row_count("list")) < 60);
  type_search("needle=haystack");
  CHECK(count_becomes("1 of 2\u202f000 traces"));
  browser().press(U"n");
  CHECK(browser().wait_for("document.querySelector('#details').textContent.includes('in a Haystack')"));
  browser().save_screenshot("many");
  CHECK(browser().console_errors().empty());
}

TEST_CASE("a chain of a hundred thousand spans is a tree like any other", "[e2e][html]") {
  if (no_browser()) return;
  const Page page(deep_trace(100'000));
  page.open();
  browser().press({kEnter});
  browser().press(U"e");
  CHECK(current_span() == "level 100000");
  browser().press(U"cc");
  CHECK(std::stoi(row_count("waterfall")) < 80);
  CHECK(browser().console_errors().empty());
}

}  // namespace
}  // namespace llmo::test
