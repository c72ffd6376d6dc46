// The modules and lessons under specs/ as they were when the program was built, so that `use wdm` works from any
// directory. The table is generated (cmake/EmbedSpecs.cmake) into the target quiesce_library_data; link it
// where the table is wanted. `--library DIR` is the caller's business: nothing here reads a file.
#pragma once

#include <span>
#include <string_view>

namespace quiesce::model {

/// One file that is embedded. Both views live as long as the program.
struct LibraryFile {
  std::string_view path;  // relative to specs/, with slashes: "wdm/interrupt.qsm"
  std::string_view text;  // the bytes of the file, unchanged
};

/// All embedded modules, sorted by the bytes of their paths. Thread safe.
std::span<const LibraryFile> embedded_library();

/// The files of specs/lessons/, each in the folder of its lesson ("levels/lesson.md"; checker/teach/lesson.h), sorted
/// by the bytes of their paths, which are relative to specs/lessons/. They are no modules. Thread safe.
std::span<const LibraryFile> embedded_lessons();

/// The bytes of specs/catalogue.json: every rule with the designs that break and keep it
/// (checker/report/rules_report.h).
std::string_view embedded_catalogue();

}  // namespace quiesce::model
