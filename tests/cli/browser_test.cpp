// Reports as pages (check --html) in a browser without a window: opened, stepped through by keys, links followed,
// without a problem on the console, without horizontal scrolling at 360 pixels, light and dark. What is done there is
// in browser_test.js. Skipped where no Chromium is installed.
#include <fstream>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/shell.h"

namespace quiesce::cli {
namespace {

using ::testing::HasSubstr;

/// The name of a Chromium that can be run; empty when there is none.
std::string browser(const Workplace& workplace) {
  for (const std::string name : {"chromium", "chromium-browser", "google-chrome"}) {
    if (workplace.run("command -v " + name).code == 0) return name;
  }
  return "";
}

void write(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

/// Puts `what` before the last `mark` of `text`.
void insert_before(std::string& text, const std::string& mark, const std::string& what) {
  text.insert(text.rfind(mark), what);
}

/// Opens report.html of the folder in a frame of that width and does there what the script says; the page's text.
std::string visited(const Workplace& workplace, const std::string& chromium, int width, bool dark) {
  std::string page = read_file(workplace.folder() / "report.html");
  const std::string watch =
      "<script>window.problems = []; const add = (text) => window.problems.push(text);\n"
      "window.addEventListener('error', (event) => add(event.message));\n"
      "window.addEventListener('unhandledrejection', (event) => add(String(event.reason)));\n"
      "document.addEventListener('securitypolicyviolation', (event) => add(`${event.violatedDirective}`));\n"
      "console.error = console.warn = (...words) => add(words.join(' '));</script>\n";
  page.insert(page.find("<meta charset"), watch);
  const std::string script = read_file(std::string(QUIESCE_SOURCE_DIR) + "/tests/cli/browser_test.js");
  insert_before(page, "</body>", "<script>\n" + script + "</script>\n");
  write(workplace.folder() / "watched.html", page);
  write(workplace.folder() / "frame.html",
        "<pre id=\"result\"></pre><iframe src=\"watched.html\" style=\"border: 0; width: " + std::to_string(width) +
            "px; height: 900px\"></iframe>\n"
            "<script>addEventListener('message', (event) => { document.getElementById('result').textContent = "
            "event.data; });</script>\n");
  const std::string theme = dark ? "--blink-settings=preferredColorScheme=0 " : "";
  return workplace
      .run("HOME=. timeout 120 " + chromium +
           " --headless --no-sandbox --disable-gpu --user-data-dir=./profile --virtual-time-budget=60000 --dump-dom " +
           theme + "--window-size=1400,1000 \"file://$PWD/frame.html\"")
      .out;
}

/// The lines of `text` that say what is not as it should be.
std::string failures(const std::string& text) {
  std::istringstream in(text);
  std::string failed;
  for (std::string line; std::getline(in, line);) {
    if (line.find("FAILED") != std::string::npos) failed += line + "\n";
  }
  return failed;
}

struct Visit {
  const char* name;
  const char* designs;
  int width;
  bool dark;
  bool is_told_alone = false;  // the page of `quiesce explain` of the first run
};

class Browser : public ::testing::TestWithParam<Visit> {};

TEST_P(Browser, ShowsTheReport) {
  const Workplace workplace;
  const std::string chromium = browser(workplace);
  if (chromium.empty()) GTEST_SKIP() << "no Chromium is installed (Debian: apt install chromium)";
  const Visit& visit = GetParam();
  const std::string report = visit.is_told_alone ? "--save-run run.json " : "--html report.html ";
  workplace.run("quiesce check -q " + report + visit.designs);
  if (visit.is_told_alone) workplace.run("quiesce explain run.json --html report.html");
  const std::string page = visited(workplace, chromium, visit.width, visit.dark);
  const std::string result = page.substr(0, page.find("</pre>"));
  EXPECT_THAT(result, HasSubstr("\ndone"));
  EXPECT_EQ(failures(result), "");
  EXPECT_THAT(result, HasSubstr(visit.dark ? "theme dark rgb(15, 20, 26)" : "theme light rgb(255, 255, 255)"));
}

#define LIBRARY QUIESCE_SOURCE_DIR "/specs/wdm/designs/"

INSTANTIATE_TEST_SUITE_P(
    Visits, Browser,
    ::testing::Values(Visit{"SmallOnANarrowScreen", "interrupt.qsm race.qsm stuck.qsm", 360, false},
                      Visit{"Exploring", LIBRARY "disconnect_while_enabled.qsm interrupt.qsm", 1280, true},
                      Visit{"LibraryOnANarrowScreen", LIBRARY "my_nic.qsm", 360, true},
                      Visit{"LibraryOnAWideScreen", LIBRARY "my_nic.qsm", 1280, false},
                      Visit{"ToldAlone", "interrupt.qsm", 360, false, true},
                      Visit{"ALoop", LIBRARY "served_in_the_end.qsm --check 3 --for wdm.served_in_the_end", 360, false},
                      Visit{"ALoopWide", LIBRARY "served_in_the_end.qsm --for wdm.served_in_the_end", 1280, true}),
    [](const auto& visit) { return visit.param.name; });

}  // namespace
}  // namespace quiesce::cli
