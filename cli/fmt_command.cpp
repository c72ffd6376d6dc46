// `quiesce fmt FILE...`: canonical layout.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "checker/files.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "model/base/diagnostic.h"
#include "model/base/source.h"
#include "model/syntax/format.h"
#include "model/syntax/parser.h"

namespace quiesce::cli {

namespace {

struct FmtFlags {
  std::vector<std::string> files;
  bool check = false;
  bool to_stdout = false;
};

ExitCode format_one(const std::string& path, const FmtFlags& flags) {
  const auto text = checker::read_text(path);
  if (!text) {
    report_error(text.error());
    return ExitCode::WrongInput;
  }
  model::SourceMap sources;
  model::Diagnostics diagnostics;
  const model::FileId file = sources.add(path == "-" ? "<standard input>" : path, *text);
  const std::unique_ptr<model::syntax::File> tree = model::syntax::parse(file, sources, diagnostics);
  if (diagnostics.has_errors()) {
    print_error(model::render(diagnostics, sources, error_colour_wanted(false)));
    return ExitCode::WrongInput;
  }
  const std::string formatted = model::syntax::format(*tree, sources);
  if (flags.check) {
    if (formatted == *text) return ExitCode::AllHold;
    print(fmt::format("{}\n", sources.file(file).name()));
    return ExitCode::Violated;
  }
  if (flags.to_stdout || path == "-") {
    print(formatted);
    return ExitCode::AllHold;
  }
  if (formatted == *text) return ExitCode::AllHold;  // keeps its time stamp
  if (const auto written = checker::write_atomically(path, formatted); !written) {
    report_error(written.error());
    return ExitCode::WrongInput;
  }
  return ExitCode::AllHold;
}

}  // namespace

void add_fmt(CLI::App& app, Action& action) {
  auto flags = std::make_shared<FmtFlags>();
  CLI::App* command = app.add_subcommand("fmt", "give texts the canonical layout; comments are kept");
  command->add_option("FILE", flags->files, "texts; '-' reads standard input and writes standard output")
      ->required()
      ->type_name("");
  command->add_flag("--check", flags->check,
                    "change nothing; print the files that are not in canonical layout and return 1");
  command->add_flag("--stdout", flags->to_stdout, "write to standard output instead of the file");
  command->footer(
      "Exit code: 0 done, 1 (with --check) a text differs, 2 a text is wrong; such a file is not touched.\n"
      "Example:   quiesce fmt --check *.qsm");
  command->callback([flags, &action] {
    action = [flags] {
      ExitCode code = ExitCode::AllHold;
      for (const std::string& file : flags->files) code = worse(code, format_one(file, *flags));
      return code;
    };
  });
}

}  // namespace quiesce::cli
