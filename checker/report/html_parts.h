// The texts of checker/report/html/, as they were when the program was built (cmake/EmbedFiles.cmake): the frame of a
// report, its style and its script, and the style of timelines.
#pragma once

#include <string_view>

namespace quiesce::checker {

std::string_view html_page();      // page.html
std::string_view html_style();     // style.css
std::string_view html_script();    // script.js
std::string_view html_timeline();  // timeline.css

}  // namespace quiesce::checker
